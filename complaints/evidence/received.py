"""The Received chain of a message: one line to a Hop, and the hop that counts.

Sources: RFC 5321 section 4.4; the forms that sendmail 8, Postfix, Exim, qmail and Exchange
write. A Received line is a claim unless a host we trust wrote it.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from ipaddress import ip_address, ip_network

from complaints.cleantext import clean_line
from complaints.evidence.dates import mail_date
from complaints.evidence.observables import is_masked, normal_address, normal_ip

MAX_LINE_CHARS = 4096
MAX_HOPS = 100

_KEYWORDS = ("from", "by", "via", "with", "id", "for")
_BRACKETED_IP = re.compile(r"\[(?:IPv6:)?([0-9A-Fa-f:.]{2,45})\]", re.IGNORECASE)
_BARE_IP = re.compile(
    r"\(?(?:\S{0,60}@)?((?:\d{1,3}\.){3}\d{1,3}|[0-9A-Fa-f:]{2,40}:[0-9A-Fa-f:.]{1,40})\)?$"
)
_HELO = re.compile(r"\b(?:helo|ehlo)[= ]([^\s()]{1,255})", re.IGNORECASE)
_ENVELOPE = re.compile(r"envelope-(?:from|sender)\s{1,9}<?([^\s<>()]{0,320})>?", re.IGNORECASE)
_ID_TORN = re.compile(r"^[0-9A-Za-z]{1,14}$")
_NOT_ROUTED = tuple(
    ip_network(net)
    for net in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16",
        "172.16.0.0/12", "192.168.0.0/16", "224.0.0.0/3", "::/127", "fc00::/7", "fe80::/10",
        "ff00::/8",
    )
)  # fmt: skip
# A line as Postfix, sendmail and their like write it: most lines are such.
_NAME = r"[A-Za-z0-9][A-Za-z0-9._-]{0,254}"
_USUAL = re.compile(
    rf"from ({_NAME}) \((?:({_NAME}) )?\[((?:\d{{1,3}}\.){{3}}\d{{1,3}})\]\)"
    rf"(?: \([^()]{{0,200}}\)){{0,3}} by ({_NAME})(?: \([^()]{{1,100}}\))?"
    rf" with (\w{{1,20}}) id ([0-9A-Za-z-]{{1,40}})"
    rf"(?: for <([A-Za-z0-9_.+=-]{{1,64}}@[A-Za-z0-9.-]{{1,255}})>)?$"
)
_SOFTWARE_VERSION = re.compile(r"^\d{1,3}(?:\.\d{1,5}){1,4}$")


@dataclass(frozen=True, slots=True)
class Hop:
    """What one Received line says. Empty strings and None stand for what it does not say.

    helo           the name the client gave itself
    from_name      the name its address has, as the writer of the line looked it up
    from_ip        its address, compressed
    by             the host that wrote the line
    queue_id       the ID that host gave the message
    with_protocol  SMTP, ESMTPS, ...
    for_address    the recipient, if there was one only
    at             when, aware UTC
    raw            the line, unfolded and bounded
    envelope_from  the envelope sender, where the writer adds it (Exim)
    """

    helo: str = ""
    from_name: str = ""
    from_ip: str = ""
    by: str = ""
    queue_id: str = ""
    with_protocol: str = ""
    for_address: str = ""
    at: datetime | None = None
    raw: str = ""
    envelope_from: str = ""


def read_hop(line: str) -> Hop:
    """Return what the value of one Received field says; never slow, never an error."""
    raw = clean_line(" ".join(line[:MAX_LINE_CHARS].split()), MAX_LINE_CHARS)
    trace, _, date = raw.rpartition(";")
    if (hit := _USUAL.match(trace)) and "elo" not in trace and "nvelope" not in raw:
        return _usual_hop(hit, date, raw)
    clauses = _clauses(trace or date)
    client = _words(clauses.get("from", ""))
    envelope = _ENVELOPE.search(raw) if "nvelope-" in raw or "NVELOPE-" in raw else None
    return Hop(
        helo=_helo(client),
        from_name=_looked_up_name(client),
        from_ip=_client_ip(client),
        by=_first_word(clauses.get("by", "")).lower(),
        queue_id=_queue_id(clauses),
        with_protocol=_first_word(clauses.get("with", "")).upper(),
        for_address=_for_address(clauses.get("for", "")),
        at=mail_date(date) if trace else None,
        raw=raw,
        envelope_from=normal_address(envelope.group(1)) if envelope else "",
    )


def _usual_hop(hit: re.Match[str], date: str, raw: str) -> Hop:
    """The hop of a line in the usual form: what the general way would find, sooner."""
    helo, looked_up, address, by, protocol, queue_id, recipient = hit.groups()
    named = (looked_up or "").lower()
    return Hop(
        helo="" if helo.lower() == "unknown" else helo,
        from_name="" if named in ("unknown", "may") or normal_ip(named) else named,
        from_ip=normal_ip(address),
        by=by.lower(),
        queue_id="" if is_masked(queue_id) else queue_id,
        with_protocol=protocol.upper(),
        for_address=_for_address(f"<{recipient}>") if recipient else "",
        at=mail_date(date),
        raw=raw,
    )


def read_chain(lines: Iterable[str]) -> tuple[Hop, ...]:
    """Return the hops of a message, the newest (topmost) first, at most `MAX_HOPS`."""
    return tuple(read_hop(line) for _, line in zip(range(MAX_HOPS), lines, strict=False))


def hop_into(hops: Iterable[Hop], is_ours: Callable[[Hop], bool]) -> Hop | None:
    """Return the oldest hop that a host of ours wrote before the chain leaves us.

    Its client is who handed the message to us. Everything below it is a claim of others.
    The chain may begin with hops of the recipient's side; between hops of ours none may
    be foreign, since a forger can write our name below his own.
    """
    found: Hop | None = None
    for hop in hops:
        if is_ours(hop):
            found = hop
        elif found:
            break
    return found


def clients_of(
    hops: Sequence[Hop], is_ours: Callable[[Hop], bool], is_our_host: Callable[[str], bool]
) -> tuple[str, ...]:
    """Return who handed the message to us: the client of the first line of ours that names one.

    Where the host above our line did not get the message from us, somebody forged our line. Then
    the address that host saw comes first, and the one that the forged line claims behind it.

    is_our_host  whether an IP address is that of a mail host of ours; other machines of ours, and
                 customers', are clients like any
    """
    at = next((n for n, hop in enumerate(hops) if is_ours(hop)), None)
    if at is None:
        return ()
    clients = (hop.from_ip for hop in hops[at:] if is_ours(hop) and is_routed(hop.from_ip))
    claimed = next((address for address in clients if not is_our_host(address)), "")
    above = hops[at - 1].from_ip if at else ""
    if not is_routed(above) or is_our_host(above):
        return (claimed,) if claimed else ()
    return tuple(dict.fromkeys(address for address in (above, claimed) if address))


@lru_cache(maxsize=1024)
def is_routed(address: str) -> bool:
    """Whether an address can be a stranger's on the Internet, documentation ranges included."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    return not any(parsed in net for net in _NOT_ROUTED if net.version == parsed.version)


