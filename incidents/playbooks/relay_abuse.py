"""A host of ours relayed for strangers: an open relay."""

from datetime import timedelta

from incidents.playbooks.common import ASSESS, CLOSE, EACH_COMPLAINT, FIX, NOTICE, VERIFY
from incidents.playbooks.playbook import (
    HIGH,
    WORKING_DAY,
    DoneWhen,
    Playbook,
    TaskPlan,
    gettext_noop,
)

UPSTREAM = TaskPlan(
    kind="upstream",
    title=gettext_noop("Tell the provider next to the origin"),
    explanation=gettext_noop(
        "Send the log lines to the provider whose network the mail came from, and ask for an end. "
        "Record what they promise."
    ),
    due=2 * WORKING_DAY,
    after=("assess",),
    letter="upstream",
    needs_second_person=True,
    reply_within=timedelta(days=7),
    done_when=DoneWhen.REPLY,
    proof=gettext_noop("Their answer, or that none came."),
)
CSIRT = TaskPlan(
    kind="csirt",
    title=gettext_noop("Report to the response team"),
    explanation=gettext_noop(
        "What happened, when (with the zone), how many, and what we have done."
    ),
    due=3 * WORKING_DAY,
    after=("assess",),
    letter="csirt",
    needs_second_person=True,
    done_when=DoneWhen.LETTER,
    proof=gettext_noop("The report is sent."),
)
PROTEST = TaskPlan(
    kind="protest",
    title=gettext_noop("Protest to the originator"),
    explanation=gettext_noop(
        "A letter to those who had the mail sent, by post or fax if they name no mailbox. "
        "“No reply” after its time is an outcome."
    ),
    due=timedelta(days=14),
    in_working_hours=False,
    after=("assess",),
    letter="protest",
    needs_second_person=True,
    reply_within=timedelta(days=14),
    done_when=DoneWhen.REPLY,
    remind_before=timedelta(days=1),
    proof=gettext_noop("Their answer, or that none came in time."),
)
PLAYBOOK = Playbook(
    kind="relay_abuse",
    title=gettext_noop("Mail relayed for strangers"),
    priority=HIGH,
    tasks=(ASSESS, FIX, VERIFY, NOTICE, UPSTREAM, CSIRT, PROTEST, CLOSE, *EACH_COMPLAINT),
)
