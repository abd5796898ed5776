"""What stands before the text of a log line: time, host, program and process ID.

Classic syslog (RFC 3164), the ISO time stamps of rsyslog and systemd, and RFC 5424. Classic
lines have neither year nor zone: the reader is told both.
"""

from datetime import UTC, datetime, timedelta, tzinfo

from complaints.maillog.entry import Stamped

MONTH_NAMES = "JanFebMarAprMayJunJulAugSepOctNovDec"
MONTHS = {MONTH_NAMES[3 * place : 3 * place + 3]: place + 1 for place in range(12)}
# A clock may be ahead of the moment the log was copied.
SLACK = timedelta(days=1)
# Who writes logs with stamps of its own.
EXIM = "exim"
# Years in which no mail log was written are a broken stamp, and near the ends of the calendar.
YEARS = range(1980, 2100)


class Framing:
    """Splits the lines of one host's log.

    zone       the zone of classic stamps
    not_after  no line is later than this (and a day of slack): that gives the year
    """

    def __init__(self, *, zone: tzinfo, not_after: datetime) -> None:
        self._zone = zone
        self._not_after = not_after + SLACK
        self._latest_year = self._not_after.astimezone(zone).year
        self._last_stamp = ""
        self._last_at: datetime | None = None

    def split(self, line: str) -> Stamped | None:
        """The parts of one line, or None if it has no time stamp that we know."""
        if line[:1] == "<":
            return self._rfc5424(line)
        if line[:1].isdecimal():
            stamp, _, rest = line.partition(" ")
            if len(stamp) == 10 and line[4:5] == "-":
                return self._dated(line)
        else:
            stamp, rest = line[:15], line[16:]
        at = self._remembered(stamp)
        if at is None:
            return None
        host, _, rest = rest.partition(" ")
        tag, colon, text = rest.partition(": ")
        if not colon:
            return None
        program, _, process_id = tag.partition("[")
        return Stamped(at, host, program, process_id.rstrip("]"), text)

    def _dated(self, line: str) -> Stamped | None:
        """`2026-03-02 10:00:00.123 +0100 [process-id] text`, as Exim stamps its own log.

        A program's name may stand before the text as in a syslog: `host tag[123]: text`.
        """
        date, clock, rest = [*line.split(" ", 2), "", ""][:3]
        zone = rest[:5] if rest[:1] in ("+", "-") and rest[1:5].isdecimal() else ""
        at = self._remembered(f"{date}T{clock}{zone}")
        if at is None:
            return None
        rest = rest[6:] if zone else rest
        process_id = ""
        if rest[:1] == "[":
            inside, closed, behind = rest[1:].partition("] ")
            if closed and inside.isdecimal():
                process_id, rest = inside, behind
        host, _, tagged = rest.partition(" ")
        tag, colon, text = tagged.partition(": ")
        if colon and tag.endswith("]") and " " not in tag and not process_id:
            program, _, process_id = tag.partition("[")
            return Stamped(at, host, program, process_id.rstrip("]"), text)
        return Stamped(at, "", EXIM, process_id, rest)

    def _rfc5424(self, line: str) -> Stamped | None:
        """`<22>1 time host program process-id message-id - text` (RFC 5424 section 6)."""
        parts = line.split(" ", 7)
        if len(parts) < 8 or not parts[0].endswith(">1") or parts[6] != "-":
            return None
        _, stamp, host, program, process_id, _, _, text = parts
        at = self._remembered(stamp) if stamp[:1].isdecimal() else None
        return Stamped(at, host, program, process_id, text.lstrip()) if at else None

    def _remembered(self, stamp: str) -> datetime | None:
        """Busy servers log many lines a second: the same stamp is read once."""
        if stamp != self._last_stamp:
            self._last_stamp = stamp
            self._last_at = self._iso(stamp) if stamp[:1].isdecimal() else self._classic(stamp)
        return self._last_at

    def _iso(self, stamp: str) -> datetime | None:
        try:
            at = datetime.fromisoformat(stamp)
        except ValueError:
            return None
        if at.year not in YEARS:
            return None
        return (at if at.tzinfo else at.replace(tzinfo=self._zone)).astimezone(UTC)

    def _classic(self, stamp: str) -> datetime | None:
        """`Jan 20 13:05:10` in the latest year that is not after the log was taken."""
        month = MONTHS.get(stamp[:3])
        try:
            day = int(stamp[4:6])
            hour, minute, second = int(stamp[7:9]), int(stamp[10:12]), int(stamp[13:15])
        except ValueError:
            return None
        if month is None:
            return None
        # 29 February is found up to eight years back: 1900 and 2100 are no leap years.
        for year in range(self._latest_year, self._latest_year - 9, -1):
            try:
                local = datetime(year, month, day, hour, minute, second, tzinfo=self._zone)
            except ValueError:
                continue
            if local <= self._not_after:
                return local.astimezone(UTC)
        return None
