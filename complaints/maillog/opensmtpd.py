"""An OpenSMTPD line to a LogEntry, or None: OpenSMTPD 5.9 to 7.

Source: smtpd(8) and its log lines, `session kind event key=value`. A message is known by
`msgid`, eight hexadecimal digits with which an envelope's `evpid` begins too; its Message-ID
header is never logged. The client stands in the line that begins the session.
"""

from complaints.maillog import answer, peer
from complaints.maillog.entry import Event, LogEntry, Stamped
from complaints.maillog.fields import fields_of
from complaints.maillog.passage import BOUNCED, DEFERRED, EXPIRED, LOCAL, RECIPIENT, SENT

NAME = "opensmtpd"
SESSION_LENGTH = 16
MESSAGE_LENGTH = 8
KINDS = frozenset({"smtp", "mta", "mda", "filter", "ruleset"})
# What stands in the lines that tell of a session, before a message comes over it.
SIGN_INS = (
    " smtp connected ", " smtp authentication ", "event=connected ", "event=authentication ",
)  # fmt: skip
RESULTS = {"Ok": SENT, "TempFail": DEFERRED, "PermFail": BOUNCED, "Loop": BOUNCED}
HEXADECIMAL = frozenset("0123456789abcdef")
SAYS_NOTHING = (
    "Exiting", "debug: ", "info: ", "lookup: ", "parent ", "queue: ", "scheduler: ", "smtp-out: ",
    "warn: ", "control ", "ca: ", "mproc: ", "dispatcher ",
)  # fmt: skip
OUTCOMES = {"Ok": SENT, "TempFail": DEFERRED, "PermFail": BOUNCED, "Expire": EXPIRED,
            "Remove": EXPIRED}  # fmt: skip


def recognises(stamped: Stamped) -> bool:
    """Whether OpenSMTPD may have written the line: by its tag and, as others have it, text."""
    if stamped.program.rpartition("/")[2] != "smtpd":
        return False
    words = stamped.text.split(" ", 2)
    if len(words) == 3 and words[1] in KINDS and _is_hexadecimal(words[0], SESSION_LENGTH):
        return True
    return stamped.text.startswith(("smtp-in: ", "smtp-out: ", "info: OpenSMTPD", "relay: "))


def read(stamped: Stamped, line: str) -> LogEntry | None:
    """What the line says of a message."""
    session, _, rest = stamped.text.partition(" ")
    kind, _, told = rest.partition(" ")
    if kind not in KINDS or not _is_hexadecimal(session, SESSION_LENGTH):
        return _by_words(stamped, line)
    event, _, text = told.removeprefix("event=").partition(" ")
    if event == "delivery" and kind in {"mta", "mda"}:
        return _delivery(stamped, text, line)
    if kind != "smtp":
        return LogEntry(stamped.at, "", Event.NOTHING, {}, line)
    entry = _in_session(stamped, event, text, line)
    if entry.event is not Event.NOTHING:
        entry.facts["session"] = session
    return entry


def _in_session(stamped: Stamped, event: str, text: str, line: str) -> LogEntry:
    if event == "message":
        return _message(stamped, fields_of(text), line)
    if event == "envelope":
        return _envelope(stamped, fields_of(text), line)
    if event == "connected":
        return LogEntry(stamped.at, "", Event.SIGN_IN, _client(fields_of(text)), line)
    if event == "authentication" and text.endswith(" result=ok"):
        user = text.removeprefix("user=").removesuffix(" result=ok")
        return LogEntry(stamped.at, "", Event.SIGN_IN, {"authenticated": user}, line)
    refused = _refusal(text) if event == "failed-command" else {}
    if refused:
        return LogEntry(stamped.at, "", Event.REFUSAL, refused, line)
    return LogEntry(stamped.at, "", Event.NOTHING, {}, line)


def _client(fields: dict[str, str]) -> dict[str, str]:
    """`address=203.0.113.9 host=mx.far.example`; `address=local` is this host."""
    name, address = fields.get("host", ""), peer.address(fields.get("address", "").strip("[]"))
    return {
        "client_ip": address,
        "client_name": name if address and not name.startswith("<") else "",
    }


def _message(stamped: Stamped, fields: dict[str, str], line: str) -> LogEntry:
    """`msgid=47e187fc size=789 nrcpt=1 proto=ESMTP`; before 6.4 with `from=` and `ndest=`."""
    facts = {
        "message_id": "",
        "size_bytes": fields.get("size", ""),
        "recipient_count": fields.get("nrcpt", "") or fields.get("ndest", ""),
    }
    if "from" in fields:
        facts["sender"] = _bare(fields["from"])
    if "address" in fields:
        facts |= _client(fields)
    return LogEntry(stamped.at, fields.get("msgid", ""), Event.ARRIVAL, facts, line)


