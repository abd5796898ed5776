"""What the API answers: one class a resource. All times are UTC, in ISO 8601."""

from datetime import datetime
from typing import Any, Self

from ninja import Field, Schema

from complaints.models import Complaint, Link, RelayedMessage
from incidents.models import Incident


class Problem(Schema):
    """Why a request was refused, in a sentence."""

    detail: str


class StoredMail(Schema):
    """A mail that was handed in: it is stored; `is_new` is false for bytes we had already."""

    complaint: str
    is_new: bool


class LinkAnswer(Schema):
    """A relayed message that a complaint is about, with the reasons for and against."""

    host: str
    queue_id: str
    message_id: str
    queued_at: datetime
    state: str
    score: float
    reasons: list[str]

    @classmethod
    def of(cls, link: Link) -> Self:
        """Of a link with its message and host at hand."""
        message = link.message
        return cls(
            host=message.host.name,
            queue_id=message.queue_id,
            message_id=message.message_id,
            queued_at=message.queued_at,
            state=link.state,
            score=round(link.score, 4),
            reasons=[reason["fact"] for reason in link.reasons],
        )


class ComplaintAnswer(Schema):
    """A received mail. `stage` says how far it has come; `incidents` are their references."""

    id: int = Field(description="For `after` of the list.")
    reference: str
    stage: str
    arrived_at: datetime
    sender: str
    subject: str
    format: str
    category: str
    language: str
    reporter_kind: str
    threatens_block: bool
    problem: str
    set_aside_reason: str
    duplicate_of: str | None
    incidents: list[str]

    @classmethod
    def of(cls, complaint: Complaint, **more: Any) -> Self:
        """Of a complaint with its incidents at hand."""
        first = complaint.duplicate_of
        return cls(
            **{name: getattr(complaint, name) for name in _PLAIN},
            duplicate_of=first.reference if first else None,
            incidents=[incident.reference for incident in complaint.incidents.all()],
            **more,
        )


_PLAIN = (
    "id", "reference", "stage", "arrived_at", "sender", "subject", "format", "category", "language",
    "reporter_kind", "threatens_block", "problem", "set_aside_reason",
)  # fmt: skip


class Observed(Schema):
    """Something that can be looked for; `origin` is reported or inferred."""

    kind: str
    value: str
    where: str
    origin: str


class WholeComplaint(ComplaintAnswer):
    """A received mail with what was found in it, and the messages it is about."""

    text: str
    notes: list[str]
    evidence: list[Observed]
    links: list[LinkAnswer]


class Complaints(Schema):
    """A page of received mail; `next` is the `after` of the next page, null at the end."""

    items: list[ComplaintAnswer]
    next: int | None


class IncidentAnswer(Schema):
    """An incident, with its three headline times."""

    id: int = Field(description="For `after` of the list.")
    reference: str
    title: str
    kind: str
    state: str
    priority: int
    origin: str
    why_opened: str
    discovered_at: datetime
    first_seen_at: datetime | None
    last_seen_at: datetime | None
    notice_published_at: datetime | None
    partially_fixed_at: datetime | None
    fixed_at: datetime | None
    closed_at: datetime | None
    merged_into: str | None

    @classmethod
    def of(cls, incident: Incident, **more: Any) -> Self:
        """Of an incident with the one it was merged into at hand."""
        other = incident.merged_into
        names = set(IncidentAnswer.model_fields) - {"merged_into"}
        return cls(
            **{name: getattr(incident, name) for name in names},
            merged_into=other.reference if other else None,
            **more,
        )


class TaskAnswer(Schema):
    """Something to be done in an incident."""

    kind: str
    title: str
    state: str
    due_at: datetime | None
    outcome: str


class WholeIncident(IncidentAnswer):
    """An incident with its extent by the mail log, its tasks, and how many complaints it has."""

    complaints: int
    messages: int
    recipients: int
    sources: int
    tasks: list[TaskAnswer]


class Incidents(Schema):
    """A page of incidents; `next` is the `after` of the next page, null at the end."""

    items: list[IncidentAnswer]
    next: int | None


class MessageAnswer(Schema):
    """A message in our mail log, with the lines it was read from."""

    host: str
    queue_id: str
    queued_at: datetime
    message_id: str
    client_ip: str
    sender: str
    size_bytes: int | None
    direction: str
    recipients: list[str]
    log_lines: list[str]

    @classmethod
    def of(cls, message: RelayedMessage) -> Self:
        """Of a message with its host and deliveries at hand."""
        return cls(
            host=message.host.name,
            queue_id=message.queue_id,
            queued_at=message.queued_at,
            message_id=message.message_id,
            client_ip=message.client_ip,
            sender=message.sender,
            size_bytes=message.size_bytes,
            direction=message.direction,
            recipients=[delivery.recipient for delivery in message.deliveries.all()],
            log_lines=message.log_text.splitlines(),
        )


class Messages(Schema):
    """The newest messages that fit; `is_cut` where there are more."""

    items: list[MessageAnswer]
    is_cut: bool
