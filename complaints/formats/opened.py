"""A complaint mail laid open: its head, the writer's own text, the mails it shows, its files.

What every format looks at, made once for all of them.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from functools import cached_property

from complaints.cleantext import clean_line, clean_text
from complaints.evidence import archives, dates, files
from complaints.evidence.observables import Observable, distinct, normal_address, normal_message_id
from complaints.evidence.received import read_chain
from complaints.formats import feedback, mime, original, quoted
from complaints.formats.feedback import Feedback
from complaints.formats.head import Head
from complaints.formats.oddities import oddities
from complaints.formats.parts import MAX_TEXT_CHARS, Mail, Part
from complaints.formats.quoted import Shown
from complaints.formats.report import Attachment, MailHeaders, Original, Report

MAX_OWN_TEXT_CHARS = 256 * 1024
MAX_ATTACHMENTS = 200
MAX_RECIPIENTS = 1000
MAX_REFERENCES = 100
MAX_NOTES = 50

_FIELDS = (feedback.TYPE, "message/delivery-status")


@dataclass(frozen=True)
class Opened:
    """A complaint mail laid open.

    text   all that a reader of the mail sees
    shown  the mails shown in that text, and the writer's own words
    zone   the zone of the writer's Date field: his times without a zone are read in it
    """

    mail: Mail
    headers: MailHeaders
    text: str
    shown: Shown
    zone: tzinfo

    @cached_property
    def attached(self) -> tuple[Original, ...]:
        """The mails attached to it."""
        return tuple(
            original.of_mail(mail, f"attached message {number}")
            for number, mail in enumerate(self.mail.mails, start=1)
        )

    @cached_property
    def in_text(self) -> tuple[Original, ...]:
        """The mails shown in its text."""
        return tuple(
            original.of_sample(
                sample, f"message {number} in the text", self.zone, self.headers.date
            )
            for number, sample in enumerate(self.shown.samples, start=1)
        )

    @cached_property
    def feedback(self) -> tuple[Feedback, ...]:
        """Its feedback reports, and those of the mails attached to it."""
        return tuple(feedback.find_all(self.mail))

    @cached_property
    def said(self) -> str:
        """The subject and the writer's own words: what rules about the writer look at."""
        return f"{self.headers.subject}\n\n{self.shown.own_text}"

    @cached_property
    def local_part(self) -> str:
        """The local part of the sender's address, in lower case."""
        return self.headers.from_address.partition("@")[0].lower()


def open_mail(raw: bytes) -> Opened:
    """Lay a mail open. Never raises: what cannot be read is noted in `mail.notes`."""
    mail = mime.read(raw)
    mail = replace(mail, notes=(*mail.notes, *oddities(raw, mail)))
    text = _without_signature_armour(clean_text(mail.text, MAX_TEXT_CHARS))
    zone = dates.zone_of(mail.head.first("date")) or UTC
    return Opened(mail, headers_of(mail.head), text, quoted.take_apart(text), zone)


def report(
    opened: Opened,
    format_name: str,
    *,
    originals: tuple[Original, ...] = (),
    observables: tuple[Observable | None, ...] = (),
    notes: tuple[str, ...] = (),
    text: str | None = None,
) -> Report:
    """Return a Report with all that does not depend on the format filled in.

    The observables of the originals are added behind those given.
    """
    attached = attachments_of(opened.mail)
    remarks = (*opened.mail.notes, *notes, *remarks_on(opened.mail, attached))
    inferred = [one for each in originals for one in original.observables_of(each)]
    return Report(
        format=format_name,
        headers=opened.headers,
        text=clean_text(opened.shown.own_text if text is None else text, MAX_OWN_TEXT_CHARS),
        originals=originals,
        observables=distinct([*observables, *inferred]),
        attachments=attached,
        notes=tuple(clean_line(note, 500) for note in remarks[:MAX_NOTES]),
    )


def set_aside(found: Report, reason: str) -> Report:
    """Return the report as one of a mail that is no complaint."""
    return replace(
        found, is_complaint=False, set_aside_reason=clean_line(reason, 255), originals=()
    )


