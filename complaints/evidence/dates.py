"""Times as mails and people write them. None where there is none; never an exception.

The zone is kept apart: a time without one is a claim that can be half a day off.
"""

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache

from complaints.evidence.months import MONTHS

MAX_CHARS = 200
MAX_TEXT_CHARS = 64 * 1024
FIRST_YEAR, LAST_YEAR = 1970, 2199
_YEARS = range(FIRST_YEAR, LAST_YEAR + 1)

_MONTHS = {name.lower(): number for number, name in enumerate(calendar.month_abbr) if name}
_MONTHS |= {
    "mär": 3, "mrz": 3, "mai": 5, "okt": 10, "dez": 12, "fev": 2, "abr": 4, "ago": 8, "set": 9,
    "out": 10,
}  # fmt: skip
_FULL_MONTHS = {
    name: number for names in MONTHS for number, name in enumerate(names.split(), start=1)
}
# The first letters of them, beside a year only: some are words of other languages. What several
# months begin with is none.
_SHORT_MONTHS: dict[str, int] = {}
for _name, _number in _FULL_MONTHS.items():
    for _length in (3, 4, 5):
        _short = _name[:_length]
        _SHORT_MONTHS[_short] = _number if _SHORT_MONTHS.get(_short, _number) == _number else 0
ZONE_MINUTES = {
    "utc": 0, "gmt": 0, "z": 0, "ut": 0, "wet": 0, "bst": 60, "cet": 60, "cest": 120, "met": 60,
    "mest": 120, "eet": 120, "eest": 180, "msk": 180, "jst": 540, "kst": 540, "hkt": 480,
    "est": -300, "edt": -240, "cst": -360, "cdt": -300, "mst": -420, "mdt": -360, "pst": -480,
    "pdt": -420, "brt": -180, "aest": 600, "aedt": 660, "nzst": 720, "nzdt": 780,
}  # fmt: skip

_CLOCK = (
    r"(?P<hour>\d{1,2})(?::|h|時|[.])\s?(?P<minute>\d{2})(?:分)?"
    r"(?::?(?P<second>\d{2})(?:[.,]\d{1,9})?)?"
)
_HALF = r"(?:\s?(?P<half>[AaPp])\.?[Mm]\b\.?)?"
_ZONE = (
    r"(?:\s{0,2}(?P<zone>\(?[+-]\d{2}:?\d{2}\b\)?|Z\b|\(?(?:UTC|GMT)[+-]\d{1,2}(?::?\d{2})?\)?"
    r"|\(?[A-Z]{1,4}[TC]\b\)?))?"
)
_TIME = _CLOCK + _HALF + _ZONE
_ABOUT = r"(?:about|around|ca\.?|approximately|gegen)"
_AT = rf"(?:at|um|às|as|@|-|à|om|o|klo|kl\.?|в|о|v|a\slas|alle|{_ABOUT})"
_BETWEEN = rf"(?:\s{{0,3}}[,T]?\s{{0,3}}{_AT}?\s{{0,3}}{_ABOUT}?\s{{0,3}})"

