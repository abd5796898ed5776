"""A filled-in report form as a mail, so that it walks the same path as all others."""

from collections.abc import Mapping
from datetime import datetime
from email.header import Header
from email.mime.text import MIMEText
from email.utils import format_datetime, formataddr, make_msgid

from complaints.cleantext import clean_line, clean_text
from complaints.intake.raw import RawMessage
from complaints.models import Organisation

MOST_TEXT = 200_000


def message_of(said: Mapping[str, str], *, at: datetime) -> RawMessage:
    """The mail that says what the form says; headers of the reported mail stand in its text."""
    text = clean_text(said.get("text", ""), MOST_TEXT)
    if headers := clean_text(said.get("headers", ""), MOST_TEXT):
        text = f"{text}\n\n{headers}\n"
    mail = MIMEText(text, "plain", "utf-8")
    name, address = clean_line(said.get("name", ""), 200), clean_line(said["address"], 320)
    mail["From"] = formataddr((name, address), "utf-8")
    mail["To"] = _own_address()
    mail["Date"] = format_datetime(at)
    subject = clean_line(said.get("subject", ""), 250) or "Report through the web form"
    mail["Subject"] = Header(subject, "utf-8").encode()
    mail["Message-ID"] = make_msgid("report-form", domain="report-form.invalid")
    return RawMessage(raw=mail.as_bytes(), way="form", arrived_at=at)


def _own_address() -> str:
    organisation = Organisation.objects.first()
    boxes = organisation.mailboxes if organisation else []
    return boxes[0] if boxes else "abuse@localhost"
