"""A Postfix line to a LogEntry, or None: Postfix 2.x to 3.10.

Source: manual pages smtpd(8), cleanup(8), qmgr(8), smtp(8), local(8), bounce(8),
postscreen(8). Addresses stand in the line as the stranger wrote them, without quotes before
3.5, so what follows one is looked for from the right.
"""

from datetime import datetime
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from functools import lru_cache

from complaints.maillog import peer
from complaints.maillog.entry import Event, LogEntry, RawLine, Stamped
from complaints.maillog.passage import EXPIRED, LOCAL, Handover, Passage

NAME = "postfix"
NO_QUEUE_FILE = "NOQUEUE"
QUEUE_ID_LENGTHS = range(5, 26)
AT_HOME = frozenset(("local", "virtual"))
EXPIRIES = ("status=expired", "status=force-expired")
DELIVERY_FACTS = (
    "status", "original_recipient", "relay", "relay_ip", "dsn", "reply", "next_queue_id",
)  # fmt: skip
SUBJECTS = ("warning: header Subject: ", "info: header Subject: ")
REFUSALS = ("reject: ", "milter-reject: ", "proxy-reject: ")
BY_PROXY = "proxy-reject"  # by a filter before the queue; such lines may name no queue ID
# What was done with a message that changes nothing of where it goes.
DONE = (
    "discard: ", "filter: ", "header ", "hold: ", "info: header ", "milter-discard: ",
    "milter-header-", "milter-hold: ", "placed on hold", "prepend: ", "redirect: ",
    "reject_warning: ", "released from hold", "replace: ", "requeued", "resent-message-id=",
    "skipped, ", "warn: ",
)  # fmt: skip

NOTIFICATIONS = (
    "sender non-delivery notification: ", "sender delay notification: ",
    "sender delivery status notification: ", "postmaster non-delivery notification: ",
    "postmaster delay notification: ",
)  # fmt: skip
DeliveryParts = tuple[str, str, str, str, str, str, str, str]
DAEMONS = frozenset((
    "anvil", "bounce", "cleanup", "discard", "error", "lmtp", "local", "master", "pickup", "pipe",
    "postdrop", "postscreen", "postsuper", "qmgr", "scache", "smtp", "smtpd", "virtual",
))  # fmt: skip
# Of sessions and daemons, before or without a queue ID; the most frequent come first.
SAYS_NOTHING = (
    "connect from", "disconnect from", "Anonymous TLS",
    "ALLOWLIST", "BARE NEWLINE", "BLACKLISTED", "COMMAND ", "CONNECT from", "DENYLISTED",
    "DISCONNECT ", "DNSBL rank", "Deleted: ", "HANGUP ", "NON-SMTP COMMAND", "PASS ",
    "PREGREET ", "Placed on hold: ", "Requeued: ", "SSL_accept", "SSL_connect", "Trusted TLS",
    "Untrusted TLS", "Verified TLS", "WHITELISTED", "addr ", "bare <", "cache ",
    "certificate verification", "connect to", "daemon started", "discarding EHLO",
    "enabling PIX", "host ", "improper command pipelining", "lost connection", "proxy-accept: ",
    "refreshing", "reload", "setting up TLS", "starting the Postfix", "statistics: ",
    "stopping the Postfix", "terminating on signal", "timeout after", "too many errors",
    "warning: ",
)  # fmt: skip
QUIET = SAYS_NOTHING


def recognises(stamped: Stamped) -> bool:
    """Whether Postfix may have written the line: by its tag, `syslog_name/daemon`."""
    name, _, daemon = stamped.program.rpartition("/")
    return stamped.program.startswith("postfix") or (bool(name) and daemon in DAEMONS)


def read(stamped: Stamped, line: str) -> LogEntry | None:
    """What the line says of a message."""
    queue_id, colon, text = stamped.text.partition(": ")
    if stamped.text.startswith(SAYS_NOTHING):
        return LogEntry(stamped.at, "", Event.NOTHING, {}, line)
    if queue_id == BY_PROXY:
        return LogEntry(stamped.at, "", Event.REFUSAL, _refusal(stamped.text), line)
    if not colon or not is_queue_id(queue_id):
        return None
    if text.startswith("to=<"):
        return _delivery(LogEntry(stamped.at, queue_id, Event.DELIVERY, {}, line), text)
    told = _read_text(text)
    if queue_id == NO_QUEUE_FILE:
        queue_id, told = "", told if told and told[0] is Event.REFUSAL else (Event.NOTHING, {})
    return LogEntry(stamped.at, queue_id, *told, line) if told else None


def begins(queue_id: str, text: str) -> bool:
    """Whether a line that is not quiet is about the message of this queue ID."""
    return is_queue_id(queue_id) and text != "" and queue_id != NO_QUEUE_FILE


