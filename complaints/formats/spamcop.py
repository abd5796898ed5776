"""SpamCop's reports in all their forms, and those of services in its manner.

Sources: SpamCop's own description of its reports (spamcop.net, questions 266 and 338), the
columns of its summaries. Told by structure: a banner with a version or a tagged subject, fact
lines, the offending message. Message-IDs in it are munged, recipients masked.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from complaints.cleantext import clean_line, clean_text
from complaints.evidence.dates import StatedTime, stated_time
from complaints.evidence.observables import Kind, Origin, normal_ip, observable
from complaints.evidence.text import addresses, ips, refang
from complaints.formats import event, original, quoted
from complaints.formats.event import Event
from complaints.formats.opened import Opened
from complaints.formats.parts import MAX_TEXT_CHARS
from complaints.formats.report import Original, Report

NAME = "spamcop"
LOOKED_AT_CHARS = 64 * 1024
LINES_BEFORE_BANNER = 40
MAX_INNER = 5

_TAG = re.compile(
    r"\[(?P<service>[A-Za-z][\w .-]{2,30}?) ?(?:\((?P<about>[^()\n]{0,300})\) ?)?"
    r"id: ?(?P<id>\w{3,40})\]"
)
_NOTICE = re.compile(r"^\[SpamCop\] (?P<kind>summary report|alert)", re.IGNORECASE)
_BANNER = re.compile(
    r"^[ \t]{0,9}[\[-][ \t]?[A-Za-z][\w.-]{2,30} V(?P<version>\d{1,3}(?:\.\d{1,5}){0,4})[ \t]?[\]-]"
)
_QUOTE = re.compile(r"^(?:>[ \t]?){1,5}")
_OFFENDING = re.compile(
    r"^[ \t]{0,9}(?:\[ ?offending message ?\]|offending message:)[ \t]*$",
    re.IGNORECASE | re.MULTILINE,
)
_WRAP = re.compile(r"^=+ ?(?:BEGIN|END) FORWARDED MESSAGE ?=+[ \t]*$", re.MULTILINE)
_MAIL_FROM = re.compile(
    r"^[ \t]{0,9}(?:e-?mail|message|spam) from (?P<ip>[0-9A-Fa-f:.\[\]]{3,60})[ \t]{0,3}/"
    r"[ \t]{0,3}(?P<date>[^\n]{0,100})$",
    re.IGNORECASE | re.MULTILINE,
)
_SITE = re.compile(
    r"^[ \t]{0,9}spamvertised (?:web ?)?site: ?(?P<url>\S{1,1000})", re.IGNORECASE | re.MULTILINE
)
_SITE_IS = re.compile(
    r"^[ \t]{0,9}(?P<url>(?:https?|hxxps?|ftp)\S{1,1000}) is (?P<ip>[0-9A-Fa-f:.\[\]]{3,60})"
    r"(?:;[ \t]?(?P<date>[^\n]{0,100}))?",
    re.IGNORECASE | re.MULTILINE,
)
_ROW = re.compile(
    r"^[ \t>]{0,9}(?P<ip>[0-9A-Fa-f:.]{3,45})[ \t]{1,30}(?P<start>[A-Z][a-z]{2} {1,2}\d{1,2})"
    r" {1,3}(?P<hour>\d{1,2})h/(?P<days>\d{1,4})(?P<counts>(?:[ \t]{1,20}\d{1,9}){1,5})"
    r"(?P<comment>[^\n]{0,200})$",
    re.MULTILINE,
)
_MUNGED = re.compile(r"_{4,}")


@dataclass(frozen=True, slots=True)
class _Told:
    """What one report says, unquoted: its facts, and below them the offending message."""

    facts: str
    offending: str
    version: str
    kind: str
    about: str


def recognises(opened: Opened) -> bool:
    """Whether the mail, or one forwarded in it, is such a report."""
    return _told(opened) is not None


def read(opened: Opened) -> Report:
    """Return the report: one original for a mail, or for each site, or each row of a summary."""
    told = _told(opened)
    if told is None:  # asked for without recognises()
        told = _Told(opened.text, "", "", "", "")
    copy, munged = _copy(told, opened)
    events = list(_events(told, opened, copy))
    notes = (f"The Message-ID {munged} is munged; nothing is looked for by it.",) if munged else ()
    shown = told.facts if copy and not events[0].urls else f"{told.facts}\n{told.offending}"
    found = event.report_of(opened, NAME, events, notes=notes, text=shown)
    accused = observable(
        Kind.HEADER_FROM, _account(told.about), where="subject", origin=Origin.REPORTED
    )
    return replace(
        found,
        observables=(*found.observables, *((accused,) if accused else ())),
        feedback_type=told.kind,
        format_version=told.version,
        category=_category(told, copy),
        reporter_kind="service",
    )


def _told(opened: Opened) -> _Told | None:
    """The report in the mail's own text, or in a mail attached to it."""
    if opened.mail.report_type:
        return None
    found = _in_text(opened.headers.subject, opened.text, may_be_quoted=not _is_answer(opened))
    for inner in () if found else opened.mail.mails[:MAX_INNER]:
        words = clean_text(inner.text, MAX_TEXT_CHARS)
        found = found or _in_text(clean_line(inner.head.first("subject"), 998), words)
    return found


