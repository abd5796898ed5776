"""Whether a mail says again what another has said: resent, sent to two addresses, or two ways.

What is reported is a *copy*: the message as one recipient got it. Two recipients who complain of
one message report two copies, and are two complaints.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import Exists, OuterRef, Q

from complaints.evidence.observables import Kind
from complaints.formats.report import Original, Report
from complaints.models import Complaint, Link, ReportedMessage
from complaints.querysets import ComplaintQuerySet

WITHIN = timedelta(days=30)
MOST_COMPARED = 20
FEWEST_WORDS = 8  # characters of a mail that another ends with, under the same subject
SHORTEST_WORDS = 40  # characters; fewer may be what anybody writes each time
FOLLOW_UP = "follow-up"  # the format of a further mail in a thread
# These may mask the recipient of a copy.
MACHINES = {"provider", "isp", "service", "blocklist"}

Stage = Complaint.Stage
# Compared are mails that were read, and are not themselves the repetition of another.
NOT_COMPARED = (Stage.RECEIVED, Stage.SET_ASIDE, Stage.DUPLICATE, Stage.QUARANTINED, Stage.FILED)


class _Facts(NamedTuple):
    """What is stated of a copy that shows no Message-ID."""

    source_ip: str
    queue_id: str
    subject: str
    at: datetime | None
    urls: tuple[str, ...]


def digest(value: str) -> str:
    """SHA-256 of a Message-ID without brackets, or of any other value; "" for none."""
    text = value.strip().strip("<>")
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest() if text else ""


def content_digest(report: Report) -> str:
    """SHA-256 of all that a mail says and shows, however its lines were wrapped on the way."""
    shown = [
        f"{original.message_id} {original.recipient} {original.body_text}"
        for original in report.originals
    ]
    found = sorted(f"{one.kind} {one.value}" for one in report.observables)
    files = sorted(attachment.sha256 for attachment in report.attachments)
    parts = [" ".join(part.split()) for part in (report.text, *shown, *found, *files)]
    return digest("\n".join(parts))


def earlier_of(complaint: Complaint, report: Report) -> Complaint | None:
    """The complaint that this one repeats, None if it is the first to say so.

    complaint  with the columns of `report` set
    """
    near = (complaint.arrived_at - WITHIN, complaint.arrived_at + WITHIN)
    others = (
        Complaint.objects.filter(arrived_at__range=near)
        .exclude(stage__in=NOT_COMPARED)
        .exclude(pk=complaint.pk)
        .order_by("arrived_at", "pk")
    )
    return (
        _same_mail(complaint, report, others)
        or _same_copies(complaint, report, others)
        or _said_again(complaint, report, others)
    )


def earlier_of_linked(complaint: Complaint) -> Complaint | None:
    """The complaint about the same copies that somebody sent before, told by the log.

    A message that went to one recipient is one copy, whoever reports it: a person, and the
    program of that person's provider. A response team is answered, and a threat met, each time;
    a further mail in a thread quotes what the first one showed, and says something new.
    """
    shown = complaint.reported_messages.count()
    links = complaint.links.filter(state__in=Link.HOLDING).select_related("message")
    messages = [link.message for link in links]
    own_answer = complaint.threatens_block or complaint.reporter_kind == "csirt"
    own_answer = own_answer or complaint.format == FOLLOW_UP
    if own_answer or not messages or len(messages) < shown:
        return None
    if any(message.recipient_count != 1 for message in messages):
        return None
    before = Q(arrived_at__lt=complaint.arrived_at) | Q(
        arrived_at=complaint.arrived_at, pk__lt=complaint.pk
    )
    earlier = (
        Complaint.objects.filter(before, arrived_at__gte=complaint.arrived_at - WITHIN)
        .filter(stage__in=(Stage.GROUPED, Stage.OPEN, Stage.LINKED))
        .exclude(pk=complaint.pk)
    )
    for message in messages:
        earlier = earlier.filter(
            Exists(
                Link.objects.filter(
                    complaint=OuterRef("pk"), message=message, state__in=Link.HOLDING
                )
            )
        )
    return earlier.order_by("arrived_at", "pk").first()


def _same_mail(complaint: Complaint, report: Report, others: ComplaintQuerySet) -> Complaint | None:
    """The same words and the same evidence, in the same mail or from the same sender.

    Two reminders in the same words are two: they show nothing.
    """
    same = Q()
    if complaint.message_id_sha256:
        same |= Q(message_id_sha256=complaint.message_id_sha256)
    if complaint.sender and report.originals:
        same |= Q(sender=complaint.sender)
    elif complaint.sender:  # without an ID the content alone tells
        same |= Q(message_id_sha256="", sender=complaint.sender)
    if not same or not complaint.content_sha256:
        return None
    return others.filter(same, content_sha256=complaint.content_sha256).first()


def _same_copies(
    complaint: Complaint, report: Report, others: ComplaintQuerySet
) -> Complaint | None:
    """A complaint that shows all the copies this one shows.

    A further mail in a thread quotes what the first one showed, and says something new.
    """
    if not report.originals or report.format == FOLLOW_UP:
        return None
    for earlier in _candidates(complaint, report, others):
        between = _Pair(
            one_writer=earlier.sender == complaint.sender,
            masked=not MACHINES.isdisjoint((earlier.reporter_kind, complaint.reporter_kind)),
            repeated=_repeats(report, earlier),
        )
        known = earlier.reported_messages.all()
        if all(any(between.same(original, one) for one in known) for original in report.originals):
            return earlier
    return None


def _said_again(
    complaint: Complaint, report: Report, others: ComplaintQuerySet
) -> Complaint | None:
    """A mail of the same writer that this one ends with, after some words of impatience."""
    if not complaint.sender or report.format == FOLLOW_UP:
        return None
    says = " ".join(report.text.split())
    mine = others.filter(sender=complaint.sender, arrived_at__lte=complaint.arrived_at)
    shown = mine.prefetch_related("reported_messages", "attachments")
    files = {attachment.sha256 for attachment in report.attachments}
    ids = {original.message_id for original in report.originals if original.message_id}
    for earlier in shown.order_by("-arrived_at", "-pk")[:MOST_COMPARED]:
        said = " ".join(earlier.text.split())
        again = len(said) >= FEWEST_WORDS and says != said and says.endswith(said)
        about = earlier.subject.strip() and earlier.subject.strip() in complaint.subject
        known = {one.message_id for one in earlier.reported_messages.all()}
        same_files = files == {attachment.sha256 for attachment in earlier.attachments.all()}
        if again and about and same_files and ids <= known:
            return earlier
    return None


def _repeats(report: Report, earlier: Complaint) -> bool:
    """Whether all the words of the earlier mail are said again, with the same files."""
    said = " ".join(earlier.text.split())
    if len(said) < SHORTEST_WORDS or said not in " ".join(report.text.split()):
        return False
    files = {attachment.sha256 for attachment in report.attachments}
    return files == {attachment.sha256 for attachment in earlier.attachments.all()}


def _candidates(
    complaint: Complaint, report: Report, others: ComplaintQuerySet
) -> Iterator[Complaint]:
    """Complaints that name the same delivery, then those in which one writer shows the like."""
    shown = others.prefetch_related("reported_messages", "attachments").distinct()
    deliveries = [original.hops[0].queue_id for original in report.originals if original.hops]
    yield from shown.filter(
        observables__kind=Kind.QUEUE_ID,
        observables__value_sha256__in=[digest(queue_id) for queue_id in deliveries if queue_id],
    )[:MOST_COMPARED]
    if complaint.sender:
        like = Q()
        for original in report.originals[:MOST_COMPARED]:
            like |= _is_like(original)
        yield from shown.filter(like, sender=complaint.sender)[:MOST_COMPARED]


def _is_like(original: Original) -> Q:
    if original.message_id:
        return Q(reported_messages__message_id=original.message_id)
    return Q(
        reported_messages__message_id="",
        reported_messages__source_ip=original.source_ip,
        reported_messages__subject=original.subject[:998],
    )


@dataclass(frozen=True, slots=True)
class _Pair:
    """Two complaints whose copies are compared.

    one_writer  both are by one writer
    masked      one of the recipients may be masked: that they differ says nothing
    repeated    the later one holds all the words and files of the earlier one
    """

    one_writer: bool
    masked: bool
    repeated: bool

    def same(self, original: Original, known: ReportedMessage) -> bool:
        """Whether both are what one recipient got."""
        recipients = {original.recipient.lower(), known.recipient.lower()} - {""}
        if len(recipients) > 1 and not self.masked:
            return False
        ours, theirs = _delivery(original), _known_delivery(known)
        if ours and theirs:
            return ours == theirs
        if not self.one_writer or len(recipients) > 1:
            return False
        if original.message_id or known.message_id:
            return original.message_id == known.message_id
        facts = _facts(original)
        tells_one_copy = bool(facts.at or facts.queue_id) or self.repeated
        return tells_one_copy and facts == _facts(known)


def _delivery(original: Original) -> tuple[str, str] | None:
    """The server that took it in for its recipient, and the queue ID it gave."""
    last = original.hops[0] if original.hops else None
    return (last.by.lower(), last.queue_id) if last and last.queue_id else None


def _known_delivery(known: ReportedMessage) -> tuple[str, str] | None:
    last = known.hops[0] if known.hops else {}
    return (last["by"].lower(), last["queue_id"]) if last.get("queue_id") else None


def _facts(shown: Original | ReportedMessage) -> _Facts:
    at = shown.arrived_at or shown.date
    return _Facts(shown.source_ip, shown.queue_id, shown.subject, at, tuple(shown.urls))