def plain(queue_id: str, lines: list[RawLine]) -> Passage | None:
    """The message of these lines if they are one life of the queue ID, plainly told; else None.

    It is what `read` and the assembler make of them, without an entry for each line.
    """
    passage = Passage(queue_id, lines[0][0], raw=lines)
    rest = lines[1:] if _begun(passage, lines[0][1]) else lines
    again = over = False
    for at, text, _, _ in rest:
        if over:
            return None
        kind = text[:4]
        if kind == "to=<":
            attempts = _take_in_delivery(passage.handovers, at, text)
            if attempts == 0:
                return None
            again = again or attempts > 1
        elif kind == "from":
            again = again or passage.size_bytes is not None
            if not _take_in_queued(passage, text):
                return None
        elif kind == "mess":
            if not _take_in_message_id(passage, text):
                return None
        else:
            again = again or bool(passage.children)
            if not _take_in_end(passage, at, text):
                return None
            over = passage.removed_at is not None
    # The same line twice, as where two files overlap, tells of one event.
    return None if again and len({line for _, _, line, _ in lines}) < len(lines) else passage


def _begun(passage: Passage, text: str) -> bool:
    """Whether the line tells where a message comes from; then the passage knows it."""
    if text.startswith("client="):
        passage.client_name, passage.client_ip, passage.authenticated_user = client_parts(text)
        passage.client_known = bool(passage.client_ip)
    elif text.startswith("uid="):
        passage.authenticated_user = local_user(text)
        passage.client_known = True
    elif _take_in_message_id(passage, text):
        passage.client_known = True  # a message that begins with its headers was made here
    else:
        return False
    return True


def _take_in_delivery(handovers: dict[str, Handover], at: datetime, text: str) -> int:
    """Note what became of a recipient; how many attempts that took, 0 if it is not told."""
    parts = _delivery_parts(text)
    if parts is None:
        return 0
    recipient, status, original, relay, relay_ip, dsn, reply, next_id = parts
    before = handovers.get(recipient)
    attempts = before.attempts + 1 if before else 1
    handovers[recipient] = Handover(
        recipient, at, status, original, relay, relay_ip, dsn, reply, next_id, attempts
    )
    return attempts


def _take_in_message_id(passage: Passage, text: str) -> bool:
    """Note it; False for a second one, and where it is of another message of the same ID."""
    if passage.message_id or passage.size_bytes is not None or not text.startswith("message-id="):
        return False
    passage.message_id = text[11:]
    return passage.message_id != ""


def _take_in_queued(passage: Passage, text: str) -> bool:
    """Note the sender, size and recipients; False for a line that does not tell them."""
    sender, size, count = _queued_parts(text)
    digits = size + count
    if not (size and count and digits.isdecimal() and digits.isascii() and text[4:6] == "=<"):
        return False
    if len(digits) > 9 and max(len(size), len(count)) > 9:
        return False
    passage.sender = sender or passage.sender
    passage.size_bytes = int(size)
    passage.recipient_count = int(count) or passage.recipient_count
    return True


def _take_in_end(passage: Passage, at: datetime, text: str) -> bool:
    """Note that it was removed, or what came of it; False for another line."""
    if text == "removed":
        passage.removed_at = at
    elif text.startswith(NOTIFICATIONS):
        passage.children.append(text.partition(": ")[2])
    else:
        return False
    return True


def local_user(text: str) -> str:
    """`uid=0 from=<root>`: the login is not known, only the number."""
    return text.partition(" ")[0].replace("=", " ")


def _read_text(text: str) -> tuple[Event, dict[str, str]] | None:
    if text.startswith("from=<"):
        return _queued(text)
    if text.startswith("client="):
        return _client(text)
    if text.startswith("message-id="):
        return Event.MESSAGE_ID, {"message_id": text[11:]}
    if text.startswith("uid="):
        return Event.CLIENT, {"authenticated": local_user(text)}
    if text.startswith("removed"):
        return Event.REMOVED, {}
    if text.startswith(REFUSALS):
        return Event.REFUSAL, _refusal(text)
    if text.startswith(NOTIFICATIONS):
        return Event.CHILD, {"child": text.partition(": ")[2]}
    if text.startswith(SUBJECTS):
        return Event.MESSAGE_ID, {"subject": _subject(text)}
    if text.startswith((*DONE, *SAYS_NOTHING)):
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
    name, address, authenticated = client_parts(text)
    facts = {"client_name": name, "client_ip": address, "authenticated": authenticated}
    if not address:
        facts["client_lost"] = "yes"  # it hung up before the kernel told its address
    return Event.CLIENT, facts


