"""The only file that asks blocklists by DNS: one address in one zone. Source: RFC 5782."""

from dataclasses import dataclass
from ipaddress import ip_address, ip_network

import dns.exception
import dns.resolver
import dns.reversename
from django.utils.translation import gettext as _

from incidents.correspondence.lookup.zones import resolver

# Answers outside of it are no listing: a resolver that answers for names that do not exist.
ANSWERS = ip_network("127.0.0.0/8")
# How large lists say that they do not answer this resolver, or asks too often.
REFUSALS = ip_network("127.255.255.0/24")
LISTED, NOT_LISTED = "127.0.0.2", "127.0.0.1"
MOST_CODES, MOST_REASON = 8, 500


class NotAnswered(Exception):
    """The zone said nothing that can be believed; says why."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a zone has on an address: its codes (none if it is not listed) and its reason."""

    codes: tuple[str, ...] = ()
    reason: str = ""


def ask(address: str, zone: str) -> Answer:
    """Whether this zone lists this address.

    raises  NotAnswered if it cannot be asked, or refuses to answer us
    """
    name = question(address, zone)
    codes = [str(code) for code in _resolved(name, "A")]
    if any(ip_address(code) in REFUSALS for code in codes):
        raise NotAnswered(_("It refuses to answer us: %(codes)s") % {"codes": " ".join(codes)})
    listed = [code for code in codes if ip_address(code) in ANSWERS]
    if codes and not listed:
        raise NotAnswered(_("It answers with addresses that mean nothing here."))
    if not listed:
        return Answer()
    try:
        reason = " ".join(_resolved(name, "TXT"))
    except NotAnswered:
        reason = ""
    return Answer(tuple(sorted(listed)[:MOST_CODES]), reason[:MOST_REASON])


def question(address: str, zone: str) -> str:
    """The name that is asked for: 192.0.2.25 in dnsbl.example is 25.2.0.192.dnsbl.example."""
    labels = dns.reversename.from_address(address).labels[:-3]  # without in-addr.arpa., ip6.arpa.
    return b".".join(labels).decode() + f".{zone.strip('.')}."


def why_not_believed(zone: str) -> str:
    """Why a zone cannot be believed, "" if it can: it has what all have, and lacks what all lack.

    raises  NotAnswered if it cannot be asked
    """
    if ask(NOT_LISTED, zone).codes:
        return _("It lists 127.0.0.1, which no list has: it would list everything.")
    if not ask(LISTED, zone).codes:
        return _("It does not list 127.0.0.2, which every list has: it is no blocklist.")
    return ""


def can_be_asked(address: str) -> bool:
    """Nobody outside hears of an address that is not in use there."""
    return ip_address(address).is_global


def _resolved(name: str, kind: str) -> list[str]:
    """The records of a name as text, none if it does not exist."""
    try:
        found = resolver().resolve(name, kind, search=False)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return []
    except dns.exception.DNSException as error:
        raise NotAnswered(f"{type(error).__name__}: {error}"[:300]) from error
    if kind == "TXT":
        return [b"".join(record.strings).decode("utf-8", "replace") for record in found]
    return [record.to_text() for record in found]
