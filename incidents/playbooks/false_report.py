"""A report that is wrong: not ours, forged, or about mail that was asked for."""

from dataclasses import replace

from incidents.playbooks.common import ASSESS, CLOSE, EACH_COMPLAINT
from incidents.playbooks.playbook import LOW, Playbook, TaskPlan, gettext_noop

PROOF = TaskPlan(
    kind="proof",
    title=gettext_noop("Show why it is not ours"),
    explanation=gettext_noop(
        "The line of the log that is missing, the forged Received line, the consent. The answer to "
        "the reporter says so."
    ),
    due=ASSESS.due,
    after=("assess",),
    proof=gettext_noop("A note with what shows it."),
)
PLAYBOOK = Playbook(
    kind="false_report",
    title=gettext_noop("False report"),
    priority=LOW,
    tasks=(
        ASSESS,
        PROOF,
        replace(
            CLOSE,
            title=gettext_noop("Close"),
            explanation=gettext_noop("Close the incident when its reporters are answered."),
            due=ASSESS.due * 8,
            after=("proof",),
            proof=gettext_noop("Everybody who wrote has an answer."),
        ),
        *EACH_COMPLAINT,
    ),
)
