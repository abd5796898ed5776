"""Which registry knows an address: the lists of RFC 9224, kept as rows with their age."""

from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from incidents.correspondence.lookup import fetch, rdap
from incidents.correspondence.lookup.rdap import Found
from incidents.models import RegistryList

FRESH = timedelta(days=7)
MOST_SERVICES, MOST_PREFIXES = 200, 5000


def is_on() -> bool:
    """Whether the desk has said where the lists are."""
    return bool(settings.MEYASU_RDAP_LISTS)


def ask(address: str, *, now: datetime) -> list[Found]:
    """The contacts that the registry of this address names.

    raises   fetch.NotFetched
    """
    base = registry_of(address, services(f"ipv{ip_address(address).version}", now=now))
    answer = fetch.json_at(f"{base.rstrip('/')}/ip/{address}")
    return rdap.contacts_in(answer.data)


def services(name: str, *, now: datetime) -> list[Any]:
    """The list of registries for `ipv4` or `ipv6`: fetched anew once a week, else as it was.

    An old list is better than none: without a network the one that was fetched last is used.
    """
    kept = RegistryList.objects.filter(name=name).first()
    if kept is not None and kept.fetched_at > now - FRESH:
        return list(kept.services)
    try:
        data = fetch.json_at(f"{settings.MEYASU_RDAP_LISTS.rstrip('/')}/{name}.json").data
    except fetch.NotFetched:
        if kept is None:
            raise
        return list(kept.services)
    found = data.get("services") if isinstance(data, dict) else None
    if not isinstance(found, list):
        raise fetch.NotFetched(_("The list of registries is none (RFC 9224)."))
    fields = {"services": found[:MOST_SERVICES], "fetched_at": now}
    RegistryList.objects.update_or_create(name=name, defaults=fields)
    return found[:MOST_SERVICES]


def registry_of(address: str, listed: list[Any]) -> str:
    """The address of the registry with the longest prefix, HTTPS before HTTP (RFC 9224).

    raises   fetch.NotKnown
    """
    ip = ip_address(address)
    longest, best = -1, ""
    for service in listed:
        for prefix in _strings(service, 0)[:MOST_PREFIXES]:
            try:
                network = ip_network(prefix)
            except ValueError:
                continue
            if network.version == ip.version and ip in network and network.prefixlen > longest:
                urls = sorted(_strings(service, 1), key=lambda url: not url.startswith("https:"))
                longest, best = network.prefixlen, urls[0] if urls else ""
    if not best:
        raise fetch.NotKnown(_("No registry is listed for this address."))
    return best


def _strings(service: Any, place: int) -> list[str]:
    if not isinstance(service, list) or len(service) <= place:
        return []
    inner = service[place]
    return [one for one in inner if isinstance(one, str)] if isinstance(inner, list) else []
