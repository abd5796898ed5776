"""What earlier complaints said: looked up for many mails at once, by a fixed number of queries."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Prefetch, Q

from complaints.evidence.observables import Kind
from complaints.formats.report import Original, Report
from complaints.models import Attachment, Complaint, ComplaintObservable, ReportedMessage
from complaints.querysets import ComplaintQuerySet, OneByOne

WITHIN = timedelta(days=30)
MOST_COMPARED = 20
# So many rows may one look-up find for each mail of a batch; then they are looked at one by one.
MOST_FOUND = 40

Stage = Complaint.Stage
# Compared are mails that were read, and are not themselves the repetition of another.
NOT_COMPARED = (Stage.RECEIVED, Stage.SET_ASIDE, Stage.DUPLICATE, Stage.QUARANTINED, Stage.FILED)
COMPARED = ("reference", "arrived_at", "sender", "subject", "text", "reporter_kind")
COMPARED_DIGESTS = ("message_id_sha256", "content_sha256")

Read = tuple[Complaint, Report]
Like = tuple[str, ...]  # the writer, and by what a reported message of his is known


def digest(value: str) -> str:
    """SHA-256 of a Message-ID without brackets, or of any other value; "" for none."""
    text = value.strip().strip("<>")
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest() if text else ""


@dataclass(frozen=True, slots=True)
class Said:
    """One earlier complaint: what it shows, the SHA-256 of its files."""

    complaint: Complaint
    shown: tuple[ReportedMessage, ...]
    files: frozenset[str]


class Earlier:
    """The complaints that those of a batch may repeat, and those of the batch read so far."""

    def __init__(self, batch: Sequence[Read]) -> None:
        """Look up what may be repeated; raises OneByOne where a batch finds too much."""
        self._by_content: dict[str, list[Said]] = defaultdict(list)
        self._by_queue_id: dict[str, list[Said]] = defaultdict(list)
        self._by_like: dict[Like, list[Said]] = defaultdict(list)
        self._by_sender: dict[str, list[Said]] = defaultdict(list)
        if not batch:
            return
        times = [complaint.arrived_at for complaint, _ in batch]
        near = Complaint.objects.filter(
            arrived_at__range=(min(times) - WITHIN, max(times) + WITHIN)
        ).exclude(stage__in=NOT_COMPARED)
        queue_ids = _with_queue_ids(near, batch)
        found = {key for key, _ in queue_ids}
        found.update(_with_content(near, batch))
        found.update(_with_the_like(near, batch))
        found.update(_latest_of_senders(batch))
        if not found:
            return
        named = defaultdict(set)
        for key, queue_id in queue_ids:
            named[key].add(queue_id)
        for said in _said(found):
            self._keep(said, named[said.complaint.pk])

    def add(self, complaint: Complaint, report: Report, shown: Iterable[ReportedMessage]) -> None:
        """Note one of the batch that was read: later ones may repeat it."""
        files = frozenset(attachment.sha256 for attachment in report.attachments)
        ids = [one.value for one in report.observables if one.kind == Kind.QUEUE_ID]
        self._keep(Said(complaint, tuple(shown), files), map(digest, ids))

    def _keep(self, said: Said, queue_ids: Iterable[str]) -> None:
        complaint = said.complaint
        if complaint.content_sha256:
            self._by_content[complaint.content_sha256].append(said)
        for queue_id in queue_ids:
            self._by_queue_id[queue_id].append(said)
        if complaint.sender:
            self._by_sender[complaint.sender].append(said)
            for like in {_like(complaint.sender, one) for one in said.shown}:
                self._by_like[like].append(said)

    def with_content(self, complaint: Complaint) -> list[Said]:
        """Those that say and show the very same, the oldest first."""
        return _oldest_first(self._by_content[complaint.content_sha256], complaint)

    def with_queue_ids(self, complaint: Complaint, queue_ids: Iterable[str]) -> list[Said]:
        """Those in which one of these queue IDs was seen, the oldest first."""
        found = [said for one in queue_ids for said in self._by_queue_id[digest(one)]]
        return _oldest_first(found, complaint)[:MOST_COMPARED]

    def with_the_like(self, complaint: Complaint, originals: Iterable[Original]) -> list[Said]:
        """Those of the same writer that show a message that may be one of these."""
        likes = {_like(complaint.sender, original) for original in originals}
        found = [said for like in likes for said in self._by_like[like]]
        return _oldest_first(found, complaint)[:MOST_COMPARED]

    def before(self, complaint: Complaint) -> list[Said]:
        """What the same writer wrote before, the latest first."""
        found = _oldest_first(self._by_sender[complaint.sender], complaint)
        before = [one for one in found if one.complaint.arrived_at <= complaint.arrived_at]
        return before[::-1][:MOST_COMPARED]


def _oldest_first(found: Iterable[Said], complaint: Complaint) -> list[Said]:
    """Those others that came within a month of it, each once."""
    start, end = complaint.arrived_at - WITHIN, complaint.arrived_at + WITHIN
    near = {
        said.complaint.pk: said
        for said in found
        if start <= said.complaint.arrived_at <= end and said.complaint.pk != complaint.pk
    }
    return sorted(near.values(), key=lambda said: (said.complaint.arrived_at, said.complaint.pk))


def _like(sender: str, shown: Original | ReportedMessage) -> Like:
    if shown.message_id:
        return (sender, shown.message_id[:998])
    return (sender, "", shown.source_ip, shown.subject[:998])


def _bounded(found: Any, batch: Sequence[Read]) -> list[Any]:
    most = MOST_FOUND * len(batch)
    rows = list(found[: most + 1])
    if len(rows) > most and len(batch) > 1:
        raise OneByOne
    return rows[:most]


def _with_content(near: ComplaintQuerySet, batch: Sequence[Read]) -> Iterator[int]:
    contents = {complaint.content_sha256 for complaint, _ in batch} - {""}
    senders = {complaint.sender for complaint, _ in batch} - {""}
    ids = {complaint.message_id_sha256 for complaint, _ in batch} - {""}
    same = Q(sender__in=senders) | Q(message_id_sha256__in=ids)
    found = near.filter(same, content_sha256__in=contents).order_by("arrived_at", "pk")
    yield from _bounded(found.values_list("pk", flat=True), batch)


def _with_queue_ids(near: ComplaintQuerySet, batch: Sequence[Read]) -> list[tuple[int, str]]:
    deliveries = {
        digest(original.hops[0].queue_id)
        for _, report in batch
        for original in report.originals
        if original.hops and original.hops[0].queue_id
    }
    if not deliveries:
        return []
    found = ComplaintObservable.objects.filter(
        kind=Kind.QUEUE_ID, value_sha256__in=deliveries, complaint__in=near
    )
    pairs = found.order_by("complaint__arrived_at", "complaint_id")
    return _bounded(pairs.values_list("complaint_id", "value_sha256"), batch)


def _with_the_like(near: ComplaintQuerySet, batch: Sequence[Read]) -> Iterator[int]:
    shown = [
        (complaint.sender, original)
        for complaint, report in batch
        if complaint.sender
        for original in report.originals[:MOST_COMPARED]
    ]
    if not shown:
        return
    unnamed = [original for _, original in shown if not original.message_id]
    like = Q(message_id__in={original.message_id for _, original in shown} - {""})
    like |= Q(
        message_id="",
        source_ip__in={original.source_ip for original in unnamed},
        subject__in={original.subject[:998] for original in unnamed},
    )
    writers = near.filter(sender__in={sender for sender, _ in shown})
    found = ReportedMessage.objects.filter(like, complaint__in=writers)
    pairs = found.order_by("complaint__arrived_at", "complaint_id")
    yield from _bounded(pairs.values_list("complaint_id", flat=True), batch)


def _latest_of_senders(batch: Sequence[Read]) -> list[int]:
    spans: set[tuple[str, datetime, datetime]] = {
        (complaint.sender, complaint.arrived_at - WITHIN, complaint.arrived_at)
        for complaint, _ in batch
        if complaint.sender
    }
    return Complaint.objects.latest_of_senders(
        sorted(spans), without=NOT_COMPARED, most=MOST_COMPARED
    )


def _said(found: Iterable[int]) -> Iterator[Said]:
    complaints = Complaint.objects.filter(pk__in=found).only(*COMPARED, *COMPARED_DIGESTS)
    files = Prefetch("attachments", Attachment.objects.only("complaint", "sha256"))
    for complaint in complaints.prefetch_related("reported_messages", files):
        yield Said(
            complaint,
            tuple(complaint.reported_messages.all()),
            frozenset(one.sha256 for one in complaint.attachments.all()),
        )
