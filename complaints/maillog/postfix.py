"""A Postfix line to a LogEntry, or None: Postfix 2.x to 3.10.

Source: manual pages smtpd(8), cleanup(8), qmgr(8), smtp(8), local(8), bounce(8),
postscreen(8). Addresses stand in the line as the stranger wrote them, without quotes before
3.5, so what follows one is looked for from the right.
"""

from email.errors import HeaderParseError
from email.header import decode_header, make_header

from complaints.maillog import peer
from complaints.maillog.entry import Event, LogEntry, Stamped
from complaints.maillog.passage import EXPIRED, LOCAL

NAME = "postfix"
NO_QUEUE_FILE = "NOQUEUE"
QUEUE_ID_LENGTHS = range(5, 26)
AT_HOME = frozenset(("local", "virtual"))
SUBJECTS = ("warning: header Subject: ", "info: header Subject: ")
REFUSALS = ("reject: ", "milter-reject: ")
NOTIFICATIONS = (
    "sender non-delivery notification: ", "sender delay notification: ",
    "sender delivery status notification: ", "postmaster non-delivery notification: ",
    "postmaster delay notification: ",
)  # fmt: skip
DAEMONS = frozenset((
    "anvil", "bounce", "cleanup", "discard", "error", "lmtp", "local", "master", "pickup", "pipe",
    "postdrop", "postscreen", "postsuper", "qmgr", "scache", "smtp", "smtpd", "virtual",
))  # fmt: skip
# Of sessions and daemons, before or without a queue ID.
SAYS_NOTHING = (
    "ALLOWLISTED", "Anonymous TLS", "BARE NEWLINE", "BLACKLISTED", "CONNECT from", "DENYLISTED",
    "DISCONNECT ", "DNSBL rank", "HANGUP ", "PASS ", "PREGREET ", "SSL_accept", "SSL_connect",
    "Trusted TLS", "Untrusted TLS", "Verified TLS", "WHITELISTED", "connect from", "connect to",
    "daemon started", "disconnect from", "enabling PIX", "host ", "improper command pipelining",
    "lost connection", "refreshing", "reload", "setting up TLS", "statistics: ", "timeout after",
    "too many errors", "warning: ",
)  # fmt: skip


def recognises(stamped: Stamped) -> bool:
    """Whether Postfix may have written the line: by its tag, `syslog_name/daemon`."""
    name, _, daemon = stamped.program.rpartition("/")
    return stamped.program.startswith("postfix") or (bool(name) and daemon in DAEMONS)


def read(stamped: Stamped, line: str) -> LogEntry | None:
    """What the line says of a message."""
    queue_id, colon, text = stamped.text.partition(": ")
    if stamped.text.startswith(SAYS_NOTHING):
        return LogEntry(stamped.at, "", Event.NOTHING, {}, line)
    if not colon or not _is_queue_id(queue_id):
        return None
    if text.startswith("to=<"):
        return _delivery(LogEntry(stamped.at, queue_id, Event.DELIVERY, {}, line), text)
    told = _read_text(text)
    if queue_id == NO_QUEUE_FILE:
        queue_id, told = "", told if told and told[0] is Event.REFUSAL else (Event.NOTHING, {})
    return LogEntry(stamped.at, queue_id, *told, line) if told else None


def _read_text(text: str) -> tuple[Event, dict[str, str]] | None:
    if text.startswith("from=<"):
        return _queued(text)
    if text.startswith("client="):
        return _client(text)
    if text.startswith("message-id="):
        return Event.MESSAGE_ID, {"message_id": text.removeprefix("message-id=")}
    if text.startswith("uid="):
        return Event.CLIENT, {"authenticated": text.partition(" ")[0].replace("=", " ")}
    if text.startswith("removed"):
        return Event.REMOVED, {}
    if text.startswith(REFUSALS):
        return Event.REFUSAL, _refusal(text)
    if text.startswith(NOTIFICATIONS):
        return Event.CHILD, {"child": text.partition(": ")[2]}
    if text.startswith(SUBJECTS):
        return Event.MESSAGE_ID, {"subject": _subject(text)}
    if text.startswith(("resent-message-id=", "skipped, ", *SAYS_NOTHING)):
        return Event.NOTHING, {}
    return None


