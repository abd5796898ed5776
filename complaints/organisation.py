"""Who we are: in from JSON, out to JSON, and the one answer to "is this ours?"."""

from datetime import datetime, timedelta, timezone, tzinfo
from typing import Any

from django.db import transaction

from complaints.maillog.direction import Ourselves
from complaints.models import Customer, MailHost, Network, Organisation

KEYS = {
    "name",
    "domains",
    "mailboxes",
    "utc_offset",
    "networks",
    "mail_hosts",
    "customers",
    "logs_taken_at",
    "ticket_example",
}
HOST_KEYS = {"name", "fqdn", "addresses", "mta", "log_files", "log_utc_offset"}
CUSTOMER_KEYS = {"id", "name", "domain", "networks"}


class NotAnOrganisation(ValueError):
    """The JSON does not have the shape that docs/operate.md describes; says where."""


def ourselves() -> Ourselves:
    """What the pure rooms need to know of us, read from the tables."""
    organisation = Organisation.objects.first()
    hosts = list(MailHost.objects.all())
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


def zone_of_offset(offset: str) -> tzinfo:
    """The zone of a UTC offset as it is written in the organisation, `+09:00`."""
    sign = -1 if offset.startswith("-") else 1
    hours, _, minutes = offset.lstrip("+-").partition(":")
    return timezone(sign * timedelta(hours=int(hours or 0), minutes=int(minutes or 0)))


@transaction.atomic
def import_organisation(data: dict[str, Any]) -> Organisation:
    """Make the tables say what the JSON says; hosts and customers are known by their names.

    raises   NotAnOrganisation for a key that is unknown or missing
    """
    _check(data, KEYS, "the organisation", needed={"name", "domains"})
    taken_at = data.get("logs_taken_at")
    organisation, _ = Organisation.objects.update_or_create(
        pk=1,
        defaults={
            "name": data["name"],
            "domains": data["domains"],
            "mailboxes": data.get("mailboxes", []),
            "utc_offset": data.get("utc_offset", "+00:00"),
            "ticket_example": data.get("ticket_example") or "",
            "logs_taken_at": datetime.fromisoformat(taken_at) if taken_at else None,
        },
    )
    Network.objects.all().delete()
    for prefix in data.get("networks", []):
        Network.objects.update_or_create(prefix=prefix)
    for host in data.get("mail_hosts", []):
        _check(host, HOST_KEYS, "a mail host", needed={"name", "fqdn"})
        MailHost.objects.update_or_create(
            name=host["name"], defaults={key: host[key] for key in HOST_KEYS & host.keys()}
        )
    for customer in data.get("customers", []):
        _import_customer(customer)
    return organisation


def export_organisation() -> dict[str, Any]:
    """The same JSON back, from the tables."""
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
        "mail_hosts": [{key: getattr(host, key) for key in sorted(HOST_KEYS)} for host in hosts],
        "customers": [
            {
                "id": customer.identifier,
                "name": customer.name,
                "domain": customer.domain,
                "networks": [network.prefix for network in customer.networks.all()],
            }
            for customer in Customer.objects.prefetch_related("networks").order_by("identifier")
        ],
    }


def _import_customer(data: dict[str, Any]) -> None:
    _check(data, CUSTOMER_KEYS, "a customer", needed={"id", "name"})
    customer, _ = Customer.objects.update_or_create(
        identifier=data["id"], defaults={"name": data["name"], "domain": data.get("domain") or ""}
    )
    for prefix in data.get("networks", []):
        Network.objects.update_or_create(prefix=prefix, defaults={"customer": customer})


def _check(data: Any, known: set[str], what: str, *, needed: set[str]) -> None:
    if not isinstance(data, dict):
        raise NotAnOrganisation(f"Of {what} an object was expected, not {type(data).__name__}.")
    if unknown := sorted(data.keys() - known):
        raise NotAnOrganisation(f"Unknown in {what}: {', '.join(unknown)}.")
    if missing := sorted(needed - data.keys()):
        raise NotAnOrganisation(f"Missing in {what}: {', '.join(missing)}.")
