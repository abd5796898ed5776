"""Mails shown in the text of another: quoted, pasted or forwarded inline, torn wraps and all.

What mail programs and people do to a mail before they send it on: put `>` before the lines, break
them where they like, leave a continuation without its mark, translate the labels, or copy only
the Received lines.
"""

import re
from dataclasses import dataclass, replace
from datetime import datetime

from complaints.evidence.dates import stated_time
from complaints.evidence.text import addresses
from complaints.formats.boxed import box_at, box_of_values, is_labelled, label_of
from complaints.formats.programs import BANNERS, FIELD_NAMES, LABELS, SEPARATORS, WROTE
from complaints.formats.torn import (
    FULL_LINE_CHARS,
    QUOTE,
    TRACE_START,
    Line,
    field_name,
    head_at,
    is_torn_off,
    line_of,
)

MAX_LINES = 20_000
MAX_SAMPLES = 50
NEAR_LINES = 60  # whose length tells how wide a mail program made its lines

_BOX_NAMES = frozenset((*LABELS, "sent", "reply-to"))  # what a program shows when it forwards

_RULE = re.compile(r"^[ \t]{0,9}[-_=*#\[]{1,40}.{3,70}?[-_=*#:\]]{0,40}[ \t]{0,9}$")
_DASHED = re.compile(r"^-{4,40}\s{0,3}[^-=\s][^-\n]{2,50}[^-=\s]\s{0,3}-{4,40}$|^_{20,100}$")
_WROTE = re.compile(
    r"^.{0,200}(?:"
    + "|".join(re.escape(word) for word in WROTE)
    + r")[^\n]{0,40}[:：]?[ \t]{0,3}$",
    re.IGNORECASE,
)
_WROTE_CHARS = 40 + 4 + max(map(len, WROTE))  # from the word to the end of the line
_WROTE_LINE_CHARS = 200 + _WROTE_CHARS
_LINK_AT_END = re.compile(r"://[^\s<>\"']{1,500}$")
_END_OF_LINK = re.compile(r"[\s<>\"']")
_LINK_GOES_ON = re.compile(r"[A-Za-z0-9_./?=&%#~+-]{1,500}$")
_RUN_ON = re.compile(r"^[ \t]{0,9}-{3,40}[^-\n]{3,60}-{3,40}[ \t]{1,9}(?=\S)")
_RUN_ON_LABEL = re.compile(
    r"(?<=[^\s:])(?=(?:"
    + "|".join(
        re.escape(word.capitalize()) for words in LABELS.values() for word in words if len(word) > 1
    )
    + r")[ \xa0]?:[ \xa0])|(?<=>)(?=(?:À|A)[ \xa0]?:[ \xa0])"
)


@dataclass(frozen=True, slots=True)
class Sample:
    """One mail shown in a text.

    head          its field lines, one field a line, as they may be parsed
    body          the lines below them
    is_quoted     each line had a quote mark
    is_forwarded  it stood below a mail program's separator, or in its box of labels
    is_trace      nothing but Received lines
    """

    head: str
    body: str
    is_quoted: bool
    is_forwarded: bool
    is_trace: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """The mails shown in a text, and what the writer of the text wrote himself."""

    samples: tuple[Sample, ...]
    own_text: str


def take_apart(text: str) -> Shown:
    """Return the mails that the text shows, in order, and the rest as the writer's own words."""
    lines = [line_of(raw) for raw in _lines_of(text)]
    lower = text.lower()
    may_be_attributed = any(map(lower.__contains__, WROTE))
    samples: list[Sample] = []
    own: list[str] = []
    at = 0
    while at < len(lines):
        sample, after = None, at
        if len(samples) < MAX_SAMPLES:
            sample, after = _sample_at(lines, at, is_first=may_be_attributed and not samples)
        if sample and samples and _is_within(sample, samples[-1]):
            shown = f"{samples[-1].body}\n\n{sample.head}\n\n{sample.body}"
            samples[-1] = replace(samples[-1], body=shown)
            at = after
        elif sample:
            samples.append(sample)
            _drop_introduction(own)
            at = after
        else:
            if lines[at].depth == 0:
                own.append(lines[at].raw)
            at += 1
    return Shown(tuple(samples), _own_words(own))


def unquoted(text: str) -> str:
    """Return the text without quoted lines and the lines that introduce them."""
    kept: list[str] = []
    for raw in text.split("\n")[:MAX_LINES]:
        line = line_of(raw)
        if line.depth:
            _drop_introduction(kept)
        else:
            kept.append(raw)
    return _own_words(kept)


