"""An Exim line to a LogEntry, or None: Exim 4.7 to 4.98, main and reject log.

Source: The Exim Specification, chapter "Log files" (section 53.9 "Logging message reception"
to 53.15 "Other log entries"). Message IDs have 16 characters, from 4.97 on 23; their case
matters. Fields are told apart by their place: what stands in quotes is a stranger's.
"""

from complaints.maillog import answer, peer, quoting
from complaints.maillog.entry import Event, LogEntry, Stamped
from complaints.maillog.fields import fields_of, printed
from complaints.maillog.passage import BOUNCED, DEFERRED, EXPIRED, LOCAL, SENT

NAME = "exim"
ID_SHAPES = {16: 13, 23: 18}  # length: place of the second hyphen; the first is the seventh
STATES = {"=>": SENT, "->": SENT, ">>": SENT, "==": DEFERRED, "**": BOUNCED}
# What ends the addresses of a delivery line, in the order in which Exim writes it.
BEHIND_ADDRESSES = (" F=<", " P=<", " R=", " T=")
FIRST_PIECE = ("1/", "1\\")
MALFORMED = tuple(f'SMTP syntax error in "{verb}' for verb in ("rcpt ", "RCPT ", "mail ", "MAIL "))
OUT_OF_PATIENCE = ("retry timeout exceeded", "retry time not reached for any host after a long")
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
# What a message's own lines may begin with that changes nothing of it.
MESSAGE_SAYS_NOTHING = (
    "DKIM: ", "Frozen", "H=", "Message is frozen", "PRDR ", "SMTP connection from", "SMTP error",
    "SMTP timeout", "Spool file ", "TLS ", "Unfrozen", "Warning: ", "[", "cancelled by",
    "frozen by", "malware acl", "no immediate delivery", "no recipients", "original recipients",
    "queued for", "qualify/rewrite", "retry", "signer:", "unfrozen by", "manually",
    "re-added", "moved from", "msg ", "DANE attempt", "remote host", "cutthrough",
    "error ignored", "Authentication-Results: ", "greylisted", "LMTP error", "Remote host ",
    "spam acl", "cert ", "cipher ", "bits ", "peer ", "ocsp ", "our cert",
)  # fmt: skip


def recognises(stamped: Stamped) -> bool:
    """Whether Exim may have written the line: by its tag."""
    return stamped.program.rpartition("/")[2].startswith("exim")


def read(stamped: Stamped, line: str) -> LogEntry | None:
    """What the line says of a message."""
    text = own_text(stamped.text)
    queue_id, _, rest = text.partition(" ")
    if not is_message_id(queue_id):
        return _of_no_message(stamped, text, line)
    mark, _, behind = rest.partition(" ")
    if mark in STATES:
        return _delivery(LogEntry(stamped.at, queue_id, Event.DELIVERY, {}, line), mark, behind)
    if mark == "<=":
        return LogEntry(stamped.at, queue_id, Event.ARRIVAL, _arrival(behind), line)
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


def is_message_id(text: str) -> bool:
    """Whether this is a message ID: base 62 between hyphens, of the old or the new length."""
    second = ID_SHAPES.get(len(text))
    if second is None or text[6] != "-" or text[second] != "-":
        return False
    return text.isascii() and text.replace("-", "", 2).isalnum()


def _of_no_message(stamped: Stamped, text: str, line: str) -> LogEntry | None:
    refused = _refusal(text)
    if refused:
        return LogEntry(stamped.at, "", Event.REFUSAL, refused, line)
    known = not text or text.startswith(SAYS_NOTHING) or _is_small_talk(text)
    return LogEntry(stamped.at, "", Event.NOTHING, {}, line) if known else None


def _is_small_talk(text: str) -> bool:
    return any(words in text for words in CONNECTION_ENDS) or ": error ignored" in text


