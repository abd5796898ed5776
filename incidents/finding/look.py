"""What is found for what somebody asks: newest first, each with the place that has it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.urls import reverse
from django.utils.translation import gettext as _

from complaints import paging
from complaints.evidence import marked
from complaints.models import Complaint
from incidents.finding import table
from incidents.finding.terms import Asked
from incidents.models import Incident, Letter, Notice, SearchDocument

BEFORE, AFTER = 80, 160  # characters shown around a hit


@dataclass(frozen=True, slots=True)
class Found:
    """One thing that has it; in `title` and `context`, some of its text, the hits are marked."""

    kind: str
    reference: str
    title: list[marked.Span]
    who: str
    at: datetime
    address: str
    context: list[marked.Span]


@dataclass(frozen=True, slots=True)
class Results:
    """Some of what is found, and after which document it goes on; None where it ends."""

    found: list[Found] = field(default_factory=list)
    after: int | None = None
    is_first: bool = True


def look(asked: Asked, *, after: str = "") -> Results:
    """The newest things that have all that is asked for, a page; seven queries at most.

    after  as in complaints.paging
    """
    if not asked:
        return Results()
    documents = SearchDocument.objects.all()
    if asked.phrases:
        condition, told = table.condition(asked)
        documents = documents.extra(where=[condition], params=[told])  # noqa: S610
    if asked.kind:
        documents = documents.filter(kind=asked.kind)
    if asked.before:
        documents = documents.filter(at__lt=datetime.combine(asked.before, time(), UTC))
    if asked.after:
        documents = documents.filter(at__gte=datetime.combine(asked.after, time(), UTC))
    if asked.state:
        documents = _in_state(documents, asked.state)
    page = paging.page(documents, ("-at", "-pk"), after=after)
    things = {kind: _things(kind, page.rows) for kind in {one.kind for one in page.rows}}
    rows = ((one, things[one.kind].get(one.key)) for one in page.rows)
    found = [_found(one, row, asked.shown) for one, row in rows if row is not None]
    return Results(found, page.after, page.is_first)


def _in_state(documents: "QuerySet[SearchDocument]", state: str) -> "QuerySet[SearchDocument]":
    """Those of what is open, closed or in quarantine."""
    if state == "quarantined":
        waiting = Complaint.objects.filter(stage=Complaint.Stage.QUARANTINED)
        return documents.filter(kind="complaint", key__in=waiting.values("pk"))
    opened = Incident.objects.open()
    incidents = opened if state == "open" else Incident.objects.filter(state=Incident.State.CLOSED)
    within = Q(incidents__in=incidents)
    if state == "open":
        within |= Q(stage=Complaint.Stage.OPEN)
    # One look at each document, the newest first, until a page is full. As a set of keys all the
    # complaints of a desk would be joined first.
    found = documents.alias(
        of_incident=_keyed(incidents),
        of_complaint=_keyed(Complaint.objects.filter(within)),
        of_letter=_keyed(Letter.objects.filter(incident__in=incidents)),
    )
    return found.filter(
        Q(kind="incident", of_incident__isnull=False)
        | Q(kind="complaint", of_complaint__isnull=False)
        | Q(kind="letter", of_letter__isnull=False)
    )


def _keyed(rows: "QuerySet[Any]") -> Subquery:
    """The row that a document is about, if it is among these."""
    return Subquery(rows.filter(pk=OuterRef("key")).order_by().values("pk")[:1])


def _things(kind: str, shown: Sequence[SearchDocument]) -> dict[int, Any]:
    rows: dict[str, Any] = {
        "complaint": Complaint.objects.all(),
        "incident": Incident.objects.all(),
        "letter": Letter.objects.select_related("incident"),
        "notice": Notice.objects.all(),
    }
    found: dict[int, Any] = rows[kind].in_bulk([one.key for one in shown if one.kind == kind])
    return found


def _found(one: SearchDocument, row: Any, shown: Sequence[str]) -> Found:
    if one.kind == "complaint":
        who, title, text = row.sender_name or row.sender, row.subject, row.text
        address = reverse("complaints:complaint", args=[row.reference])
    elif one.kind == "incident":
        who, title, text = "", row.title, row.why_opened
        address = reverse("incidents:incident", args=[row.reference])
    elif one.kind == "letter":
        who, title, text = row.to_name or row.to_address, row.subject, row.body
        address = reverse("incidents:letter", args=[row.pk])
    else:
        who, title, text = "", row.title, row.body
        address = reverse("incidents:notice", args=[row.reference])
    hits = [("hit", value) for value in shown]
    named = marked.spans(title or _("(no subject)"), hits, shortest=1)
    return Found(one.kind, one.reference, named, who, one.at, address, _context(text, shown))


def _context(text: str, shown: Sequence[str]) -> list[marked.Span]:
    """The text around the first hit, with all hits in it marked."""
    low = text.lower()
    places = [place for value in shown if (place := low.find(value.lower())) >= 0]
    start = max(min(places, default=0) - BEFORE, 0)
    end = start + BEFORE + AFTER
    around = " ".join(text[start:end].split())
    around = f"{'…' if start else ''}{around}{'…' if len(text) > end else ''}"
    return marked.spans(around, [("hit", value) for value in shown], shortest=1)
