"""Takes complaints from one incident to another, with their tasks and letters; and back again."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from incidents.models import Campaign, Incident, IncidentComplaint, Letter, Task, Threat

# For each campaign that goes, the one that stands for it there.
Going = Mapping[int, int]
Told = dict[str, Any]


def carry(
    members: Sequence[IncidentComplaint],
    incident: Incident,
    into: Incident,
    *,
    going: Going | None,
    by: str = "",
) -> Told:
    """Take these along; what there was before, as JSON. Call it inside a transaction.

    members  of `incident`
    going    None where all campaigns go and stay what they are. A complaint that is also about a
             campaign that stays is in both incidents afterwards
    by       the person who says that they belong there; "" where that says nothing of them
    """
    there = _of_complaints(into, [one.complaint_id for one in members])
    before = _campaigns_of(members)
    whole: list[IncidentComplaint] = []
    shared: list[Told] = []
    for member in members:
        held = before[member.pk]
        go = [one for one in held if going is None or one in going]
        if len(go) == len(held) and member.complaint_id not in there:
            whole.append(member)
        else:
            known = there.get(member.complaint_id)
            shared.append(_share(member, known, into, go, going or {}, by))
    _move(whole, into, by)
    told: Told = {
        "members": [[one.pk, one.joined_by] for one in whole],
        "shared": shared,
        "campaigns_of": _rename(whole, before, going or {}),
    }
    gone = {one.complaint_id for one in members}
    if going is not None:
        gone = {one.complaint_id for one in whole}
    return told | carry_tasks(incident.tasks.filter(complaint__in=gone), incident, into)


def carry_back(told: Told, incident: Incident, into: Incident) -> None:
    """Take back what `carry` told of, as far as it is still where it was taken to."""
    back: dict[str | None, list[int]] = defaultdict(list)
    for one in told["members"]:
        # Before there were batches only the numbers of the rows were kept.
        number, joined_by = one if isinstance(one, list) else (one, None)
        back[joined_by].append(number)
    for joined_by, numbers in back.items():
        rows = IncidentComplaint.objects.filter(pk__in=numbers, incident=into)
        rows = rows.exclude(complaint__memberships__incident=incident)
        rows.update(incident=incident, **({} if joined_by is None else {"joined_by": joined_by}))
    campaigns_of = told.get("campaigns_of", {})
    returned = IncidentComplaint.objects.filter(pk__in=campaigns_of, incident=incident)
    for row in returned:
        row.campaigns.set(campaigns_of[str(row.pk)])
    for one in told["shared"]:
        _unshare(one)
    take_tasks_back(told, incident, into)


def carry_tasks(tasks: Any, incident: Incident, into: Incident) -> Told:
    """Tasks that answer complaints, and their letters; not those the other incident has too.

    They wait for tasks of the incident they are in.
    """
    found = list(tasks.values_list("pk", "kind", "complaint_id"))
    there = set(
        into.tasks.filter(complaint__in={complaint for _, _, complaint in found}).values_list(
            "kind", "complaint_id"
        )
    )
    moving = [key for key, kind, complaint in found if (kind, complaint) not in there]
    letters = list(Letter.objects.filter(task__in=moving).values_list("pk", flat=True))
    Task.objects.filter(pk__in=moving).update(incident=into)
    Letter.objects.filter(pk__in=letters).update(incident=into)
    told = {"tasks": moving, "letters": letters, "waits": _wait_there(moving, incident, into)}
    return told | _carry_threats({complaint for _, _, complaint in found}, incident, into)


def take_tasks_back(told: Told, incident: Incident, into: Incident) -> None:
    """Tasks and letters go back where they were, if they are where they were taken to."""
    tasks, letters = told.get("tasks", ()), told.get("letters", ())
    back = Task.objects.filter(pk__in=tasks, incident=into)
    moving = list(back.values_list("pk", flat=True))
    back.update(incident=incident)
    Letter.objects.filter(pk__in=letters, incident=into).update(incident=incident)
    Threat.objects.filter(pk__in=told.get("threats", ()), incident=into).update(incident=incident)
    _wait_there(moving, into, incident)
    waits = [pair for pair in told.get("waits", ()) if pair[0] in set(moving)]
    Task.waits_for.through.objects.bulk_create(
        [Task.waits_for.through(from_task_id=one, to_task_id=other) for one, other in waits],
        ignore_conflicts=True,
    )


def _carry_threats(complaints: Iterable[int | None], incident: Incident, into: Incident) -> Told:
    """The threats of complaints go with their tasks; not those the other incident has too."""
    there = into.threats.exclude(complaint=None).values("complaint")
    going = incident.threats.filter(complaint__in=list(complaints)).exclude(complaint__in=there)
    moving = list(going.values_list("pk", flat=True))
    if not moving:
        return {}
    Threat.objects.filter(pk__in=moving).update(incident=into)
    return {"threats": moving}


def _campaigns_of(members: Sequence[IncidentComplaint]) -> dict[int, list[int]]:
    """The campaigns of each, by numbers alone: as rows they would be read once a member."""
    found: dict[int, list[int]] = {one.pk: [] for one in members}
    rows = IncidentComplaint.campaigns.through.objects.filter(incidentcomplaint__in=found)
    for member, campaign in rows.order_by("campaign").values_list(
        "incidentcomplaint_id", "campaign_id"
    ):
        found[member].append(campaign)
    return found


def _of_complaints(incident: Incident, complaints: Iterable[int]) -> dict[int, IncidentComplaint]:
    rows = incident.memberships.filter(complaint__in=list(complaints))
    return {row.complaint_id: row for row in rows}


def _move(members: Sequence[IncidentComplaint], into: Incident, by: str) -> None:
    rows = IncidentComplaint.objects.filter(pk__in=[one.pk for one in members])
    rows.update(incident=into, **({"joined_by": by} if by else {}))


def _rename(
    members: Sequence[IncidentComplaint], before: Mapping[int, list[int]], going: Going
) -> dict[str, list[int]]:
    """Give members the campaigns that stand for theirs; those they had, where that changes."""
    other = {
        one.pk: before[one.pk]
        for one in members
        if any(going.get(campaign, campaign) != campaign for campaign in before[one.pk])
    }
    for member in members:
        if member.pk in other:
            member.campaigns.set({going.get(one, one) for one in other[member.pk]})
    return {str(key): campaigns for key, campaigns in other.items()}


def _share(
    member: IncidentComplaint,
    there: IncidentComplaint | None,
    into: Incident,
    go: list[int],
    going: Going,
    by: str,
) -> Told:
    """A complaint that is in both: its membership there gets the campaigns that go."""
    made = there is None
    if there is None:
        there = IncidentComplaint.objects.create(
            incident=into,
            complaint_id=member.complaint_id,
            reasons=member.reasons,
            joined_at=member.joined_at,
            joined_by=by or member.joined_by,
        )
    new = sorted({going.get(one, one) for one in go})
    had = set(there.campaigns.filter(pk__in=new).values_list("pk", flat=True))
    there.campaigns.add(*new)
    member.campaigns.remove(*go)
    return {
        "pk": member.pk,
        "there": there.pk,
        "campaigns": go,
        "added": [one for one in new if one not in had],
        "made": made,
    }


def _unshare(told: Told) -> None:
    there = IncidentComplaint.objects.filter(pk=told["there"]).first()
    here = IncidentComplaint.objects.filter(pk=told["pk"]).first()
    if there is None or here is None:
        return
    added: list[int] = told["added"] if "added" in told else told["campaigns"]
    there.campaigns.remove(*added)
    here.campaigns.add(*Campaign.objects.filter(pk__in=told["campaigns"]))
    if told.get("made") and not there.campaigns.exists():
        there.delete()


def _wait_there(tasks: list[int], incident: Incident, into: Incident) -> list[list[int]]:
    """What waited for a task of the one incident waits for that kind of the other.

    Where the other has no such task nothing is waited for; those pairs are told.
    """
    own = Task.objects.filter(incident=incident, complaint=None)
    waits = Task.waits_for.through.objects.filter(from_task__in=tasks, to_task__in=own)
    rows = list(waits.values_list("pk", "from_task_id", "to_task_id", "to_task__kind"))
    if not rows:
        return []
    theirs = dict(into.tasks.filter(complaint=None).values_list("kind", "pk"))
    dropped = [(key, one, other) for key, one, other, kind in rows if kind not in theirs]
    for kind in {kind for *_, kind in rows if kind in theirs}:
        waits.filter(to_task__kind=kind).update(to_task=theirs[kind])
    Task.waits_for.through.objects.filter(pk__in=[key for key, *_ in dropped]).delete()
    return [[one, other] for _, one, other in dropped]


def as_told(membership: IncidentComplaint) -> Told:
    """A membership as JSON, from which it can be made again."""
    moment: datetime = membership.joined_at
    return {
        "pk": membership.pk,
        "reasons": membership.reasons,
        "joined_at": moment.isoformat(),
        "joined_by": membership.joined_by,
        "campaigns": list(membership.campaigns.values_list("pk", flat=True)),
    }
