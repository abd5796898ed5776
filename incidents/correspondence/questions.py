"""The letter that asks a reporter for just what the complaint lacks, in the reporter's language.

It is shown, ready to be copied into an answer; nothing is sent by itself.
"""

from pathlib import Path

from complaints.models import Complaint, Organisation
from incidents.correspondence import draft
from incidents.correspondence.draft import Draft

FOLDER = Path("correspondence") / "questions"
NOT_ASKED = (
    Complaint.Stage.FILED,
    Complaint.Stage.DUPLICATE,
    Complaint.Stage.SET_ASIDE,
    Complaint.Stage.QUARANTINED,
)


def letter_asking(complaint: Complaint) -> Draft | None:
    """The letter; None if nothing is lacking, or if a program wrote the complaint."""
    if not complaint.missing or complaint.is_automatic or complaint.stage in NOT_ASKED:
        return None
    language = complaint.language or draft.SHIPPED_IN
    organisation = Organisation.objects.only("name").first()
    questions = [draft.phrase(word, language, {}, folder=FOLDER) for word in complaint.missing]
    facts = {
        "complaint": complaint.reference,
        "subject": complaint.subject,
        "organisation": organisation.name if organisation else "",
        "questions": "\n".join(questions),
    }
    return draft.fill("letter", language, facts, folder=FOLDER)
