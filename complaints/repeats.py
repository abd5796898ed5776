"""Whether a mail says again what another has said: resent, sent to two addresses, or two ways.

What is reported is a *copy*: the message as one recipient got it. Two recipients who complain of
one message report two copies, and are two complaints.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.db.models import Count

from complaints.earlier import MOST_COMPARED, WITHIN, Earlier, Said, digest
from complaints.formats.report import Original, Report
from complaints.models import Complaint, Link, ReportedMessage

FEWEST_WORDS = 8  # characters of a mail that another ends with, under the same subject
SHORTEST_WORDS = 40  # characters; fewer may be what anybody writes each time
FOLLOW_UP = "follow-up"  # the format of a further mail in a thread
# These may mask the recipient of a copy.
MACHINES = {"provider", "isp", "service", "blocklist"}

Stage = Complaint.Stage
STANDING = (Stage.LINKED, Stage.GROUPED, Stage.OPEN)


class _Facts(NamedTuple):
    """What is stated of a copy that shows no Message-ID."""

    source_ip: str
    queue_id: str
    subject: str
    at: datetime | None
    urls: tuple[str, ...]


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


def repeated_by(complaint: Complaint, report: Report, earlier: Earlier) -> Complaint | None:
    """The complaint that this one repeats, None if it is the first to say so.

    complaint  with the columns of `report` set
    """
    return (
        _same_mail(complaint, report, earlier)
        or _same_copies(complaint, report, earlier)
        or _said_again(complaint, report, earlier)
    )


class SameCopies:
    """Complaints about the same copies, told by the log: looked up for many at once.

    A message that went to one recipient is one copy, whoever reports it: a person, and the
    program of that person's provider. A response team is answered, and a threat met, each time;
    a further mail in a thread quotes what the first one showed, and says something new.
    """

    def __init__(self, complaints: Sequence[Complaint]) -> None:
        """Read the links of these complaints, and of others to the same messages."""
        self._batch = {complaint.pk: complaint for complaint in complaints}
        holding = Link.objects.filter(state__in=Link.HOLDING)
        self._copies: dict[int, dict[int, int]] = {}
        own = holding.filter(complaint__in=complaints)
        told = own.values_list("complaint_id", "message_id", "message__recipient_count")
        for complaint, message, recipients in told:
            self._copies.setdefault(complaint, {})[message] = recipients
        self._shown: dict[int, int] = {}
        self._linked: dict[int, dict[int, datetime]] = {}
        if not self._copies:
            return
        reported = ReportedMessage.objects.filter(complaint__in=self._copies).order_by()
        self._shown.update(reported.values_list("complaint_id").annotate(Count("pk")))
        messages = {
            one for some in self._copies.values() for one, number in some.items() if number == 1
        }
        times = [complaint.arrived_at for complaint in complaints]
        others = holding.filter(
            message__in=messages,
            complaint__stage__in=STANDING,
            complaint__arrived_at__range=(min(times) - WITHIN, max(times)),
        )
        for message, complaint, at in others.values_list(
            "message_id", "complaint_id", "complaint__arrived_at"
        ):
            self._linked.setdefault(message, {})[complaint] = at

    def earlier_of(self, complaint: Complaint) -> Complaint | None:
        """The complaint about the same copies that somebody sent before.

        Those of the batch count by what they are now: one that became a duplicate does not.
        """
        if complaint.not_a_repeat_of_id is not None:
            return None
        copies = self._copies.get(complaint.pk, {})
        own_answer = complaint.threatens_block or complaint.reporter_kind == "csirt"
        own_answer = own_answer or complaint.format == FOLLOW_UP
        if own_answer or not copies or len(copies) < self._shown.get(complaint.pk, 0):
            return None
        if any(recipients != 1 for recipients in copies.values()):
            return None
        first, *rest = (self._linked.get(message, {}) for message in copies)
        here = (complaint.arrived_at, complaint.pk)
        before = [
            (at, key)
            for key, at in first.items()
            if (at, key) < here
            and at >= complaint.arrived_at - WITHIN
            and all(key in others for others in rest)
            and (key not in self._batch or self._batch[key].stage in STANDING)
        ]
        if not before:
            return None
        key = min(before)[1]
        return self._batch.get(key) or Complaint.objects.get(pk=key)


def _same_mail(complaint: Complaint, report: Report, earlier: Earlier) -> Complaint | None:
    """The same words and the same evidence, in the same mail or from the same sender.

    Two reminders in the same words are two: they show nothing.
    """
    message_id, sender = complaint.message_id_sha256, complaint.sender
    for said in earlier.with_content(complaint) if complaint.content_sha256 else ():
        other = said.complaint
        same_id = bool(message_id) and other.message_id_sha256 == message_id
        # Without an ID the content alone tells.
        same_sender = report.originals or not other.message_id_sha256
        if same_id or (sender and other.sender == sender and same_sender):
            return other
    return None


def _same_copies(complaint: Complaint, report: Report, earlier: Earlier) -> Complaint | None:
    """A complaint that shows all the copies this one shows.

    A further mail in a thread quotes what the first one showed, and says something new.
    """
    if not report.originals or report.format == FOLLOW_UP:
        return None
    for said in _candidates(complaint, report, earlier):
        other = said.complaint
        between = _Pair(
            one_writer=other.sender == complaint.sender,
            masked=not MACHINES.isdisjoint((other.reporter_kind, complaint.reporter_kind)),
            repeated=_repeats(report, said),
        )
        if all(any(between.same(one, known) for known in said.shown) for one in report.originals):
            return other
    return None


def _said_again(complaint: Complaint, report: Report, earlier: Earlier) -> Complaint | None:
    """A mail of the same writer that this one ends with, after some words of impatience."""
    if not complaint.sender or report.format == FOLLOW_UP:
        return None
    before = earlier.before(complaint)
    says = " ".join(report.text.split()) if before else ""
    files = {attachment.sha256 for attachment in report.attachments}
    ids = {original.message_id for original in report.originals if original.message_id}
    for said in before:
        other = said.complaint
        words = " ".join(other.text.split())
        again = len(words) >= FEWEST_WORDS and says != words and says.endswith(words)
        about = other.subject.strip() and other.subject.strip() in complaint.subject
        known = {one.message_id for one in said.shown}
        if again and about and files == said.files and ids <= known:
            return other
    return None


def _repeats(report: Report, said: Said) -> bool:
    """Whether all the words of the earlier mail are said again, with the same files."""
    words = " ".join(said.complaint.text.split())
    if len(words) < SHORTEST_WORDS or words not in " ".join(report.text.split()):
        return False
    return {attachment.sha256 for attachment in report.attachments} == said.files


def _candidates(complaint: Complaint, report: Report, earlier: Earlier) -> Iterator[Said]:
    """Complaints that name the same delivery, then those in which one writer shows the like."""
    shown = [original.hops[0].queue_id for original in report.originals if original.hops]
    yield from earlier.with_queue_ids(complaint, filter(None, shown))
    if complaint.sender:
        yield from earlier.with_the_like(complaint, report.originals[:MOST_COMPARED])


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
