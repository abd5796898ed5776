"""The one function that builds a mail of ours, from a letter and constant header names.

Every value is cleaned of control characters first: an encoded line end in a subject must
not become a header (docs/security.md).
"""

from email.utils import parseaddr

from django.core.mail import EmailMessage
from django.core.validators import validate_email

from complaints.cleantext import clean_line
from incidents.models import Letter

ANSWERS = ("answer", "csirt-answer", "threat")


def message_of(letter: Letter, *, sender: str) -> EmailMessage:
    """The letter as it goes to the mail server.

    raises   django.core.exceptions.ValidationError if its address is no single mail address
    """
    address = parseaddr(letter.to_address)[1] or letter.to_address
    validate_email(address)
    headers = {"Message-ID": letter.message_id}
    if thread := _thread(letter):
        headers["In-Reply-To"] = thread[-1]
        headers["References"] = " ".join(thread)
    return EmailMessage(
        subject=clean_line(letter.subject, 255),
        body=letter.body,
        from_email=sender,
        to=[address],
        headers=headers,
    )


def _thread(letter: Letter) -> list[str]:
    """The Message-IDs the answer refers to, oldest first (RFC 5322, section 3.6.4)."""
    complaint = letter.answers
    if complaint is None or not complaint.message_id:
        return []
    ids = [*complaint.references[-10:], f"<{complaint.message_id.strip('<>')}>"]
    return [message_id for message_id in map(_safe, ids) if message_id]


def _safe(message_id: str) -> str:
    text = clean_line(message_id, 500)
    printable = text.isascii() and text.isprintable() and " " not in text
    return text if printable and text.startswith("<") and text.endswith(">") else ""
