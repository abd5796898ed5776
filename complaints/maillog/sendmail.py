"""A sendmail line to a LogEntry, or None: sendmail 8.8 (1998) to 8.18.

Source: Sendmail Installation and Operation Guide, section "The System Log"; the fields of
8.8 lines have neither dsn= nor daemon=. Addresses and the Message-ID are a stranger's words,
so fields are told apart by their place: those before an address from the left, the client
behind the Message-ID from the right.
"""

from complaints.maillog import peer, quoting
from complaints.maillog.entry import Event, LogEntry, Stamped
from complaints.maillog.passage import ALIAS, BOUNCED, DEFERRED, LOCAL, QUEUED, SENT

NAME = "sendmail"
QUEUE_ID_LENGTHS = range(7, 18)
AT_HOME = frozenset(("local", "prog", "*file*", "*include*", "cyrus", "procmail"))
# The fields that may stand between msgid= and relay=, last first.
BEHIND_MESSAGE_ID = ("auth", "tls_verify", "daemon", "proto", "bodytype")
# What stands in the lines that tell of a session, before a message comes over it.
SIGN_INS = ("AUTH=server, ",)
SAYS_NOTHING = (
    "AUTH", "Authentication-Warning", "Milter", "NOQUEUE: ", "SMTP outgoing", "STARTTLS",
    "alias ", "collect: ", "done; ", "engine=", "forward ", "lost input channel", "makeconnection",
    "poststats", "rejecting connections", "tls_", "timeout waiting",
)  # fmt: skip


def recognises(stamped: Stamped) -> bool:
    """Whether sendmail may have written the line: by its tag or, as that is free, its text."""
    if stamped.program.startswith(("sendmail", "sm-m")):
        return True
    queue_id, colon, text = stamped.text.partition(": ")
    return bool(colon) and _is_queue_id(queue_id) and "=" in text


def read(stamped: Stamped, line: str) -> LogEntry | None:
    """What the line says of a message."""
    queue_id, colon, text = stamped.text.partition(": ")
    if stamped.text.startswith("ruleset="):  # refused before there was a queue ID
        return LogEntry(stamped.at, "", Event.REFUSAL, _refusal(stamped.text), line)
    if stamped.text.startswith("AUTH=server, "):
        return LogEntry(stamped.at, "", Event.SIGN_IN, _sign_in(stamped.text), line)
    if not colon or not _is_queue_id(queue_id):
        known = stamped.text.startswith(SAYS_NOTHING) or " did not issue MAIL" in stamped.text
        return LogEntry(stamped.at, "", Event.NOTHING, {}, line) if known else None
    if text.startswith("to="):
        return _delivery(LogEntry(stamped.at, queue_id, Event.DELIVERY, {}, line), text)
    told = _read_text(text)
    return LogEntry(stamped.at, queue_id, *told, line) if told else None


def _read_text(text: str) -> tuple[Event, dict[str, str]] | None:
    if text.startswith("from="):
        return _arrival(text)
    if text.startswith("ruleset="):
        return Event.REFUSAL, _refusal(text)
    if text.startswith("<") and "... " in text:
        recipient, answer = quoting.cut(text, "... ")
        return Event.REFUSAL, {"recipient": _bare(recipient), "reason": _reason("", answer)}
    if text.startswith("clone "):
        child = text.removeprefix("clone ").partition(",")[0].strip()
        return (Event.CHILD, {"child": child}) if _is_queue_id(child) else None
    child, colon, _ = text.partition(": ")
    if colon and _is_queue_id(child):
        return Event.CHILD, {"child": child}
    if text.startswith(SAYS_NOTHING) or " did not issue MAIL" in text:
        return Event.NOTHING, {}
    return None


def _arrival(text: str) -> tuple[Event, dict[str, str]]:
    """`from=, size=, class=, [pri=,] nrcpts=, msgid=, [bodytype=,] proto=, [daemon=,] relay=`."""
    rest, has_relay, relay = text.rpartition(", relay=")
    if not has_relay:  # cut off by a syslog with short lines: who handed it in is not known
        rest, relay = text, ""
    behind = {}
    for name in BEHIND_MESSAGE_ID:
        before, mark, value = rest.rpartition(f", {name}=")
        if mark and ", " not in value:
            rest, behind[name] = before, value
    sender, rest = quoting.cut(rest.removeprefix("from="), ", size=")
    numbers, _, message_id = rest.partition(", msgid=")
    counts = _fields(f"size={numbers}")
    if counts.get("nrcpts") == "0":
        return Event.NOTHING, {}  # every recipient was refused, in lines of their own
    name, address = peer.name_and_address(relay)
    facts = {
        "sender": _bare(sender),
        "size_bytes": counts.get("size", ""),
        "recipient_count": counts.get("nrcpts", ""),
        "message_id": message_id,
        "client_name": name,
        "client_ip": address,
        "authenticated": behind.get("auth", "") or _by_protocol(behind.get("proto", "")),
    }
    knows_client = has_relay and (address or "[" not in relay)
    return (Event.ARRIVAL if knows_client else Event.QUEUED), facts


