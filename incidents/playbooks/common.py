"""Tasks that most playbooks share."""

from datetime import timedelta

from incidents.playbooks.playbook import WORKING_DAY, TaskPlan

ASSESS = TaskPlan(
    kind="assess",
    title="Look at what happened and confirm it",
    explanation=(
        "Read why the incident was opened, look at some relayed messages and their log lines, "
        "and say in a sentence what it is."
    ),
    due=timedelta(hours=2),
    in_working_hours=False,
    proof="A note that says what it is.",
)
ANSWER = TaskPlan(
    kind="answer",
    title="Answer the reporter",
    explanation="Thank them, say what happened and what is being done. Each sees only their own.",
    due=2 * WORKING_DAY,
    letter="answer",
    proof="The letter is sent.",
    for_each="reporter",
)
THREAT = TaskPlan(
    kind="threat",
    title="Answer the threat to refuse our mail",
    explanation=(
        "They will refuse all mail from us. Tell them at once that we are on it; when the fix is "
        "verified, tell them that, and record whether the threat is lifted."
    ),
    due=timedelta(hours=24),
    in_working_hours=False,
    role="lead",
    letter="threat",
    proof="Their answer, or that none came.",
    for_each="threat",
)
CSIRT_ANSWER = TaskPlan(
    kind="csirt-answer",
    title="Answer the response team",
    explanation="Say what was found, with times and their zone, and under which reference.",
    due=WORKING_DAY,
    letter="csirt-answer",
    proof="The letter is sent.",
    for_each="csirt",
)
NOTICE = TaskPlan(
    kind="notice",
    title="Public notice",
    explanation=(
        "Say in public what happened, what we do, and whom to write to. A second person approves "
        "it; no reporter is named."
    ),
    due=2 * WORKING_DAY,
    after=("assess",),
    proof="The notice is published.",
)
FIX = TaskPlan(
    kind="fix",
    title="Close the hole",
    explanation=(
        "Have the cause removed, and write down what was changed. Finishing this starts the "
        "verification; if the verdict is not “fixed”, the task comes back."
    ),
    due=WORKING_DAY,
    role="lead",
    after=("assess",),
    proof="A verification with the verdict “fixed”.",
)
VERIFY = TaskPlan(
    kind="verify",
    title="Verify the fix",
    explanation=(
        "The probes and the log say whether the hole is closed. Only the verdict “fixed” "
        "finishes this task."
    ),
    due=2 * WORKING_DAY,
    role="lead",
    after=("fix",),
    proof="Every probe refused, our own mail passing, nothing relayed in the log.",
)
CLOSE = TaskPlan(
    kind="close",
    title="Watch, then close",
    explanation="The log is watched for a relapse. Close the incident when the time is over.",
    due=timedelta(days=30),
    in_working_hours=False,
    role="lead",
    after=("verify",),
    proof="No relapse while it was watched.",
)
EACH_COMPLAINT = (ANSWER, THREAT, CSIRT_ANSWER)
