"""An Exim line to a LogEntry, or None: Exim 4.7 to 4.98, main and reject log.

Source: The Exim Specification, chapter "Log files" (section 53.9 "Logging message reception"
to 53.15 "Other log entries"). Message IDs have 16 characters, from 4.97 on 23; their case
matters. Fields are told apart by their place: what stands in quotes is a stranger's.
"""

from complaints.maillog import answer, quoting
from complaints.maillog.entry import Event, LogEntry, Stamped
from complaints.maillog.eximparts import (
    MESSAGE_SAYS_NOTHING,
    STATES,
    arrival,
    client_of,
    delivery,
    is_message_id,
)
from complaints.maillog.eximplain import plain
from complaints.maillog.fields import fields_of

__all__ = ["NAME", "QUIET", "begins", "is_message_id", "plain", "read", "recognises"]

NAME = "exim"
FIRST_PIECE = ("1/", "1\\")
MALFORMED = tuple(f'SMTP syntax error in "{verb}' for verb in ("rcpt ", "RCPT ", "mail ", "MAIL "))
NO_SUCH_USER = (
    "unknown user", "unrouteable address", "no such user", "user unknown", "unknown recipient",
    "no such address", "mailbox unavailable",
)  # fmt: skip
# Of the daemon, connections and queue runs, without a message ID.
SAYS_NOTHING = (
    "Connection from", "End queue run", "Exim configuration", "Failed to ", "LOG: ", "Our cert",
    "Peer did not", "SIGHUP", "SMTP call from", "SMTP command timeout", "SMTP connection from",
    "SMTP data timeout", "SMTP protocol error", "SMTP protocol synchronization error",
    "SMTP protocol violation", "SMTP syntax error", "SMTP timeout", "Start queue run",
    "TLS client disconnected", "TLS error on", "TLS session", "VRFY failed", "Warning: ",
    "ETRN ", "Error ", "bits ", "cipher ", "cwd=", "daemon", "exim ", "failed to ",
    "host name alias list truncated",
    "ignoring AUTH=", "initialising", "local [", "lost connection", "no IP address found",
    "no MAIL in SMTP", "no host name found", "ocsp ", "peer cert", "peer dn", "pid ",
    "process ", "proxy ", "remote [", "remote host ", "tls_", "tainted", "too many ",
    "unexpected disconnection", "unexpected EOF",
)  # fmt: skip
CONNECTION_ENDS = (
    " authenticator failed for ", " closed by ", " closed connection", " Warning: ",
    " incomplete transaction ", " sender verify ", " TLS error on", " lost", "Connection refused",
    " rejected because", ": discarded by ",
)  # fmt: skip
# Those of them that come in thousands, and are no refusal.
QUIET = (
    "End queue run", "SMTP connection from", "Start queue run", "TLS error on", "cwd=",
    "no MAIL in SMTP", "no host name found", "unexpected disconnection",
)  # fmt: skip


def recognises(stamped: Stamped) -> bool:
    """Whether Exim may have written the line: by its tag."""
    return stamped.program.rpartition("/")[2].startswith("exim")


def read(stamped: Stamped, line: str) -> LogEntry | None:
    """What the line says of a message."""
    text = own_text(stamped.text)
    queue_id, _, rest = text.partition(" ")
    queue_id = queue_id.removesuffix(":")  # as the gatherer puts an ID before its line
    if not is_message_id(queue_id):
        return _of_no_message(stamped, text, line)
    mark, _, behind = rest.partition(" ")
    if mark in STATES:
        return _delivery(LogEntry(stamped.at, queue_id, Event.DELIVERY, {}, line), mark, behind)
    if mark == "<=":
        return LogEntry(stamped.at, queue_id, Event.ARRIVAL, arrival(behind).facts, line)
    if mark == "Completed" or rest.startswith("removed by "):
        return LogEntry(stamped.at, queue_id, Event.REMOVED, {}, line)
    refused = _refusal(rest)
    if refused:
        return LogEntry(stamped.at, queue_id, Event.REFUSAL, refused, line)
    if mark == "*>" or rest.startswith(MESSAGE_SAYS_NOTHING) or _is_small_talk(rest):
        return LogEntry(stamped.at, "", Event.NOTHING, {}, line)
    return None


def own_text(text: str) -> str:
    """A syslogged line without what Exim puts before it: its own stamp, process ID, piece number.

    Lines over 870 bytes are cut into numbered pieces, `[1/3] `. The first tells the message,
    of the others nothing is left.
    """
    if text[4:5] == "-" and text[10:11] == " " and text[:4].isdecimal():
        text = text[20:] if text[19:20] == " " else text[10:].lstrip().partition(" ")[2]
        if text[:1] in "+-" and text[1:5].isdecimal():
            text = text[6:]
    while text[:1] == "[":
        inside, closed, rest = text[1:].partition("] ")
        if not closed or not inside.replace("/", "", 1).replace("\\", "", 1).isdecimal():
            break
        text = rest if inside.isdecimal() or inside[:2] in FIRST_PIECE else ""
    return text


