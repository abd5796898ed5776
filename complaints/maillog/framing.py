"""What stands before the text of a log line: time, host, program and process ID.

Classic syslog (RFC 3164), the ISO time stamps of rsyslog and systemd, RFC 5424, the formats
of journalctl, Exim's own, any of these with a priority before it, written by a relay host, or
wrapped by what runs a container. Classic lines have neither year nor zone: the reader is told
both. Which it is, is seen line by line: a file may change its framing.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone, tzinfo

from complaints.maillog.entry import Stamped
from complaints.maillog.folds import Folds
from complaints.maillog.tag import NO_NAME, behind_data, tagged
from complaints.maillog.wrapped import at_second, unwrapped

MONTH_NAMES = "JanFebMarAprMayJunJulAugSepOctNovDec"
MONTHS = {MONTH_NAMES[3 * place : 3 * place + 3]: place + 1 for place in range(12)}
# A clock may be ahead of the moment the log was copied.
SLACK = timedelta(days=1)
UTC_NAMES = frozenset(("UTC", "GMT", "Z"))
# Years in which no mail log was written are a broken stamp, and near the ends of the calendar.
YEARS = range(1980, 2100)
# At the top of a message tracking log; they have no time of their own.
OPENINGS = frozenset("<{#\ufeff")
HEADINGS = ("#Software: ", "#Version: ", "#Log-type: ", "#Date: ", "#Fields: ")
LONG_AGO = datetime(YEARS.start, 1, 1, tzinfo=UTC)
# Who writes logs with stamps of its own.
EXIM, RSPAMD, EXCHANGE = "exim", "rspamd", "exchange"
BEHIND_THE_HOUR = {
    f":{minute:02}:{second:02}": timedelta(minutes=minute, seconds=second)
    for minute in range(60)
    for second in range(60)
}


class Framing:
    """Splits the lines of one host's log.

    zone       the zone of classic stamps
    not_after  no line is later than this (and a day of slack): that gives the year
    """

    def __init__(self, *, zone: tzinfo, not_after: datetime) -> None:
        self._zone = zone
        # A zone of one offset has no hour twice.
        self._folds = None if isinstance(zone, timezone) else Folds(zone)
        self._not_after = not_after + SLACK
        self._latest_year = self._not_after.astimezone(zone).year
        self._last_stamp = ""
        self._last_at: datetime | None = None
        self._last_hour = ""
        self._hour_at: datetime | None = None
        self._own_hour = ""
        self._own_hour_at: datetime | None = None

    @property
    def knows_each_alone(self) -> bool:
        """Whether the time of a line does not hang on the lines before it."""
        return self._folds is None

    def split(self, line: str) -> Stamped | None:
        """The parts of one line, or None if it has no time stamp that we know."""
        if line[:1].isdecimal():
            stamp, _, rest = line.partition(" ")
            if len(stamp) == 10 and line[4:5] == "-":
                return self._dated(line)
            if stamp[23:25] == "Z," or stamp[20:22] == "Z,":
                return self._comma_separated(line)
            if stamp == "1":
                return self._rfc5424(f"<22>{line}")
        elif line[:1] in OPENINGS:
            return self._opened(line)
        else:
            stamp, rest = line[:15], line[16:]
            if line[15:16] == ".":  # parts of a second
                rest = line[16:].partition(" ")[2]
        at = self.moment(stamp)
        if at is None:
            return self._in_words(line)
        if rest[:1] == "<":  # `<mail.info>`, as BSD syslogd -v writes it
            rest = rest.partition("> ")[2]
        elif rest[:7] in ("stdout ", "stderr "):  # a container's (CRI): `stdout F text`
            return self._inside(rest[9:], at, "")
        return tagged(at, *rest.partition(" ")[::2])

    def _opened(self, line: str) -> Stamped | None:
        """A line that begins with a mark: a priority, JSON, a heading of a tracking log."""
        if line[0] == "<":
            return self._priority(line)
        if line[0] == "{":
            return self._json(line)
        if line.lstrip("\ufeff").startswith(HEADINGS):
            return Stamped(self._last_at or LONG_AGO, "", EXCHANGE, "", line)
        return None

    def _priority(self, line: str) -> Stamped | None:
        """`<22>` and a line in another framing."""
        number, closed, rest = line[1:].partition(">")
        if not closed or not number.isdecimal() or len(number) > 3:
            return None
        if rest[:2] == "1 ":
            return self._rfc5424(line)
        return None if rest[:1] == "<" else self.split(rest)

    def _json(self, line: str) -> Stamped | None:
        told = unwrapped(line)
        if told is None:
            return None
        at = told.at or (self.moment(told.stamp) if told.stamp else None)
        if told.program:
            sane = at is not None and at.year in YEARS
            return Stamped(at, *told[2:]) if at and sane else None
        return self._inside(told.text, at, told.host)

    def _inside(self, text: str, at: datetime | None, host: str) -> Stamped | None:
        """A line that was wrapped; the time of the wrapping has a zone, its own may have none."""
        stamped = self.split(text) if text[:1] != "{" else None
        if stamped is None and at:
            stamped = tagged(at, "", text)
        if stamped is None:
            return None
        return replace(stamped, at=at or stamped.at, host=stamped.host or host)

    def _in_words(self, line: str) -> Stamped | None:
        """`Tue 2026-03-03 10:00:00 UTC mx1 tag[1]: text` (journalctl), `name | line` (compose)."""
        if line[3:4] == " " and line[8:9] == "-" and line[4:8].isdecimal():
            day, clock, zone, rest = [*line[4:].split(" ", 3), "", "", ""][:4]
            at = self.moment(f"{day}T{clock}{'+00:00' if zone in UTC_NAMES else ''}")
            return tagged(at, *rest.partition(" ")[::2]) if at else None
        if self._own_hour_at and _is_below(line):
            return Stamped(self._own_hour_at, "", EXIM, "", "")
        name, bar, inner = line.partition(" | ")
        return self.split(inner) if bar and " " not in name.strip() else None

    def _dated(self, line: str) -> Stamped | None:
        """`2026-03-02 10:00:00.123 +0100 [process-id] text`, as Exim stamps its own log.

        A program's name may stand before the text as in a syslog: `host tag[123]: text`.
        """
        length = own_length(line)
        at = self.own_moment(line[:length])
        if at is None:
            return None
        rest = line[length + 1 :]
        process_id = ""
        if rest[:1] == "#":  # rspamd's own log: `#123(normal) <session>; module; text`
            return Stamped(at, "", RSPAMD, rest[1:].partition("(")[0], rest.partition(" ")[2])
        if rest[:1] == "[":
            inside, closed, behind = rest[1:].partition("] ")
            if closed and inside.isdecimal():
                process_id, rest = inside, behind
        host, _, tag = rest.partition(" ")
        tag, closed, text = tag.partition("]: ")
        if closed and not process_id and host.isascii() and NO_NAME.isdisjoint(host + tag):
            return tagged(at, host, f"{tag}]: {text}")
        return Stamped(at, "", EXIM, process_id, rest)

    def _comma_separated(self, line: str) -> Stamped | None:
        """`2026-03-02T09:00:01.000Z,…`, a message tracking log: the text is the whole line."""
        at = self.moment(line.partition(",")[0])
        return Stamped(at, "", EXCHANGE, "", line) if at else None

    def _rfc5424(self, line: str) -> Stamped | None:
        """`<22>1 time host program process-id message-id data text` (RFC 5424 section 6)."""
        parts = line.split(" ", 6)
        if len(parts) < 7 or not parts[0].endswith(">1"):
            return None
        _, stamp, host, program, process_id, _, text = parts
        at = self.moment(stamp) if stamp[:1].isdecimal() else None
        text = text[2:] if text[:2] == "- " else behind_data(text)
        text = text.removeprefix("\ufeff").lstrip()
        return Stamped(at, host, program, process_id, text) if at else None

    def moment(self, stamp: str) -> datetime | None:
        """When a line with this stamp was written; None if it is none.

        Busy servers log many lines a second: the same stamp is read once.
        """
        if stamp != self._last_stamp:
            self._last_stamp = stamp
            self._last_at = self._iso(stamp) if stamp[:1].isdecimal() else self._classic(stamp)
            if self._folds and self._last_at and _lacks_zone(stamp):
                self._last_at = self._folds.unfolded(self._last_at)
        return self._last_at

    def own_moment(self, stamp: str) -> datetime | None:
        """When Exim wrote a line with this stamp, `2026-03-02 09:00:01`; None if it is none."""
        at = self._own(stamp)
        return self._folds.unfolded(at) if self._folds and at and len(stamp) < 25 else at

    def _own(self, stamp: str) -> datetime | None:
        behind = BEHIND_THE_HOUR.get(stamp[13:])
        if behind is None:
            return self._iso(f"{stamp[:10]}T{stamp[11:].replace(' ', '')}")
        if stamp[:13] != self._own_hour:
            hour = f"{stamp[:10]}T{stamp[11:13]}"
            first, last = self._iso(f"{hour}:00:00"), self._iso(f"{hour}:59:59")
            whole = first and last and last - first == BEHIND_THE_HOUR[":59:59"]
            self._own_hour, self._own_hour_at = stamp[:13], first if whole else None
        if self._own_hour_at is None:
            return self._iso(f"{stamp[:10]}T{stamp[11:]}")
        return self._own_hour_at + behind

    def _iso(self, stamp: str) -> datetime | None:
        if stamp[10:11] == "." and len(stamp) <= 17 and stamp.replace(".", "").isdecimal():
            return at_second(float(stamp))  # journalctl -o short-unix
        try:
            at = datetime.fromisoformat(stamp)
        except ValueError:
            return None
        if at.year not in YEARS:
            return None
        return (at if at.tzinfo else at.replace(tzinfo=self._zone)).astimezone(UTC)

    def _classic(self, stamp: str) -> datetime | None:
        """`Jan 20 13:05:10` in the latest year that is not after the log was taken."""
        behind = BEHIND_THE_HOUR.get(stamp[9:])
        if behind is None:
            return None
        if stamp[:9] != self._last_hour:
            self._last_hour, self._hour_at = stamp[:9], self._whole_hour(stamp)
        if self._hour_at is None:
            return self._in_latest_year(stamp)
        return self._hour_at + behind

    def _whole_hour(self, stamp: str) -> datetime | None:
        """When the hour of this stamp begins; None where it is no whole one in one year."""
        first = self._in_latest_year(f"{stamp[:9]}:00:00")
        last = self._in_latest_year(f"{stamp[:9]}:59:59")
        return first if first and last and last - first == BEHIND_THE_HOUR[":59:59"] else None

    def _in_latest_year(self, stamp: str) -> datetime | None:
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


def _lacks_zone(stamp: str) -> bool:
    if not stamp[:1].isdecimal():
        return True
    return "T" in stamp and not any(mark in stamp[19:] for mark in "Z+-")


def _is_below(line: str) -> bool:
    """Whether the line stands below a refusal in Exim's reject log: its envelope and headers.

    Each header has a letter and a blank before it: none can pass for a line of the log.
    """
    if line.startswith(("Envelope-", "-----", "\t", "  ")):
        return True
    return line[1:2] == " " and (line[:1].isupper() or line[:1] == "*")


def own_length(line: str) -> int:
    """How long Exim's stamp is: `2026-03-02 09:00:01`, with `.123`, with ` +0100`, or both."""
    length = 23 if line[19:20] == "." else 19
    zone = line[length : length + 6]
    return length + 6 if zone[:2] in (" +", " -") and zone[2:].isdecimal() else length
