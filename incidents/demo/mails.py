"""The mails of the case, from their text files and the spam that was really relayed.

A file is a head of fields, a blank line and the text. Beside mail fields the head may have
Arrives (Tokyo time), About (which spam, in order), Attach, Answers, Charset, Recipient-at.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from email.header import Header
from email.message import Message
from email.mime.message import MIMEMessage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.parser import BytesParser, Parser
from email.utils import format_datetime, formataddr, parseaddr
from pathlib import Path

from incidents.demo import cast
from incidents.demo.cast import TOKYO, tokyo
from incidents.demo.traffic import Passed, Traffic

FOLDER = Path(__file__).parent / "mails"
NEW_YORK = "-0500"


@dataclass(frozen=True, slots=True)
class CaseMail:
    """One mail as it reached the ministry: its file's name, its arrival and its bytes."""

    name: str
    arrives_at: datetime
    raw: bytes


def complaints(traffic: Traffic) -> list[CaseMail]:
    """All mails but the replies to our letters, in the order of their arrival."""
    chooser = _Chooser(traffic)
    mails = [_case_mail(path, chooser) for path in sorted(FOLDER.glob("[0-9]*.txt"))]
    return sorted(mails, key=lambda mail: mail.arrives_at)


def reply(name: str, *, letter_subject: str, letter_message_id: str) -> CaseMail:
    """An answer to a letter of ours, in its thread."""
    head, text = _read(FOLDER / f"{name}.txt")
    slots = {"letter_subject": letter_subject}
    mail = _envelope(name, head, MIMEText(text.format(**slots), "plain", "us-ascii"), slots)
    mail["In-Reply-To"] = letter_message_id
    mail["References"] = letter_message_id
    return CaseMail(name, tokyo(head["Arrives"]), _delivered(mail, head, slots))


def sample_of(passed: Passed, recipient: str) -> str:
    """The relayed message as this recipient's server stored it, headers and text."""
    return f"{headers_of(passed, recipient)}\n{passed.spam.body}"


def headers_of(passed: Passed, recipient: str) -> str:
    """Its headers, Received lines first."""
    return received_of(passed, recipient) + (
        f"Date: {format_datetime(_claimed(passed))}\n"
        f"From: {passed.sender}\n"
        "To: you@everywhere.example\n"
        f"Subject: {passed.spam.subject}\n"
        f"Message-Id: {passed.message_id}\n"
    )


def received_of(passed: Passed, recipient: str) -> str:
    """Its two Received lines: the recipient's server, then ours."""
    domain = recipient.partition("@")[2]
    taken = format_datetime(passed.at.astimezone(TOKYO))
    arrived = format_datetime(passed.at + timedelta(seconds=11))
    return (
        f"Received: from {cast.HOST} ({cast.HOST} [{cast.HOST_ADDRESS}])\n"
        f"\tby mx.{domain} (8.8.5/8.8.5) with ESMTP id X{passed.queue_id[1:]}\n"
        f"\tfor <{recipient}>; {arrived}\n"
        f"Received: from {passed.spam.helo} ({passed.client_name} [{passed.client_ip}])\n"
        f"\tby {cast.HOST} (8.8.5/3.5W) with SMTP id {passed.queue_id};\n"
        f"\t{taken} (JST)\n"
    )


class _Chooser:
    """Gives each complaint a relayed message and a recipient of its own."""

    def __init__(self, traffic: Traffic) -> None:
        self._left = [passed for passed in traffic.passed if len(passed.recipients) > 1]
        self._given: dict[str, list[tuple[Passed, str]]] = {}

    def choose(self, name: str, head: Message) -> list[tuple[Passed, str]]:
        """(relayed message, recipient) for each spam the mail is about."""
        about = head.get("About", "").split()
        again = [word.removeprefix("again:") for word in about if word.startswith("again:")]
        if again or "Answers" in head:
            chosen = self._given[again[0] if again else head["Answers"]]
        else:
            chosen = [self._next(spam, head.get("Recipient-at", "")) for spam in about]
            chosen = [(passed, chosen[0][1]) for passed, _ in chosen]
        self._given[name] = chosen
        return chosen

    def _next(self, spam: str, domain: str) -> tuple[Passed, str]:
        for place, passed in enumerate(self._left):
            recipients = [to for to in passed.recipients if to.endswith(domain)]
            late = passed.sender == cast.FOURTH_SENDER
            if recipients and (spam == "fourth" if late else spam == passed.spam.name):
                # The next complaint is about a later message, as reporters come one by one.
                del self._left[place : place + (1 if late else 3)]
                return passed, recipients[0]
        raise LookupError(f"no relayed {spam} message for a recipient at {domain or 'any domain'}")


