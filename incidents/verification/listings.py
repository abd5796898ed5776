"""Is an address of ours delisted? What the DNS block lists that the desk names say of it.

Source: RFC 5782. An answer outside 127.0.0.0/8, or in 127.255.255.0/24, is an error of the list.
"""

from collections.abc import Iterable
from ipaddress import IPv4Address, ip_address, ip_network

import dns.exception
import dns.resolver
import dns.reversename
from django.conf import settings

from incidents.correspondence.lookup import zones
from incidents.models import ListZone
from incidents.verification.held import Finding, Holds
from incidents.verification.wording import Reason, gettext_noop

LISTED = ip_network("127.0.0.0/8")
ERRORS = ip_network("127.255.255.0/24")
MOST_ADDRESSES = 8


class WrongAnswer(Exception):
    """The list refuses to tell, or is none; the message has its codes."""


def look(addresses: Iterable[str], *, decides: bool) -> list[Finding]:
    """One finding for each address and list that says anything but “not listed”, or one for all.

    decides  whether being listed means that the incident is not fixed
    """
    lists = _lists()
    asked = [(one, zone) for one in _public(addresses) for zone in lists]
    found = [_finding(one, zone, decides=decides) for one, zone in asked]
    if asked and all(one.holds is Holds.YES for one in found):
        words = gettext_noop("listed by none of %(lists)s")
        return [Finding(Holds.YES, Reason(words, {"lists": ", ".join(lists)}), decides=decides)]
    return [one for one in found if one.holds is not Holds.YES]


def _lists() -> list[str]:
    """The lists of the settings that nobody switched off in the admin, and those of the admin that
    can be believed."""
    named = (zone.strip(".").lower() for zone in settings.MEYASU_DNSBL_ZONES)
    rows = ListZone.objects.order_by("pk").values_list("zone", "is_on", "problem")
    kept = {zone: (is_on, problem) for zone, is_on, problem in rows}
    of_settings = [zone for zone in named if kept.get(zone, (True, ""))[0]]
    believed = [zone for zone, (is_on, problem) in kept.items() if is_on and not problem]
    return list(dict.fromkeys([*of_settings, *believed]))


def _public(addresses: Iterable[str]) -> list[str]:
    """Nobody outside hears of an address that is not in use there."""
    return [one for one in addresses if ip_address(one).is_global][:MOST_ADDRESSES]


def _finding(address: str, zone: str, *, decides: bool) -> Finding:
    values: dict[str, int | str] = {"address": address, "list": zone}
    try:
        codes = answer(address, zone)
    except (dns.exception.DNSException, WrongAnswer) as error:
        words = gettext_noop("%(list)s did not say whether %(address)s is listed: %(why)s")
        why = f"{type(error).__name__}: {error}"[:200]
        return Finding(
            Holds.UNKNOWN,
            Reason(words, values | {"why": why}),
            Reason(gettext_noop("an answer of %(list)s"), {"list": zone}),
            decides=decides,
        )
    if not codes:
        words = gettext_noop("%(address)s is not listed by %(list)s")
        return Finding(Holds.YES, Reason(words, values), decides=decides)
    words = gettext_noop("%(address)s is still listed by %(list)s (%(codes)s)")
    return Finding(
        Holds.NO,
        Reason(words, values | {"codes": ", ".join(codes)}),
        Reason(gettext_noop("%(address)s taken off %(list)s"), values),
        decides=decides,
    )


def answer(address: str, zone: str) -> list[str]:
    """The codes by which a list lists an address; [] if it does not.

    raises   dns.exception.DNSException: the list cannot be asked; WrongAnswer
    """
    labels = dns.reversename.from_address(address).labels[:-3]  # without in-addr.arpa. and the like
    name = b".".join(labels).decode() + f".{zone.strip('.')}."
    try:
        records = zones.resolver().resolve(name, "A", search=False)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return []
    codes = [IPv4Address(record.address) for record in records]
    if any(code not in LISTED or code in ERRORS for code in codes):
        raise WrongAnswer(", ".join(map(str, codes)))
    return sorted(map(str, codes))
