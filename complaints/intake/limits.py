"""How often a stranger may fill in the public form: by where he comes from, and all together.

What is kept is a keyed hash of his address by the hour, and goes after a day.
"""

import hashlib
import hmac
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.http import HttpRequest

from complaints.models import FormUse

MOST_AN_HOUR = 10
MOST_OF_ALL_AN_HOUR = 300
KEPT_FOR = timedelta(days=1)
EVERYBODY = "everybody"


def may_send(request: HttpRequest, *, now: datetime) -> bool:
    """Count one use of the form; False if there were too many in this hour."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    with transaction.atomic():
        FormUse.objects.filter(hour__lt=now - KEPT_FOR).delete()
        mine = _count(_digest(_address(request)), hour)
        # Who is over his own measure uses up nobody else's.
        return mine <= MOST_AN_HOUR and _count(EVERYBODY, hour) <= MOST_OF_ALL_AN_HOUR


def _count(who: str, hour: datetime) -> int:
    FormUse.objects.get_or_create(who=who, hour=hour)
    uses = FormUse.objects.filter(who=who, hour=hour)
    uses.update(count=F("count") + 1)
    return uses.values_list("count", flat=True).get()


def _address(request: HttpRequest) -> str:
    """Where the request comes from; a proxy of ours says for whom it asks."""
    peer = str(request.META.get("REMOTE_ADDR", ""))
    forwarded = str(request.META.get("HTTP_X_FORWARDED_FOR", ""))
    if forwarded and peer in settings.MEYASU_PROXIES:
        return forwarded.rpartition(",")[2].strip()[:100]
    return peer


def _digest(address: str) -> str:
    """Of an IPv6 address its /64, which one customer has to himself."""
    whole = ":".join(address.split(":")[:4]) if ":" in address else address
    key = settings.SECRET_KEY.encode()
    return hmac.new(key, b"form " + whole.encode(), hashlib.sha256).hexdigest()
