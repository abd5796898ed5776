"""The feedback-report part of a mail: found, and read to fields whatever gateways did to it.

Sources: RFC 5965, RFC 6591, RFC 9991 (fields); draft names live on beside them. Linear: each
line is looked at once.
"""

import binascii
import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from complaints.evidence.dates import StatedTime, stated_time
from complaints.evidence.observables import is_masked, normal_address, normal_ip
from complaints.evidence.text import addresses, ips
from complaints.formats import enclosed, mime
from complaints.formats.head import read_head_text
from complaints.formats.parts import Mail, Part

TYPE = "message/feedback-report"
MAX_VALUES = 200
MAX_REPORTS = 50
LEAST_FIELDS = 3
LOOKED_AT_CHARS = 64 * 1024

KNOWN = (
    "Feedback-Type", "User-Agent", "Version", "Arrival-Date", "Received-Date", "Incidents",
    "Original-Envelope-Id", "Original-Mail-From", "Original-Rcpt-To", "Original-Message-ID",
    "Reporting-MTA", "Source-IP", "Source-Port", "Authentication-Results", "Reported-Domain",
    "Reported-URI", "Redacted-Address", "Removal-Recipient", "Abuse-Type", "Auth-Failure",
    "Delivery-Result", "Identity-Alignment", "DKIM-ADSP-DNS", "DKIM-Canonicalized-Body",
    "DKIM-Canonicalized-Header", "DKIM-Domain", "DKIM-Identity", "DKIM-Selector",
    "DKIM-Selector-DNS", "SPF-DNS", "DMARC-DNS", "Subscription-Link",
)  # fmt: skip

REQUIRED = ("feedback-type", "user-agent", "version")

_WRITTEN = {name.lower(): name for name in KNOWN}
_FIELD = re.compile(r"[A-Za-z][A-Za-z0-9_-]{1,60}[ \t]{0,3}:(?!//)")
_RUN_TOGETHER = re.compile(rf"[ \t]+(?=(?:{'|'.join(KNOWN)})[ \t]?:)", re.IGNORECASE)
_START = re.compile(r"^Feedback-Type[ \t]?:", re.IGNORECASE | re.MULTILINE)
_BASE64 = re.compile(rb"[A-Za-z0-9+/=\s]+")


@dataclass(frozen=True, slots=True)
class Feedback:
    """The fields of one feedback report.

    fields  lower-case name to its values, in the order of the report
    mail    the mail that the part belongs to: the report itself, or one attached to it
    part    the part; None where the fields stand in the text
    behind  what follows the fields in a text: perhaps the copy of the reported mail
    """

    fields: dict[str, tuple[str, ...]]
    mail: Mail
    part: Part | None = None
    behind: str = ""

    def first(self, name: str) -> str:
        """The first value of a field that has one, "" if none has."""
        return next(filter(None, self.fields.get(name, ())), "")

    def all(self, name: str) -> tuple[str, ...]:
        """The values of a field."""
        return tuple(filter(None, self.fields.get(name, ())))[:MAX_VALUES]

    @property
    def feedback_type(self) -> str:
        """The type in lower case, "" if the report has none."""
        return self.first("feedback-type").lower()

    @property
    def source_ip(self) -> str:
        """The address that the report blames, also behind a label or before a host name."""
        value = self.first("source-ip")
        return normal_ip(value) or next(iter(ips(value)), "")

    @property
    def envelope_from(self) -> str:
        """The envelope sender; "<>" for the null sender, "" where none is stated."""
        value = self.first("original-mail-from")
        return "<>" if value in ("<>", "<<>>") else _address(value)

    @property
    def recipients(self) -> tuple[str, ...]:
        """The envelope recipients, each once, without masked ones."""
        values = self.all("original-rcpt-to") or self.all("removal-recipient")
        found = (_address(one) for value in values for one in value.split(","))
        return tuple(dict.fromkeys(one for one in found if one and not is_masked(one)))[:MAX_VALUES]

    @property
    def arrived(self) -> StatedTime | None:
        """When the mail reached the reporter. `Received-Date` is the name of the drafts."""
        return stated_time(self.first("arrival-date") or self.first("received-date"))


def written(name: str) -> str:
    """The name of a field as the standards write it."""
    return _WRITTEN.get(name, name.title())


def find_all(mail: Mail) -> Iterator[Feedback]:
    """Yield the feedback reports of a mail and of those attached to it, at most `MAX_REPORTS`.

    One a mail, in this order: a part of its type, a part that a gateway gave another type, fields
    in a text, and a mail of this report type without any field. The mails inside a report are what
    it reports; a delivery report brings back what we sent ourselves.
    """
    waiting, found = deque([mail]), 0
    while waiting and found < MAX_REPORTS:
        one = waiting.popleft()
        if enclosed.is_returned(one):
            continue
        if said := _of(one):
            found += 1
            yield said
        else:
            waiting.extend(one.mails)


def _of(mail: Mail) -> Feedback | None:
    part = next((one for one in mail.parts if one.content_type == TYPE), None)
    part = part or next(filter(_is_disguised, mail.parts), None)
    if part:
        return Feedback(fields_of(_text(part)), mail, part)
    if in_text := _in_text(mail):
        return in_text
    return Feedback({}, mail) if mail.report_type == "feedback-report" else None