def _sign_in(text: str) -> dict[str, str]:
    """`AUTH=server, relay=name [ip], authid=user, mech=PLAIN, bits=0`."""
    fields = _fields(text)
    _, address = peer.name_and_address(fields.get("relay", ""))
    return {"client_ip": address, "authenticated": fields.get("authid", "")}


def _by_protocol(protocol: str) -> str:
    """Whether the client signed in (RFC 3848): the login name stands in a line before."""
    return f"signed in ({protocol})" if protocol in {"ESMTPA", "ESMTPSA"} else ""


def _delivery(entry: LogEntry, text: str) -> LogEntry | None:
    """`to=, [ctladdr=,] delay=, xdelay=, mailer=, [pri=,] relay=, [dsn=,] [reply=,] stat=`."""
    text, has_stat, answer = text.rpartition(", stat=")
    if not has_stat:
        return None
    recipients, rest = quoting.cut(text.removeprefix("to="), ", delay=")
    recipients, _ = quoting.cut(recipients, ", ctladdr=")
    fields = _fields(rest.partition(", reply=")[0])
    name, address = peer.name_and_address(fields.get("relay", ""))
    entry.recipients = tuple(_bare(part) for part in quoting.split(recipients, ","))
    entry.facts = {
        # What the client named stands in angle brackets; aliases and .forward files have none.
        "original_recipient": "" if "<" in recipients else ALIAS,
        "status": _status(answer),
        "reply": answer,
        "dsn": fields.get("dsn", ""),
        "relay": LOCAL if fields.get("mailer") in AT_HOME else name.rstrip("."),
        "relay_ip": address,
        "next_queue_id": _next_queue_id(answer),
    }
    return entry


def _refusal(text: str) -> dict[str, str]:
    """`ruleset=check_rcpt, arg1=<rcpt>, [arg2=,] relay=name [ip], reject=550 <rcpt>... why`."""
    ruleset, rest = quoting.cut(text.removeprefix("ruleset="), ", arg1=")
    argument, rest = quoting.cut(rest, ", ")
    client, _, answer = rest.partition(", reject=")
    name, address = peer.name_and_address(client.rpartition("relay=")[2])
    facts = {
        "client_name": name,
        "client_ip": address,
        "code": answer.partition(" ")[0],
        "reason": _reason(ruleset, answer),
    }
    if ruleset == "check_rcpt":
        facts["recipient"] = _bare(argument)
    elif ruleset == "check_mail":
        facts["sender"] = _bare(argument)
    return facts


def _reason(ruleset: str, answer: str) -> str:
    words = answer.rpartition("... ")[2].lower()  # before it stands the address, a stranger's words
    if ruleset == "check_mail":
        return "sender"
    if "relay" in words:
        return "relay"
    if "user unknown" in words:
        return "unknown-user"
    return "policy" if ruleset.startswith("check_") else "other"


def _status(answer: str) -> str:
    word = answer.lower()
    for beginning, status in (("sent", SENT), ("deferred", DEFERRED), ("queued", QUEUED)):
        if word.startswith(beginning):
            return status
    return BOUNCED


def _next_queue_id(answer: str) -> str:
    """`Sent (UAA09136 Message accepted for delivery)` and `Sent (Ok: queued as X)`."""
    inside = answer.partition("(")[2].rstrip(")")
    _, marked, behind = inside.rpartition(" queued as ")
    if marked:
        return behind.partition(" ")[0]
    first, _, rest = inside.partition(" ")
    return first if rest.startswith("Message accepted") else ""


def _fields(text: str) -> dict[str, str]:
    """`key=value, key=value`, of fields that we or our resolver wrote."""
    fields: dict[str, str] = {}
    for piece in text.split(", "):
        key, _, value = piece.partition("=")
        fields.setdefault(key, value)
    return fields


def _bare(address: str) -> str:
    text = address.strip()
    if text.startswith("<") and text.endswith(">"):
        return text[1:-1]
    return text


def _is_queue_id(text: str) -> bool:
    return (
        len(text) in QUEUE_ID_LENGTHS
        and text.isascii()
        and text.isalnum()
        and text[-3:].isdecimal()
    )
