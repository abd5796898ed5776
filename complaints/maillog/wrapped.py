"""Log lines that something wrapped in JSON: the systemd journal, containers, log shippers.

Sources: systemd "Journal JSON Format"; Docker's json-file driver (`log`, `stream`, `time`);
shippers that name the same things `message` and `@timestamp`.
"""

import json
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Seconds since 1970 to the year 2100: no other number is a time.
LATEST = 4_102_444_800
TEXTS = ("log", "message", "msg", "MESSAGE")
TIMES = ("time", "@timestamp", "timestamp", "ts")
HOSTS = ("hostname", "host", "_HOSTNAME")


class Unwrapped(NamedTuple):
    """What the wrapping says of a line. `program` is empty where the text itself tells it.

    at     from a number; `stamp` is set instead where the time is a text
    """

    at: datetime | None
    stamp: str
    host: str
    program: str
    process_id: str
    text: str


def unwrapped(line: str) -> Unwrapped | None:
    """The parts of a JSON line, or None if it is none of these."""
    try:
        told = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(told, dict):
        return None
    if "__REALTIME_TIMESTAMP" in told:
        return of_journal(told)
    text = next((told[name] for name in TEXTS if isinstance(told.get(name), str)), "")
    stamp = next((told[name] for name in TIMES if told.get(name)), "")
    at = at_second(stamp) if isinstance(stamp, int | float) else None
    return Unwrapped(at, stamp if isinstance(stamp, str) else "", _host(told), "", "", _tidy(text))


def of_journal(told: dict[str, Any]) -> Unwrapped | None:
    """An entry of the systemd journal, by the names of its fields."""
    text = _text(told.get("MESSAGE"))
    stamp = told.get("_SOURCE_REALTIME_TIMESTAMP") or told["__REALTIME_TIMESTAMP"]
    at = at_microsecond(str(stamp))
    program = _text(told.get("SYSLOG_IDENTIFIER")) or _text(told.get("_COMM"))
    if at is None or not program:
        return None
    process_id = _text(told.get("SYSLOG_PID")) or _text(told.get("_PID"))
    return Unwrapped(at, "", _text(told.get("_HOSTNAME")), program, process_id, _tidy(text))


def at_microsecond(text: str) -> datetime | None:
    """The moment so many microseconds after 1970; None if that is no time of a log."""
    if not (text.isascii() and text.isdecimal() and len(text) <= 16):
        return None
    return EPOCH + timedelta(microseconds=int(text))


def at_second(seconds: float) -> datetime | None:
    """The moment so many seconds after 1970, exact to the microsecond."""
    return EPOCH + timedelta(seconds=seconds) if 0 < seconds < LATEST else None


def _host(told: dict[str, Any]) -> str:
    """The host by its name; some shippers put more about it into an object."""
    host = next((told[name] for name in HOSTS if told.get(name)), "")
    if isinstance(host, dict):
        host = host.get("name") or host.get("hostname") or ""
    return host if isinstance(host, str) else ""


def _text(value: object) -> str:
    """A field of the journal: text, bytes as numbers if it is not UTF-8, or several of these."""
    if isinstance(value, list):
        if all(isinstance(byte, int) and 0 <= byte < 256 for byte in value):
            return bytes(value).decode("utf-8", "backslashreplace")
        return _text(value[0]) if not isinstance(value[0], list) else ""
    return value if isinstance(value, str) else ""


def _tidy(text: str) -> str:
    """One line, without what would begin another."""
    return text.rstrip("\r\n").replace("\r", "\\r").replace("\n", "\\n")
