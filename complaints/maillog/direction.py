"""Ourselves, and the one rule by which a message is ours, for us, or relayed for a stranger.

Detection, linking and verification share it: what is called abuse is decided here alone.
"""

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property

from complaints.maillog.passage import RECIPIENT, RefusedAttempt
from complaints.maillog.peer import OCTETS

IN, OUT, INTERNAL, STRANGER, UNKNOWN = "in", "out", "internal", "stranger", "unknown"
MOST_REMEMBERED = 20_000


@dataclass(frozen=True)
class Ourselves:
    """Who we are, as far as mail is concerned: everything in lower case."""

    domains: frozenset[str] = frozenset()
    networks: tuple[str, ...] = ()
    host_names: frozenset[str] = frozenset()
    host_addresses: frozenset[str] = frozenset()
    customer_networks: dict[str, str] = field(default_factory=dict)

    @cached_property
    def _nets(self) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
        return tuple(ipaddress.ip_network(prefix, strict=False) for prefix in self.networks)

    @cached_property
    def _known(self) -> dict[str, bool]:
        """Answers given before: the same addresses and domains stand in thousands of lines."""
        return {}

    def has_address(self, address: str) -> bool:
        """Whether mail from this IP address may be relayed: our networks, hosts, this machine."""
        return self._remembered(address, self._has_address)

    def _remembered(self, name: str, answer: Callable[[str], bool]) -> bool:
        known = self._known.get(name)
        if known is None:
            if len(self._known) >= MOST_REMEMBERED:
                self._known.clear()
            known = self._known[name] = answer(name)
        return known

    def _has_address(self, address: str) -> bool:
        if address in self.host_addresses:
            return True
        octets = address.split(".")
        if len(octets) == 4 and OCTETS.issuperset(octets):  # ipaddress takes ten times as long
            number = int.from_bytes(map(int, octets))
            return any(first <= number <= last for first, last in self._ranges)
        try:
            ip = ipaddress.ip_address(address)
        except ValueError:
            return False
        return ip.is_loopback or any(ip.version == net.version and ip in net for net in self._nets)

    @cached_property
    def _ranges(self) -> tuple[tuple[int, int], ...]:
        """The IPv4 networks from which mail may be relayed, and this machine, as numbers."""
        loopback = ipaddress.ip_network("127.0.0.0/8")
        nets = [loopback, *(net for net in self._nets if net.version == 4)]
        return tuple((int(net.network_address), int(net.broadcast_address)) for net in nets)

    def customer_of(self, address: str) -> str:
        """The identifier of the customer whose network this IP address is in, "" for none."""
        try:
            ip = ipaddress.ip_address(address)
        except ValueError:
            return ""
        for prefix, customer in self.customer_networks.items():
            if ip in ipaddress.ip_network(prefix, strict=False):
                return customer
        return ""

    def has_domain(self, domain: str) -> bool:
        """Whether mail for this domain is for us: a domain of ours, below one, or a host."""
        return self._remembered(f"@{domain}", self._has_domain)

    def _has_domain(self, domain: str) -> bool:
        name = domain[1:].lower().rstrip(".")
        if name in self.host_names:
            return True
        return any(name == ours or name.endswith(f".{ours}") for ours in self.domains)

    def has_host(self, name: str) -> bool:
        """Whether this name or address is that of a mail host of ours."""
        return name.lower().rstrip(".").strip("[]") in self.host_names | self.host_addresses

    def is_for_us(self, address: str) -> bool:
        """Whether a mail address is one of ours and will not be sent on to another site."""
        local, at, domain = address.rpartition("@")
        if not at:
            return not _is_sent_on(address)
        return self.has_domain(domain) and not _is_sent_on(local)


def _is_sent_on(local: str) -> bool:
    """Whether our server sends this local part on: user%other@ours, other!user@ours."""
    return "%" in local or "!" in local or "@" in local


def told_apart(us: Ourselves, attempt: RefusedAttempt) -> RefusedAttempt:
    """A refusal whose words are the same for relaying and for unknown mailboxes (OpenSMTPD).

    Which of the two it is, the recipient's domain tells.
    """
    if attempt.reason != RECIPIENT:
        return attempt
    reason = "unknown-user" if us.is_for_us(attempt.recipient) else "relay"
    return replace(attempt, reason=reason)


def direction_of(
    us: Ourselves, *, client_ip: str, authenticated_user: str, recipients: list[str], known: bool
) -> str:
    """in, out, internal, stranger or unknown.

    client_ip           address in brackets, "" for a message made on the host itself
    authenticated_user  login name or local user, "" for none
    known               whether the log line that tells the client has been read
    """
    if not known or not recipients:
        return UNKNOWN
    foreign = any(not us.is_for_us(recipient) for recipient in recipients)
    if not client_ip or authenticated_user or us.has_address(client_ip):
        return OUT if foreign else INTERNAL
    return STRANGER if foreign else IN
