"""Attacks on passwords, or scans of ports, from our network."""

from incidents.playbooks.common import CUSTOMER, without_probes
from incidents.playbooks.playbook import HIGH, WORKING_DAY, Playbook, gettext_noop

PLAYBOOK = Playbook(
    kind="login_attack",
    title=gettext_noop("Login attacks or scans from our network"),
    priority=HIGH,
    tasks=without_probes(
        gettext_noop("Find the machine and stop it"),
        due=WORKING_DAY // 2,
        checklist=(
            gettext_noop("Who had the address at that time, with the zone of the report"),
            gettext_noop("Flows or firewall log confirm it"),
            gettext_noop("The machine is off the network, or its owner has stopped it"),
        ),
        further=(CUSTOMER,),
    ),
)
