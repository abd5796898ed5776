"""The reported mail: from an attached mail, or from one shown in a text, to an Original."""

import binascii
import quopri
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, tzinfo

from complaints.cleantext import clean_line, clean_text
from complaints.evidence.dates import StatedTime, stated_time
from complaints.evidence.files import sha256_of
from complaints.evidence.observables import (
    Kind,
    Observable,
    Origin,
    is_masked,
    normal_address,
    normal_ip,
    normal_message_id,
    observable,
)
from complaints.evidence.received import Hop, is_routed, read_chain
from complaints.evidence.text import addresses, links
from complaints.formats import charset, html
from complaints.formats.head import Head, read_head_text
from complaints.formats.parts import MAX_TEXT_CHARS, Mail
from complaints.formats.quoted import Sample
from complaints.formats.report import Original

MAX_BODY_CHARS = 64 * 1024
MAX_LINKS = 200
MAX_LINK_CHARS = 1000
MAX_FILES = 20
MAX_SUBJECT_CHARS = 998
MAX_FEEDBACK_ID_CHARS = 255
MAX_SCRIPT_CHARS = 255

_RECIPIENT_FIELDS = ("delivered-to", "x-original-to", "envelope-to", "x-hmxmroriginalrecipient")
_CLIENT_FIELDS = ("x-originating-ip", "x-sender-ip", "x-reporter-ip", "x-aol-ip")
# Which script of a web host made it: PHP (mail.add_x_header, as "uid:file"), its older patch
# ("site/path for client, client"), and cPanel ("site:/folder").
_SCRIPT_FIELDS = ("x-php-originating-script", "x-php-script", "x-source-dir")
_FEEDBACK_FIELDS = ("feedback-id", "x-feedback-id")
_BASE64_LINE = re.compile(r"^[A-Za-z0-9+/]{1,1000}={0,2}$")
_ENCODED_BYTE = re.compile(r"=3D|=[89A-F][0-9A-F]|=[ \t]?$", re.MULTILINE)


def of_mail(mail: Mail, where: str) -> Original:
    """Return what an attached mail shows of itself."""
    body = clean_text(mail.text, MAX_TEXT_CHARS)
    targets = [target for source in mail.html_sources for target in html.link_targets(source)]
    date = stated_time(mail.head.first("date"))
    found = _original(mail.head, date, body, where, links(body) + tuple(targets))
    parts = [part for part in mail.parts if not part.is_text and not part.mail]
    files = tuple(sha256_of(part.content) for part in parts[:MAX_FILES])
    whole = bool(mail.source_bytes) and not mail.has_only_headers
    return replace(found, files=files, size_bytes=mail.source_bytes if whole else found.size_bytes)


def of_sample(
    sample: Sample, where: str, assumed: tzinfo = UTC, near: datetime | None = None
) -> Original:
    """Return what a mail shown in a text shows of itself.

    assumed  the zone of its times that name none: the reporter's
    near     when the reporter wrote
    """
    head = read_head_text(sample.head)
    body = _decoded_body(head, sample.body)
    date = stated_time(head.first("date"), assumed, near)
    return _original(head, date, body, where, links(body) or links(sample.body))


def observables_of(
    original: Original, origin: Origin = Origin.INFERRED
) -> Iterator[Observable | None]:
    """Yield what can be looked for in a reported mail."""
    for kind, value in (
        (Kind.MESSAGE_ID, original.message_id),
        (Kind.SUBJECT, original.subject),
        (Kind.HEADER_FROM, original.header_from),
        (Kind.ENVELOPE_FROM, original.envelope_from),
        (Kind.ENVELOPE_TO, original.recipient),
        (Kind.DATE, original.arrived_at.isoformat() if original.arrived_at else ""),
    ):
        yield observable(kind, value, where=original.where, origin=origin)
    if not original.hops:
        yield observable(Kind.IP, original.source_ip, where=original.where, origin=origin)
        yield observable(Kind.QUEUE_ID, original.queue_id, where=original.where, origin=origin)
    for number, hop in enumerate(original.hops, start=1):
        where = f"{original.where}, Received line {number}"
        if is_routed(hop.from_ip):
            yield observable(Kind.IP, hop.from_ip, where=where, origin=origin)
        yield observable(Kind.QUEUE_ID, hop.queue_id, where=where, origin=origin)
    for url in original.urls:
        yield observable(Kind.URL, url, where=original.where, origin=origin)


