"""RawMessage: the bytes of a mail, and where they came from."""

from dataclasses import dataclass
from datetime import datetime

from complaints.models import Mailbox, MailFolder


@dataclass(frozen=True, slots=True)
class RawMessage:
    """One mail as it was handed to us.

    way         imap, lmtp, file, form, upload, note or api
    arrived_at  when our server took it in; for a file the time its headers claim
    """

    raw: bytes
    way: str
    arrived_at: datetime
    mailbox: Mailbox | None = None
    folder: MailFolder | None = None
    uid_validity: int | None = None
    uid: int | None = None
    source_file: str = ""