def _is_answer(opened: Opened) -> bool:
    return bool(opened.headers.in_reply_to)


def _in_text(subject: str, text: str, *, may_be_quoted: bool = True) -> _Told | None:
    """What the text reports: with a banner or tag and facts, or as a table, or as an alert."""
    notice, tag = _NOTICE.match(subject), _TAG.search(subject)
    about = (tag.group("about") or "") if tag else ""
    if notice and notice.group("kind").lower() == "alert":
        return _Told(text, "", "", "alert", "") if ips(text[:LOOKED_AT_CHARS]) else None
    if (notice or _has_table_head(text)) and _ROW.search(text[:LOOKED_AT_CHARS]):
        return _Told(text, "", "", "summary", "")
    version, is_quoted = _banner(text)
    if is_quoted and may_be_quoted:
        text = "\n".join(_QUOTE.sub("", line) for line in text.split("\n"))
    elif is_quoted:
        return None
    if not version and not tag:
        return None
    facts, marker, offending = _cut(text)
    is_site = bool(_SITE.search(facts) or _SITE_IS.search(facts))
    if not (marker or is_site or _MAIL_FROM.search(facts) or (version and tag)):
        return None
    return _Told(facts, offending, version, "spamvertised" if is_site else "", about)


def _banner(text: str) -> tuple[str, bool]:
    """The version in the banner, and whether it stood behind quote marks."""
    for line in text.split("\n", LINES_BEFORE_BANNER)[:LINES_BEFORE_BANNER]:
        if " V" in line and (hit := _BANNER.match(_QUOTE.sub("", line))):
            return hit.group("version"), line.startswith(">")
    return "", False


def _cut(text: str) -> tuple[str, bool, str]:
    """The facts, whether a marker ends them, and the offending message behind it."""
    if hit := _OFFENDING.search(text[:LOOKED_AT_CHARS]):
        return text[: hit.start()], True, _WRAP.sub("", text[hit.end() :])
    return text[:LOOKED_AT_CHARS], False, ""


def _has_table_head(text: str) -> bool:
    return all(word in text for word in ("Trap", "User", "Length"))


def _copy(told: _Told, opened: Opened) -> tuple[Original | None, str]:
    """The offending message, and its Message-ID if that is munged."""
    if told.kind in ("summary", "alert"):
        return None, ""
    source = told.offending or told.facts
    sample = next(iter(quoted.take_apart(source.strip("\n")).samples), None)
    if sample is None:
        return None, ""
    shown = original.of_sample(sample, "the offending message", opened.zone, opened.headers.date)
    if not _MUNGED.search(shown.message_id):
        return shown, ""
    return replace(shown, message_id=""), clean_line(shown.message_id, 200)


def _events(told: _Told, opened: Opened, copy: Original | None) -> Iterator[Event]:
    if told.kind == "summary":
        yield from _rows(told.facts, opened)
        return
    if told.kind == "alert":
        for number, address in enumerate(ips(told.facts[:LOOKED_AT_CHARS]), start=1):
            yield Event(f"address {number} of the alert", source_ip=address)
        return
    if told.kind == "spamvertised":
        yield from _sites(told.facts, opened)
        return
    hits = list(_MAIL_FROM.finditer(told.facts))[: event.MAX_ORIGINALS]
    for number, hit in enumerate(hits):
        at = _time(hit.group("date"), opened)
        said = Event("fact line", source_ip=normal_ip(hit.group("ip")), at=at)
        yield replace(said, copy=copy if number == 0 else None)
    if not hits:
        yield Event("subject", source_ip=next(iter(ips(told.about)), ""), copy=copy)


def _sites(facts: str, opened: Opened) -> Iterator[Event]:
    """The advertised sites, each with its host where a line tells it. The mail's sender is none."""
    hosts = {refang(hit.group("url")): hit for hit in _SITE_IS.finditer(facts)}
    named = [refang(hit.group("url")) for hit in _SITE.finditer(facts)]
    for url in list(dict.fromkeys([*named, *hosts]))[: event.MAX_ORIGINALS]:
        hit = hosts.get(url)
        yield Event(
            "advertised site",
            source_ip=normal_ip(hit.group("ip")) if hit else "",
            at=_time(hit.group("date") or "", opened) if hit else None,
            urls=(url,),
        )


def _rows(table: str, opened: Opened) -> Iterator[Event]:
    for number, hit in enumerate(_ROW.finditer(table), start=1):
        if number > event.MAX_EVENTS:
            return
        hour = min(int(hit.group("hour")), 23)
        yield Event(
            f"row {number} of the summary",
            source_ip=normal_ip(hit.group("ip")),
            at=stated_time(f"{hit.group('start')} {hour:02}:00", opened.zone, opened.headers.date),
            record=" ".join(hit.group().split()),
        )


def _time(value: str, opened: Opened) -> StatedTime | None:
    return stated_time(value, opened.zone, opened.headers.date)


def _account(about: str) -> str:
    """The mail address that the subject accuses, in reports about an account."""
    return next(iter(addresses(about)), "")


def _category(told: _Told, copy: Original | None) -> str:
    """Our word. A shown mail may say more than the service's tag, which names the relay only."""
    return "open-relay" if "relay" in told.about.lower() and not copy else "spam"
