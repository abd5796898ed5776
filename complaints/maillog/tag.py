"""What stands between the time of a log line and its text: host, program, process ID."""

from datetime import datetime

from complaints.maillog.entry import Stamped

FORWARDED = "Message forwarded from "
FACILITIES = frozenset(("auth", "daemon", "local0", "mail", "syslog", "user"))
# A relay may write its own time before the host's: `Mar  3 10:00:00 mx1 tag`.
MOST_WORDS = 4
# What stands in no name of a host or program, but in what strangers say.
NO_NAME = frozenset(" =<>()\"',;")


def tagged(at: datetime, host: str, rest: str) -> Stamped | None:
    """What follows the time: `host program[process-id]: text`, and what relays make of it.

    `program[1]: text` without a host, `host mail.info program[1]: text`, `relay host
    program[1]: text`, `relay time host program[1]: text`, `relay Message forwarded from host:
    program[1]: text`, and Solaris' `[ID 197553 mail.info]` before the text.
    """
    if host[-1:] == ":":
        host, rest = "", f"{host} {rest}"
    elif rest.startswith(FORWARDED):
        host, _, rest = rest.removeprefix(FORWARDED).partition(": ")
    tag, colon, text = rest.partition(": ")
    if not colon:
        repeated = rest.startswith("last message repeated ")
        return Stamped(at, host, "syslogd", "", rest) if repeated else None
    if " " in tag or not host:
        before, _, tag = tag.rpartition(" ")
        if before.count(" ") > MOST_WORDS or not NO_NAME.isdisjoint(tag):
            return None
        before = before.rpartition(" ")[2]
        if before and before.partition(".")[0].partition(":")[0] not in FACILITIES:
            host = before
    program, _, process_id = tag.partition("[")
    if text[:4] == "[ID " and "] " in text[:40]:
        text = text.partition("] ")[2]
    return Stamped(at, host, program, process_id.rstrip("]"), text)


def behind_data(text: str) -> str:
    """The text behind structured data, `[id name="value"][...] text` (section 6.3)."""
    before, end = 0, text.find("] ")
    while end >= 0:
        quotes = text[before : end + 1].replace("\\\\", "").replace('\\"', "").count('"')
        if quotes % 2 == 0:
            return text[end + 2 :]
        end = text.find("] ", end + 1)
    return ""
