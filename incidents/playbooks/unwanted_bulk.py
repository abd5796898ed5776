"""A customer's mailing nobody asked for."""

from dataclasses import replace

from incidents.playbooks.common import ASSESS, CLOSE, EACH_COMPLAINT, FIX
from incidents.playbooks.playbook import NORMAL, Playbook

PLAYBOOK = Playbook(
    kind="unwanted_bulk",
    title="Unwanted bulk mail by a customer",
    priority=NORMAL,
    tasks=(
        ASSESS,
        replace(
            FIX,
            title="Have the customer stop, and show how addresses were collected",
            proof="What was done, in a note.",
        ),
        replace(CLOSE, after=("fix",)),
        *EACH_COMPLAINT,
    ),
)
