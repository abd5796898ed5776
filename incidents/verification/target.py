"""Where a probe may go: an address that was written down and confirmed, never a name.

No name is looked up here or later: the address is one of those that the host's row lists. It is
refused unless it is a plain public unicast address, and in a network of ours or one of those that
a person confirmed; and the probe connects to it alone. So no change of DNS, no CNAME, no MX and
no change of the row can lead a probe to a stranger.
"""

import socket
from dataclasses import dataclass
from ipaddress import ip_address, ip_network

from django.utils.translation import gettext as _

from complaints.models import MailHost, Network
from incidents.verification import doors
from incidents.verification.doors import Door, Tls

PORTS = (25, 465, 587)

# Never probed, whoever confirms it. is_global of the standard library is no help: it calls
# multicast, NAT64 and 6to4 addresses global. Source: the IANA registries of special-purpose
# addresses (RFC 6890), and the prefixes that carry another address inside.
FORBIDDEN = tuple(
    ip_network(prefix)
    for prefix in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16"),
        *("172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16"),
        *("198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"),
        *("::/96", "::ffff:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23"),
        *("2001:db8::/32", "2002::/16", "3fff::/20", "5f00::/16", "fc00::/7", "fe80::/10"),
        *("fec0::/10", "ff00::/8"),
    )
)


class NotAllowed(Exception):
    """This host must not be probed; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Target:
    """One SMTP server to be asked: a pinned address and a port.

    source  the address of ours to speak from, "" for what the routing table says
    """

    host_name: str
    address: str
    port: int
    tls: Tls = Tls.NONE
    source: str = ""

    def at(self, door: Door) -> "Target":
        """The same host through another of its doors; from `source` if that speaks its IP."""
        same_kind = ":" in door.address if ":" in self.source else ":" not in door.address
        source = self.source if same_kind else ""
        return Target(self.host_name, door.address, door.port, door.tls, source)


def allowed(host: MailHost, *, loopback: bool, source: str = "") -> Target:
    """The target for a host of ours: its main door.

    loopback  go to 127.0.0.1 instead, whatever the host's addresses are, and to its port
              (MEYASU_PROBE_LOOPBACK, for the demo and for tests): no probe leaves this machine
    raises    NotAllowed: nobody confirmed the host, or it has no address that may be probed
    """
    address = allowed_addresses(host, loopback=loopback)[0]
    return Target(host.fqdn, address, host.probe_port, source=source)


def other_doors(host: MailHost, *, loopback: bool) -> tuple[Door, ...]:
    """The further doors of a host of ours; on loopback STARTTLS at its port alone.

    raises   NotAllowed, as `allowed`
    """
    if loopback:
        return (Door("STARTTLS", "127.0.0.1", host.probe_port, Tls.STARTTLS),)
    return doors.others(allowed_addresses(host, loopback=False), host.probe_port)


def allowed_addresses(host: MailHost, *, loopback: bool) -> tuple[str, ...]:
    """The addresses of a host that may be probed, at least one; else NotAllowed says why not."""
    if host.probe_confirmed_at is None or not host.probe_confirmed_by:
        raise NotAllowed(
            _("%(host)s must be confirmed for probing by a person before it is probed.")
            % {"host": host.fqdn}
        )
    if loopback:
        return ("127.0.0.1",)
    refusals, found = [], []
    for literal in map(str, host.addresses):
        why_not = refusal(literal, port=host.probe_port) or _not_ours(literal, host)
        if why_not:
            refusals.append(f"{literal}: {why_not}")
        else:
            found.append(str(ip_address(literal)))
    if not found:
        raise NotAllowed(
            _("%(host)s has no address that may be probed. %(why)s")
            % {"host": host.fqdn, "why": "; ".join(refusals)}
        )
    return tuple(found)


def _not_ours(literal: str, host: MailHost) -> str:
    """Why an address is not known to be ours; "" if a network of ours or a person says so."""
    if literal in host.probe_confirmed_addresses:
        return ""
    prefixes = Network.objects.filter(customer=None).values_list("prefix", flat=True)
    if any(ip_address(literal) in ip_network(prefix, strict=False) for prefix in prefixes):
        return ""
    return _("in no network of ours, and added after the host was confirmed: confirm it again")


def refusal(literal: str, *, port: int) -> str:
    """Why this address must not be probed, in words; "" if it may be."""
    try:
        address = ip_address(literal)
    except ValueError:
        return _("not an IP address; names are never looked up for a probe")
    if getattr(address, "scope_id", None) or any(address in net for net in FORBIDDEN):
        return _("not a public address")
    if port not in PORTS:
        return _("port %(port)s is not one of SMTP's (25, 465, 587)") % {"port": port}
    if source_towards(literal, port) == str(address):
        return _("an address of this very machine")
    return ""


def source_towards(address: str, port: int) -> str:
    """The address of ours that would speak to this one, "" if there is no way there.

    Connecting a datagram socket asks the routing table and sends nothing.
    """
    family = socket.AF_INET if ip_address(address).version == 4 else socket.AF_INET6
    with socket.socket(family, socket.SOCK_DGRAM) as asking:
        try:
            asking.connect((address, port))
        except OSError:
            return ""
        return str(asking.getsockname()[0])
