"""A host of ours relayed for strangers: an open relay."""

from datetime import timedelta

from incidents.playbooks.common import ASSESS, CLOSE, EACH_COMPLAINT, FIX, NOTICE, VERIFY
from incidents.playbooks.playbook import HIGH, WORKING_DAY, Playbook, TaskPlan

UPSTREAM = TaskPlan(
    kind="upstream",
    title="Tell the provider next to the origin",
    explanation=(
        "Send the log lines to the provider whose network the mail came from, and ask for an end. "
        "Record what they promise."
    ),
    due=2 * WORKING_DAY,
    after=("assess",),
    letter="upstream",
    proof="Their answer, or that none came.",
)
CSIRT = TaskPlan(
    kind="csirt",
    title="Report to the response team",
    explanation="What happened, when (with the zone), how many, and what we have done.",
    due=3 * WORKING_DAY,
    after=("assess",),
    letter="csirt",
    proof="The report is sent.",
)
PROTEST = TaskPlan(
    kind="protest",
    title="Protest to the originator",
    explanation=(
        "A letter to those who had the mail sent, by post or fax if they name no mailbox. "
        "“No reply” after its time is an outcome."
    ),
    due=timedelta(days=14),
    in_working_hours=False,
    after=("assess",),
    letter="protest",
    proof="Their answer, or that none came in time.",
)
PLAYBOOK = Playbook(
    kind="relay_abuse",
    title="Mail relayed for strangers",
    priority=HIGH,
    tasks=(ASSESS, FIX, VERIFY, NOTICE, UPSTREAM, CSIRT, PROTEST, CLOSE, *EACH_COMPLAINT),
)