def begins(queue_id: str, _text: str) -> bool:
    """Whether a line that is not quiet is about the message of this ID."""
    return is_message_id(queue_id)


def _of_no_message(stamped: Stamped, text: str, line: str) -> LogEntry | None:
    refused = _refusal(text)
    if refused:
        return LogEntry(stamped.at, "", Event.REFUSAL, refused, line)
    known = not text or text.startswith(SAYS_NOTHING) or _is_small_talk(text)
    return LogEntry(stamped.at, "", Event.NOTHING, {}, line) if known else None


def _is_small_talk(text: str) -> bool:
    return any(words in text for words in CONNECTION_ENDS) or ": error ignored" in text


def _delivery(entry: LogEntry, mark: str, text: str) -> LogEntry:
    parts = delivery(mark, text)
    if parts is None:
        return LogEntry(entry.at, "", Event.NOTHING, {}, entry.line)  # names no recipient
    entry.recipients = (parts.recipient,)
    entry.facts = parts._asdict()
    del entry.facts["recipient"]
    return entry


def _refusal(text: str) -> dict[str, str]:
    """`H= F=<sender> [temporarily ]rejected RCPT <rcpt>: reason`, and its relatives."""
    if text.startswith(("unqualified recipient rejected: ", "unqualified sender rejected: ")):
        what, _, rest = text.partition(" rejected: ")
        address, fields = quoting.cut(rest, " ")
        which = "recipient" if "recipient" in what else "sender"
        return _who(fields) | {which: _bare(address), "reason": "policy", "code": ""}
    if text.startswith(("refused connection from ", "Connection from ")) and "refused" in text:
        client = text.partition(" from ")[2].partition(" refused")[0].removeprefix("H=")
        return _client_facts(client) | {"reason": "policy", "code": ""}
    if text.startswith(MALFORMED):
        return _malformed(text)
    head, told = quoting.cut(text, "rejected ")
    if not told and text.startswith("H="):
        head, told = quoting.cut(text, "dropped ")  # by 'connect' ACL
    if not told or not (head == "" or head.endswith(" ")) or head.startswith("SMTP "):
        return {}
    if head and not head.startswith(("H=", "U=", "F=", "X=", "temporarily ")):
        return {}
    facts = _who(head)
    command, reason = quoting.cut(told, ": ")
    verb, _, argument = command.partition(" ")
    if verb == "RCPT":
        facts["recipient"] = _bare(argument)
    elif verb in {"MAIL", "from"}:
        facts["sender"] = _bare(argument)
    elif verb in {"EHLO", "HELO"}:
        facts |= _of_greeting(argument)
    facts["code"] = answer.reply_code(reason)
    facts["reason"] = _reason(verb, reason.lower())
    return facts


def _malformed(text: str) -> dict[str, str]:
    """`SMTP syntax error in "rcpt TO:<x>" H=name [ip] why`: answered with 501."""
    command, _, fields = text.partition(' in "')[2].rpartition('" H=')
    client, _, _ = fields.partition("]")
    address = command.partition("<")[2].partition(">")[0]
    which = "recipient" if command[:4].lower() == "rcpt" else "sender"
    return _client_facts(f"{client}]") | {which: address, "reason": "other", "code": "501"}


def _of_greeting(argument: str) -> dict[str, str]:
    """`EHLO or HELO name`, or `HELO from name [ip]: syntactically invalid …`."""
    if argument.startswith("from "):
        return _client_facts(argument.removeprefix("from "))
    return {"helo": argument.removeprefix("or HELO ")}


def _who(text: str) -> dict[str, str]:
    """The client and sender before `rejected`."""
    fields = fields_of(text)
    facts = _client_facts(fields["H"]) if "H" in fields else {}
    if "F" in fields:
        facts["sender"] = _bare(fields["F"])
    return facts


def _client_facts(text: str) -> dict[str, str]:
    name, address = client_of(text)
    _, opened, rest = text.partition("(")
    helo = rest.rpartition(") [")[0] if opened else name
    return {"client_name": name, "client_ip": address, "helo": helo}


def _reason(verb: str, words: str) -> str:
    if "relay" in words:
        return "relay"
    if verb == "MAIL" or "sender verify" in words:
        return "sender"
    if any(told in words for told in NO_SUCH_USER):
        return "unknown-user"
    return "policy"


def _bare(text: str) -> str:
    return text[1:-1] if text.startswith("<") and text.endswith(">") else text
