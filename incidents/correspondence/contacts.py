"""Whom to write to: our own list, by the network or the domain of what was seen."""

import ipaddress
from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from complaints import audit
from complaints.querysets import RelayedMessageQuerySet
from incidents.models import Contact, Incident, Listing
from incidents.reporting import figures

KIND_OF_LETTER = {
    "upstream": Contact.Kind.PROVIDER,
    "csirt": Contact.Kind.CSIRT,
    "protest": Contact.Kind.ORIGINATOR,
    "customer": Contact.Kind.CUSTOMER,
    "delisting": Contact.Kind.BLOCKLIST,
}
MOST_PAIRS = 5000

_Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def suggest(incident: Incident, letter_kind: str = "upstream") -> list[Contact]:
    """Contacts for a letter of this kind, those that most of what was seen fits first.

    Response teams are listed whether or not they fit, and operators of blocklists by the lists that
    have the host; for a kind that goes to nobody on the list, as an answer does, there are none.
    """
    kind = KIND_OF_LETTER.get(letter_kind)
    if kind is None:
        return []
    listed = list(Contact.objects.filter(kind=kind).order_by("name"))
    if kind == Contact.Kind.CSIRT:
        return listed
    if kind == Contact.Kind.BLOCKLIST:
        return _of_lists(incident, listed)
    pairs = _seen(incident)
    fitting = [(_fit(contact, pairs), contact) for contact in listed]
    ranked = sorted(fitting, key=lambda pair: -pair[0])
    return [contact for fit, contact in ranked if fit]


def _of_lists(incident: Incident, operators: list[Contact]) -> list[Contact]:
    """The operators of lists that have the host of the incident now: a list is under its domain."""
    listing = Listing.objects.of(incident.host).still() if incident.host else Listing.objects.none()
    zones = set(listing.values_list("zone__zone", flat=True))
    return [one for one in operators if any(Reach((), one.domains).has("", zone) for zone in zones)]


class Reach:
    """What belongs to somebody: networks, and the domains under which names are theirs."""

    def __init__(self, networks: Iterable[str], domains: Iterable[str]) -> None:
        self._networks = list(_readable(networks))
        self._domains = [domain.lower() for domain in domains]

    def has(self, client_ip: str, *names: str) -> bool:
        """Whether this address, or one of these names, is theirs."""
        if _is_inside(client_ip, self._networks):
            return True
        return any(_is_under(name, self._domains) for name in names)


def sources_of(contact: Contact, seen: RelayedMessageQuerySet) -> set[str]:
    """The client addresses among these messages that are in the contact's networks or domains."""
    reach = Reach(contact.networks, contact.domains)
    pairs = seen.values_list("client_ip", "client_name").distinct().order_by()[:MOST_PAIRS]
    return {client_ip for client_ip, name in pairs if reach.has(client_ip, name)}


def doubt(address: str, *, why: str, now: datetime) -> None:
    """A letter to this address came back: whoever has it is doubtful. Call it in a transaction."""
    for contact in Contact.objects.filter(email__iexact=address.strip()):
        fields = {"doubtful_since": contact.doubtful_since or now, "doubtful_why": why}
        Contact.objects.filter(pk=contact.pk).update(**fields)
        audit.record("contact-doubtful", contact, at=now, why=why)


def trust(address: str, *, now: datetime) -> None:
    """Somebody answered from this address: it is no longer doubtful. Call it in a transaction."""
    doubtful = Contact.objects.filter(email__iexact=address.strip())
    for contact in doubtful.exclude(doubtful_since=None):
        Contact.objects.filter(pk=contact.pk).update(doubtful_since=None, doubtful_why="")
        audit.record("contact-trusted", contact, at=now)


def _seen(incident: Incident) -> Counter[tuple[str, str, str]]:
    messages = figures.messages_of(incident)
    return Counter(messages.values_list("client_ip", "client_name", "sender_domain")[:MOST_PAIRS])


def _fit(contact: Contact, seen: Counter[tuple[str, str, str]]) -> int:
    """How many of the messages came from a network of the contact's, or bear a domain of it."""
    reach = Reach(contact.networks, contact.domains)
    return sum(count for (client_ip, *names), count in seen.items() if reach.has(client_ip, *names))


def _readable(networks: Iterable[str]) -> Iterable[_Network]:
    """The networks as they can be compared; what is no network fits nothing."""
    for prefix in networks:
        try:
            yield ipaddress.ip_network(prefix, strict=False)
        except ValueError:
            continue


def _is_inside(address: str, networks: list[_Network]) -> bool:
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(ip.version == network.version and ip in network for network in networks)


def _is_under(name: str, domains: Iterable[str]) -> bool:
    host = name.lower().rstrip(".")
    return any(host == domain or host.endswith(f".{domain}") for domain in domains)
