"""A customer's mailing nobody asked for."""

from datetime import timedelta

from incidents.playbooks.common import without_probes
from incidents.playbooks.playbook import (
    NORMAL,
    WORKING_DAY,
    DoneWhen,
    Playbook,
    TaskPlan,
    gettext_noop,
)

CUSTOMER = TaskPlan(
    kind="customer",
    title=gettext_noop("Ask the customer where the addresses come from"),
    explanation=gettext_noop(
        "With some of the messages, no reporter named. Ask for proof of consent for those "
        "recipients, and for the mailing to stop until it is there."
    ),
    due=WORKING_DAY,
    after=("assess",),
    letter="customer",
    reply_within=timedelta(days=5),
    done_when=DoneWhen.REPLY,
    proof=gettext_noop("Their answer, or that none came."),
    remind_before=timedelta(hours=2),
)
PLAYBOOK = Playbook(
    kind="unwanted_bulk",
    title=gettext_noop("Unwanted bulk mail by a customer"),
    priority=NORMAL,
    tasks=without_probes(
        gettext_noop("Have the customer stop, and show how addresses were collected"),
        due=3 * WORKING_DAY,
        further=(CUSTOMER,),
        verified_by=gettext_noop(
            "The mail log is looked at for a day: "
            "no more of the customer’s mail than was normal before."
        ),
    ),
)
