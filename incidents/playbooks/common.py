"""Tasks that most playbooks share."""

from dataclasses import replace
from datetime import timedelta

from incidents.playbooks.playbook import WORKING_DAY, DoneWhen, TaskPlan, gettext_noop

ASSESS = TaskPlan(
    kind="assess",
    title=gettext_noop("Look at what happened and confirm it"),
    explanation=gettext_noop(
        "Read why the incident was opened, look at some relayed messages and their log lines, "
        "and say in a sentence what it is."
    ),
    due=timedelta(hours=2),
    in_working_hours=False,
    proof=gettext_noop("A note that says what it is."),
    remind_before=timedelta(minutes=30),
    escalate_after=timedelta(hours=2),
    checklist=(
        gettext_noop("Relayed messages and their log lines looked at"),
        gettext_noop("Said in a sentence what it is"),
    ),
)
ANSWER = TaskPlan(
    kind="answer",
    title=gettext_noop("Answer the reporter"),
    explanation=gettext_noop(
        "Thank them, say what happened and what is being done. Each sees only their own."
    ),
    due=2 * WORKING_DAY,
    letter="answer",
    done_when=DoneWhen.LETTER,
    proof=gettext_noop("The letter is sent."),
    for_each="reporter",
)
THREAT = TaskPlan(
    kind="threat",
    title=gettext_noop("Answer the threat to refuse our mail"),
    explanation=gettext_noop(
        "They will refuse all mail from us. Tell them at once that we are on it; when the fix is "
        "verified, tell them that, and record whether the threat is lifted."
    ),
    due=timedelta(hours=24),
    in_working_hours=False,
    role="lead",
    letter="threat",
    needs_second_person=True,
    reply_within=timedelta(days=7),
    done_when=DoneWhen.REPLY,
    proof=gettext_noop("Their answer, or that none came."),
    for_each="threat",
    remind_before=timedelta(hours=4),
    escalate_after=timedelta(0),
)
CSIRT_ANSWER = TaskPlan(
    kind="csirt-answer",
    title=gettext_noop("Answer the response team"),
    explanation=gettext_noop(
        "Say what was found, with times and their zone, and under which reference."
    ),
    due=WORKING_DAY,
    letter="csirt-answer",
    done_when=DoneWhen.LETTER,
    proof=gettext_noop("The letter is sent."),
    for_each="csirt",
)
NOTICE = TaskPlan(
    kind="notice",
    title=gettext_noop("Public notice"),
    explanation=gettext_noop(
        "Say in public what happened, what we do, and whom to write to. A second person approves "
        "it; no reporter is named."
    ),
    due=2 * WORKING_DAY,
    after=("assess",),
    needs_second_person=True,
    done_when=DoneWhen.NOTICE,
    proof=gettext_noop("The notice is published."),
)
FIX = TaskPlan(
    kind="fix",
    title=gettext_noop("Close the hole"),
    explanation=gettext_noop(
        "Have the cause removed, and write down what was changed. Finishing this starts the "
        "verification; if the verdict is not “fixed”, the task comes back."
    ),
    due=WORKING_DAY,
    role="lead",
    after=("assess",),
    done_when=DoneWhen.VERIFIED,
    proof=gettext_noop("A verification with the verdict “fixed”."),
)
VERIFY = TaskPlan(
    kind="verify",
    title=gettext_noop("Verify the fix"),
    explanation=gettext_noop(
        "The probes and the log say whether the hole is closed. Only the verdict “fixed” "
        "finishes this task."
    ),
    due=WORKING_DAY,
    from_release=True,
    role="lead",
    after=("fix",),
    done_when=DoneWhen.VERIFIED,
    proof=gettext_noop("Every probe refused, our own mail passing, nothing relayed in the log."),
)
VERDICT = gettext_noop("A verification with the verdict “fixed”, or a note that says who looked.")
CLOSE = TaskPlan(
    kind="close",
    title=gettext_noop("Watch, then close"),
    explanation=gettext_noop(
        "The log is watched for a relapse. Close the incident when the time is over."
    ),
    due=timedelta(days=30),
    in_working_hours=False,
    from_release=True,
    role="lead",
    after=("verify",),
    remind_before=None,
    proof=gettext_noop("No relapse while it was watched."),
)
CUSTOMER = TaskPlan(
    kind="customer",
    title=gettext_noop("Write to the customer whose machine it is"),
    explanation=gettext_noop(
        "What was seen, when, and what has to be done by when; no reporter is named. If nobody "
        "else uses the machine, say so in a note: it is our own."
    ),
    due=WORKING_DAY,
    after=("assess",),
    letter="customer",
    reply_within=timedelta(days=5),
    done_when=DoneWhen.REPLY,
    proof=gettext_noop("Their answer, or that none came; a note, if there is no customer."),
    remind_before=timedelta(hours=2),
)
EACH_COMPLAINT = (ANSWER, THREAT, CSIRT_ANSWER)


def without_probes(
    fix: str,
    *,
    checklist: tuple[str, ...] = (),
    due: timedelta = WORKING_DAY,
    further: tuple[TaskPlan, ...] = (),
    verified_by: str = "",
) -> tuple[TaskPlan, ...]:
    """The tasks of an incident whose fix no relay probe can verify.

    fix          what has to be done, in words
    verified_by  what the program looks at afterwards; "" where it can look at nothing: then a
                 person says that it is done
    checklist    its steps
    due          by when, in hours of the desk
    further      tasks of this kind of incident alone
    """
    explanation = gettext_noop("Have the cause removed, and write down what was done.")
    proof = gettext_noop("What was done, in a note.")
    verify = (replace(VERIFY, explanation=verified_by, proof=VERDICT),) if verified_by else ()
    return (
        ASSESS,
        replace(
            FIX,
            title=fix,
            explanation=explanation,
            proof=proof,
            checklist=checklist,
            due=due,
            done_when=DoneWhen.SAID,
        ),
        *verify,
        *further,
        replace(CLOSE, after=("verify",) if verify else ("fix",)),
        *EACH_COMPLAINT,
    )
