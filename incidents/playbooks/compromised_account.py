"""A customer's or colleague's password is in a spammer's hands."""

from dataclasses import replace

from incidents.playbooks.common import ASSESS, CLOSE, EACH_COMPLAINT, FIX
from incidents.playbooks.playbook import HIGH, Playbook

PLAYBOOK = Playbook(
    kind="compromised_account",
    title="Compromised account",
    priority=HIGH,
    tasks=(
        ASSESS,
        replace(
            FIX,
            title="Change the password, end its sessions, empty its queue",
            proof="What was done, in a note.",
        ),
        replace(CLOSE, after=("fix",)),
        *EACH_COMPLAINT,
    ),
)
