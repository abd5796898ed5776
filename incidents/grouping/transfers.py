"""Large corrections, a batch at a time: a merge or a split, and taking it back.

What decides where new mail goes is changed at once, in one short transaction. The complaints that
are there follow by the batch, so that nobody at the desk waits for more than one batch; what a
worker died over is taken up again by `finish_waiting`.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Max

from complaints import audit
from incidents.grouping import carrying
from incidents.grouping.carrying import Told
from incidents.models import (
    Campaign,
    Correction,
    CorrectionBatch,
    Incident,
    IncidentComplaint,
    IncidentKey,
)

A_BATCH = 500


def merge_heads(incident: Incident, into: Incident) -> Told:
    """Let the campaigns and keys of one incident be those of another, from now on."""
    last = last_number(into)
    campaigns = list(incident.campaigns.order_by("number").values_list("pk", "number"))
    incident.campaigns.update(incident=into, number=F("number") + last)
    keys = list(incident.keys.values_list("pk", flat=True))
    incident.keys.update(incident=into)
    incident.merged_into = into
    incident.save(update_fields=["merged_into"])
    # Of complaints that have left: those of the others go along with them.
    left = incident.tasks.exclude(complaint=None).exclude(complaint__memberships__incident=incident)
    told = carrying.carry_tasks(left, incident, into)
    return told | {"campaigns": campaigns, "keys": keys}


def part_campaigns(campaigns: Sequence[Campaign], into: Incident) -> list[list[int]]:
    """Let campaigns be of another incident from now on; their numbers before."""
    before = [[one.pk, one.number] for one in campaigns]
    last = last_number(into)
    for number, campaign in enumerate(campaigns, start=last + 1):
        campaign.incident, campaign.number = into, number
        campaign.save(update_fields=["incident", "number"])
    return before


def last_number(incident: Incident) -> int:
    """The highest number of its campaigns."""
    last: int | None = incident.campaigns.aggregate(last=Max("number"))["last"]
    return last or 0


def heads_back(correction: Correction) -> None:
    """Campaigns and keys are again those of the incident they were of."""
    told, incident, into = correction.changed, correction.incident, correction.into
    taken = set(incident.campaigns.values_list("number", flat=True))
    last = max([0, *taken, *(number for _, number in told["campaigns"])])
    for key, number in told["campaigns"]:
        last += number in taken
        Campaign.objects.filter(pk=key, incident=into).update(
            incident=incident, number=last if number in taken else number
        )
    IncidentKey.objects.filter(pk__in=told.get("keys", ()), incident=into).update(incident=incident)
    if into is not None:
        carrying.take_tasks_back(told, incident, into)
    Incident.objects.filter(pk=incident.pk, merged_into=into).update(merged_into=None)
    if "members" in told:  # made before there were batches
        CorrectionBatch.objects.create(correction=correction, reached=0, changed=told)


def go_on(correction: Correction, *, now: datetime) -> None:
    """Take along, or back, all that is left, each batch in a transaction of its own."""
    batches = 0
    while _one_batch(correction.pk):
        batches += 1
    if batches > 1:
        incident, into = correction.incident, correction.into
        with transaction.atomic():
            for where in (incident, into):
                if where is not None:  # what is counted of it is counted again
                    reference = where.reference
                    audit.record("correction-finished", where, at=now, incident=reference)
    correction.refresh_from_db()


def finish_waiting(*, now: datetime) -> int:
    """Take up corrections that are under way; how many there were."""
    under_way = Correction.objects.filter(is_done=False).select_related("incident", "into")
    found = list(under_way.order_by("pk"))
    for correction in found:
        go_on(correction, now=now)
    return len(found)


def _one_batch(number: int) -> bool:
    """One step on its way, as it now stands; False where there is nothing left."""
    with transaction.atomic():
        audit.keep_others_waiting()
        correction = Correction.objects.select_related("incident", "into").get(pk=number)
        if correction.is_done:
            return False
        step = _one_along if correction.undone_at is None else _one_back
        more = step(correction)
        if not more:
            Correction.objects.filter(pk=number).update(is_done=True)
    return more


def _one_along(correction: Correction) -> bool:
    incident, into = correction.incident, correction.into
    last = correction.batches.aggregate(last=Max("reached"))["last"] or 0
    members = list(_left(correction).filter(pk__gt=last).order_by("pk")[:A_BATCH])
    if not members or into is None:
        return False
    told = correction.changed
    going = {int(one): other for one, other in told["going"].items()} if "going" in told else None
    by = correction.by if correction.kind == Correction.Kind.SPLIT else ""
    changed = carrying.carry(members, incident, into, going=going, by=by)
    CorrectionBatch.objects.create(correction=correction, reached=members[-1].pk, changed=changed)
    return True


def _left(correction: Correction) -> Any:
    """The memberships that go along."""
    members = IncidentComplaint.objects.filter(incident=correction.incident)
    if "chosen" in correction.changed:
        members = members.filter(complaint__in=correction.changed["chosen"])
    elif "going" in correction.changed:
        of_campaign = IncidentComplaint.campaigns.through.objects.filter(
            campaign__in=map(int, correction.changed["going"])
        )
        members = members.filter(pk__in=of_campaign.values("incidentcomplaint"))
    return members.defer("reasons")


def _one_back(correction: Correction) -> bool:
    batch = correction.batches.order_by("-pk").first()
    if batch is None or correction.into is None:
        _close_what_is_empty(correction)
        return False
    carrying.carry_back(batch.changed, correction.incident, correction.into)
    batch.delete()
    return True


def _close_what_is_empty(correction: Correction) -> None:
    """An incident that was split off, and has nothing any more, leads to where it came from."""
    made = correction.into
    if correction.kind != Correction.Kind.SPLIT or made is None:
        return
    if not made.memberships.exists() and not made.campaigns.filter(merged_into=None).exists():
        Incident.objects.filter(pk=made.pk, merged_into=None).update(
            merged_into=correction.incident
        )
