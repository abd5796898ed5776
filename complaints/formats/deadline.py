"""By when a writer wants an answer: "within 48 hours", "bis Freitag, 5. Mai", 「3日以内」."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta, tzinfo

from complaints.evidence.dates import stated_times

MAX_CHARS = 16 * 1024
MOST_DAYS = 366
MOST_LIMITS = 100

_HOURS = (
    r"hours?|hrs?|stunden?|heures?|horas?|ore|uur|uren|godzin\w{0,3}|timmar|timer|tunnin|tuntia"
    r"|hodin\w{0,2}|час\w{0,3}|годин\w{0,2}|saat|時間|小时|小時|시간"
)
_DAYS = (
    r"days?|tage?n?|jours?|días?|dias?|giorni|dagen|dni|dagar|dage|dager|päivän|päivää|dnů|dní"
    r"|дн\w{0,3}|gün|日|天|일"
)
_WITHIN = (
    r"within|in the next|innerhalb(?: von)?|binnen|sous|dans les|en un plazo de|dentro de|em até"
    r"|entro|w ciągu|inom|inden|innen|do|в течение|протягом"
)
_BEHIND = r"以内|内に|內|内|이내|kuluessa|sisällä|içinde"
_WORKING = r"(?:working |business |werk|jours? ouvr\w{1,3} |営業)?"
_COUNT = re.compile(
    rf"(?P<count>\d(?<!\d\d)\d{{0,2}})\s?{_WORKING}(?:(?P<hours>{_HOURS})|(?:{_DAYS}))",
    re.IGNORECASE,
)
_BEFORE = re.compile(rf"\b(?:{_WITHIN})\s{{1,3}}$", re.IGNORECASE)
_AFTER = re.compile(rf"\s?(?:{_BEHIND})", re.IGNORECASE)
_UNTIL = re.compile(
    r"\b(?:by|until|before|no later than|not later than|bis|spätestens|avant le|au plus tard"
    r"|antes del?|a más tardar|hasta el|até|entro il|entro e non oltre|vóór|uiterlijk|do dnia"
    r"|do|najpóźniej|senast|senest|innen|viimeistään|nejpozději|не позднее|до|не пізніше)"
    r"\b([^\n]{0,60})",
    re.IGNORECASE,
)
_UNTIL_BEHIND = ("までに", "之前", "까지", "mennessä", "tarihine kadar")
_NEAR = 60  # characters before such a word
_TOMORROW = re.compile(
    r"^\s{0,3}(?:tomorrow|morgen|demain|mañana|amanhã|domani|jutra|imorgon|i morgen|huomiseen"
    r"|zítřka|завтра|завтрашнего|yarına)\b|(?:明日|明天|내일)\s{0,2}$",
    re.IGNORECASE,
)

# Without a digit or one of these there is no limit in a text.
_TELLS = re.compile(
    r"\d|[Mm]orgen|MORGEN|[Tt]omorrow|TOMORROW|[Dd]emain|DEMAIN|mañana|amanhã"
    r"|domani|jutra|huomis|zítřka|автра|yarına|明日|明天|내일"
)


def answer_by(text: str, written_at: datetime | None, zone: tzinfo) -> datetime | None:
    """Return the time by which the text wants something done; None if it names none.

    written_at   aware; without it a span of hours or days says nothing
    zone         the writer's, for dates without one
    """
    if written_at is None:
        return None
    text = text[:MAX_CHARS]
    if not _TELLS.search(text):
        return None
    found = [_after(hit, written_at) for hit in _spans(text)]
    # A date without a year is in the future here.
    near = written_at + timedelta(days=60)
    for words in _until(text):
        if _TOMORROW.search(words):
            found.append(written_at + timedelta(days=1))
        found += [one.at for one in stated_times(words, zone, near)]
    latest = written_at + timedelta(days=MOST_DAYS)
    return min((at for at in found if written_at < at < latest), default=None)


def _until(text: str) -> Iterator[str]:
    """Yield what stands behind or before each word that sets a limit, a few words each."""
    lines = (line for line in text.split("\n") if _TELLS.search(line))
    hits = (hit for line in lines for hit in _UNTIL.finditer(line))
    for _, hit in zip(range(MOST_LIMITS), hits, strict=False):
        yield hit.group(1)
    for word in _UNTIL_BEHIND:
        at = text.find(word)
        for _ in range(MOST_LIMITS):
            if at < 0:
                break
            yield text[max(0, at - _NEAR) : at].rpartition("\n")[2]
            at = text.find(word, at + 1)


def _spans(text: str) -> Iterator[re.Match[str]]:
    """Yield each number of hours or days that a word before or behind it makes a limit."""
    for hit in _COUNT.finditer(text):
        before = text[max(0, hit.start() - _NEAR) : hit.start()]
        if _BEFORE.search(before) or _AFTER.match(text, hit.end()):
            yield hit


def _after(hit: re.Match[str], written_at: datetime) -> datetime:
    count = int(hit.group("count"))
    return written_at + (timedelta(hours=count) if hit.group("hours") else timedelta(days=count))
