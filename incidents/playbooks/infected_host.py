"""A machine or script of ours sends by itself: an infected web host, a form anybody can use."""

from incidents.playbooks.common import CUSTOMER, without_probes
from incidents.playbooks.playbook import HIGH, WORKING_DAY, Playbook, gettext_noop

PLAYBOOK = Playbook(
    kind="infected_host",
    title=gettext_noop("Machine that sends by itself"),
    priority=HIGH,
    tasks=without_probes(
        gettext_noop("Take the machine off the network and have it cleaned"),
        due=WORKING_DAY // 2,
        checklist=(
            gettext_noop("Its way out to port 25 closed, or its script switched off"),
            gettext_noop("A copy kept as evidence"),
            gettext_noop("The way in found and closed"),
            gettext_noop("Its mail taken out of the queue"),
        ),
        further=(CUSTOMER,),
        verified_by=gettext_noop(
            "The mail log is looked at for a day: no more mail from there than was normal before."
        ),
    ),
)
