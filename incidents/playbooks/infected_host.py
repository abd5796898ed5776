"""A machine behind us sends by itself."""

from incidents.playbooks.common import without_probes
from incidents.playbooks.playbook import HIGH, Playbook, gettext_noop

PLAYBOOK = Playbook(
    kind="infected_host",
    title=gettext_noop("Machine that sends by itself"),
    priority=HIGH,
    tasks=without_probes(gettext_noop("Take the machine off the network and have it cleaned")),
)
