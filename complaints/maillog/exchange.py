"""A line of Exchange's message tracking log to a LogEntry, or None: Exchange 2007 to 2019.

Comma-separated values; how many columns tells the version. Source: "Search message tracking
logs", "Fields in the message tracking log files". A message is known by its internal message
ID, a number of the server that logs it.
"""

import csv

from complaints.maillog import answer, peer
from complaints.maillog.entry import Event, LogEntry, Stamped
from complaints.maillog.passage import BOUNCED, DEFERRED, LOCAL, SENT

NAME = "exchange"
COLUMNS = (
    "date-time", "client-ip", "client-hostname", "server-ip", "server-hostname", "source-context",
    "connector-id", "source", "event-id", "internal-message-id", "message-id",
    "network-message-id", "recipient-address", "recipient-status", "total-bytes",
    "recipient-count", "related-recipient-address", "reference", "message-subject",
    "sender-address", "return-path", "message-info", "directionality", "tenant-id",
    "original-client-ip", "original-server-ip", "custom-data", "transport-traffic-type", "log-id",
    "schema-version",
)  # fmt: skip
# 2007 ends with message-info, 2010 with custom-data; neither has network-message-id.
FEWEST, MOST_WITHOUT_NETWORK_ID = 21, 26
EVENTS = {"SEND": SENT, "SENDEXTERNAL": SENT, "DELIVER": SENT, "FAIL": BOUNCED, "DEFER": DEFERRED}
# The address a message came for was a list, a group or was forwarded: others take its place.
BECAME_OTHERS = frozenset({"EXPAND", "REDIRECT", "RESOLVE"})
MOST_RECIPIENTS = 5_000


def recognises(stamped: Stamped) -> bool:
    """Whether it is a line of the message tracking log: by its framing."""
    return stamped.program == NAME


def read(stamped: Stamped, line: str) -> LogEntry | None:
    """What the line says of a message."""
    if stamped.text.lstrip("\ufeff").startswith("#"):
        return LogEntry(stamped.at, "", Event.NOTHING, {}, line)
    told = _columns(stamped.text)
    if told is None:
        return None
    queue_id, event = told["internal-message-id"], told["event-id"].upper()
    if not (queue_id.isascii() and queue_id.isdecimal() and len(queue_id) <= 20):
        return LogEntry(stamped.at, "", Event.NOTHING, {}, line)
    if event in {"RECEIVE", "DSN"} and told["source"].upper() in {"SMTP", "STOREDRIVER", "DSN"}:
        return _arrival(stamped, told, line)
    if event in EVENTS:
        return _delivery(stamped, told, EVENTS[event], line)
    if event in BECAME_OTHERS and told["related-recipient-address"]:
        return _became_others(stamped, told, line)
    return LogEntry(stamped.at, "", Event.NOTHING, {}, line)


def _columns(text: str) -> dict[str, str] | None:
    try:
        values = next(csv.reader([text]))
    except (csv.Error, StopIteration):
        return None
    if len(values) < FEWEST:
        return None
    names: tuple[str, ...] = COLUMNS
    if len(values) <= MOST_WITHOUT_NETWORK_ID:
        names = tuple(name for name in COLUMNS if name != "network-message-id")
    return dict.fromkeys(COLUMNS, "") | dict(zip(names, values, strict=False))


def _arrival(stamped: Stamped, told: dict[str, str], line: str) -> LogEntry:
    """RECEIVE by SMTP or from a mailbox of the site; a DSN is made on the server itself."""
    by_smtp = told["source"].upper() == "SMTP"
    sender = (told["return-path"] or told["sender-address"]).strip("<>")
    # A front end hands it on: the client is who spoke to that.
    client = peer.address(told["original-client-ip"]) or peer.address(told["client-ip"])
    facts = {
        "sender": sender,
        "message_id": told["message-id"],
        "subject": told["message-subject"],
        "size_bytes": told["total-bytes"],
        "recipient_count": told["recipient-count"],
        "client_ip": client if by_smtp else "",
        "client_name": told["client-hostname"] if by_smtp else "",
        "authenticated": sender if told["source"].upper() == "STOREDRIVER" else "",
    }
    if by_smtp and not client:
        facts["client_lost"] = "yes"
    queue_id = told["internal-message-id"]
    return LogEntry(stamped.at, queue_id, Event.ARRIVAL, facts, line, _recipients(told))


def _delivery(stamped: Stamped, told: dict[str, str], status: str, line: str) -> LogEntry:
    reply = told["recipient-status"] or told["source-context"]
    at_home = told["event-id"].upper() == "DELIVER"
    sent_on = status == SENT and not at_home
    facts = {
        "status": status,
        "reply": reply,
        "original_recipient": "",
        "relay": LOCAL if at_home else told["server-hostname"] if sent_on else "",
        "relay_ip": peer.address(told["server-ip"]) if sent_on else "",
        "dsn": answer.enhanced_code(reply.replace("=", " ").replace("{", " ")),
        "next_queue_id": answer.next_queue_id(told["source-context"]) if sent_on else "",
    }
    queue_id = told["internal-message-id"]
    return LogEntry(stamped.at, queue_id, Event.DELIVERY, facts, line, _recipients(told))


def _became_others(stamped: Stamped, told: dict[str, str], line: str) -> LogEntry:
    facts = {
        "status": SENT,
        "reply": f"{told['event-id'].lower()}: {told['recipient-count']} recipients",
        "original_recipient": "",
        "relay": LOCAL,
        "relay_ip": "",
        "dsn": "",
        "next_queue_id": "",
    }
    recipient = told["related-recipient-address"]
    return LogEntry(
        stamped.at, told["internal-message-id"], Event.DELIVERY, facts, line, (recipient,)
    )


def _recipients(told: dict[str, str]) -> tuple[str, ...]:
    addresses = told["recipient-address"].split(";")[:MOST_RECIPIENTS]
    return tuple(address for address in addresses if address)
