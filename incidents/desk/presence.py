"""Who looks at a complaint or an incident now: a short lease, renewed while the page is open."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.contrib.auth.models import User

from incidents.models import Presence

LEASE = timedelta(seconds=75)
KEPT = timedelta(hours=1)


def come(user: User, about: str, *, now: datetime) -> list[str]:
    """Note that somebody looks at it; the names of the others who do."""
    until = now + LEASE
    if not Presence.objects.filter(user=user, about=about).update(until=until):
        Presence.objects.bulk_create(
            [Presence(user=user, about=about, until=until)], ignore_conflicts=True
        )
        Presence.objects.filter(until__lt=now - KEPT).delete()
    return others(user, [about], now=now).get(about, [])


def others(user: User, about: Iterable[str], *, now: datetime) -> dict[str, list[str]]:
    """By reference: the names of those who look at it, beside the one who asks."""
    found: dict[str, list[str]] = {}
    rows = Presence.objects.filter(about__in=set(about), until__gt=now).exclude(user=user.pk)
    for presence in rows.select_related("user").order_by("pk"):
        name = presence.user.get_full_name() or presence.user.get_username()
        found.setdefault(presence.about, []).append(name)
    return found
