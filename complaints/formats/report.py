"""Report: what a complaint says, which every format returns; UnreadableReport."""

from dataclasses import dataclass, field
from datetime import datetime

from complaints.evidence.observables import Observable
from complaints.evidence.received import Hop


class UnreadableReport(Exception):
    """The mail cannot be read as a report: an expected refusal, worded for its reader."""


@dataclass(frozen=True, slots=True)
class MailHeaders:
    """The head of the complaint mail itself, decoded and clean.

    date         of the Date field, aware UTC; a claim
    references   Message-IDs in angle brackets, the oldest first
    return_path  the envelope sender as the last host noted it; "<>" for the null sender
    hops         the Received lines, topmost first
    """

    message_id: str = ""
    from_address: str = ""
    from_name: str = ""
    reply_to: str = ""
    to: tuple[str, ...] = ()
    subject: str = ""
    date: datetime | None = None
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    return_path: str = ""
    auto_submitted: str = ""
    precedence: str = ""
    list_id: str = ""
    hops: tuple[Hop, ...] = ()


@dataclass(frozen=True, slots=True)
class Original:
    """A reported mail, as far as the complaint shows it.

    where        in words: "attached message 1", "what the text states"
    date         its Date field; a claim of its writer
    arrived_at   when it reached the reporter, or when it was seen
    zone_stated  False if `arrived_at` came without a zone and was read in the reporter's
    clock_stated False if only a day was named: `arrived_at` is the beginning of it
    size_bytes   of the whole mail as the reporter attached it; None where that is not known
    category     what is complained of here, where it is one of several; "" as the report says
    feedback_id  what the sender put into it to know complaints by (Feedback-ID)
    script       the script on a web host that made it, as the host noted in its head
    source_ip    whom the report blames, else the client of the oldest hop shown; who we are is
                 not known here, so a hop of our own (`evidence.received.hop_into`) says more
    queue_id     the ID of the hop whose client is the oldest shown
    files        the SHA-256 of the files it carries, or that the report names
    """

    where: str
    message_id: str = ""
    subject: str = ""
    header_from: str = ""
    envelope_from: str = ""
    recipient: str = ""
    date: datetime | None = None
    arrived_at: datetime | None = None
    zone_stated: bool = True
    clock_stated: bool = True
    size_bytes: int | None = None
    feedback_id: str = ""
    script: str = ""
    category: str = ""
    source_ip: str = ""
    queue_id: str = ""
    hops: tuple[Hop, ...] = ()
    urls: tuple[str, ...] = ()
    body_text: str = ""
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Attachment:
    """A part of the mail that is no text of it: described, never opened."""

    name: str
    declared_type: str
    actual_type: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Report:
    """What one received mail says.

    format             a word of the formats list in docs/formats.md
    text               what the person wrote, without the reported mail; readable, bounded
    language           ISO 639-1, "" if unknown
    category           spam, phishing, malware, copyright, login-attack, port-scan,
                       open-relay, other
    reporter_kind      person, provider, isp, service, blocklist, csirt, rights-holder or ""
    set_aside_reason   why it is no complaint; "" for complaints
    threatens_block    the writer says that mail from us will be refused
    threat             the sentence that says so
    asks_removal       the writer wants to get no more mail
    answer_by          by when he wants an answer, aware UTC
    missing            what it lacks for us to act on it: words of `formats.missing.ALL`
    reasons            why it was judged so, each in a sentence
    notes              what was cut, odd or contradictory, each in a sentence
    """

    format: str
    headers: MailHeaders = field(default_factory=MailHeaders)
    text: str = ""
    originals: tuple[Original, ...] = ()
    observables: tuple[Observable, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    feedback_type: str = ""
    format_version: str = ""
    language: str = ""
    category: str = "other"
    reporter_kind: str = ""
    is_complaint: bool = True
    set_aside_reason: str = ""
    threatens_block: bool = False
    threat: str = ""
    asks_removal: bool = False
    answer_by: datetime | None = None
    missing: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
