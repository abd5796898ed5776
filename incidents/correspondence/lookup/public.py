"""Which addresses may be asked about: public ones of others. Nobody outside hears of our own."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from django.utils.translation import gettext as _

from complaints import organisation

_UNICAST6 = ip_network("2000::/3")
# Within it, what carries or stands for something else (RFC 6890 and the registries it names).
_SPECIAL6 = tuple(map(ip_network, ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")))


def why_not(address: str) -> str:
    """Why nobody is asked about this address, in words; "" if somebody may be."""
    try:
        ip = ip_address(address)
    except ValueError:
        return _("This is no address.")
    if not is_public(ip):
        return _("This address is private or reserved: no registry knows whose it is.")
    us = organisation.ourselves()
    if us.has_address(str(ip)) or us.customer_of(str(ip)):
        return _("This address is ours, or a customer's.")
    return ""


def is_public(ip: IPv4Address | IPv6Address) -> bool:
    """A unicast address of the public internet, by itself and not by what it carries."""
    if isinstance(ip, IPv4Address):
        return ip.is_global and not ip.is_multicast
    return ip in _UNICAST6 and not any(ip in network for network in _SPECIAL6)
