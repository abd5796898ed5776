"""PURE: due times in the working hours of the desk."""

from datetime import datetime, time, timedelta, tzinfo

OPENS, CLOSES = time(9, 0), time(17, 0)
SATURDAY = 5


def due_at(start: datetime, within: timedelta, *, zone: tzinfo, working_hours: bool) -> datetime:
    """The moment `within` has passed since `start`.

    working_hours  only Monday to Friday, 09:00 to 17:00 of `zone`, count
    """
    if not working_hours:
        return start + within
    moment, left = start.astimezone(zone), within
    while True:
        moment = _next_open(moment)
        closes = moment.replace(hour=CLOSES.hour, minute=CLOSES.minute, second=0, microsecond=0)
        if left <= closes - moment:
            return (moment + left).astimezone(start.tzinfo)
        left -= closes - moment
        moment = closes


def is_open(moment: datetime, *, zone: tzinfo) -> bool:
    """Whether a moment is in the hours of the desk."""
    local = moment.astimezone(zone)
    return local.weekday() < SATURDAY and OPENS <= local.time() < CLOSES


def _next_open(moment: datetime) -> datetime:
    """The moment itself if the desk is open, else when it opens next."""
    opens = moment.replace(hour=OPENS.hour, minute=OPENS.minute, second=0, microsecond=0)
    if moment.weekday() < SATURDAY:
        if moment < opens:
            return opens
        if moment.time() < CLOSES:
            return moment
    following = opens + timedelta(days=1)
    while following.weekday() >= SATURDAY:
        following += timedelta(days=1)
    return following
