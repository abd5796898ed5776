"""What a rule would have done on past cases: a table, and nothing is changed."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max

from complaints.models import AuditEntry
from incidents.automation import cases
from incidents.automation.cases import Case
from incidents.automation.follow import MOST_READ, READ
from incidents.automation.terms import Act, Terms, acts_of, holds

MOST_LOOKED_AT = 500


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of it.

    looked_at  how many past cases were looked at, the newest ones
    since      when the oldest of them was; None for none
    rows       those on which it would have run, newest first, each with what it would have done
    """

    looked_at: int
    since: datetime | None
    rows: tuple[tuple[Case, tuple[Act, ...]], ...]


def of(terms: Terms) -> Trial:
    """Try a rule on the newest cases of its trigger, within the newest part of the history.

    What belongs to an incident, and its kind and priority, is as it is today.
    """
    head = AuditEntry.objects.aggregate(last=Max("sequence"))["last"] or 0
    entries = AuditEntry.objects.filter(sequence__gt=head - MOST_READ, action=terms.trigger)
    newest = list(entries.only(*READ).order_by("-sequence")[:MOST_LOOKED_AT])
    found = cases.gather(newest)
    held = [case for case in found if holds(terms, case.facts)]
    return Trial(
        looked_at=len(found),
        since=min((case.facts.at for case in found), default=None),
        rows=tuple((case, tuple(acts_of(terms, case.facts))) for case in held),
    )