def headers_of(head: Head) -> MailHeaders:
    """Return the head of a mail, decoded and clean."""
    name, address = head.from_[0] if head.from_ else (head.unaddressed, head.first("from"))
    return MailHeaders(
        message_id=clean_line(normal_message_id(head.first("message-id")), 998),
        from_address=clean_line(normal_address(address), 320),
        from_name=clean_line(name.strip("\"'"), 255),
        reply_to=clean_line(normal_address(head.reply_to[0][1]) if head.reply_to else "", 320),
        to=tuple(clean_line(address, 320) for _, address in head.to[:MAX_RECIPIENTS]),
        subject=clean_line(head.first("subject"), 998),
        date=_date(head.first("date")),
        in_reply_to=clean_line(next(iter(_ids(head.first("in-reply-to"))), ""), 998),
        references=tuple(_ids(head.first("references"))[-MAX_REFERENCES:]),
        return_path=_return_path(head),
        auto_submitted=clean_line(head.first("auto-submitted").lower(), 100),
        precedence=clean_line(head.first("precedence").lower(), 50),
        list_id=clean_line(head.first("list-id"), 255),
        hops=read_chain(head.all("received")),
    )


def attachments_of(mail: Mail) -> tuple[Attachment, ...]:
    """Describe every part that is no text of the mail; at most `MAX_ATTACHMENTS`."""
    parts = [part for part in mail.parts if not part.is_text]
    return tuple(
        _attachment(part, number) for number, part in enumerate(parts[:MAX_ATTACHMENTS], 1)
    )


def remarks_on(mail: Mail, attached: tuple[Attachment, ...]) -> tuple[str, ...]:
    """Say what is odd about the files, and what archives among them hold."""
    parts = [part for part in mail.parts if not part.is_text]
    remarks: list[str] = []
    for part, file in zip(parts, attached, strict=False):
        if odd := files.mismatch(file.name, file.declared_type, file.actual_type):
            remarks.append(odd)
        if held := archives.entries_of(part.content):
            remarks.append(archives.in_words(file.name, held))
    return tuple(remarks)


def _attachment(part: Part, number: int) -> Attachment:
    return Attachment(
        name=files.safe_name(part.name, f"part-{number}"),
        declared_type=clean_line(part.content_type, 100),
        actual_type=clean_line(_actual_type(part), 100),
        size_bytes=len(part.content),
        sha256=files.sha256_of(part.content),
    )


def _actual_type(part: Part) -> str:
    """What a part really is: what is read as a mail or as fields need not be guessed at."""
    if part.mail and mime.looks_like_mail(part.content):
        return "message/rfc822"
    if part.content_type in _FIELDS and part.content.isascii() and part.content[:1].isalpha():
        return part.content_type
    return files.actual_type(part.content)


def _date(value: str) -> datetime | None:
    return dates.mail_date(value)


def _return_path(head: Head) -> str:
    value = head.first("return-path").strip()
    return "<>" if value == "<>" else clean_line(normal_address(value), 320)


def _ids(value: str) -> list[str]:
    """The Message-IDs in an In-Reply-To or References field; some write prose around them."""
    found = [f"<{piece.partition('>')[0]}>" for piece in value.split("<")[1:] if ">" in piece]
    return [clean_line(one, 998) for one in found if " " not in one]


def _without_signature_armour(text: str) -> str:
    """Return the text inside a PGP clear signature, dash escaping undone (RFC 4880, section 7)."""
    begin, sign = "-----BEGIN PGP SIGNED MESSAGE-----", "-----BEGIN PGP SIGNATURE-----"
    if begin not in text or sign not in text:
        return text
    before, _, rest = text.partition(begin)
    signed, _, after = rest.partition(sign)
    _, _, body = signed.partition("\n\n")
    lines = [line[2:] if line.startswith("- ") else line for line in body.split("\n")]
    return before + "\n".join(lines) + after.partition("-----END PGP SIGNATURE-----")[2]
