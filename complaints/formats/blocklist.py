"""Reports of blocklists and banning programs: log lines or lists of addresses, and a few words.

blocklist.de, fail2ban, csf, DenyHosts, sensors of firewalls, and whatever copies them. What is
accused is told by the log lines or the list; everything else as of any prose. Such reports
with X-ARF in them are read as X-ARF.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, tzinfo
from functools import lru_cache

from complaints.evidence import dates, text
from complaints.evidence.dates import StatedTime
from complaints.evidence.observables import Kind, Observable, Origin, normal_ip, observable
from complaints.formats import event, prose
from complaints.formats.event import Event
from complaints.formats.opened import Opened, report
from complaints.formats.report import Original, Report

NAME = "plain"
LEAST_LISTED = 2
MAX_LINES = 5000
MAX_LINE_CHARS = 400
MAX_LINES_OF_ENTRY = 12
LOOKED_AT_CHARS = 256 * 1024

_IP = r"(?:\d{1,3}\.){3}\d{1,3}|[0-9A-Fa-f]{1,4}:[0-9A-Fa-f:.]{2,40}"
_LISTED = re.compile(
    rf"^[ \t]{{0,8}}(?:[-*•+][ \t]{{1,3}}|\d{{1,4}}[.)][ \t]{{1,3}})?\[?(?P<ip>{_IP})\]?"
    r"(?:/32|/128)?(?:[ \t]{0,9}\([^()\n]{0,80}\))?"
    r"(?:[ \t,;|:-]{1,9}(?P<rest>[^\n]{0,120}))?$"
)
_ZONE = re.compile(
    r"(?:\btime(?:s|stamps?|[- ]?zone)?|\bzeit(?:en|zone|stempel)?|\blogs?|\bdates?|\bhora|時刻)"
    r"[^\n.]{0,60}?[\s(:=](?P<zone>(?-i:UTC(?:[+-]\d{1,2})?|GMT(?:[+-]\d{1,2})?|[A-Z]{2,4}T)"
    r"|[+-]\d{2}:?\d{2})(?![\w:])",
    re.IGNORECASE,
)
_BANNED = re.compile(
    rf"\b(?:banned|blocked|blocking|block|ban|lfd: blocked|denied)\b[^\n]{{0,40}}?({_IP})"
    rf"|({_IP})[^\n]{{0,40}}\b(?:has (?:just )?been (?:banned|blocked)|was (?:banned|blocked))",
    re.IGNORECASE,
)
_CALLED = re.compile(
    r"\b(?:offending|attacking|abusive|infected|malicious|source|remote|attacker'?s?) "
    rf"(?:ip|host|address|ip[- ]address)[ \t]{{0,9}}[:=][ \t]{{0,20}}\[?({_IP})",
    re.IGNORECASE,
)
_UTC = re.compile(r"\b(?:UTC|GMT)\b(?![+-]\d)")
_PROGRAMS = re.compile(
    r"fail2ban|denyhosts|\blfd\b|\bcsf\b|blocklist\.de|sshguard|ossec|snort|suricata|crowdsec"
    r"|lines containing (?:ip|failures)|logfile|log (?:lines|excerpt)|firewall logs?",
    re.IGNORECASE,
)
# Without one of these a pattern need not be tried, which is far slower than looking for a word.
_OF_PROGRAMS = (
    "fail2ban", "denyhosts", "lfd", "csf", "blocklist.de", "sshguard", "ossec", "snort",
    "suricata", "crowdsec", "lines containing ", "logfile", "log line", "log excerpt",
    "firewall log",
)  # fmt: skip
_OF_CALLED = (
    "offending ", "attacking ", "abusive ", "infected ", "malicious ", "source ", "remote ",
    "attacker",
)  # fmt: skip
_OF_LOGIN = (
    "failed", "invalid user", "authentication fail", "sasl login", "login attempt", "brute",
    "sshd", "wp-login", "xmlrpc", "dictionary attack", "bad password",
)  # fmt: skip
_OF_SCAN = ("dpt=", "port", "ipfw deny", "firewall log", "syn", "in=")
_SAYS_ZONE = re.compile(r"[\s(:=](?:UTC|GMT|[A-Z]{2,4}T|[+-]\d{2}:?\d{2})(?![\w:])")
_ACCESS_DATE = re.compile(r"\b(\d{1,2})/([A-Z][a-z]{2})/(\d{4}):(?=\d\d:)")
_ADDRESS = re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?:[.:]\d{1,5})?(?![\w.])")
_OURS = re.compile(
    r"\b(?:our|my|target|victim|destination|unser\w{0,2}|reporter|name ?servers?|resolvers?)\b",
    re.IGNORECASE,
)
_DIGIT = re.compile(r"\d")
_LOGIN = re.compile(
    r"failed (?:password|login|keyboard)|invalid user|authentication fail|sasl login|login attempt"
    r"|brute.?force|sshd\b|wp-login|xmlrpc|dictionary attack|auth failed|bad password",
    re.IGNORECASE,
)
_SCAN = re.compile(
    r"\bDPT=|port.?scan|ipfw deny|firewall log|\bSYN\b.{0,40}\b(?:flood|packet)|drop(?:ped)? IN=",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Line:
    """A log line: the addresses in it, and when it was written."""

    addresses: tuple[str, ...]
    at: StatedTime


def recognises(opened: Opened) -> bool:
    """Whether the text lists addresses, or shows log lines of the one it blames."""
    if opened.mail.mails or opened.shown.samples or opened.headers.in_reply_to:
        return False
    words = _words(opened)
    if len(text.ips(words[:4000])) == 0 and not text.ips(words):
        return False
    if len(list(_entries(words))) >= LEAST_LISTED:
        return True
    blamed = _blamed(opened, words)
    if not blamed:
        return False
    return _names_program(words) or next(_log_lines(words, opened, blamed), None) is not None


def _names_program(words: str) -> bool:
    """Whether it names a banning program, or calls an address the attacker's."""
    lower = words.lower()
    if any(map(lower.__contains__, _OF_PROGRAMS)) and _PROGRAMS.search(words):
        return True
    return any(map(lower.__contains__, _OF_CALLED)) and bool(_CALLED.search(words))


