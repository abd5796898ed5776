"""Look-ups as rows: wanted by a person, done by the next round of jobs, kept with their age."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q

from complaints import audit
from complaints.audit import Actor
from complaints.cleantext import clean_line
from incidents.correspondence.lookup import fetch, public, registries, zones
from incidents.correspondence.lookup.rdap import Found
from incidents.models import Contact, LookUp

Source, State = Contact.Source, LookUp.State
LEASE = timedelta(minutes=2)
AT_ONCE = 20


def sources() -> list[str]:
    """The sources that the desk has set up."""
    on = {Source.RDAP: registries.is_on(), Source.DNS: zones.is_on()}
    return [source for source, is_on in on.items() if is_on]


def want(addresses: Iterable[str], *, by: Actor, now: datetime) -> int:
    """Have these addresses looked up, unless that was done lately; how many will be.

    What is private, reserved or ours is asked of nobody.
    """
    old = now - settings.MEYASU_LOOKUP_KEEP
    wanted = 0
    for address in dict.fromkeys(addresses):
        if public.why_not(address):
            continue
        for source in sources():
            asked = {"wanted_at": now, "wanted_by": audit.name_of(by)}
            row, is_new = LookUp.objects.get_or_create(about=address, source=source, defaults=asked)
            stale = Q(state=State.FAILED) | Q(looked_up_at__lt=old)
            again = LookUp.objects.filter(pk=row.pk).filter(stale)
            wanted += is_new or again.update(state=State.WANTED, lease_until=None, **asked)
    return wanted


def look_up_wanted(*, now: datetime) -> int:
    """Ask for what is wanted, each by one worker; how many answered. No transaction is open."""
    free = Q(lease_until=None) | Q(lease_until__lte=now)
    waiting = LookUp.objects.filter(free, state=State.WANTED).order_by("wanted_at", "pk")
    return sum(_look_up(row, now=now) for row in waiting[:AT_ONCE])


def _look_up(row: LookUp, *, now: datetime) -> bool:
    leased = LookUp.objects.filter(pk=row.pk, state=State.WANTED, lease_until=row.lease_until)
    if not leased.update(lease_until=now + LEASE):
        return False
    try:
        found = _asked(row, now=now)
    except fetch.NotKnown as nothing:
        return _save(row, State.NOTHING, [], str(nothing), now=now)
    except fetch.NotFetched as failure:
        return _save(row, State.FAILED, [], str(failure), now=now)
    state = State.FOUND if found else State.NOTHING
    return _save(row, state, found, "", now=now)


def _asked(row: LookUp, *, now: datetime) -> list[Found]:
    if refusal := public.why_not(row.about):  # it may have become ours since
        raise fetch.NotKnown(refusal)
    return zones.ask(row.about) if row.source == Source.DNS else registries.ask(row.about, now=now)


def _save(row: LookUp, state: str, found: list[Found], problem: str, *, now: datetime) -> bool:
    fields = {
        "state": state,
        "answers": [one.as_row() for one in found],
        "problem": clean_line(problem, 500),
        "looked_up_at": now,
        "lease_until": None,
    }
    LookUp.objects.filter(pk=row.pk, state=State.WANTED).update(**fields)
    return state == State.FOUND