def _subject(text: str) -> str:
    """The subject as header_checks log it (header_checks(5), actions INFO and WARN), decoded."""
    shown = text.partition("header Subject: ")[2].rpartition(" from ")[0]
    try:
        return str(make_header(decode_header(shown)))
    except (ValueError, LookupError, HeaderParseError):
        return shown  # encoded words that are torn or of no charset we know


def _client(text: str) -> tuple[Event, dict[str, str]]:
    """`client=name[ip]:port, sasl_method=, sasl_username=, orig_queue_id=, orig_client=`."""
    first, _, rest = text.removeprefix("client=").partition(", ")
    facts = {}
    facts["client_name"], facts["client_ip"] = peer.name_and_address(first)
    for field in rest.split(", "):
        key, _, value = field.partition("=")
        if key == "sasl_username":
            facts["authenticated"] = value
        elif key == "orig_client":
            # A content filter hands it in: the abuser is the client before it.
            facts["client_name"], facts["client_ip"] = peer.name_and_address(value)
    if not facts["client_ip"]:
        facts["client_lost"] = "yes"  # it hung up before the kernel told its address
    return Event.CLIENT, facts


def _queued(text: str) -> tuple[Event, dict[str, str]]:
    """`from=<sender>, size=, nrcpt= (queue active)`, or `from=<sender>, status=expired, …`."""
    sender, _, rest = text.removeprefix("from=<").rpartition(">, ")
    if rest.startswith(("status=expired", "status=force-expired")):
        return Event.DELIVERY, {"status": EXPIRED, "reply": rest}
    size, _, count = rest.partition(" (")[0].partition(", nrcpt=")
    return Event.QUEUED, {
        "sender": sender,
        "size_bytes": size.removeprefix("size="),
        "recipient_count": count,
    }


def _delivery(entry: LogEntry, text: str) -> LogEntry | None:
    """`to=<final>, [orig_to=<asked>,] relay=name[ip]:port, delay=, dsn=, status=sent (reply)`."""
    addresses, has_relay, rest = text.removeprefix("to=<").rpartition(">, relay=")
    recipient, _, original = addresses.partition(">, orig_to=<")
    rest, has_status, answer = rest.partition(", status=")
    if not (has_relay and has_status):
        return None
    status, _, reply = answer.partition(" (")
    reply = reply.removesuffix(")")
    relay, _, rest = rest.partition(", ")
    name, address = ("", "") if relay == "none" else peer.name_and_address(relay)
    entry.recipients = (recipient,)
    entry.facts = {
        "status": status,
        "reply": reply,
        "original_recipient": original,
        "relay": LOCAL if relay in AT_HOME else name,
        "relay_ip": address,
        "dsn": rest.partition("dsn=")[2],
        "next_queue_id": _next_queue_id(reply),
    }
    return entry


def _next_queue_id(reply: str) -> str:
    for mark in (" queued as ", "forwarded as "):
        _, marked, behind = reply.rpartition(mark)
        if marked:
            return behind.partition(" ")[0].rstrip(")")
    return ""


def _refusal(text: str) -> dict[str, str]:
    """`reject: RCPT from name[ip]: 554 5.7.1 <rcpt>: Relay access denied; from=<> to=<> …`."""
    head, _, tail = text.partition("; from=<")
    _, _, rest = head.partition(" from ")
    client, _, answer = rest.partition("]")
    name, address = peer.name_and_address(f"{client}]")
    answer = answer.partition(": ")[2]
    sender, _, tail = tail.partition(">")
    return {
        "client_name": name,
        "client_ip": address,
        "sender": sender,
        "recipient": tail.partition("to=<")[2].partition(">")[0],
        "helo": tail.partition("helo=<")[2].partition(">")[0],
        "code": answer.partition(" ")[0],
        "reason": _reason(answer),
    }


def _reason(answer: str) -> str:
    words = answer.rpartition(">: ")[2].lower()  # before it stands the address, a stranger's words
    if "relay access denied" in words:
        return "relay"
    if "user unknown" in words or "unknown in" in words:
        return "unknown-user"
    if "sender address rejected" in words:
        return "sender"
    return "policy"


def _is_queue_id(text: str) -> bool:
    return len(text) in QUEUE_ID_LENGTHS and text.isascii() and text.isalnum()
