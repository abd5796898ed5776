"""How many letters may leave: within an hour to everybody, within a day to one address."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Max
from django.utils.translation import gettext as _

from incidents.models import Acknowledgement, Letter

SENT_STATES = (
    Acknowledgement.State.SENDING,
    Acknowledgement.State.SENT,
    Acknowledgement.State.UNSURE,
)
AN_HOUR, A_DAY = timedelta(hours=1), timedelta(days=1)


def left_in_this_hour(now: datetime) -> int:
    """How many may still leave; those on their way, or perhaps sent, count as sent.

    A letter's lease tells when it was taken, since it is sent within its lease.
    """
    sent = Letter.objects.filter(channel=Letter.Channel.MAIL, sent_at__gt=now - AN_HOUR).count()
    states = (Letter.State.SENDING, Letter.State.UNSURE)
    doubtful = Letter.objects.filter(state__in=states, lease_until__gt=now - AN_HOUR).count()
    return max(0, int(settings.MEYASU_LETTERS_AN_HOUR) - sent - doubtful)


def hold(letter: Letter, *, now: datetime) -> bool:
    """Put a letter off if its address has got as many within a day as it may; True if it was.

    Of what is written to many at once, one a day, acknowledgements counted (RFC 3834).
    """
    if letter.telling_id is not None and (until := _told_lately(letter.to_address, now)):
        return _put_off(letter, _("Held back: one such letter a day."), until)
    same = Letter.objects.filter(to_address__iexact=letter.to_address, sent_at__gt=now - A_DAY)
    times = list(same.order_by("sent_at").values_list("sent_at", flat=True))
    most = max(1, int(settings.MEYASU_LETTERS_TO_ONE_A_DAY))
    if len(times) < most:
        return False
    why = _("Held back: this address got %(most)s letters within a day.") % {"most": most}
    return _put_off(letter, why, (times[-most] or now) + A_DAY)


def _told_lately(address: str, now: datetime) -> datetime | None:
    """When this address may be told again; None if it may be now."""
    told = Letter.objects.exclude(telling=None).filter(to_address__iexact=address)
    times = [
        told.filter(sent_at__gt=now - A_DAY).aggregate(last=Max("sent_at"))["last"],
        Acknowledgement.objects.filter(
            to_address__iexact=address, state__in=SENT_STATES, decided_at__gt=now - A_DAY
        ).aggregate(last=Max("decided_at"))["last"],
    ]
    last = max((at for at in times if at is not None), default=None)
    return last + A_DAY if last else None


def _put_off(letter: Letter, why: str, again_at: datetime) -> bool:
    waiting = Letter.objects.filter(pk=letter.pk, state=Letter.State.APPROVED)
    waiting.update(next_attempt_at=again_at, problem=why)
    return True
