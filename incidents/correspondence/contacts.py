"""Whom to write to: our own list, by the network or the domain of what was seen."""

import ipaddress
from collections import Counter

from complaints.models import RelayedMessage
from incidents.models import Contact, Incident

KIND_OF_LETTER = {
    "upstream": Contact.Kind.PROVIDER,
    "csirt": Contact.Kind.CSIRT,
    "protest": Contact.Kind.ORIGINATOR,
}


def suggest(incident: Incident, letter_kind: str) -> list[Contact]:
    """Contacts for a letter of this kind, those that fit what was seen first."""
    kind = KIND_OF_LETTER.get(letter_kind)
    if kind is None:
        return []
    listed = list(Contact.objects.filter(kind=kind).order_by("name"))
    if kind == Contact.Kind.CSIRT:
        return listed
    sources, senders = _seen(incident)
    fitting = [(_fit(contact, sources, senders), contact) for contact in listed]
    ranked = sorted(fitting, key=lambda pair: -pair[0])
    return [contact for fit, contact in ranked if fit]


def _seen(incident: Incident) -> tuple[Counter[str], Counter[str]]:
    messages = RelayedMessage.objects.filter(campaigns__incident=incident).distinct()
    pairs = messages.values_list("client_ip", "sender_domain")[:5000]
    return Counter(ip for ip, _ in pairs), Counter(domain for _, domain in pairs)


def _fit(contact: Contact, sources: Counter[str], senders: Counter[str]) -> int:
    """How many of the messages came from a network or a sender domain of the contact's."""
    networks = [ipaddress.ip_network(prefix, strict=False) for prefix in contact.networks]
    by_network = sum(
        count
        for source, count in sources.items()
        if source and any(_inside(source, network) for network in networks)
    )
    return by_network + sum(senders[domain] for domain in contact.domains)


def _inside(address: str, network: ipaddress.IPv4Network | ipaddress.IPv6Network) -> bool:
    ip = ipaddress.ip_address(address)
    return ip.version == network.version and ip in network
