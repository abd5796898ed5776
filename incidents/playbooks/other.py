"""Anything else: look, decide, act."""

from dataclasses import replace

from incidents.playbooks.common import ASSESS, CLOSE, EACH_COMPLAINT, FIX
from incidents.playbooks.playbook import NORMAL, Playbook

PLAYBOOK = Playbook(
    kind="other",
    title="Abuse",
    priority=NORMAL,
    tasks=(
        ASSESS,
        replace(FIX, title="Do what the assessment says", proof="What was done, in a note."),
        replace(CLOSE, after=("fix",)),
        *EACH_COMPLAINT,
    ),
)
