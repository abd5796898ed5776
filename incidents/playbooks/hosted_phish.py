"""A phishing page on our machines."""

from dataclasses import replace

from incidents.playbooks.common import ASSESS, CLOSE, EACH_COMPLAINT, FIX
from incidents.playbooks.playbook import URGENT, Playbook

PLAYBOOK = Playbook(
    kind="hosted_phish",
    title="Phishing page on our machines",
    priority=URGENT,
    tasks=(
        ASSESS,
        replace(
            FIX,
            title="Take the page down and keep a copy as evidence",
            proof="What was done, in a note.",
        ),
        replace(CLOSE, after=("fix",)),
        *EACH_COMPLAINT,
    ),
)
