"""PURE: how the time that a complaint states and the time in the log agree, in words.

Both clocks may be off. How far that of a host or of a reporter is ahead is known from links that
are certain; a zone that was read wrongly makes a difference of half hours.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial

from complaints.linking.candidate import Clues, Logged, Words

Named = tuple[str, Words]  # the line of the table of weights, and the fact in words

# Our Received line and our log are written by one clock, the line some moments later.
SAME_MOMENT = timedelta(minutes=5)
ZONE_AND_DAY = timedelta(hours=26)
SECONDS = timedelta(seconds=10)
MINUTE = timedelta(minutes=2)
QUARTER = timedelta(minutes=16)
# So many seconds a mail may take from host to host.
A_WAY = 30
A_DAY = timedelta(days=1)
HALF_AN_HOUR = timedelta(minutes=30)
FARTHEST_ZONE = timedelta(hours=14)


def facts(clues: Clues, entry: Logged) -> Iterator[Named]:
    """Yield what the stated time, or the time of the complaint, says of a message.

    entry    where the message came in
    """
    taken = entry.queued_at - timedelta(seconds=entry.ahead_seconds or 0)
    if clues.reported_at and taken > clues.reported_at + QUARTER:
        yield "after the complaint", "taken in after the complaint had arrived"
    elif clues.at is None and clues.reported_at:
        yield _age(clues.reported_at - taken)
    if clues.at is not None and not any(hop.at for hop in clues.hops):
        yield _of_day(clues, entry, taken) if clues.is_day else _of_time(clues, entry, taken)


def _age(before: timedelta) -> Named:
    hours = max(0, round(before.total_seconds() / 3600))
    words = partial("taken in {} h before the complaint came".format, hours)
    if before <= timedelta(days=1):
        return "within a day before the complaint", words
    if before <= timedelta(days=3):
        return "within three days before the complaint", words
    return "long before the complaint", words


def _of_day(clues: Clues, entry: Logged, taken: datetime) -> Named:
    """Where only a day was stated, it may have been the day in any zone."""
    begun = clues.at or taken

    def words() -> str:
        at = clock(entry.queued_at, with_day=True)
        return f"taken in at {at}, stated is the day that began {clock(begun, with_day=True)}"

    if begun - FARTHEST_ZONE <= taken <= begun + A_DAY + FARTHEST_ZONE:
        return "on the stated day", words
    return "time differs", words


def _of_time(clues: Clues, entry: Logged, taken: datetime) -> Named:
    stated = clues.at or taken
    ahead = timedelta(seconds=clues.reporter_ahead or 0)
    apart = min(stated - ahead - taken, stated - taken, key=abs)
    words = partial(_stated_then, clues, entry, taken, apart)
    if (near := _near(abs(apart))) is not None:
        return near, words
    if (zone := zones_apart(apart)) is not None:
        if clues.zone_unsure:
            name = "time but for a zone not stated"
            return name, lambda: f"{words()} without a zone: {zone} would fit"
        return "time but for the zone", lambda: f"{words()}: the same but for {zone}"
    if abs(apart) <= ZONE_AND_DAY:
        return "time on the day", words
    return "time differs", words


def _stated_then(clues: Clues, entry: Logged, taken: datetime, apart: timedelta) -> str:
    stated = clues.at or taken
    ahead = timedelta(seconds=clues.reporter_ahead or 0)
    words = f"taken in at {clock(entry.queued_at, with_day=True)}"
    words += _skew(entry)
    same_day = stated.date() == taken.date()
    words += f", stated as {clock(stated, with_day=not same_day)}"
    if ahead and apart == stated - ahead - taken:
        words += f" ({clues.reporter}'s times are {_off(ahead.total_seconds())})"
    return words


def _near(apart: timedelta) -> str | None:
    if apart <= SECONDS:
        return "time to the second"
    if apart <= MINUTE:
        return "time to the minute"
    return "time to the quarter" if apart <= QUARTER else None


def _skew(entry: Logged) -> str:
    """How far its host is off, where that counts; some seconds behind may be the mail's way."""
    ahead = entry.ahead_seconds or 0
    if abs(ahead) < 1:
        return ""
    if -A_WAY < ahead < 0:
        return f" (what {entry.host} takes in others get {abs(round(ahead))} s later)"
    return f" ({entry.host}'s clock is {_off(ahead)})"


def _off(ahead: float) -> str:
    return f"{abs(round(ahead))} s {'ahead' if ahead > 0 else 'behind'}"


def zones_apart(apart: timedelta) -> str | None:
    """The whole half hours by which two times differ, in words; None if they do not so differ."""
    steps = round(apart / HALF_AN_HOUR)
    near = abs(apart - steps * HALF_AN_HOUR) <= SAME_MOMENT
    if steps and near and abs(steps) * HALF_AN_HOUR <= FARTHEST_ZONE:
        return f"a zone of {steps / 2:+g} h"
    return None


def clock(at: datetime, *, with_day: bool = False) -> str:
    """A time as reasons say it, to the second."""
    return f"{at:%d %b %H:%M:%S} UTC" if with_day else f"{at:%H:%M:%S} UTC"