def _clauses(trace: str) -> dict[str, str]:
    """Split at the keywords that stand outside of comments; the first of each counts."""
    found: dict[str, list[str]] = {}
    current, depth = "", 0
    for word in trace.split(" "):
        lower = word.lower()
        if (
            depth == 0
            and lower in _KEYWORDS
            and lower not in found
            and (current or lower in ("from", "by"))
        ):
            current = lower
            found[current] = []
        elif current:
            found[current].append(word)
        if "(" in word or ")" in word:
            depth = max(0, depth + word.count("(") - word.count(")"))
    return {name: " ".join(words) for name, words in found.items()}


def _words(clause: str) -> tuple[str, str]:
    """Split a from clause into its first word and the comment behind it."""
    first, _, rest = clause.partition(" ")
    return first, rest


def _named(comment: str) -> re.Match[str] | None:
    """What a comment says that the client called itself."""
    return _HELO.search(comment) if "lo" in comment or "LO" in comment else None


def _helo(client: tuple[str, str]) -> str:
    first, comment = client
    if named := _named(comment):
        return named.group(1).strip("[]") if named.group(1)[:1] == "[" else named.group(1)
    return "" if first.lower() == "unknown" else first.strip("()")


def _looked_up_name(client: tuple[str, str]) -> str:
    first, comment = client
    if _named(comment):
        return "" if first.startswith("[") or first.lower() == "unknown" else first.lower()
    name = comment.strip().removeprefix("(").split("[")[0].split(")")[0].strip().rpartition("@")[2]
    if not name or " " in name or normal_ip(name) or name.lower() in ("unknown", "may"):
        return ""
    return name.lower()


def _client_ip(client: tuple[str, str]) -> str:
    """The address the writer of the line saw; the client's own word only if there is no other."""
    first, comment = client
    if hit := _BRACKETED_IP.search(comment):
        return normal_ip(hit.group(1))
    for word in comment.split()[:8]:
        if (hit := _BARE_IP.match(word.strip(","))) and (address := normal_ip(hit.group(1))):
            return address
    return normal_ip(first)


def _queue_id(clauses: dict[str, str]) -> str:
    words = clauses.get("id", "").split()
    value = words[0].strip("<>;,") if words else ""
    if len(words) == 2 and _ID_TORN.match(words[1]) and value.isalnum():
        value += words[1]  # a mail program broke the line within the ID
    if not value or is_masked(value) or _SOFTWARE_VERSION.match(value):
        return ""
    return value[:100]


def _for_address(clause: str) -> str:
    value = clause.split(";")[0].strip()
    address = normal_address(value.split(" ")[0]) if value else ""
    return "" if is_masked(address) else address


def _first_word(clause: str) -> str:
    return clause.split(" ", 1)[0].strip(";,")