def all_mails(mail: Mail) -> Iterator[Mail]:
    """Yield a mail and every mail inside it, the outer ones first."""
    waiting = deque([mail])
    while waiting:
        one = waiting.popleft()
        yield one
        waiting.extend(one.mails)


def fields_of(source: str) -> dict[str, tuple[str, ...]]:
    """Return the fields in a text: mail syntax (RFC 5322), with what gateways do to it undone.

    Forgiven are a byte order mark, YAML's dashes and quotes, blank lines between the fields,
    lines that are no field, and all fields on one line.
    """
    head = read_head_text("\n".join(_field_lines(source)))
    return {
        name: tuple(value.strip().strip("\"'").strip() for value in values)
        for name, values in head.fields.items()
    }


def _field_lines(source: str) -> Iterator[str]:
    in_field = False
    for line in _plain(source).split("\n"):
        if line[:1] in (" ", "\t") and line.strip() and in_field:
            yield line
            continue
        line = line.strip()
        in_field = bool(_FIELD.match(line))
        if in_field:
            yield from _RUN_TOGETHER.sub("\n", line).split("\n")


def _plain(source: str) -> str:
    return source.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def _text(part: Part) -> str:
    """The text of the part; decoded from base64 where a gateway encoded it once or twice more."""
    content = part.content
    for _ in range(2):
        inner = _from_base64(content)
        if inner is None:
            break
        content = inner
    return part.text if content is part.content else content.decode("utf-8", "replace")


def _from_base64(content: bytes) -> bytes | None:
    packed = content[: 4 * LOOKED_AT_CHARS]
    if b":" in packed[:2000] or not _BASE64.fullmatch(packed):
        return None
    try:
        inner = binascii.a2b_base64(packed)
    except (binascii.Error, ValueError):
        return None
    return inner or None


def _is_disguised(part: Part) -> bool:
    """Whether a part is a report whose type a gateway lost: told by the fields it begins with."""
    if not (_mentions(part) or _BASE64.fullmatch(part.content[:200])):
        return False
    start = _plain(_text(part)[:2000]).lstrip("-\n \t")
    if not _is_known(start.partition(":")[0]):
        start = start.partition("\n\n")[0]  # a whole mail has such fields behind its head
    return _has_enough(fields_of(start))


def _mentions(part: Part) -> bool:
    return b"feedback-type" in part.content[:LOOKED_AT_CHARS].lower()


def _is_known(name: str) -> bool:
    return name.strip().lower() in _WRITTEN


def _has_enough(fields: dict[str, tuple[str, ...]]) -> bool:
    """Whether these are the fields of a report, though not all the required ones may be there."""
    return "feedback-type" in fields and sum(map(_is_known, fields)) >= LEAST_FIELDS


def _in_text(mail: Mail) -> Feedback | None:
    """The report in the text of a mail: a block of fields."""
    if not any(_mentions(part) for part in mail.parts if part.is_text):
        return None
    text = _plain(mail.text)
    if (start := _START.search(text)) is None:
        return None
    before = text[: start.start()].rpartition("\n\n")[2]
    block, _, behind = text[start.start() :].partition("\n\n")
    fields = fields_of((before + block)[:LOOKED_AT_CHARS])
    return Feedback(fields, mail, behind=behind) if _has_enough(fields) else None


def _address(value: str) -> str:
    """The address in a field, whatever stands around it."""
    return normal_address(value) or normal_address(next(iter(addresses(value)), ""))


def copy_in(feedback: Feedback) -> Mail | None:
    """Return the copy of the reported mail: attached, headers only, or as text behind the report.

    A part that is no mail by its type is read as one if it begins like one. A blank line in the
    middle of the copied headers, as the example of RFC 5965 itself has it, is taken out.
    """
    parts = feedback.mail.parts
    attached = next((part for part in parts if part.mail and part is not feedback.part), None)
    if attached:
        mended = _without_blank_line(attached.content)
        return mime.read(mended) if mended else attached.mail
    if feedback.behind and (source := _mail_in(feedback.behind.encode("utf-8", "replace"))):
        return mime.read(source)
    number = next((n for n, part in enumerate(parts) if part is feedback.part), 0)
    sources = (_mail_in(part.content) for part in parts[number + 1 :])
    source = next(filter(None, sources), None)
    return mime.read(source) if source else None


def _without_blank_line(source: bytes) -> bytes | None:
    """Join a header section that a blank line cuts in two; None if nothing cuts it."""
    plain = source[:LOOKED_AT_CHARS].replace(b"\r\n", b"\n").lstrip()
    head, blank, behind = plain.partition(b"\n\n")
    has_all = all(name in b"\n" + head.lower() for name in (b"\nsubject:", b"\nmessage-id:"))
    if not blank or has_all or not mime.looks_like_mail(behind):
        return None
    return head + b"\n" + behind + source.replace(b"\r\n", b"\n").lstrip()[len(plain) :]


def _mail_in(content: bytes) -> bytes | None:
    """The bytes from the first field on; None if they are no mail."""
    content = content.lstrip()
    if mime.looks_like_mail(content):
        return content
    decoded = _from_base64(content)
    return decoded if decoded and mime.looks_like_mail(decoded) else None
