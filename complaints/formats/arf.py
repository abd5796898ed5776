"""ARF feedback reports, as the feedback loops of mailbox providers send them, and reports of
failed authentication. Sources: RFC 5965, RFC 6430 (not-spam), RFC 6591 (auth-failure)."""

from dataclasses import replace

from complaints.cleantext import clean_line
from complaints.evidence.dates import mail_date
from complaints.evidence.observables import (
    Kind,
    Observable,
    Origin,
    is_masked,
    normal_address,
    normal_ip,
    observable,
)
from complaints.formats import mime, original
from complaints.formats.head import read_head_text
from complaints.formats.mime import Mail, Part
from complaints.formats.opened import Opened, report, set_aside
from complaints.formats.report import Original, Report, UnreadableReport

NAME = "arf"
AUTH_FAILURE_NAME = "arf-auth-failure"

CLUES = {
    "source-ip": Kind.IP,
    "original-mail-from": Kind.ENVELOPE_FROM,
    "original-rcpt-to": Kind.ENVELOPE_TO,
    "reported-domain": Kind.DOMAIN,
    "reported-uri": Kind.URL,
    "original-message-id": Kind.MESSAGE_ID,
    "dkim-domain": Kind.DOMAIN,
    "spf-domain": Kind.DOMAIN,
}
SINGLE = (
    "feedback-type",
    "version",
    "user-agent",
    "source-ip",
    "arrival-date",
    "original-mail-from",
)
CATEGORIES = {"fraud": "phishing", "virus": "malware", "auth-failure": "other"}

Fields = dict[str, tuple[str, ...]]


def recognises(opened: Opened) -> bool:
    """Whether the mail, or one attached to it, has a feedback report part that is no X-ARF."""
    fields = _fields_of(opened.mail)
    return fields is not None and _first(fields, "feedback-type").lower() != "xarf"


def read(opened: Opened) -> Report:
    """Return what the feedback report says, and apart from it what its copy of the mail shows.

    raises   UnreadableReport without a Feedback-Type field (RFC 5965, section 3.1)
    """
    fields = _fields_of(opened.mail) or {}
    feedback_type = _first(fields, "feedback-type").lower()
    if not feedback_type:
        raise UnreadableReport("The ARF report has no Feedback-Type field (RFC 5965, section 3.1).")
    copy = _copy(opened.mail)
    found = report(
        opened,
        AUTH_FAILURE_NAME if feedback_type == "auth-failure" else NAME,
        originals=(_with_stated(copy, fields),),
        observables=tuple(_stated(fields)),
        notes=(*_duplicates(fields), *_conflicts(fields, copy)),
    )
    found = replace(
        found,
        feedback_type=clean_line(feedback_type, 50),
        format_version=clean_line(_first(fields, "version"), 30),
        category=CATEGORIES.get(feedback_type, ""),
        reporter_kind="provider",
    )
    if feedback_type == "not-spam":
        return set_aside(found, "The recipient says that the mail is not spam (RFC 6430).")
    return found


def _fields_of(mail: Mail) -> Fields | None:
    """The fields of the report part, of this mail or one attached to it; None without one."""
    for each in (mail, *mail.mails()):
        for part in each.parts:
            if part.content_type == "message/feedback-report" or _looks_like_report(each, part):
                return _read_fields(part)
    return None


def _looks_like_report(mail: Mail, part: Part) -> bool:
    """Whether a part is a report whose type a gateway lost."""
    if mail.report_type != "feedback-report" and part.content_type not in (
        "application/octet-stream",
        "text/plain",
    ):
        return False
    start = part.content[:2000].lower()
    return (
        b"feedback-type:" in start
        and b"user-agent:" in start
        and b"version:" in start
        and part.mail is None
    )


def _read_fields(part: Part) -> Fields:
    """Read the fields: mail syntax (RFC 5322); a YAML line, quotes and a BOM are forgiven."""
    source = part.text().removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    lines = [line for line in source.split("\n") if line.strip() not in ("", "---")]
    head = read_head_text("\n".join(lines))
    return {
        name: tuple(value.strip().strip("\"'").strip() for value in values)
        for name, values in head.fields.items()
    }


def _first(fields: Fields, name: str) -> str:
    return next(iter(fields.get(name, ())), "")


def _copy(mail: Mail) -> Original | None:
    """The copy of the reported mail: attached, headers only, or a text part behind the report."""
    for each in (mail, *mail.mails()):
        if any(part.content_type == "message/feedback-report" for part in each.parts) and (
            inner := each.mails()
        ):
            return original.of_mail(inner[0], "attached message 1")
    if inner := mail.mails():
        return original.of_mail(inner[0], "attached message 1")
    texts = [part.content for part in mail.parts[1:] if part.content_type == "text/plain"]
    source = next((text for text in texts if mime.looks_like_mail(text)), None)
    return original.of_mail(mime.read(source), "the copied message") if source else None


def _with_stated(copy: Original | None, fields: Fields) -> Original:
    """The copy, completed by what the report states; the report's own arrival time counts."""
    base = copy or Original(where="feedback report")
    stated_at = mail_date(_first(fields, "arrival-date") or _first(fields, "received-date"))
    recipient = normal_address(_first(fields, "original-rcpt-to"))
    return replace(
        base,
        arrived_at=stated_at or base.arrived_at,
        source_ip=base.source_ip or normal_ip(_first(fields, "source-ip")),
        envelope_from=base.envelope_from or normal_address(_first(fields, "original-mail-from")),
        recipient=base.recipient or ("" if is_masked(recipient) else recipient),
        message_id=base.message_id or _first(fields, "original-message-id")[:998],
    )


def _stated(fields: Fields) -> list[Observable | None]:
    found = [
        observable(kind, one, where=f"feedback report, {name.title()}", origin=Origin.REPORTED)
        for name, kind in CLUES.items()
        for value in fields.get(name, ())[:200]
        for one in (value.split(",") if kind is Kind.ENVELOPE_TO else (value,))
    ]
    at = mail_date(_first(fields, "arrival-date") or _first(fields, "received-date"))
    if at:
        found.append(
            observable(
                Kind.DATE,
                at.isoformat(),
                where="feedback report, Arrival-Date",
                origin=Origin.REPORTED,
            )
        )
    return found


def _duplicates(fields: Fields) -> list[str]:
    return [
        f"The report has {len(fields[name])} {name.title()} fields; the first was taken."
        for name in SINGLE
        if len(fields.get(name, ())) > 1
    ]


def _conflicts(fields: Fields, copy: Original | None) -> list[str]:
    """Say where the report and its own copy of the mail do not agree."""
    source = normal_ip(_first(fields, "source-ip"))
    shown = {hop.from_ip for hop in copy.hops} if copy else set()
    if source and shown and source not in shown:
        return [f"The report names {source} as the source; no Received line of the copy does."]
    return []
