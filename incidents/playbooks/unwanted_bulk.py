"""A customer's mailing nobody asked for."""

from incidents.playbooks.common import without_probes
from incidents.playbooks.playbook import NORMAL, Playbook, gettext_noop

PLAYBOOK = Playbook(
    kind="unwanted_bulk",
    title=gettext_noop("Unwanted bulk mail by a customer"),
    priority=NORMAL,
    tasks=without_probes(
        gettext_noop("Have the customer stop, and show how addresses were collected")
    ),
)
