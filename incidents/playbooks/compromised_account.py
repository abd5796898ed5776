"""A customer's or colleague's password is in a spammer's hands."""

from datetime import timedelta

from incidents.playbooks.common import without_probes
from incidents.playbooks.playbook import HIGH, WORKING_DAY, Playbook, TaskPlan, gettext_noop

OWNER = TaskPlan(
    kind="owner",
    title=gettext_noop("Tell the owner of the account"),
    explanation=gettext_noop(
        "By telephone or post, not by the mailbox that a stranger reads: what happened, which "
        "devices to look at, and how to get a new password."
    ),
    due=WORKING_DAY,
    after=("assess",),
    letter="customer",
    proof=gettext_noop("A note that says who was told, when and how."),
)
PLAYBOOK = Playbook(
    kind="compromised_account",
    title=gettext_noop("Compromised account"),
    priority=HIGH,
    tasks=without_probes(
        gettext_noop("Change the password, end its sessions, empty its queue"),
        due=timedelta(hours=2),
        checklist=(
            gettext_noop("Password changed"),
            gettext_noop("Sessions and app passwords ended"),
            gettext_noop("Its mail taken out of the queue"),
            gettext_noop("Forwards and rules of the mailbox looked at"),
        ),
        further=(OWNER,),
        verified_by=gettext_noop(
            "The mail log is looked at for a day: "
            "from its owner’s addresses alone may the account send again."
        ),
    ),
)
