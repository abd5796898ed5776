"""What Exim's lines of arrival and delivery say, in parts.

Source: The Exim Specification, chapter "Log files".
"""

from typing import NamedTuple

from complaints.maillog import answer, peer, quoting
from complaints.maillog.fields import fields_of, printed
from complaints.maillog.passage import BOUNCED, DEFERRED, EXPIRED, LOCAL, SENT

ID_SHAPES = {16: 13, 23: 18}  # length: place of the second hyphen; the first is the seventh
STATES = {"=>": SENT, "->": SENT, ">>": SENT, "==": DEFERRED, "**": BOUNCED}
# What ends the addresses of a delivery line, in the order in which Exim writes it.
BEHIND_ADDRESSES = (" F=<", " P=<", " R=", " T=")
OUT_OF_PATIENCE = ("retry timeout exceeded", "retry time not reached for any host after a long")
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


class Arrival(NamedTuple):
    """A `<=` line. `client_known` is False where it names a host without an address."""

    sender: str
    size_bytes: str
    message_id: str
    client_name: str
    client_ip: str
    authenticated: str
    client_known: bool = True
    subject: str = ""
    recipient_count: str = ""
    parent: str = ""

    @property
    def facts(self) -> dict[str, str]:
        """As a LogEntry holds them."""
        facts: dict[str, str] = self._asdict()
        if not facts.pop("client_known"):
            facts["client_lost"] = "yes"
        return facts


class Delivery(NamedTuple):
    """A line that tells what became of a recipient, in the order of Handover's fields."""

    recipient: str
    status: str
    original_recipient: str
    relay: str
    relay_ip: str
    dsn: str
    reply: str
    next_queue_id: str


def is_message_id(text: str) -> bool:
    """Whether this is a message ID: base 62 between hyphens, of the old or the new length."""
    second = ID_SHAPES.get(len(text))
    if second is None or text[6] != "-" or text[second] != "-":
        return False
    return text.isascii() and text.replace("-", "", 2).isalnum()


def arrival(text: str) -> Arrival:
    """`sender H=name (helo) [ip]:port U= P= X= A= S= id= T="" from <> for r1 r2`."""
    sender, text = quoting.cut(text, " ")
    sender = "" if sender == "<>" else sender
    fields = fields_of(text)
    name, address = client_of(fields["H"]) if "H" in fields else ("", "")
    return Arrival(
        sender=sender,
        size_bytes=fields.get("S", ""),
        message_id=printed(fields.get("id", "")),
        client_name=name,
        client_ip=address,
        # U= is a user of this host; with H= it is what the client's ident says.
        authenticated=signed_in(fields.get("A", "")) if "H" in fields else fields.get("U", ""),
        client_known=address != "" or "H" not in fields,
        subject=printed(fields.get("T", "")),
        recipient_count=str(len(quoting.split(fields["for"], " "))) if "for" in fields else "",
        parent="" if sender else fields.get("R", ""),
    )


def client_of(text: str) -> tuple[str, str]:
    """(name, address) of `name (helo) [ip]:port`, `(helo) [ip]` or `[ip]`.

    A HELO may look like an address: `([127.0.0.1]) [198.51.100.7]`.
    """
    head, _, tail = text.rpartition("[")
    name = head.partition(" ")[0]
    return ("" if name[:1] == "(" else name), peer.address(tail.partition("]")[0])


def signed_in(text: str) -> str:
    """`A=driver:user:sender`."""
    driver, _, user = text.partition(":")
    return user.partition(":")[0] or (f"signed in ({driver})" if driver else "")


def delivery(mark: str, text: str) -> Delivery | None:
    """`final <original> F=<> P=<> R= T= H=name [ip]:port C="250 ok": reason`; None for nobody."""
    if text.startswith(("blackhole (", "blackhole *")):
        return None
    addresses, fields, reply = _parts(text, has_reason=mark in {"**", "=="})
    found = fields_of(fields)
    recipient, original = final_and_original(addresses)
    reply = reply or printed(found.get("C", ""))
    host = found.get("H", "") or _host_in(reply)
    name, address = client_of(host) if host else ("", "")
    status = STATES[mark]
    next_queue_id = answer.next_queue_id(reply) if status == SENT else ""
    if status == BOUNCED and text.endswith(OUT_OF_PATIENCE):
        status = EXPIRED
    relay = name or ("" if address or status != SENT else LOCAL)
    code = answer.enhanced_code(reply)
    return Delivery(recipient, status, original, relay, address, code, reply, next_queue_id)


def _host_in(reply: str) -> str:
    """`SMTP error from remote mail server after …: host name [ip]: 550 …`, before Exim 4.83."""
    if not reply.startswith(("SMTP error from remote", "LMTP error")):
        return ""
    _, named, host = reply.partition(": host ")
    return host.partition("]")[0] + "]" if named else ""


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


def final_and_original(text: str) -> tuple[str, str]:
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
