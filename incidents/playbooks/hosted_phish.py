"""A phishing page on our machines."""

from incidents.playbooks.common import without_probes
from incidents.playbooks.playbook import URGENT, Playbook, gettext_noop

PLAYBOOK = Playbook(
    kind="hosted_phish",
    title=gettext_noop("Phishing page on our machines"),
    priority=URGENT,
    tasks=without_probes(gettext_noop("Take the page down and keep a copy as evidence")),
)