def _envelope(stamped: Stamped, fields: dict[str, str], line: str) -> LogEntry:
    """`evpid=47e187fc0db8ebd3 from=<a@far.example> to=<b@ours.example>`, accepted for delivery."""
    message = fields.get("evpid", "")[:MESSAGE_LENGTH]
    facts = {"sender": _bare(fields.get("from", ""))}
    recipient = _bare(fields.get("to", ""))
    return LogEntry(stamped.at, message, Event.QUEUED, facts, line, (recipient,))


def _delivery(stamped: Stamped, text: str, line: str) -> LogEntry:
    """`evpid= from=<> to=<final> rcpt=<asked> source= relay="ip (name)" delay= result= stat=`.

    mda lines have `user=` instead of a relay; there `to=` is the address before aliases.
    """
    told, _, reply = text.partition(" stat=")
    fields = fields_of(told)
    reply = reply.strip('"')
    status = RESULTS.get(fields.get("result", ""), DEFERRED)
    recipient, asked = _bare(fields.get("to", "")), _bare(fields.get("rcpt", ""))
    user = fields.get("user", "")
    if user and recipient.partition("@")[0] != user:
        recipient, asked = user, asked if "@" in asked else recipient
    address, name = _relay(fields.get("relay", ""))
    facts = {
        "status": status,
        "reply": reply,
        "original_recipient": "" if asked in {"-", recipient} else asked,
        "relay": LOCAL if user else name,
        "relay_ip": address,
        "dsn": answer.enhanced_code(reply),
        "next_queue_id": answer.next_queue_id(reply) if status == SENT else "",
    }
    message = fields.get("evpid", "")[:MESSAGE_LENGTH]
    return LogEntry(stamped.at, message, Event.DELIVERY, facts, line, (recipient,))


def _relay(text: str) -> tuple[str, str]:
    """(address, name) of `198.51.100.7 (mx.far.example)`, or of a name alone."""
    first, _, name = text.partition(" (")
    address = peer.address(first.strip("[]"))
    return address, name.rstrip(")") if address else first.strip("-")


def _refusal(text: str) -> dict[str, str]:
    """`command="rcpt TO:<x>" result="550 Invalid recipient: <x>"`."""
    command, _, result = text.removeprefix('command="').rpartition('" result="')
    verb = command[:4].upper()
    which = {"RCPT": "recipient", "MAIL": "sender", "DATA": ""}.get(verb)
    code = answer.reply_code(result)
    if which is None or not code:
        return {}
    facts = {"code": code, "reason": "policy"}
    if which:
        facts[which] = command.partition("<")[2].rpartition(">")[0] or command.partition(":")[2]
    if verb == "RCPT":
        facts["reason"] = RECIPIENT if "Invalid recipient" in result else "other"
    elif verb == "MAIL" and code != "530":  # sign in first
        facts["reason"] = "sender"
    return facts


def _by_words(stamped: Stamped, line: str) -> LogEntry | None:
    """`relay: Expire for EVPID: from=<a>, to=<b>, …`, and lines of the program itself."""
    who, _, told = stamped.text.partition(": ")
    outcome, _, rest = told.partition(" for ")
    envelope, _, text = rest.partition(": ")
    if outcome in OUTCOMES and _is_hexadecimal(envelope, 2 * MESSAGE_LENGTH):
        return _outcome(stamped, outcome, envelope, text, line)
    if stamped.text.startswith(SAYS_NOTHING) or who in {"smtp-in", "delivery", "relay"}:
        return LogEntry(stamped.at, "", Event.NOTHING, {}, line)
    return None


def _outcome(stamped: Stamped, outcome: str, envelope: str, text: str, line: str) -> LogEntry:
    fields = dict(part.partition("=")[::2] for part in text.split(", "))
    recipient, asked = _bare(fields.get("to", "")), _bare(fields.get("rcpt", "-"))
    reply = text.partition("stat=")[2]
    address, name = _relay(fields.get("relay", ""))
    facts = {
        "status": OUTCOMES[outcome],
        "reply": reply,
        "original_recipient": "" if asked in {"-", recipient} else asked,
        "relay": LOCAL if "user" in fields else name,
        "relay_ip": address,
        "dsn": answer.enhanced_code(reply),
        "next_queue_id": answer.next_queue_id(reply) if outcome == "Ok" else "",
    }
    message = envelope[:MESSAGE_LENGTH]
    return LogEntry(stamped.at, message, Event.DELIVERY, facts, line, (recipient,))


def _bare(text: str) -> str:
    return text.rstrip(",").removeprefix("<").removesuffix(">")


def _is_hexadecimal(text: str, length: int) -> bool:
    return len(text) == length and HEXADECIMAL.issuperset(text)