def quotes_something(text: str) -> bool:
    """Whether the text has quoted lines."""
    return any(QUOTE.match(line) for line in text.split("\n")[:MAX_LINES])


def is_separator(line: str) -> bool:
    """Whether a line is one by which mail programs begin a forwarded mail."""
    bare = line.strip()
    if len(bare) >= 120 or not bare or (bare[0] not in "-_=*#[" and bare[-1] not in ":-"):
        return False
    lower = bare.lower()
    if _DASHED.match(lower):
        return True
    return any(map(lower.__contains__, SEPARATORS)) and bool(
        _RULE.match(line) or lower.endswith(":")
    )


def is_banner(line: str) -> bool:
    """Whether a line is one by which report services begin the mail they report."""
    return len(line) < 100 and line.strip(" \t[]-=*").lower() in BANNERS


def _lines_of(text: str) -> list[str]:
    """The lines of a text; a box that a program ran together on one line is taken apart again."""
    lines: list[str] = []
    for raw in text.replace("\ufeff", "").split("\n")[:MAX_LINES]:
        hit = _RUN_ON.match(raw[:2000]) if "---" in raw else None
        if hit:
            lines += [hit.group().strip(), *_RUN_ON_LABEL.split(raw[hit.end() : 4000])]
        else:
            lines.append(raw)
    return lines


def _is_within(sample: Sample, above: Sample) -> bool:
    """Whether it belongs to the forwarded mail above, as the older mails of a thread do."""
    if not (sample.is_forwarded and above.is_forwarded):
        return False
    older, newer = _date_of(sample), _date_of(above)
    return older is not None and newer is not None and older < newer


def _date_of(sample: Sample) -> datetime | None:
    lines = (line for line in sample.head.split("\n") if line.startswith("date:"))
    found = stated_time(next(lines, ""))
    return found.at if found else None


def _sample_at(lines: list[Line], at: int, *, is_first: bool) -> tuple[Sample | None, int]:
    """Return the sample that begins at this line, and the line behind it.

    "A wrote:" below a mail that is shown already belongs to the thread that this mail was in.
    """
    line = lines[at]
    if is_first and (start := _behind_attribution(lines, at)):
        return _attributed(lines, at, start)
    if ":" not in line.text and "：" not in line.text:
        return None, at
    separated = _separator_above(lines, at)
    if not (
        TRACE_START.match(line.text)
        or field_name(line.text) in FIELD_NAMES
        or label_of(line.text)[0]
        or (separated and is_labelled(line.text))
    ):
        return None, at
    fields, after, boxed = _box_or_head(lines, at, separated=separated)
    if not fields:
        return None, at
    names = [name for name, _ in fields]
    is_trace = set(names) == {"received"}
    if not _is_a_head(names, boxed, separated):
        return None, at
    body, end = _body(lines, after, line.depth, is_trace)
    head = "\n".join(f"{name}: {value}" for name, value in fields)
    # No program shows Received lines when it forwards: somebody pasted the source.
    is_forwarded = boxed or (separated and "received" not in names)
    return Sample(head, body, line.depth > 0, is_forwarded, is_trace), end


def _behind_attribution(lines: list[Line], at: int) -> int:
    """The line behind "On … A <a@b> wrote:" where a quoted or indented text follows; else 0.

    Some programs break it in two, and some leave out the address.
    """
    for count in (1, 2):
        joined = " ".join(line.text.strip() for line in lines[at : at + count])[:500]
        if count == 2 and (at + 1 >= len(lines) or not joined[:2].isalpha() or len(joined) > 200):
            return 0
        if not (_says_who_wrote(joined) and _WROTE.match(joined)):
            continue
        has_address, has_time = bool(addresses(joined)), bool(stated_time(joined))
        below = next((one for one in lines[at + count : at + count + 3] if one.text.strip()), None)
        if below is None or not (has_address or has_time):
            return 0
        quoted = below.depth > lines[at].depth or below.text[:4] == " " * 4 or lines[at].depth > 0
        return at + count if quoted or (has_address and has_time) else 0
    return 0


def _says_who_wrote(line: str) -> bool:
    """Whether a line may be "On … A <a@b> wrote:": found out before the costly pattern is tried."""
    if len(line) > _WROTE_LINE_CHARS or ("@" not in line and not any(map(str.isdigit, line))):
        return False
    end = line[-_WROTE_CHARS:].lower()
    return any(map(end.__contains__, WROTE))


