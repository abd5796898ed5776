"""Who we are: in from JSON, out to JSON, and the one answer to "is this ours?"."""

import ipaddress
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta, timezone, tzinfo
from functools import wraps
from typing import Any, TypeVar

from django.conf import settings
from django.db import transaction

from complaints import audit
from complaints.maillog.direction import Ourselves
from complaints.models import Customer, MailHost, Network, Organisation

_OFFSET = re.compile(r"[+-](?:0\d|1[0-4]):[0-5]\d")


class NotAnOrganisation(ValueError):
    """The JSON does not have the shape that docs/operate.md describes; says where."""


_remembered: ContextVar[dict[str, Any] | None] = ContextVar("remembered", default=None)
_Answer = TypeVar("_Answer")


@contextmanager
def remembered() -> Iterator[None]:
    """Ask the tables who we are once while the block runs: for one walk, never for long."""
    if _remembered.get() is not None:
        yield
        return
    token = _remembered.set({})
    try:
        yield
    finally:
        _remembered.reset(token)


def _once(ask: Callable[[], _Answer]) -> Callable[[], _Answer]:
    """The answer of a function, asked once within `remembered`."""

    @wraps(ask)
    def answer() -> _Answer:
        kept = _remembered.get()
        if kept is None:
            return ask()
        if ask.__name__ not in kept:
            kept[ask.__name__] = ask()
        found: _Answer = kept[ask.__name__]
        return found

    return answer


@_once
def ourselves() -> Ourselves:
    """What the pure rooms need to know of us, read from the tables."""
    organisation = row()
    hosts = list(mail_hosts().values())
    networks = list(Network.objects.select_related("customer"))
    return Ourselves(
        domains=frozenset(
            domain.lower()
            for domain in [
                *(organisation.domains if organisation else []),
                *Customer.objects.exclude(domain="").values_list("domain", flat=True),
            ]
        ),
        networks=tuple(network.prefix for network in networks),
        host_names=frozenset(host.fqdn.lower() for host in hosts),
        host_addresses=frozenset(address for host in hosts for address in host.addresses),
        customer_networks={
            network.prefix: network.customer.identifier for network in networks if network.customer
        },
    )


@_once
def desk_addresses() -> frozenset[str]:
    """The addresses at which complaints arrive, and from which the desk writes."""
    organisation = row()
    boxes = organisation.mailboxes if organisation else []
    return frozenset(box.lower() for box in [*boxes, settings.DEFAULT_FROM_EMAIL])


@_once
def row() -> Organisation | None:
    """The organisation as it is set up; None before it is."""
    return Organisation.objects.first()


@_once
def mail_hosts() -> dict[int, MailHost]:
    """The mail hosts of ours by their keys."""
    return MailHost.objects.in_bulk()


@_once
def host_names() -> dict[str, str]:
    """The name of each mail host by what a mail may call it: its full name, its addresses."""
    names = {}
    for host in mail_hosts().values():
        for called in (host.fqdn.lower(), *host.addresses):
            names[called] = host.name
    return names


def zone_of_offset(offset: str) -> tzinfo:
    """The zone of a UTC offset as it is written in the organisation, `+09:00`."""
    sign = -1 if offset.startswith("-") else 1
    hours, _, minutes = offset.lstrip("+-").partition(":")
    return timezone(sign * timedelta(hours=int(hours or 0), minutes=int(minutes or 0)))


def import_organisation(data: object, *, now: datetime | None = None) -> Organisation:
    """Make the tables say what the JSON says; hosts and customers are known by their names.

    Networks and customers that are no longer named are removed. Hosts stay: the log index
    refers to them.
    now      when, for the history; None leaves it out there
    raises   NotAnOrganisation for a key that is unknown or missing, or a value that cannot be
    """
    checked = _checked(data, _ORGANISATION, "the organisation", needed=("name", "domains"))
    hosts, customers = checked.pop("mail_hosts", []), checked.pop("customers", [])
    networks = checked.pop("networks", [])
    with transaction.atomic():
        organisation, _ = Organisation.objects.update_or_create(pk=1, defaults=_DEFAULTS | checked)
        Network.objects.all().delete()
        for prefix in networks:
            Network.objects.update_or_create(prefix=prefix)
        for host in hosts:
            MailHost.objects.update_or_create(name=host.pop("name"), defaults=host)
        _import_customers(customers)
        if now is not None:
            audit.record("organisation-imported", organisation, at=now)
    return organisation


def export_organisation() -> dict[str, Any]:
    """The same JSON back, from the tables.

    raises   NotAnOrganisation if there is none yet
    """
    organisation = Organisation.objects.first()
    if organisation is None:
        raise NotAnOrganisation("No organisation has been set up yet: organisation import FILE.")
    hosts = MailHost.objects.order_by("name")
    own = Network.objects.filter(customer=None).order_by("prefix")
    taken_at = organisation.logs_taken_at
    return {
        "name": organisation.name,
        "domains": organisation.domains,
        "mailboxes": organisation.mailboxes,
        "utc_offset": organisation.utc_offset,
        "networks": [network.prefix for network in own],
        "logs_taken_at": taken_at.isoformat() if taken_at else None,
        "ticket_example": organisation.ticket_example or None,
        "mail_hosts": [{key: getattr(host, key) for key in _HOST} for host in hosts],
        "customers": [
            {
                "id": customer.identifier,
                "name": customer.name,
                "domain": customer.domain or None,
                "networks": sorted(network.prefix for network in customer.networks.all()),
            }
            for customer in Customer.objects.prefetch_related("networks").order_by("identifier")
        ],
    }