def read(opened: Opened) -> Report:
    """Return the report: one original for each listed address, else one for the blamed one."""
    words = _words(opened)
    listed = list(_listed(words, opened))
    if len(listed) < LEAST_LISTED:
        listed = sorted(_rows(words, opened), key=_when)
    if len(listed) >= LEAST_LISTED:
        found = event.report_of(opened, NAME, listed)
    else:
        original = _original(opened, words)
        found = report(
            opened,
            NAME,
            originals=(original,),
            observables=tuple(_stated(opened, words, original)),
        )
    return replace(found, category=_category(words))


def _when(said: Event) -> float:
    return said.at.at.timestamp() if said.at else 0.0


def _words(opened: Opened) -> str:
    return opened.text[:LOOKED_AT_CHARS]


def _original(opened: Opened, words: str) -> Original:
    """What the prose states, with the source and time that the log lines show."""
    base = prose.original_of(opened)
    blamed = _blamed(opened, words)
    when = earliest(words, opened, blamed)
    return replace(
        base,
        source_ip=next(iter(blamed), ""),
        arrived_at=when.at if when else base.arrived_at,
        zone_stated=when.zone_stated if when else base.zone_stated,
    )


def earliest(words: str, opened: Opened, blamed: tuple[str, ...]) -> StatedTime | None:
    """Return when log lines in a text first show a blamed address, or a table its rows."""
    times = [line.at for line in _log_lines(words, opened, blamed)] or _table_times(words, opened)
    return _earliest(times, _zone_of(words))


def _stated(opened: Opened, words: str, original: Original) -> Iterator[Observable | None]:
    for address in _blamed(opened, words):
        yield observable(Kind.IP, address, where="log lines", origin=Origin.REPORTED)
    if original.arrived_at:
        at = original.arrived_at.isoformat()
        yield observable(Kind.DATE, at, where="log lines", origin=Origin.REPORTED)
    yield from (
        one
        for one in prose.observables_of(opened, original)
        if one is not None and one.kind not in (Kind.IP, Kind.DATE)
    )


def _blamed(opened: Opened, words: str) -> tuple[str, ...]:
    """Whom the report blames: in the subject, as banned, else as the prose says it."""
    return _blamed_in(opened.headers.subject, words)


@lru_cache(maxsize=16)  # asked again and again of one mail
def _blamed_in(subject: str, words: str) -> tuple[str, ...]:
    if named := text.ips(subject):
        return named
    called = [normal_ip(hit.group(1)) for hit in _CALLED.finditer(words[:64_000])]
    if distinct := tuple(dict.fromkeys(filter(None, called))):
        return distinct
    banned = [hit.group(1) or hit.group(2) for hit in _BANNED.finditer(words[:64_000])]
    if valid := tuple(dict.fromkeys(filter(None, map(normal_ip, banned)))):
        return valid[:1]
    return prose.blamed_ips(subject, words)


def _log_lines(words: str, opened: Opened, blamed: tuple[str, ...]) -> Iterator[_Line]:
    """Yield the lines with a clock that name a blamed address, or stand above one that does."""
    zone = _zone_of(words)
    lines = words.split("\n", MAX_LINES)[:MAX_LINES]
    wanted = set(blamed)
    # An address of digits and dots stands as it is, unless its dots are disguised.
    as_written = not any(":" in address for address in blamed) and text.refang(words) == words
    for number, line in enumerate(lines):
        if ":" not in line or not _DIGIT.search(line):
            continue
        both = f"{line[:MAX_LINE_CHARS]}\n{_indented(lines, number)}"
        if as_written and not any(map(both.__contains__, blamed)):
            continue
        found = text.ips(_without_ports(both))
        if wanted.isdisjoint(found):
            continue
        if at := _time_in(line, opened, zone):
            yield _Line(found, at)


