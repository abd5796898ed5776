"""A machine behind us sends by itself."""

from dataclasses import replace

from incidents.playbooks.common import ASSESS, CLOSE, EACH_COMPLAINT, FIX
from incidents.playbooks.playbook import HIGH, Playbook

PLAYBOOK = Playbook(
    kind="infected_host",
    title="Machine that sends by itself",
    priority=HIGH,
    tasks=(
        ASSESS,
        replace(
            FIX,
            title="Take the machine off the network and have it cleaned",
            proof="What was done, in a note.",
        ),
        replace(CLOSE, after=("fix",)),
        *EACH_COMPLAINT,
    ),
)