def _arrival(text: str) -> dict[str, str]:
    """`sender H=name (helo) [ip]:port U= P= X= A= S= id= T="" from <> for r1 r2`."""
    sender, text = quoting.cut(text, " ")
    fields = fields_of(text)
    facts = {
        "sender": "" if sender == "<>" else sender,
        "size_bytes": fields.get("S", ""),
        "message_id": printed(fields.get("id", "")),
        "subject": printed(fields.get("T", "")),
        "recipient_count": "",
        "client_name": "",
        "client_ip": "",
        "authenticated": "",
    }
    if "for" in fields:
        facts["recipient_count"] = str(len(quoting.split(fields["for"], " ")))
    if "R" in fields and facts["sender"] == "":
        facts["parent"] = fields["R"]
    if "H" in fields:
        facts["client_name"], facts["client_ip"] = client_of(fields["H"])
        if not facts["client_ip"]:
            facts["client_lost"] = "yes"
        facts["authenticated"] = _signed_in(fields.get("A", ""))
    else:  # U= is a user of this host; with H= it is what the client's ident says
        facts["authenticated"] = fields.get("U", "")
    return facts


def client_of(text: str) -> tuple[str, str]:
    """(name, address) of `name (helo) [ip]:port`, `(helo) [ip]` or `[ip]`.

    A HELO may look like an address: `([127.0.0.1]) [198.51.100.7]`.
    """
    name, address = peer.name_and_address(text)
    name = name.partition(" ")[0]
    return ("" if name.startswith("(") else name), address


def _signed_in(text: str) -> str:
    """`A=driver:user:sender`."""
    driver, _, user = text.partition(":")
    return user.partition(":")[0] or (f"signed in ({driver})" if driver else "")


def _delivery(entry: LogEntry, mark: str, text: str) -> LogEntry:
    """`final <original> F=<> P=<> R= T= H=name [ip]:port C="250 ok": reason`."""
    if text.startswith(("blackhole (", "blackhole *")):
        return LogEntry(entry.at, "", Event.NOTHING, {}, entry.line)  # names no recipient
    addresses, fields, reply = _parts(text, has_reason=mark in {"**", "=="})
    found = fields_of(fields)
    recipient, original = _final_and_original(addresses)
    reply = reply or printed(found.get("C", ""))
    name, address = client_of(found["H"]) if "H" in found else ("", "")
    status = STATES[mark]
    if status == BOUNCED and text.endswith(OUT_OF_PATIENCE):
        status = EXPIRED
    entry.recipients = (recipient,)
    entry.facts = {
        "status": status,
        "reply": reply,
        "original_recipient": original,
        "relay": name or ("" if address or status != SENT else LOCAL),
        "relay_ip": address,
        "dsn": answer.enhanced_code(reply),
        "next_queue_id": answer.next_queue_id(reply) if status == SENT else "",
    }
    return entry


def _parts(text: str, *, has_reason: bool) -> tuple[str, str, str]:
    """(addresses, fields, reason) of a delivery line."""
    text = text.removeprefix(":blackhole: ")
    if not has_reason:
        return *_addresses(text), ""
    told, reason = quoting.cut(text, ": ")
    return *_addresses(told), reason


def _addresses(text: str) -> tuple[str, str]:
    """The addresses of a delivery, and the fields behind them."""
    for mark in BEHIND_ADDRESSES:
        before, behind = quoting.cut(text, mark)
        if behind:
            return before, mark[1:] + behind
    for mark in (" routing defer ", " defer "):
        before, behind = quoting.cut(text, mark)
        if behind:
            return before, behind
    return text, ""


def _final_and_original(text: str) -> tuple[str, str]:
    """`final`, `final <original>`, `local-part <whole address>`, `|command <address>`."""
    text = text.rstrip(" :")
    if not text.endswith(">") or " <" not in text:
        return text.strip("<>"), ""
    final, _, original = text[:-1].rpartition(" <")
    if final.endswith(")"):  # +all_parents: each address between the two
        final = final.partition(" (")[0]
    if final.startswith(("|", "/", ":", ">")) or final == original.rpartition("@")[0]:
        return original, ""
    return final, original


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
