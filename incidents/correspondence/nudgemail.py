"""Reminders by mail, to those of the desk who want them: several in one mail, each at most once."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from complaints import audit
from complaints.models import Organisation
from incidents.correspondence import delivery, tokens, wire
from incidents.correspondence.address import own_address
from incidents.models import Nudge, NudgeMailing, NudgeWish
from incidents.workflow.planning import desk_zone

LEASE = timedelta(minutes=10)
MOST_IN_ONE = 50
State = NudgeMailing.State


def mail_nudges(*, now: datetime) -> int:
    """Mail everybody who wants it what they have not seen; how many mails left.

    Where the mail server cannot be used, it stays due. What may have left is not sent again.
    """
    _mark_unsure(now)
    left = 0
    wishes = NudgeWish.objects.filter(user__is_active=True).exclude(user__email="")
    for wish in wishes.select_related("user").order_by("pk"):
        nudges = _due(wish)
        try:
            left += bool(nudges) and _mail(wish, nudges, now=now)
        except delivery.Unreachable:
            break
    return left


def in_words(nudge: Nudge) -> str:
    """What a nudge says, in the reader's language."""
    if nudge.task is None:
        return f"{nudge.get_kind_display()}: {nudge.why}"
    words = f"{nudge.get_kind_display()}: {nudge.task.called}"
    return f"{words} ({nudge.why})" if nudge.why else words


def _due(wish: NudgeWish) -> list[Nudge]:
    """What this person has not seen and was not mailed, the oldest first."""
    unseen = Nudge.objects.unseen_by(wish.user, wish.user.groups.values("name")).current()
    due = unseen.filter(made_at__gte=wish.since).exclude(mailings__user=wish.user)
    return list(due.select_related("task", "incident").order_by("made_at", "pk")[:MOST_IN_ONE])


def _mail(wish: NudgeWish, nudges: Sequence[Nudge], *, now: datetime) -> bool:
    """Claim the rows, and send outside of any transaction."""
    raw = _raw(wish, nudges, now=now)
    rows = _claim(wish, nudges, now=now)
    if not rows:
        return False
    try:
        answer = delivery.hand_over(raw, sender=own_address(), recipient=wish.user.email)
    except delivery.PerhapsSent as doubt:
        return _settle(wish, rows, State.UNSURE, str(doubt), now=now)
    except delivery.Unreachable:
        NudgeMailing.objects.filter(pk__in=rows).delete()  # nothing left: they are due again
        raise
    except delivery.NotSent as failure:
        return _settle(wish, rows, State.FAILED, str(failure), now=now)
    return _settle(wish, rows, State.SENT, answer, now=now)


def _claim(wish: NudgeWish, nudges: Sequence[Nudge], *, now: datetime) -> list[int]:
    """All of them, or none if another worker has one."""
    try:
        with transaction.atomic():
            return [
                NudgeMailing.objects.create(nudge=nudge, user=wish.user, claimed_at=now).pk
                for nudge in nudges
            ]
    except IntegrityError:
        return []


def _settle(wish: NudgeWish, rows: Sequence[int], state: str, note: str, *, now: datetime) -> bool:
    with transaction.atomic():
        NudgeMailing.objects.filter(pk__in=rows).update(state=state, note=note[:500])
        who = wish.user.get_username()
        audit.record(f"nudges-{state}", wish, at=now, to=who, count=len(rows))
    return state == State.SENT


def _raw(wish: NudgeWish, nudges: Sequence[Nudge], *, now: datetime) -> bytes:
    address = own_address()
    ours = Organisation.objects.only("name").first()
    with override(wish.language), timezone.override(desk_zone()):
        subject = ngettext(
            "Abuse desk: %(count)s reminder", "Abuse desk: %(count)s reminders", len(nudges)
        ) % {"count": len(nudges)}
        lines = [_line(nudge) for nudge in nudges]
        end = _("Whether these are mailed to you is chosen here: %(address)s") % {
            "address": _address(reverse("incidents:nudges"))
        }
    fields = {
        "Date": wire.date_field(now.astimezone(desk_zone())),
        "From": wire.mailbox(ours.name if ours else address, address),
        "To": wire.mailbox(wish.user.get_full_name(), wish.user.email),
        "Subject": wire.words(subject),
        "Message-ID": tokens.message_id(tokens.new_token(), address.rpartition("@")[2]),
        "Auto-Submitted": "auto-generated",
    }
    return wire.wire_bytes(fields, "\n\n".join([*lines, end]))


def _line(nudge: Nudge) -> str:
    incident = reverse("incidents:incident", args=[nudge.incident.reference])
    place = f"{incident}#task-{nudge.task_id}" if nudge.task_id else incident
    due = f", {timezone.localtime(nudge.due_at):%Y-%m-%d %H:%M %Z}" if nudge.due_at else ""
    return f"{in_words(nudge)}{due}\n{nudge.incident}\n{_address(place)}"


def _address(path: str) -> str:
    return settings.MEYASU_PUBLIC_URL.rstrip("/") + path


def _mark_unsure(now: datetime) -> None:
    """Those whose sender died may or may not have left."""
    dead = NudgeMailing.objects.filter(state=State.SENDING, claimed_at__lte=now - LEASE)
    dead.update(state=State.UNSURE, note=_("The program was stopped while it was being sent."))