def _original(
    head: Head, date: StatedTime | None, body: str, where: str, urls: tuple[str, ...]
) -> Original:
    hops = read_chain(head.all("received"))
    client = next((hop for hop in reversed(hops) if is_routed(hop.from_ip)), None)
    delivered_at = next((hop.at for hop in hops if hop.at), None)
    return Original(
        where=where,
        message_id=normal_message_id(head.first("message-id")),
        subject=clean_line(head.first("subject"), MAX_SUBJECT_CHARS),
        header_from=_unmasked(head.from_[0][1] if head.from_ else _bare(head.first("from"))),
        envelope_from=_envelope_from(head, hops),
        recipient=_recipient(head, hops),
        date=date.at if date else None,
        arrived_at=delivered_at or (date.at if date else None),
        zone_stated=date.zone_stated if date and not delivered_at else True,
        clock_stated=date.clock_stated if date and not delivered_at else True,
        feedback_id=_feedback_id(head),
        script=_script(head),
        source_ip=client.from_ip if client else _stated_client(head),
        queue_id=client.queue_id if client else "",
        hops=hops,
        urls=tuple(dict.fromkeys(clean_line(url, MAX_LINK_CHARS) for url in urls[:MAX_LINKS])),
        body_text=clean_text(body, MAX_BODY_CHARS),
    )


def _envelope_from(head: Head, hops: tuple[Hop, ...]) -> str:
    stated = normal_address(head.first("return-path"))
    from_trace = next((hop.envelope_from for hop in reversed(hops) if hop.envelope_from), "")
    return _unmasked(stated) or from_trace


def _recipient(head: Head, hops: tuple[Hop, ...]) -> str:
    """Who got the mail: the delivering host knows; the To field is only what the spammer wrote."""
    if by_trace := next((hop.for_address for hop in hops if hop.for_address), ""):
        return by_trace
    for name in _RECIPIENT_FIELDS:
        if stated := _unmasked(head.first(name)):
            return stated
    written = [address for _, address in head.to] or list(addresses(head.first("to")))
    return _unmasked(written[0]) if len(written) == 1 else ""


def _feedback_id(head: Head) -> str:
    """What the sender knows complaints by, with blanks left out as folding puts them in."""
    stated = next(filter(None, (head.first(name) for name in _FEEDBACK_FIELDS)), "")
    return clean_line("".join(stated.split()), MAX_FEEDBACK_ID_CHARS)


def _script(head: Head) -> str:
    """The script, without whose request called it and without the line of code that PHP adds."""
    stated = next(filter(None, (head.first(name) for name in _SCRIPT_FIELDS)), "")
    return clean_line(stated.partition(" for ")[0].partition("(")[0].strip(), MAX_SCRIPT_CHARS)


def _stated_client(head: Head) -> str:
    values = (normal_ip(head.first(name)) for name in _CLIENT_FIELDS)
    return next((value for value in values if value), "")


def _bare(value: str) -> str:
    """The address in a From field that is none, as Outlook writes it: A [mailto:a@b]."""
    return next(iter(addresses(value.replace("mailto:", " "))), value)


def _unmasked(value: str) -> str:
    address = normal_address(value)
    return "" if is_masked(address) else clean_line(address, 320)


def _decoded_body(head: Head, body: str) -> str:
    """Decode a body that was pasted as it travels, in base64 or quoted-printable."""
    encoding = head.first("content-transfer-encoding").strip().lower()
    name = head.first("content-type").lower().partition("charset=")[2].split(";")[0]
    if encoding == "base64" and (content := _from_base64(body)):
        body = charset.decode(content, name)
    elif encoding == "quoted-printable" and _ENCODED_BYTE.search(body):
        body = charset.decode(quopri.decodestring(body.encode("utf-8", "replace")), name)
    readable = html.to_text(body) if html.looks_like_html(body) else body
    return clean_text(readable, MAX_TEXT_CHARS)


def _from_base64(body: str) -> bytes:
    """The content of the lines in base64 with which a body begins; b"" if it does not begin so."""
    lines: list[str] = []
    for line in body.strip().split("\n"):
        if not _BASE64_LINE.match(line.strip()):
            break
        lines.append(line.strip())
    packed = "".join(lines)
    if not lines or (len(lines[0]) < 40 and len(packed) % 4):
        return b""
    try:
        return binascii.a2b_base64(packed[: len(packed) // 4 * 4])
    except (binascii.Error, ValueError):
        return b""
