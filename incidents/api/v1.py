"""Version 1 of the API: one function a resource, one call each. Described at /api/v1/docs."""

from datetime import datetime
from typing import Annotated

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import NinjaAPI, Query, Schema, Status
from ninja.errors import HttpError
from pydantic import AwareDatetime

from complaints import clock
from complaints.formats.bounds import MAX_MAIL_BYTES
from complaints.forms import MailLogForm
from complaints.intake import store
from complaints.intake.raw import RawMessage
from complaints.models import Complaint, RelayedMessage
from incidents.api.access import TokenAuth, require
from incidents.api.answers import (
    ComplaintAnswer,
    Complaints,
    IncidentAnswer,
    Incidents,
    LinkAnswer,
    MessageAnswer,
    Messages,
    Observed,
    Problem,
    StoredMail,
    TaskAnswer,
    WholeComplaint,
    WholeIncident,
)
from incidents.models import Incident
from incidents.reporting import figures

A_PAGE = 100
MOST_MESSAGES = 25

api = NinjaAPI(
    title="Meyasu",
    version="1",
    description="Complaints, incidents and the mail log of an abuse desk.",
    auth=TokenAuth(),
    urls_namespace="api-1",
)


class Span(Schema):
    """Which part of a list is wanted: from a time on, behind an id."""

    since: AwareDatetime | None = None
    after: int = 0


class Wanted(Schema):
    """What is known of a message; all of it has to fit."""

    message_id: str = ""
    queue_id: str = ""
    client_ip: str = ""
    sender: str = ""
    recipient: str = ""


@api.post("/complaints", response={201: StoredMail, 200: StoredMail, 413: Problem, 503: Problem})
def hand_in(request: HttpRequest) -> Status[StoredMail | Problem]:
    """Hand in a mail: the request's body is the raw mail (message/rfc822), as it was received.

    201 when it is stored durably, 200 for bytes that we had already. It is read, linked and
    grouped afterwards; ask for the complaint to see how far it has come.
    """
    require(request, "complaints.add_complaint")
    raw = request.read(MAX_MAIL_BYTES + 1)
    if not raw:
        raise HttpError(400, "The body is empty; it has to be the raw mail.")
    if len(raw) > MAX_MAIL_BYTES:
        return Status(413, Problem(detail=f"The mail is longer than {MAX_MAIL_BYTES} bytes."))
    now = clock.now()
    try:
        stored = store.keep_message(RawMessage(raw=raw, way="api", arrived_at=now), now=now)
    except store.NotStored as trouble:
        return Status(503, Problem(detail=str(trouble)))
    answer = StoredMail(complaint=stored.complaint.reference, is_new=stored.is_new)
    return Status(201 if stored.is_new else 200, answer)


@api.get("/complaints", response=Complaints)
def list_complaints(
    request: HttpRequest, span: Annotated[Span, Query()], stage: str = ""
) -> Complaints:
    """Received mail in the order of its storing, a page at a time; by stage where one is named."""
    require(request, "complaints.view_complaint")
    if stage and stage not in Complaint.Stage.values:
        raise HttpError(422, f"{stage} is no stage; they are {', '.join(Complaint.Stage.values)}.")
    wanted = {"stage": stage} if stage else {}
    rows = Complaint.objects.filter(pk__gt=span.after, **wanted, **_since("arrived_at", span.since))
    found = rows.select_related("duplicate_of").prefetch_related("incidents").defer("text")
    items = [ComplaintAnswer.of(one) for one in found.order_by("pk")[: A_PAGE + 1]]
    return Complaints(items=items[:A_PAGE], next=_next(items))


@api.get("/complaints/{reference}", response=WholeComplaint)
def get_complaint(request: HttpRequest, reference: str) -> WholeComplaint:
    """One received mail: what was found in it, and the messages it is about."""
    require(request, "complaints.view_complaint")
    found = get_object_or_404(Complaint.objects.select_related("duplicate_of"), reference=reference)
    observables = found.observables.order_by("pk").values("kind", "value", "where", "origin")
    links = found.links.select_related("message__host").order_by("-score")
    return WholeComplaint.of(
        found,
        text=found.text,
        notes=found.notes,
        evidence=[Observed(**one) for one in observables],
        links=[LinkAnswer.of(link) for link in links],
    )


@api.get("/incidents", response=Incidents)
def list_incidents(
    request: HttpRequest, span: Annotated[Span, Query()], state: str = ""
) -> Incidents:
    """Incidents in the order of their opening, a page at a time; by state where one is named."""
    require(request, "incidents.view_incident")
    if state and state not in Incident.State.values:
        raise HttpError(422, f"{state} is no state; they are {', '.join(Incident.State.values)}.")
    wanted = {"state": state} if state else {}
    rows = Incident.objects.filter(
        pk__gt=span.after, **wanted, **_since("discovered_at", span.since)
    )
    found = rows.select_related("merged_into").order_by("pk")[: A_PAGE + 1]
    items = [IncidentAnswer.of(one) for one in found]
    return Incidents(items=items[:A_PAGE], next=_next(items))


@api.get("/incidents/{reference}", response=WholeIncident)
def get_incident(request: HttpRequest, reference: str) -> WholeIncident:
    """One incident: how far it went, and what is to be done."""
    require(request, "incidents.view_incident")
    found = get_object_or_404(Incident.objects.select_related("merged_into"), reference=reference)
    extent = figures.blast_radius(found)
    tasks = found.tasks.values("kind", "title", "state", "due_at", "outcome")
    return WholeIncident.of(
        found,
        complaints=extent.complaints,
        messages=extent.messages,
        recipients=extent.recipients,
        sources=extent.sources,
        tasks=[TaskAnswer(**task) for task in tasks],
    )


@api.get("/maillog/messages", response=Messages)
def find_messages(request: HttpRequest, known: Annotated[Wanted, Query()]) -> Messages:
    """Messages in our mail log, by what is known of them; the newest first."""
    require(request, "complaints.view_relayedmessage")
    form = MailLogForm(known.dict())
    if not form.is_valid():
        raise HttpError(422, " ".join(f"{name}: {said[0]}" for name, said in form.errors.items()))
    if not (wanted := form.wanted()):
        raise HttpError(422, "Say what is known of the message: one of the five at least.")
    rows = RelayedMessage.objects.filter(**wanted).distinct().order_by("-queued_at")
    found = rows.select_related("host").prefetch_related("deliveries", "log_block")[
        : MOST_MESSAGES + 1
    ]
    items = [MessageAnswer.of(message) for message in found]
    return Messages(items=items[:MOST_MESSAGES], is_cut=len(items) > MOST_MESSAGES)


def _since(field: str, since: datetime | None) -> dict[str, datetime]:
    return {f"{field}__gte": since} if since else {}


def _next(items: list[ComplaintAnswer] | list[IncidentAnswer]) -> int | None:
    """The `after` of the next page: one more row than a page was asked for."""
    return items[A_PAGE - 1].id if len(items) > A_PAGE else None
