"""The zone in which somebody reads times: that of their browser, else the one of the desk."""

import zoneinfo
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

COOKIE = "zone"
LONGEST = 60


def viewers_zone(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: times on the pages of who has signed in are in the zone that their browser names.

    A page writes the zone beside each time. Letters, notices and reports have zones of their own.
    """

    def respond(request: HttpRequest) -> HttpResponse:
        zone = _zone_named(request.COOKIES.get(COOKIE, ""))
        if zone is None or not request.user.is_authenticated:
            return get_response(request)
        with timezone.override(zone):
            return get_response(request)

    return respond


def _zone_named(name: str) -> zoneinfo.ZoneInfo | None:
    """The zone of that name; None for what is none, whatever it is."""
    try:
        return zoneinfo.ZoneInfo(name[:LONGEST]) if name else None
    except (ValueError, KeyError, OSError):
        return None