def normal_prefix(value: str) -> str:
    """The network in normal form: `192.0.2.0/24`.

    raises   ValueError if it is none, worded for the person who wrote it
    """
    try:
        return str(ipaddress.ip_network(value.strip(), strict=False))
    except ValueError:
        raise ValueError(f"“{value[:60]}” is no network, as 192.0.2.0/24 is.") from None


def normal_domain(value: str) -> str:
    """The domain in lower case, without a dot at its end; raises ValueError as above."""
    domain = str(_text(255)(value)).lower().rstrip(".")
    if not domain or any(char in domain for char in " @/:"):
        raise ValueError(f"“{domain[:60]}” is no domain.")
    return domain


def normal_offset(value: str) -> str:
    """The offset from UTC as +09:00; raises ValueError as above."""
    if not isinstance(value, str) or not _OFFSET.fullmatch(value.strip()):
        raise ValueError("an offset such as +09:00 was expected.")
    return value.strip()


def normal_address(value: str) -> str:
    """The IP address in normal form; raises ValueError as above."""
    try:
        return str(ipaddress.ip_address(str(value).strip()))
    except ValueError:
        raise ValueError(f"“{str(value)[:60]}” is no IP address.") from None


def _import_customers(customers: list[dict[str, Any]]) -> None:
    names = [customer["id"] for customer in customers]
    Customer.objects.exclude(identifier__in=names).delete()
    for data in customers:
        customer, _ = Customer.objects.update_or_create(
            identifier=data["id"], defaults={"name": data["name"], "domain": data.get("domain", "")}
        )
        for prefix in data.get("networks", []):
            Network.objects.update_or_create(prefix=prefix, defaults={"customer": customer})


def _checked(
    data: object, shape: Mapping[str, "Check"], what: str, *, needed: tuple[str, ...]
) -> dict[str, Any]:
    """The values in normal form; every key must be known, those needed must be there."""
    if not isinstance(data, dict):
        raise NotAnOrganisation(f"Of {what} an object was expected, not {type(data).__name__}.")
    if unknown := sorted(str(key) for key in data.keys() - shape.keys()):
        raise NotAnOrganisation(f"Unknown in {what}: {', '.join(unknown)}.")
    if missing := [key for key in needed if data.get(key) is None]:
        raise NotAnOrganisation(f"Missing in {what}: {', '.join(missing)}.")
    checked = {}
    for key, value in data.items():
        try:
            checked[key] = shape[key](value)
        except NotAnOrganisation:
            raise
        except (ValueError, TypeError) as problem:
            raise NotAnOrganisation(f"{key} of {what}: {problem}") from None
    return checked


Check = Callable[[Any], Any]


def _text(limit: int) -> Check:
    def check(value: Any) -> str:
        if value is None:
            return ""
        if not isinstance(value, str) or len(value) > limit:
            raise ValueError(f"a text of at most {limit} characters was expected.")
        return value.strip()

    return check


def _list_of(check: Check) -> Check:
    def check_all(value: Any) -> list[Any]:
        if not isinstance(value, list):
            raise ValueError(f"a list was expected, not {type(value).__name__}.")
        return [check(one) for one in value]

    return check_all


def _moment(value: Any) -> datetime | None:
    if value is None:
        return None
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise ValueError("the time has no zone; write it as 1998-02-28T00:00:00+09:00.")
    return moment


def _host(value: Any) -> dict[str, Any]:
    return _checked(value, _HOST, "a mail host", needed=("name", "fqdn"))


def _customer(value: Any) -> dict[str, Any]:
    return _checked(value, _CUSTOMER, "a customer", needed=("id", "name"))


_DEFAULTS: dict[str, Any] = {
    "mailboxes": [],
    "utc_offset": "+00:00",
    "ticket_example": "",
    "logs_taken_at": None,
}
_HOST: dict[str, Check] = {
    "name": _text(100),
    "fqdn": normal_domain,
    "addresses": _list_of(normal_address),
    "mta": _text(20),
    "log_files": _text(255),
    "log_utc_offset": normal_offset,
}
_CUSTOMER: dict[str, Check] = {
    "id": _text(100),
    "name": _text(200),
    "domain": lambda value: normal_domain(value) if value else "",
    "networks": _list_of(normal_prefix),
}
_ORGANISATION: dict[str, Check] = {
    "name": _text(200),
    "domains": _list_of(normal_domain),
    "mailboxes": _list_of(_text(320)),
    "utc_offset": normal_offset,
    "networks": _list_of(normal_prefix),
    "mail_hosts": _list_of(_host),
    "customers": _list_of(_customer),
    "logs_taken_at": _moment,
    "ticket_example": _text(100),
}