def _attributed(lines: list[Line], at: int, start: int) -> tuple[Sample, int]:
    """The mail whose text stands below the line that says who wrote it, and when."""
    text = " ".join(line.text.strip() for line in lines[at:start])[:500]
    sender = next(iter(addresses(text)), "")
    depth = max((one.depth for one in lines[start : start + 3]), default=0)
    while start < len(lines) and not lines[start].text.strip():
        start += 1
    body, end = _body(lines, start, depth, is_trace=False)
    head = f"from: <{sender}>\n" if sender else ""
    head += f"date: {text.partition(sender)[0] if sender else text}"
    return Sample(head, body, is_quoted=True, is_forwarded=False, is_trace=False), max(end, start)


def _is_a_head(names: list[str], boxed: bool, separated: bool) -> bool:
    known = [name for name in names if name in FIELD_NAMES or name.startswith("x-")]
    if "received" in names:
        return True
    if boxed or separated:
        return len(known) >= 2 and ("from" in known or "subject" in known)
    return len(set(known)) >= 3 and ("from" in known or "message-id" in known)


def _box_or_head(
    lines: list[Line], at: int, *, separated: bool
) -> tuple[list[tuple[str, str]], int, bool]:
    """Read a header section, or the box of translated labels that mail programs make of it."""
    fields, after = head_at(lines, at)
    names = {name for name, _ in fields}
    if len(fields) >= 3 or "received" in names:
        if "sent" in names and "date" not in names:  # what Outlook calls the Date field
            fields = [("date" if name == "sent" else name, value) for name, value in fields]
        return fields, after, names <= _BOX_NAMES
    box, end = box_at(lines, at)
    known = {name for name, _ in box}
    if {"from", "subject"} <= known or {"from", "date", "to"} <= known:
        return box, end, True
    if separated:
        box, end = box_of_values(lines, at)
        if box:
            return box, end, True
    return fields, after, False


def _body(lines: list[Line], at: int, depth: int, is_trace: bool) -> tuple[str, int]:
    """Collect the shown mail's text: to the end of the quote, or to the next sample."""
    kept: list[str] = []
    if is_trace:
        return "", at
    after_torn, start = False, at
    while at < len(lines):
        line = lines[at]
        torn = line.depth < depth and is_torn_off(lines, at, depth)
        if (line.depth < depth and not torn) or _next_begins(lines, at, depth):
            break
        text = line.text if line.depth <= depth else ">" * (line.depth - depth) + " " + line.text
        if kept and "://" in kept[-1] and _ends_in_broken_link(kept[-1], text, lines, start, at):
            kept[-1] = kept[-1].rstrip() + text.lstrip()
        elif torn and kept:
            kept[-1] = f"{kept[-1].rstrip()} {text}"
        elif text.strip() or not after_torn:
            kept.append(text)
        after_torn, at = torn, at + 1
    return "\n".join(kept).strip("\n"), at


def _ends_in_broken_link(above: str, text: str, lines: list[Line], start: int, at: int) -> bool:
    """Whether a link ends a line that was cut at the full width of a quoted mail, and goes on.

    start, at  where the shown text begins, and the line that may go on
    """
    first = _END_OF_LINK.split(text, maxsplit=1)[0]
    full = len(lines[at - 1].raw)
    if lines[at - 1].depth == 0 or full < FULL_LINE_CHARS or not _LINK_AT_END.search(above):
        return False
    if not first or "://" in first or not _LINK_GOES_ON.match(first):
        return False
    near = lines[max(0, start - NEAR_LINES) : start + NEAR_LINES]
    return full >= max(len(line.raw) for line in near if line.depth)


def _next_begins(lines: list[Line], at: int, depth: int) -> bool:
    line = lines[at]
    if line.depth != depth:
        return False
    if is_separator(line.text) or is_banner(line.text):
        return True
    starts = TRACE_START.match(line.text) or field_name(line.text) == "return-path"
    return bool(starts) and len(head_at(lines, at)[0]) >= 1


def _separator_above(lines: list[Line], at: int) -> bool:
    above = [line.text for line in lines[max(0, at - 3) : at] if line.text.strip()]
    return bool(above) and is_separator(above[-1])


def _drop_introduction(own: list[str]) -> None:
    """Take away the separator, or the "On … wrote:", that stands before a quoted mail."""
    while own and not own[-1].strip():
        own.pop()
    if own and (is_separator(own[-1]) or _WROTE.match(own[-1][:500])):
        own.pop()


def _own_words(lines: list[str]) -> str:
    kept = [line for line in lines if not (is_separator(line) or is_banner(line))]
    return "\n".join(kept).strip("\n")