def _case_mail(path: Path, chooser: _Chooser) -> CaseMail:
    head, text = _read(path)
    chosen = chooser.choose(path.stem, head)
    slots = _slots(chosen)
    body: Message = MIMEText(text.format(**slots), "plain", head.get("Charset", "us-ascii"))
    if "Attach" in head:
        body = _with_attachments(body, chosen)
    mail = _envelope(path.stem, head, body, slots)
    if "Answers" in head:
        mail["In-Reply-To"] = mail["References"] = _message_id(head["Answers"])
    return CaseMail(path.stem, tokyo(head["Arrives"]), _delivered(mail, head, slots))


def _read(path: Path) -> tuple[Message, str]:
    template = Parser().parsestr(path.read_text(encoding="utf-8"))
    return template, str(template.get_payload())


def _slots(chosen: list[tuple[Passed, str]]) -> dict[str, str]:
    slots: dict[str, str] = {}
    for number, (passed, recipient) in enumerate(chosen, start=1):
        facts = _facts(passed, recipient)
        slots |= facts if number == 1 else {f"{key}_{number}": facts[key] for key in facts}
    return slots


def _facts(passed: Passed, recipient: str) -> dict[str, str]:
    local = passed.at.astimezone(TOKYO)
    return {
        "recipient": recipient,
        "sample": sample_of(passed, recipient),
        "headers": headers_of(passed, recipient),
        "received": received_of(passed, recipient),
        "body": passed.spam.body,
        "quoted_body": "\n".join(f"> {line}".rstrip() for line in passed.spam.body.splitlines()),
        "subject": passed.spam.subject,
        "sender": passed.sender,
        "message_id": passed.message_id,
        "client_ip": passed.client_ip,
        "date": format_datetime(_claimed(passed)),
        "date_tokyo": format_datetime(local),
        "time_claimed": f"{_claimed(passed):%A, %B %d, 1998 %I:%M %p}",
        "time_received": f"{passed.at:%d January 1998 at %H:%M} GMT",
    }


def _claimed(passed: Passed) -> datetime:
    """The Date the spammer's program wrote: its clock is a quarter of an hour behind."""
    zone = datetime.strptime(NEW_YORK, "%z").tzinfo
    return (passed.at - timedelta(minutes=15)).astimezone(zone)


def _with_attachments(text: Message, chosen: list[tuple[Passed, str]]) -> Message:
    mail = MIMEMultipart("mixed", boundary="=_ministry_case_1998")
    mail.attach(text)
    for passed, recipient in chosen:
        original = BytesParser().parsebytes(sample_of(passed, recipient).encode("ascii"))
        mail.attach(MIMEMessage(original))
    return mail


def _envelope(name: str, head: Message, body: Message, slots: dict[str, str]) -> Message:
    charset = head.get("Charset", "us-ascii")
    display, address = parseaddr(head["From"].format(**slots))
    body["Date"] = format_datetime(tokyo(head["Arrives"]) - timedelta(minutes=2))
    body["From"] = formataddr((display, address), charset=charset) if display else address
    body["To"] = head.get("To", cast.WEBMASTER)
    body["Subject"] = Header(head["Subject"].format(**slots), charset).encode()
    body["Message-Id"] = _message_id(name)
    return body


def _delivered(mail: Message, head: Message, slots: dict[str, str]) -> bytes:
    """The mail as our own server stored it: return path and top Received line in front."""
    address = parseaddr(mail["From"])[1]
    domain = address.partition("@")[2]
    at = tokyo(head["Arrives"]).astimezone(TOKYO)
    top = (
        f"Return-Path: {head.get('Return-Path', f'<{address}>')}\n"
        f"Received: from mx.{domain} (mx.{domain} [203.0.113.200])\n"
        f"\tby {cast.HOST} (8.8.5/3.5W) with ESMTP id {chr(65 + at.hour)}AA{at:%M%S}7\n"
        f"\tfor <{mail['To']}>; {format_datetime(at)} (JST)\n"
    )
    return top.encode("ascii") + mail.as_bytes()


def _message_id(name: str) -> str:
    return f"<1998.{name}@complaint.example>"