def client_parts(text: str) -> tuple[str, str, str]:
    """(name, address, login) of `client=name[ip]:port, sasl_username=, …, orig_client=`."""
    first, more, rest = text[7:].partition(", ")
    name, address = peer.name_and_address(first)
    if not more:
        return name, address, ""
    authenticated = ""
    for field in rest.split(", "):
        key, _, value = field.partition("=")
        if key == "sasl_username":
            authenticated = value
        elif key == "orig_client":
            # A content filter hands it in: the abuser is the client before it.
            name, address = peer.name_and_address(value)
    return name, address, authenticated


def _queued(text: str) -> tuple[Event, dict[str, str]]:
    sender, size, count = _queued_parts(text)
    if size.startswith(EXPIRIES):
        return Event.DELIVERY, {"status": EXPIRED, "reply": text[6:].rpartition(">, ")[2]}
    return Event.QUEUED, {"sender": sender, "size_bytes": size, "recipient_count": count}


def _queued_parts(text: str) -> tuple[str, str, str]:
    """(sender, size, recipients) of `from=<sender>, size=, nrcpt= (queue active)`.

    Of `from=<sender>, status=expired, …` the size is what stands there instead.
    """
    sender, _, rest = text[6:].rpartition(">, ")
    size, _, count = rest.partition(" (")[0].partition(", nrcpt=")
    return sender, size.removeprefix("size="), count


def _delivery(entry: LogEntry, text: str) -> LogEntry | None:
    parts = _delivery_parts(text)
    if parts is None:
        return None
    entry.recipients = (parts[0],)
    entry.facts = dict(zip(DELIVERY_FACTS, parts[1:], strict=True))
    return entry


def _delivery_parts(text: str) -> DeliveryParts | None:
    """`to=<final>, [orig_to=<asked>,] relay=name[ip]:port, delay=, dsn=, status=sent (reply)`.

    The recipient and then DELIVERY_FACTS, in their order; None for what looks otherwise.
    """
    told = _usual_delivery(text.split(", ", 5)) or _any_delivery(text)
    if told is None:
        return None
    recipient, original, relay, dsn, answer = told
    status, _, reply = answer.partition(" (")
    reply = reply.removesuffix(")")
    name, address = relay_parts(relay)
    next_id = next_queue_id(reply) if " as " in reply else ""
    return recipient, status, original, name, address, dsn, reply, next_id


def _usual_delivery(fields: list[str]) -> tuple[str, str, str, str, str] | None:
    """(recipient, "", relay, DSN, answer) of the shape that most deliveries have.

    Nothing in it can be a stranger's: the first comma ends the recipient, and no other
    `relay=` stands in the answer.
    """
    if len(fields) < 6:
        return None
    first, relay, _, _, dsn, answer = fields
    if answer[:7] != "status=" or dsn[:4] != "dsn=" or relay[:6] != "relay=":
        return None
    if first[-1:] != ">" or ">, relay=" in answer:
        return None
    return first[4:-1], "", relay[6:], dsn[4:], answer[7:]


def _any_delivery(text: str) -> tuple[str, str, str, str, str] | None:
    """(recipient, asked, relay, DSN, answer), looked for from the right."""
    recipient, has_relay, rest = text[4:].rpartition(">, relay=")
    rest, has_status, answer = rest.partition(", status=")
    if not (has_relay and has_status):
        return None
    recipient, _, original = recipient.partition(">, orig_to=<")
    relay, _, rest = rest.partition(", ")
    return recipient, original, relay, rest.partition("dsn=")[2], answer


# The same servers stand in thousands of lines.
@lru_cache(maxsize=8_192)
def relay_parts(relay: str) -> tuple[str, str]:
    """(name, address) of the next hop."""
    name, address = ("", "") if relay == "none" else peer.name_and_address(relay)
    return (LOCAL if relay in AT_HOME else name), address


def next_queue_id(reply: str) -> str:
    """The queue ID under which the next host took the message; empty if it named none."""
    for mark in (" queued as ", "forwarded as "):
        _, marked, behind = reply.rpartition(mark)
        if marked:
            return behind.partition(" ")[0].rstrip(")")
    return ""


def _refusal(text: str) -> dict[str, str]:
    """`reject: RCPT from name[ip]: 554 5.7.1 <rcpt>: Relay access denied; from=<> to=<> …`."""
    head, _, tail = text.partition("; from=<")
    where, _, answer = head.partition(": ")[2].partition(": ")
    _, has_client, rest = where.partition(" from ")
    name, address = peer.name_and_address(rest.partition("]")[0] + "]") if has_client else ("", "")
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


def is_queue_id(text: str) -> bool:
    """Whether it may be one, or NO_QUEUE_FILE."""
    return len(text) in QUEUE_ID_LENGTHS and text.isascii() and text.isalnum()