def _table_times(words: str, opened: Opened) -> list[StatedTime]:
    """The times of a table whose rows do not repeat the one address that it is about."""
    zone = _zone_of(words)
    lines = words.split("\n", MAX_LINES)[:MAX_LINES]
    rows = [line for line in lines if line.count(",") > 3 or line.count("\t") > 2]
    times = (_time_in(line, opened, zone) for line in rows)
    return [at for at in times if at] if len(rows) > 1 else []


def _indented(lines: list[str], number: int) -> str:
    """The next line, if it goes on with this one, as packet dumps do."""
    following = lines[number + 1] if number + 1 < len(lines) else ""
    return following[:MAX_LINE_CHARS] if following[:1] in (" ", "\t") else ""


def _without_ports(line: str) -> str:
    """Cut the fifth number of `192.0.2.1.27015`, as packet dumps write a port."""
    return re.sub(r"(?<![\w.])((?:\d{1,3}\.){3}\d{1,3})\.\d{1,5}(?![\w.])", r"\1", line)


def _time_in(line: str, opened: Opened, zone: tzinfo | None) -> StatedTime | None:
    """The time of a line; an address is no date, and a clock is needed."""
    plain = _ADDRESS.sub(" ", line[:MAX_LINE_CHARS])
    plain = _ACCESS_DATE.sub(r"\1 \2 \3 ", plain)
    found = dates.stated_time(plain, zone or opened.zone, opened.headers.date)
    if found is None or not found.clock_stated:
        return None
    if not found.zone_stated and _UTC.search(line):
        found = dates.stated_time(plain, UTC, opened.headers.date)
        return replace(found, zone_stated=True) if found else None
    return found


def _earliest(times: Iterable[StatedTime], zone: tzinfo | None) -> StatedTime | None:
    """The earliest of times; those whose own line names a zone go before the others."""
    known = list(times)
    chosen = [one for one in known if one.zone_stated] or known
    when = min(chosen, key=lambda one: one.at, default=None)
    return replace(when, zone_stated=when.zone_stated or zone is not None) if when else None


@lru_cache(maxsize=16)
def _zone_of(words: str) -> tzinfo | None:
    """The zone that the report says its times are in."""
    words = words[:64_000]
    hit = _ZONE.search(words) if _SAYS_ZONE.search(words) else None
    return dates.zone_of(f"00:00:00 {hit.group('zone').upper()}") if hit else None


def _entries(words: str) -> Iterator[tuple[str, list[str]]]:
    """Yield each address that stands at the start of a line of its own, with the lines below.

    Lists under a heading of the reporter's own machines are left out.
    """
    heading, entry = "", None
    for line in words.split("\n", MAX_LINES)[:MAX_LINES]:
        hit = _LISTED.match(line) if len(line) < MAX_LINE_CHARS else None
        address = normal_ip(hit.group("ip")) if hit else ""
        if address and hit:
            if entry:
                yield entry
            entry = None if _OURS.search(heading) else (address, [hit.group("rest") or ""])
        elif line.strip():
            is_detail = line[:1] in (" ", "\t") and entry is not None
            if is_detail and entry and len(entry[1]) < MAX_LINES_OF_ENTRY:
                entry[1].append(line[:MAX_LINE_CHARS])
            elif not is_detail:
                heading = line[:MAX_LINE_CHARS]
                if entry:
                    yield entry
                entry = None
    if entry:
        yield entry


def _rows(words: str, opened: Opened) -> list[Event]:
    """The rows of a table in which each names another address: time, address, what it did."""
    if text.ips(opened.headers.subject):
        return []
    found: list[Event] = []
    zone = _zone_of(words)
    for number, line in enumerate(words.split("\n", MAX_LINES)[:MAX_LINES], start=1):
        if max(line.count(mark) for mark in ",;|\t") < 2 or len(line) > MAX_LINE_CHARS:
            continue
        named = text.ips(line)
        at = _time_in(line, opened, zone) if len(named) == 1 else None
        if at:
            where = f"line {number} of the text"
            found.append(Event(where, source_ip=named[0], at=at, record=line.strip()))
    return found if len({one.source_ip for one in found}) >= LEAST_LISTED else []


def _listed(words: str, opened: Opened) -> Iterator[Event]:
    zone = _zone_of(words)
    for number, (address, lines) in enumerate(_entries(words), start=1):
        if number > event.MAX_EVENTS:
            return
        times = [at for line in lines if (at := _time_in(line, opened, zone))]
        yield Event(
            f"address {number} of the list",
            source_ip=address,
            at=_earliest(times, zone),
            record="\n".join(line for line in lines if line.strip()),
        )


def _category(words: str) -> str:
    """What log lines are about; "" where they do not tell."""
    lower = words.lower()
    if any(map(lower.__contains__, _OF_LOGIN)) and _LOGIN.search(words):
        return "login-attack"
    scans = any(map(lower.__contains__, _OF_SCAN)) and _SCAN.search(words)
    return "port-scan" if scans else ""
