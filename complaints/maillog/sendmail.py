"""A sendmail line to a LogEntry, or None: sendmail 8.8 (1998) to 8.18.

Source: Sendmail Installation and Operation Guide, section "The System Log"; the fields of
8.8 lines have neither dsn= nor daemon=.
"""

from complaints.maillog import peer
from complaints.maillog.entry import Event, LogEntry, Stamped

NAME = "sendmail"
# fmt: off
FIELDS = frozenset((
    "from", "to", "size", "class", "pri", "nrcpts", "msgid", "bodytype", "proto", "daemon", "relay",
    "ctladdr", "delay", "xdelay", "mailer", "dsn", "stat", "reply", "ruleset", "arg1", "arg2",
    "reject", "auth", "tls_verify", "owner", "discard", "quarantine",
))
# fmt: on
QUEUE_ID_LENGTHS = range(7, 18)


def recognises(stamped: Stamped) -> bool:
    """Whether sendmail may have written the line: by its text, the tag is free."""
    queue_id, colon, text = stamped.text.partition(": ")
    return bool(colon) and _is_queue_id(queue_id) and "=" in text


def read(stamped: Stamped, line: str) -> LogEntry | None:
    """What the line says of a message."""
    queue_id, colon, text = stamped.text.partition(": ")
    if not colon or not _is_queue_id(queue_id):
        return None
    event_and_facts = _read_text(text)
    if event_and_facts is None:
        return None
    event, facts = event_and_facts
    return LogEntry(stamped.at, queue_id, event, facts, line)


def _read_text(text: str) -> tuple[Event, dict[str, str]] | None:
    if text.startswith("from="):
        return Event.ARRIVAL, _arrival(_fields(text))
    if text.startswith("to="):
        return Event.DELIVERY, _delivery(_fields(text))
    if text.startswith("ruleset="):
        return Event.REFUSAL, _refusal(_fields(text))
    if "... " in text and text.startswith("<"):
        recipient, _, answer = text.partition("... ")
        return Event.REFUSAL, {"recipient": _bare(recipient), **_unknown_user(answer)}
    child, colon, what = text.partition(": ")
    if colon and _is_queue_id(child) and not what.startswith(("from=", "to=")):
        return Event.CHILD, {"child": child}
    if text.startswith("clone "):
        return Event.CHILD, {"child": text.split()[1].rstrip(",")}
    return None


def _arrival(fields: dict[str, str]) -> dict[str, str]:
    name, address = peer.name_and_address(fields.get("relay", "").partition(" (")[0])
    return {
        "sender": _bare(fields["from"]),
        "size_bytes": fields.get("size", ""),
        "recipient_count": fields.get("nrcpts", ""),
        "message_id": fields.get("msgid", ""),
        "client_name": name,
        "client_ip": address,
        "authenticated": fields.get("auth", ""),
    }


def _delivery(fields: dict[str, str]) -> dict[str, str]:
    name, address = peer.name_and_address(fields.get("relay", ""))
    answer = fields.get("stat", "")
    return {
        "recipients": fields["to"],
        "status": _status(answer),
        "reply": answer,
        "dsn": fields.get("dsn", ""),
        "relay": name.rstrip("."),
        "relay_ip": address,
        "next_queue_id": _next_queue_id(answer),
    }


def _refusal(fields: dict[str, str]) -> dict[str, str]:
    ruleset, argument = fields.get("ruleset", ""), fields.get("arg1", "")
    name, address = peer.name_and_address(fields.get("relay", "").partition(" (")[0])
    answer = fields.get("reject", "")
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
    words = answer.lower()
    if ruleset == "check_mail":
        return "sender"
    if "relay" in words:
        return "relay"
    if "user unknown" in words:
        return "unknown-user"
    return "policy" if ruleset in {"check_relay", "check_rcpt", "check_eoh"} else "other"


def _unknown_user(answer: str) -> dict[str, str]:
    reason = "unknown-user" if "user unknown" in answer.lower() else "other"
    return {"reason": reason, "code": ""}


def _status(answer: str) -> str:
    word = answer.lower()
    if word.startswith("sent"):
        return "sent"
    if word.startswith("deferred"):
        return "deferred"
    if word.startswith("queued"):
        return "queued"
    return "bounced"


def _next_queue_id(answer: str) -> str:
    """`Sent (UAA09136 Message accepted for delivery)` and `Sent (Ok: queued as X)`."""
    inside = answer.partition("(")[2].rstrip(")")
    if " queued as " in inside:
        return inside.rpartition(" queued as ")[2].split()[0]
    first, _, rest = inside.partition(" ")
    return first if rest.startswith("Message accepted") else ""


def _fields(text: str) -> dict[str, str]:
    """`key=value, key=value`, where a value may itself hold commas and equal signs.

    stat= comes last and may hold anything: all after its last occurrence is its value.
    """
    text, has_stat, stat = text.rpartition(", stat=") if ", stat=" in text else (text, "", "")
    fields: dict[str, str] = {}
    last = ""
    for piece in text.split(", "):
        key, equals, value = piece.partition("=")
        if equals and key in FIELDS and key not in fields:
            fields[key] = value
            last = key
        elif last:
            fields[last] += f", {piece}"
    if has_stat:
        fields["stat"] = stat
    return fields


def _bare(address: str) -> str:
    text = address.strip()
    if text.startswith("<") and text.endswith(">"):
        return text[1:-1]
    return text


def _is_queue_id(text: str) -> bool:
    return len(text) in QUEUE_ID_LENGTHS and text.isalnum() and text[-3:].isdigit()