# Each begins with the sign that it is found by, since the search for a sign is quick; what may
# not stand before it is asked behind that sign.
_NAMED = re.compile(
    r"(?P<day>\d(?<!\w\d)\d?)(?:st|nd|rd|th|\.)?[\s-]{1,3}(?:of\s|de\s|del?\s)?(?P<month>[^\W\d_]{3,12})\.?"
    r"[\s,-]{1,3}(?:de\s|del\s)?(?P<year>\d{2,4})?"
    r"(?:\s(?:г\.?|р\.?|r\.|roku)(?=[\s,])|\s[^\W\d_]{5,12}(?=\s\d))?"
    + _BETWEEN
    + "(?:"
    + _TIME
    + ")?"
)
_MONTH_FIRST = re.compile(
    r"(?P<month>[A-Z](?<!\w[A-Z])[a-z]{2,8})\.?\s{1,3}(?P<day>\d{1,2})(?:st|nd|rd|th)?\b,?\s?(?P<year>\d{4})?"
    + _BETWEEN + "(?:" + _TIME + r"(?:\s(?P<late_year>\d{4}))?)?"
)  # fmt: skip
_ISO = re.compile(
    r"(?P<year>\d(?<!\w\d)\d{3})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})"
    + _BETWEEN
    + "(?:"
    + _TIME
    + ")?"
)
_SLASHED = re.compile(
    r"(?P<first>\d(?<!\d\d)\d?)(?P<mark>[/.])(?P<then>\d{1,2})(?P=mark)(?P<year>\d{4}|\d{2})(?!\d)"
    + _BETWEEN + "(?:" + _TIME + ")?"
)  # fmt: skip
_JAPANESE = re.compile(
    r"(?:(?P<year>\d{4})[年년])?\s?(?P<month>\d{1,2})[月월]\s?(?P<day>\d{1,2})[日일]"
    r"(?:[^\d\n]{0,10}" + _TIME + ")?"
)
_AFTERNOON, _MORNING = re.compile("午後|下午|晚上|오후"), re.compile("午前|上午|오전")
_TWO_DAYS = re.compile(r"(?<![\d/])(\d{1,2})/(\d{1,2})/(?:\d{4}|\d{2})(?![\d/])")
_DIGIT = re.compile(r"\d")
_FAR_CHARS = 80  # no part of a date stands so far from its digits
_NO_DIGITS = re.compile(r"\d\D{240,}")
_PLAIN_DATE = re.compile(
    r"(?:[A-Z][a-z]{2}, {1,2})?(\d{1,2}) ([A-Z][a-z]{2}) (\d{4}) (\d\d):(\d\d)(?::(\d\d))?"
    r" ([+-])(\d\d)(\d\d)(?: \([A-Za-z]{1,20}\))?$",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class StatedTime:
    """A time as somebody stated it.

    at           aware, UTC. Without a stated zone it was read in the zone the caller assumed
    zone_stated  whether the writer named a zone
    clock_stated whether the writer named a time of day; without one `at` is at midnight
    """

    at: datetime
    zone_stated: bool
    clock_stated: bool


def _of_mail(value: str) -> StatedTime | None:
    """The time of a date as most mail programs write it: what the patterns would find, sooner."""
    hit = _PLAIN_DATE.match(value.strip())
    if not hit:
        return None
    day, word, year, hour, minute, second, sign, hours, minutes = hit.groups()
    month = _MONTHS.get(word.lower(), 0)
    if not month or int(hours) > 14 or int(minutes) > 59 or int(year) not in _YEARS:
        return None
    offset = timedelta(hours=int(hours), minutes=int(minutes))
    try:
        local = datetime(
            int(year), month, int(day), int(hour), int(minute), min(int(second or 0), 59),
            tzinfo=UTC,
        )  # fmt: skip
        at = local + offset if sign == "-" else local - offset
    except (ValueError, OverflowError):
        return None
    return StatedTime(at, zone_stated=True, clock_stated=True)


def mail_date(value: str, assumed: tzinfo = UTC) -> datetime | None:
    """Return the time of a Date or Received field as aware UTC, or None.

    Reads RFC 5322 section 3.3 with its obsolete forms, named zones, missing seconds, two-digit
    years, and ISO 8601. `assumed` is the zone of a date that names none.
    """
    found = stated_time(value, assumed)
    return found.at if found else None


def stated_time(
    value: str, assumed: tzinfo = UTC, near: datetime | None = None
) -> StatedTime | None:
    """Return the first time that the text states, or None."""
    if plain := _of_mail(value):
        return plain
    return next(iter(stated_times(value[:MAX_CHARS], assumed, near)), None)


@lru_cache(maxsize=32)  # several formats ask the same text
def stated_times(
    text: str, assumed: tzinfo = UTC, near: datetime | None = None
) -> tuple[StatedTime, ...]:
    """Return the times that the text states, in its order.

    assumed  zone of times that name none
    near     the time of writing: gives dates without a year their year, and tells 01/02 from
             02/01 where only one of them is not after it. Without it a date must have a year
    """
    text = _near_digits(text[:MAX_TEXT_CHARS])
    found: dict[int, StatedTime] = {}
    taken: list[tuple[int, int]] = []
    for pattern in _patterns_for(text):
        for hit in pattern.finditer(text):
            if any(start < hit.end() and hit.start() < end for start, end in taken[-50:]):
                continue
            if stated := _from_match(hit, assumed, near):
                found[hit.start()] = stated
                taken.append(hit.span())
            if len(found) >= 100:
                break
    return tuple(found[start] for start in sorted(found))


def _near_digits(text: str) -> str:
    """The text without what stands far from any digit, where no date can be; "" without digits."""
    first = _DIGIT.search(text)
    if not first:
        return ""
    text = text[max(0, first.start() - _FAR_CHARS) :]
    return _NO_DIGITS.sub(lambda hit: hit[0][: 1 + _FAR_CHARS] + " " + hit[0][-_FAR_CHARS:], text)


def _patterns_for(text: str) -> Iterator[re.Pattern[str]]:
    """The patterns that may match, by what each of them needs."""
    if not text:
        return
    yield _ISO
    if "月" in text or "월" in text:
        yield _JAPANESE
    yield _NAMED
    yield _MONTH_FIRST
    yield _SLASHED


def ambiguous(text: str, most: int = 3) -> tuple[str, ...]:
    """Return the dates in a text that are two days, by whether the day or the month comes first.

    As they are written, each once, without their time: "03/04/2024". What is read is the reading
    nearer to the time of writing.
    """
    found: dict[str, None] = {}
    for hit in _TWO_DAYS.finditer(text[:MAX_TEXT_CHARS]) if "/" in text else ():
        first, then = int(hit.group(1)), int(hit.group(2))
        if first != then and 0 < first <= 12 and 0 < then <= 12:
            found[hit.group()] = None
        if len(found) >= most:
            break
    return tuple(found)


def zone_of(value: str) -> tzinfo | None:
    """Return the zone that a Date field names, or None."""
    hit = re.search(_TIME, value[:MAX_CHARS])
    return _zone(hit.group("zone")) if hit else None


def _from_match(hit: re.Match[str], assumed: tzinfo, near: datetime | None) -> StatedTime | None:
    groups = hit.groupdict()
    zone = _zone(groups.get("zone"))
    for year, month, day in _calendar_dates(groups, near):
        try:
            at = datetime(
                year, month, day, _hour(groups, hit.group()), int(groups.get("minute") or 0),
                min(int(groups.get("second") or 0), 59), tzinfo=zone or assumed,
            ).astimezone(UTC)  # fmt: skip
        except (ValueError, OverflowError):
            continue
        no_year = not (groups.get("year") or groups.get("late_year"))
        if near and no_year and at > near + timedelta(days=2) and (month, day) != (2, 29):
            at = at.replace(year=at.year - 1)
        return StatedTime(at, zone is not None, groups.get("hour") is not None)
    return None


def _calendar_dates(
    groups: dict[str, str | None], near: datetime | None
) -> Iterator[tuple[int, int, int]]:
    """Yield the readings of a date, the likeliest first."""
    year = _year(groups.get("year") or groups.get("late_year"), near)
    if year is None:
        return
    if groups.get("first"):
        first, then = int(groups["first"] or 0), int(groups["then"] or 0)
        readings = [(year, then, first), (year, first, then)]
        if groups.get("mark") == "/":
            readings.reverse()
        if near:
            readings.sort(key=lambda reading: _distance(reading, near))
        yield from readings
        return
    word = groups["month"] or ""
    month = int(word) if word.isdigit() else _month(word.lower(), has_year=bool(groups.get("year")))
    if month:
        yield year, month, int(groups["day"] or 0)


def _month(word: str, *, has_year: bool) -> int:
    """The number of a month, 0 if the word is none."""
    named = _FULL_MONTHS.get(word, 0) or _MONTHS.get(word[:3], 0)
    return named or (_SHORT_MONTHS.get(word, 0) if has_year else 0)


def _distance(reading: tuple[int, int, int], near: datetime) -> float:
    try:
        days = (near - datetime(*reading, tzinfo=UTC)).total_seconds() / 86400
    except ValueError:
        return 1e9
    return days if days >= -1.5 else 1e6 - days


def _year(word: str | None, near: datetime | None) -> int | None:
    if not word:
        return near.year if near else None
    year = int(word)
    if year < 100:
        year += 2000 if year < 70 else 1900
    return year if FIRST_YEAR <= year <= LAST_YEAR else None


def _hour(groups: dict[str, str | None], written: str) -> int:
    hour, half = int(groups.get("hour") or 0), (groups.get("half") or "").lower()
    if not half and not written.isascii():  # before the clock in Japanese, Chinese and Korean
        half = "p" if _AFTERNOON.search(written) else "a" if _MORNING.search(written) else ""
    if not half or hour > 12:
        return hour
    return hour % 12 + (12 if half == "p" else 0)


def _zone(word: str | None) -> tzinfo | None:
    if not word:
        return None
    word = word.strip("()")
    sign = word.find("-") if "-" in word else word.find("+")
    if sign < 0:
        minutes = ZONE_MINUTES.get(word.lower())
        return None if minutes is None else timezone(timedelta(minutes=minutes))
    digits = word[sign + 1 :].replace(":", "")
    hours, minutes_part = (
        (int(digits), 0) if len(digits) < 3 else (int(digits[:-2]), int(digits[-2:]))
    )
    if hours > 14 or minutes_part > 59:
        return None
    offset = timedelta(hours=hours, minutes=minutes_part)
    return timezone(-offset if word[sign] == "-" else offset)
