"""Abuse contacts by DNS: a TXT record under a zone that the desk has named, by address."""

import dns.exception
import dns.nameserver
import dns.resolver
import dns.reversename
from django.conf import settings
from django.utils.translation import gettext as _

from incidents.correspondence.lookup.fetch import NotFetched, NotKnown
from incidents.correspondence.lookup.rdap import MOST_ANSWERS, Found, is_address


def is_on() -> bool:
    """Whether the desk has named a zone."""
    return bool(settings.MEYASU_CONTACT_ZONES)


def ask(address: str) -> list[Found]:
    """The contacts that the zones have for this address, the first zone's first.

    raises   NotFetched if no zone could be asked, NotKnown if none has anything
    """
    found: list[Found] = []
    failure: NotFetched | None = None
    for zone in settings.MEYASU_CONTACT_ZONES:
        try:
            found += _asked(address, zone)
        except NotFetched as problem:
            failure = problem
    if not found:
        raise failure or NotKnown(_("No zone knows anything of it."))
    return found[:MOST_ANSWERS]


def _asked(address: str, zone: str) -> list[Found]:
    reverse = dns.reversename.from_address(address)
    labels = reverse.labels[:-3]  # without in-addr.arpa. and ip6.arpa.
    name = b".".join(labels).decode() + f".{zone.strip('.')}."
    try:
        answer = resolver().resolve(name, "TXT", search=False)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return []
    except dns.exception.DNSException as error:
        words = f"{type(error).__name__}: {error}"[:200]
        raise NotFetched(_("%(zone)s: %(why)s") % {"zone": zone, "why": words}) from error
    texts = [b"".join(record.strings).decode("ascii", "replace") for record in answer]
    named = [word.lower() for text in texts for word in text.replace(",", " ").split()]
    return [
        Found(word, "", "abuse", is_weak=False, where=zone)
        for word in dict.fromkeys(named)
        if is_address(word)
    ]


def resolver() -> dns.resolver.Resolver:
    """The system's resolver, or the servers of MEYASU_DNS_SERVERS (`address` or `address:port`)."""
    servers = settings.MEYASU_DNS_SERVERS
    made = dns.resolver.Resolver(configure=not servers)
    made.lifetime = settings.MEYASU_LOOKUP_TIMEOUT.total_seconds()
    if servers:
        made.nameservers = [_server(server) for server in servers]
    return made


def _server(words: str) -> dns.nameserver.Nameserver:
    """A name server as it is set: an address, of IPv4 with a port if need be."""
    host, colon, port = words.partition(":")
    if not colon or ":" in port:
        return dns.nameserver.Do53Nameserver(words)
    return dns.nameserver.Do53Nameserver(host, int(port))
