"""Watches whether blocklists have the hosts of open incidents; what begins and ends is told.

Each address is asked about as rarely as its zone says, no more than a few at a time, one after
the other, and by one worker: the row of the check is moved on before the question leaves.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction

from complaints import audit
from complaints.cleantext import clean_line
from complaints.models import MailHost
from incidents.listings import zones
from incidents.models import Incident, ListCheck, Listing, ListZone

AT_ONCE = 20
LEAST = timedelta(minutes=15)
TRIED_EVERY = timedelta(days=1)


def watch(*, now: datetime) -> int:
    """Ask what is due; how many listings began or ended. No transaction is open meanwhile."""
    _take_from_settings()
    zones_on = list(ListZone.objects.filter(is_on=True).order_by("pk"))
    hosts = _hosts() if zones_on else {}
    if not hosts:
        return 0
    checks = _due(zones_on, hosts, now=now)
    believed: dict[int, bool] = {}
    changed = 0
    for check in checks[:AT_ONCE]:
        zone = check.zone
        if zone.pk not in believed:
            believed[zone.pk] = _is_believed(zone, now=now)
        if believed[zone.pk] and _claim(check, now=now):
            changed += _ask(check, hosts[check.address], now=now)
    return changed


def _take_from_settings() -> None:
    """The lists that verifications ask are watched too, unless the admin switches them off."""
    named = {zone.strip(".").lower() for zone in settings.MEYASU_DNSBL_ZONES}
    if not named:
        return
    known = set(ListZone.objects.filter(zone__in=named).values_list("zone", flat=True))
    rows = [ListZone(name=zone, zone=zone) for zone in sorted(named - known)]
    ListZone.objects.bulk_create(rows, ignore_conflicts=True)


def _hosts() -> dict[str, MailHost]:
    """The hosts of open incidents by their addresses, as far as others can list them."""
    open_ones = Incident.objects.open().exclude(host=None).values("host")
    return {
        address: host
        for host in MailHost.objects.filter(pk__in=open_ones).order_by("-pk")
        for address in host.addresses
        if zones.can_be_asked(address)
    }


def _due(zones_on: list[ListZone], addresses: Iterable[str], *, now: datetime) -> list[ListCheck]:
    wanted = sorted(addresses)
    kept = ListCheck.objects.filter(zone__in=zones_on, address__in=wanted).select_related("zone")
    known = {(check.zone_id, check.address): check for check in kept}
    new = [
        ListCheck(zone=zone, address=address, next_at=now)
        for zone in zones_on
        for address in wanted
        if (zone.pk, address) not in known
    ]
    if new:
        ListCheck.objects.bulk_create(new, ignore_conflicts=True)
        kept = kept.all()
    return [check for check in kept.order_by("next_at", "pk") if check.next_at <= now]


def _claim(check: ListCheck, *, now: datetime) -> bool:
    """The conditional UPDATE is the claim: of two workers, one asks."""
    every = max(timedelta(minutes=check.zone.every_minutes), LEAST)
    mine = ListCheck.objects.filter(pk=check.pk, next_at=check.next_at)
    return bool(mine.update(next_at=now + every, asked_at=now))


def _is_believed(zone: ListZone, *, now: datetime) -> bool:
    """Whether what the zone says counts; tried once a day, by one worker."""
    if zone.tried_at is not None and zone.tried_at > now - TRIED_EVERY:
        return not zone.problem
    mine = ListZone.objects.filter(pk=zone.pk, tried_at=zone.tried_at)
    if not mine.update(tried_at=now):
        return False
    try:
        zone.problem = zones.why_not_believed(zone.zone)
    except zones.NotAnswered as failure:
        zone.problem = str(failure)
    ListZone.objects.filter(pk=zone.pk).update(problem=clean_line(zone.problem, 500))
    return not zone.problem


def _ask(check: ListCheck, host: MailHost, *, now: datetime) -> bool:
    try:
        answer = zones.ask(check.address, check.zone.zone)
    except zones.NotAnswered as failure:
        # What is not known changes nothing: a listing stands until the list says otherwise.
        ListCheck.objects.filter(pk=check.pk).update(problem=clean_line(str(failure), 500))
        return False
    ListCheck.objects.filter(pk=check.pk).update(problem="")
    if answer.codes:
        return _listed(check, host, answer, now=now)
    return _cleared(check, now=now)


def _listed(check: ListCheck, host: MailHost, answer: zones.Answer, *, now: datetime) -> bool:
    said = {"codes": list(answer.codes), "reason": clean_line(answer.reason, 500), "seen_at": now}
    standing = Listing.objects.still().filter(zone=check.zone, address=check.address)
    if standing.update(**said):
        return False
    try:
        with transaction.atomic():
            listing = Listing.objects.create(
                host=host, zone=check.zone, address=check.address, listed_at=now, **said
            )
            _tell("listing-found", listing, host, now=now)
    except IntegrityError:  # another worker has just seen it
        return False
    return True


def _cleared(check: ListCheck, *, now: datetime) -> bool:
    with transaction.atomic():
        standing = Listing.objects.still().filter(zone=check.zone, address=check.address)
        listing = standing.select_related("host", "zone").first()
        if listing is None or not standing.update(cleared_at=now):
            return False
        _tell("listing-cleared", listing, listing.host, now=now)
    return True


def _tell(action: str, listing: Listing, host: MailHost, *, now: datetime) -> None:
    """In the history of each open incident of the host."""
    audit.record_all(
        [
            audit.Act(
                action,
                listing,
                incident.reference,
                {
                    "address": listing.address,
                    "zone": listing.zone.name,
                    "codes": " ".join(listing.codes),
                    "why": listing.reason[:300],
                },
            )
            for incident in Incident.objects.open().filter(host=host).order_by("pk")
        ],
        at=now,
    )
