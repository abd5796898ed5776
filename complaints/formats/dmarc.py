"""DMARC aggregate reports: how much mail in our name a receiver saw, from where, what it did.

Sources: RFC 7489, section 7.2 and appendix C; RFC 9990; the drafts before them. Statistics, set
aside: they name our own hosts beside strangers and accuse nobody.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice

from complaints.cleantext import clean_line
from complaints.evidence.dates import mail_date
from complaints.evidence.observables import Kind, Observable, Origin, normal_ip, observable
from complaints.formats import elements, enclosed, judge, phrases, wording
from complaints.formats.elements import Element
from complaints.formats.opened import Opened, report, set_aside
from complaints.formats.phrasehits import mentions
from complaints.formats.report import Report

NAME = "dmarc-aggregate"
MAX_SOURCES_NAMED = 100
MAX_SOURCES_KEPT = 900
MAX_ELEMENTS_OF_A_ROW = 200

_ROOT = re.compile(rb"<(?:[a-z0-9_.-]{1,40}:)?feedback[\s>/]")
_INSIDE = (b"report_metadata", b"policy_published", b"policy_evaluated", b"<record")
_SUBJECT = re.compile(
    r"report\s{0,3}domain\s{0,3}:.{1,300}(?:submitter|report-?\s?id)\s{0,3}:"
    r"|\bdmarc\b.{0,40}\baggregate\b.{0,40}\breport\b",
    re.IGNORECASE,
)
_FILE_NAME = re.compile(
    r"^[^!\s]{1,255}![^!\s]{1,255}!\S{1,255}\.(?:xml|zip|gz|gzip|xml\.gz)$", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Row:
    """What a receiver saw from one address: `results` are its own words."""

    source_ip: str
    count: int
    disposition: str
    dkim: str
    spf: str
    header_from: str

    @property
    def has_failed(self) -> bool:
        """Whether neither DKIM nor SPF passed for the domain of the policy."""
        return "pass" not in (self.dkim, self.spf)


@dataclass(frozen=True, slots=True)
class Aggregate:
    """One aggregate report."""

    version: str
    reporter: str
    report_id: str
    domain: str
    policy: str
    begin: datetime | None
    end: datetime | None
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()


def recognises(opened: Opened) -> bool:
    """Whether the mail carries an aggregate report, or its subject or a file's name says so.

    Not where a person attaches one to complain: then his words count.
    """
    if _is_named_so(opened):
        return True
    return enclosed.has_file_like(opened.mail, _is_aggregate) and not _complains(opened)


def read(opened: Opened) -> Report:
    """Return the sums of the reports in the mail, set aside."""
    files = enclosed.files_like(opened.mail, _is_aggregate)
    roots = elements.parse_all(one.content for one in files)
    reports = tuple(
        aggregate_of(root, (*one.notes, note))
        for one, (root, note) in zip(files, roots, strict=True)
    )
    notes = tuple(note for one in reports for note in one.notes)
    if not reports:
        notes = ("It calls itself a DMARC aggregate report, but none in it could be read.",)
    found = report(
        opened,
        NAME,
        observables=tuple(clue for one in reports for clue in _clues(one)),
        notes=notes,
        text="\n\n".join(filter(None, (opened.shown.own_text, *map(summary, reports)))),
    )
    by = ", ".join(dict.fromkeys(filter(None, (one.reporter for one in reports))))
    reason = (
        f"A DMARC aggregate report{f' of {by}' if by else ''}: statistics, which accuse nobody."
    )
    found = replace(found, format_version=next((one.version for one in reports), ""))
    return set_aside(found, reason)


def aggregate_of(root: Element, notes: tuple[str, ...] = ()) -> Aggregate:
    """Return what an aggregate report says; what is missing is empty."""
    about, policy = root.first("report_metadata"), root.first("policy_published")
    return Aggregate(
        version=clean_line(next((e.text for e in root.children if e.name == "version"), ""), 30),
        reporter=clean_line(about.said("org_name", "email"), 200),
        report_id=clean_line(about.said("report_id"), 200),
        domain=clean_line(policy.said("domain"), 255).lower(),
        policy=clean_line(policy.said("p"), 30).lower(),
        begin=_time(about.said("begin")),
        end=_time(about.said("end")),
        rows=tuple(map(_row, root.all("record"))),
        notes=tuple(filter(None, notes)),
    )


def summary(one: Aggregate) -> str:
    """Return an aggregate report in a few lines, the addresses with most mail first."""
    span = f", {_shown(one.begin)} to {_shown(one.end)}" if one.begin else ""
    total = sum(row.count for row in one.rows)
    failed = sum(row.count for row in one.rows if row.has_failed)
    sources = _by_source(one)
    lines = [
        f"DMARC aggregate report {one.report_id} by {one.reporter or 'nobody'} for "
        f"{one.domain or 'no domain'}{span}.",
        f"Policy: {one.policy or 'not stated'}. {total} mails from {len(sources)} addresses, "
        f"{failed} failed both DKIM and SPF.",
        *(f"{address}: {words}" for address, words in list(sources.items())[:MAX_SOURCES_NAMED]),
    ]
    if len(sources) > MAX_SOURCES_NAMED:
        lines.append(f"… and {len(sources) - MAX_SOURCES_NAMED} more addresses.")
    return "\n".join(lines)


def _is_aggregate(beginning: bytes) -> bool:
    plain = beginning.replace(b"\0", b"").lower()  # UTF-16 too
    is_xml = plain[:200].lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").startswith(b"<")
    return is_xml and bool(_ROOT.search(plain)) and any(word in plain for word in _INSIDE)


def _is_named_so(opened: Opened) -> bool:
    subject = opened.headers.subject
    if _SUBJECT.search(subject) and not wording.REPLY_PREFIX.match(subject):
        return True
    named = any(_FILE_NAME.match(part.name) for part in opened.mail.parts)
    return named and not _complains(opened)


def _complains(opened: Opened) -> bool:
    """Whether a person says in his own words that something bad came from us."""
    headers = opened.headers
    is_robot = headers.auto_submitted not in ("", "no") or "dmarc" in headers.from_address.lower()
    if is_robot or not mentions(phrases.ADDRESSED, opened.said):
        return False
    return judge.weigh(opened.said, opened.said, evidence=0).is_complaint


def _row(record: Element) -> Row:
    near = list(islice(record.inside(), MAX_ELEMENTS_OF_A_ROW))
    evaluated = next((one for one in near if one.name == "policy_evaluated"), Element(""))
    results = {one.name: one.text.lower() for one in islice(evaluated.inside(), 20)}
    texts = {one.name: one.text for one in reversed(near)}
    return Row(
        source_ip=normal_ip(texts.get("source_ip", "")),
        count=_number(texts.get("count", "")),
        disposition=clean_line(results.get("disposition", ""), 30),
        dkim=clean_line(results.get("dkim", ""), 30),
        spf=clean_line(results.get("spf", ""), 30),
        header_from=clean_line(texts.get("header_from", ""), 255).lower(),
    )


def _number(value: str) -> int:
    return int(value) if value.isascii() and value.isdigit() and len(value) < 13 else 0


def _time(value: str) -> datetime | None:
    """Seconds since 1970, as the standard has it, or a date as some write it."""
    seconds = value.partition(".")[0]
    if seconds.isascii() and seconds.isdigit() and len(seconds) < 11:
        return datetime.fromtimestamp(int(seconds), UTC)
    return mail_date(value)


def _shown(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC" if at else "?"


def _by_source(one: Aggregate) -> dict[str, str]:
    """Each address with the sum of what was seen from it, in words; most mail first."""
    counts: Counter[str] = Counter()
    seen: dict[str, Counter[str]] = {}
    for row in one.rows:
        counts[row.source_ip] += row.count
        kinds = seen.setdefault(row.source_ip, Counter())
        result = (
            f"{row.disposition or 'no'} disposition, DKIM {row.dkim or '?'}, SPF {row.spf or '?'}"
        )
        kinds[f"{result}, From {row.header_from}" if row.header_from else result] += row.count
    return {
        address: f"{count} mails ("
        + "; ".join(f"{number} {kind}" for kind, number in seen[address].most_common(5))
        + ")"
        for address, count in counts.most_common()
        if address
    }


def _clues(one: Aggregate) -> Iterator[Observable | None]:
    where = f"DMARC aggregate report of {one.reporter or 'nobody'}"
    begin = one.begin.isoformat() if one.begin else ""
    yield observable(Kind.DOMAIN, one.domain, where=where, origin=Origin.REPORTED)
    yield observable(Kind.DATE, begin, where=f"{where}, begin", origin=Origin.REPORTED)
    for address, words in list(_by_source(one).items())[:MAX_SOURCES_KEPT]:
        yield observable(Kind.IP, address, where=f"{where}, {words}", origin=Origin.REPORTED)
