"""Words to people of the desk: a relapse told to all who worked on it; shown until put away."""

from datetime import datetime

from django.contrib.auth.models import User
from django.db.models import Q

from complaints.cleantext import clean_line
from incidents.models import Incident, Nudge

MOST_SHOWN = 20


def relapsed(incident: Incident, why: str, *, now: datetime) -> None:
    """Tell everybody who worked on the incident, and the leads, that the abuse is back.

    Call it inside the transaction that reopens the incident: then it is told once.
    """
    people = User.objects.filter(is_active=True).filter(
        Q(pk__in=incident.tasks.values("taken_by"))
        | Q(username__in=incident.tasks.exclude(finished_by="").values("finished_by"))
    )
    told = {"incident": incident, "kind": Nudge.Kind.RELAPSE, "made_at": now}
    words = clean_line(why, 255)
    Nudge.objects.bulk_create(
        [
            Nudge(**told, why=words, for_role="lead"),
            *(Nudge(**told, why=words, for_user=person) for person in people),
        ]
    )


def unseen(user: User) -> list[Nudge]:
    """What was said to this person, is still so and not put away, newest first; each once."""
    roles = user.groups.values_list("name", flat=True)
    rows = Nudge.objects.unseen_by(user, roles).current().select_related("incident", "task")
    found = {(row.incident_id, row.task_id, row.kind, row.why): row for row in rows[:100]}
    return list(found.values())[:MOST_SHOWN]


def put_away(nudge: Nudge, user: User, *, now: datetime) -> bool:
    """This person has seen it, and all that says the same; False if it is for somebody else."""
    roles = user.groups.values_list("name", flat=True)
    theirs = Nudge.objects.unseen_by(user, roles).filter(
        incident=nudge.incident_id, task=nudge.task_id, kind=nudge.kind, why=nudge.why
    )
    return bool(theirs.order_by().update(seen_at=now))
