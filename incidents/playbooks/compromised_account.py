"""A customer's or colleague's password is in a spammer's hands."""

from incidents.playbooks.common import without_probes
from incidents.playbooks.playbook import HIGH, Playbook, gettext_noop

PLAYBOOK = Playbook(
    kind="compromised_account",
    title=gettext_noop("Compromised account"),
    priority=HIGH,
    tasks=without_probes(gettext_noop("Change the password, end its sessions, empty its queue")),
)
