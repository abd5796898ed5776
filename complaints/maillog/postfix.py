"""A Postfix line to a LogEntry, or None: Postfix 2.x to 3.10.

Source: manual pages smtpd(8), cleanup(8), qmgr(8), smtp(8), local(8), bounce(8).
"""

from complaints.maillog import peer
from complaints.maillog.entry import Event, LogEntry, Stamped

NAME = "postfix"
NO_QUEUE_FILE = "NOQUEUE"
REFUSALS = ("reject: ", "milter-reject: ")


def recognises(stamped: Stamped) -> bool:
    """Whether Postfix may have written the line: by its tag, `postfix/…` by default."""
    return stamped.program.startswith("postfix")


def read(stamped: Stamped, line: str) -> LogEntry | None:
    """What the line says of a message."""
    queue_id, colon, text = stamped.text.partition(": ")
    if not colon or not (queue_id.isalnum() and len(queue_id) >= 5):
        return None
    event_and_facts = _read_text(text)
    if event_and_facts is None:
        return None
    event, facts = event_and_facts
    if queue_id == NO_QUEUE_FILE:
        if event is not Event.REFUSAL:
            return None
        queue_id = ""
    return LogEntry(stamped.at, queue_id, event, facts, line)


def _read_text(text: str) -> tuple[Event, dict[str, str]] | None:
    if text.startswith("to=<"):
        return Event.DELIVERY, _delivery(text)
    if text.startswith("from=<"):
        return _queued(text)
    if text.startswith("client="):
        return Event.CLIENT, _client(text)
    if text.startswith(("message-id=", "resent-message-id=")):
        return Event.MESSAGE_ID, {"message_id": text.partition("=")[2]}
    if text.startswith("uid="):
        return Event.CLIENT, {"authenticated": text.partition(" ")[0].replace("=", " ")}
    if text.startswith("removed"):
        return Event.REMOVED, {}
    if text.startswith(REFUSALS):
        return Event.REFUSAL, _refusal(text)
    if "notification: " in text:
        return Event.CHILD, {"child": text.rpartition(": ")[2]}
    if text.startswith("warning: header Subject: "):
        subject = text.removeprefix("warning: header Subject: ").rpartition(" from ")[0]
        return Event.MESSAGE_ID, {"subject": subject}
    return None


def _client(text: str) -> dict[str, str]:
    first, _, rest = text.removeprefix("client=").partition(", ")
    name, address = peer.name_and_address(first.rpartition("]")[0] + "]")
    facts = {"client_name": name, "client_ip": address}
    for field in rest.split(", "):
        key, _, value = field.partition("=")
        if key == "sasl_username":
            facts["authenticated"] = value
        elif key == "orig_client":
            # A content filter hands it in: the abuser is the client before it.
            facts["client_name"], facts["client_ip"] = peer.name_and_address(value)
    return facts


def _queued(text: str) -> tuple[Event, dict[str, str]] | None:
    sender, _, rest = text.removeprefix("from=<").partition(">, ")
    if rest.startswith(("status=expired", "status=force-expired")):
        return Event.DELIVERY, {"recipients": "", "status": "expired", "reply": rest}
    facts = {"sender": sender}
    for field in rest.partition(" (")[0].split(", "):
        key, _, value = field.partition("=")
        if key == "size":
            facts["size_bytes"] = value
        elif key == "nrcpt":
            facts["recipient_count"] = value
    return Event.QUEUED, facts


def _delivery(text: str) -> dict[str, str]:
    head, _, answer = text.partition(", status=")
    recipient, _, rest = head.removeprefix("to=<").partition(">")
    facts = {"recipients": recipient, "status": answer.partition(" ")[0]}
    facts["reply"] = answer.partition(" (")[2].removesuffix(")")
    facts["next_queue_id"] = _next_queue_id(facts["reply"])
    for field in rest.split(", "):
        key, _, value = field.partition("=")
        if key == "orig_to":
            facts["original_recipient"] = value.strip("<>")
        elif key == "relay" and value != "none":
            facts["relay"], facts["relay_ip"] = peer.name_and_address(
                value.partition("]:")[0] + "]"
            )
        elif key == "dsn":
            facts["dsn"] = value
    return facts


def _next_queue_id(reply: str) -> str:
    for mark in (" queued as ", "forwarded as "):
        if mark in reply:
            return reply.rpartition(mark)[2].split()[0].rstrip(")")
    return ""


def _refusal(text: str) -> dict[str, str]:
    """`reject: RCPT from name[ip]: 554 5.7.1 <rcpt>: Relay access denied; from=<> to=<> …`."""
    head, _, tail = text.partition("; from=<")
    _, _, rest = head.partition(" from ")
    client, _, answer = rest.partition("]")
    name, address = peer.name_and_address(f"{client}]")
    answer = answer.partition(": ")[2]
    sender, _, tail = tail.partition(">")
    recipient = tail.partition("to=<")[2].partition(">")[0]
    helo = tail.partition("helo=<")[2].partition(">")[0]
    return {
        "client_name": name,
        "client_ip": address,
        "sender": sender,
        "recipient": recipient,
        "helo": helo,
        "code": answer.partition(" ")[0],
        "reason": _reason(answer),
    }


def _reason(answer: str) -> str:
    words = answer.lower()
    if "relay access denied" in words:
        return "relay"
    if "user unknown" in words or "unknown in" in words:
        return "unknown-user"
    if "sender address rejected" in words:
        return "sender"
    return "policy"
