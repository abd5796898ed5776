"""Incidents that may be one: what grouping proposes to merge, and a person decides.

A case that was like those of a campaign, but not enough to join it, opened one of its own, which
keeps the one that it is like (`Campaign.resembles`). Where both have come into open incidents, and
these are two, a person is asked.
"""

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from incidents.models import Campaign, Correction, Incident


def proposed() -> "QuerySet[Campaign]":
    """Campaigns whose incident may be one with another.

    Each with `into_id`, `into_reference` and `into_title` of that incident, which is open too.
    Those that a person keeps apart are not among them, nor what was merged meanwhile.
    """
    closed = Incident.State.CLOSED
    found = Campaign.objects.filter(incident__merged_into=None, merged_into=None)
    found = found.exclude(incident__state=closed).exclude(resembles=None).exclude(incident=None)
    found = found.annotate(
        into_id=_of_the_other("incident"),
        into_reference=_of_the_other("incident__reference"),
        into_title=_of_the_other("incident__title"),
        into_state=_of_the_other("incident__state"),
        into_merged=_of_the_other("incident__merged_into"),
    )
    found = found.exclude(into_id=None).exclude(into_state=closed).exclude(into_id=F("incident"))
    apart = Correction.objects.filter(
        Q(incident=OuterRef("incident"), into=OuterRef("into_id"))
        | Q(incident=OuterRef("into_id"), into=OuterRef("incident")),
        kind=Correction.Kind.APART,
        complaint=None,
        undone_at=None,
    )
    return found.filter(~Exists(apart), into_merged=None)


def _of_the_other(name: str) -> Coalesce:
    """A field of the campaign that it is like, or of the one that has taken that in."""
    return Coalesce(f"resembles__merged_into__{name}", f"resembles__{name}")
