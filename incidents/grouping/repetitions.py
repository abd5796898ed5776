"""A person says that a complaint repeats no other, or that it does after all."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from complaints import audit
from complaints.audit import MACHINE, Actor
from complaints.models import Complaint
from incidents.grouping import placing
from incidents.grouping.stock import Stock
from incidents.models import Letter, Task
from incidents.workflow.moves import NotAllowed

Stage = Complaint.Stage


def call_its_own(complaint: Complaint, *, by: Actor, now: datetime) -> None:
    """It says something of its own: it walks on, and is never set aside as a repetition again.

    raises   NotAllowed where it is no repetition (any more), or repeats an answer to a letter
    """
    first = complaint.duplicate_of
    if complaint.stage != Stage.DUPLICATE or first is None or not complaint.format:
        raise NotAllowed(_("It does not stand as a repetition."))
    with transaction.atomic():
        moved = Complaint.objects.move(
            complaint,
            to=Stage.PARSED,
            next_attempt_at=None,
            duplicate_of=None,
            not_a_repeat_of=first,
        )
        if not moved:
            raise NotAllowed(_("It does not stand as a repetition."))
        audit.record("complaint-its-own", complaint, at=now, by=by, beside=first.reference)


def call_a_repetition(complaint: Complaint, *, by: Actor, now: datetime) -> None:
    """It says the same after all: it leaves its incidents, and stands behind the other again.

    Tasks that were planned for it go, unless somebody has begun with them.
    raises   NotAllowed where nobody had said that it repeats none, or it is on its walk
    """
    first = complaint.not_a_repeat_of
    if first is None or complaint.stage not in (Stage.GROUPED, Stage.OPEN):
        raise NotAllowed(_("It does not stand beside another."))
    with transaction.atomic():
        audit.keep_others_waiting()
        left = [one.incident.reference for one in complaint.memberships.select_related("incident")]
        stock = Stock()
        placements = list(complaint.placements.all())
        placing.take_out(stock, placements)
        by_people = [one for one in placements if one.placed_by != MACHINE]
        placing.uncount(stock, by_people)
        complaint.placements.filter(pk__in=[one.pk for one in by_people]).delete()
        stock.write()
        complaint.memberships.all().delete()
        begun = Letter.objects.exclude(task=None).values("task")
        tasks = Task.objects.open().filter(complaint=complaint, taken_by=None)
        tasks.exclude(pk__in=begun).delete()
        Complaint.objects.move(
            complaint, to=Stage.DUPLICATE, duplicate_of=first, not_a_repeat_of=None
        )
        for incident in left or [""]:
            audit.record(
                "complaint-repetition",
                complaint,
                at=now,
                by=by,
                incident=incident,
                duplicate_of=first.reference,
            )
