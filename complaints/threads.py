"""In whose thread a mail stands: by the Message-IDs it names, else by its writer and subject."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from complaints.earlier import NOT_COMPARED, WITHIN, digest
from complaints.formats import wording
from complaints.formats.report import Report
from complaints.models import Complaint
from complaints.repeats import FOLLOW_UP

MOST_OF_ONE_WRITER = 40

Read = Sequence[tuple[Complaint, Report]]


@dataclass(frozen=True, slots=True)
class First:
    """A complaint that others may stand in one thread with."""

    pk: int
    category: str
    subject: str = ""


@dataclass(slots=True)
class Threads:
    """The complaints that the mails of a batch may follow, and those of the batch read so far.

    A further mail often refers to nothing but our own word that the first one arrived. Then it
    follows the latest mail of the same writer whose subject it answers.
    """

    _by_id: dict[str, list[First]] = field(default_factory=dict)
    _by_writer: dict[str, list[First]] = field(default_factory=dict)

    @classmethod
    def of(cls, batch: Read) -> "Threads":
        """Look up what the mails of a batch may follow."""
        made = cls()
        wanted = {one for _, report in batch for one in _referred_to(report)}
        if wanted:
            found = Complaint.objects.filter(message_id_sha256__in=wanted)
            for key, named, category in found.values_list("pk", "message_id_sha256", "category"):
                made._by_id.setdefault(named, []).append(First(key, category))
        made._read_writers(batch)
        return made

    def _read_writers(self, batch: Read) -> None:
        spans = {
            (report.headers.from_address, one.arrived_at - WITHIN, one.arrived_at)
            for one, report in batch
            if report.format == FOLLOW_UP and report.headers.from_address
        }
        latest = Complaint.objects.latest_of_senders(
            sorted(spans), without=NOT_COMPARED, most=MOST_OF_ONE_WRITER
        )
        if latest:
            rows = Complaint.objects.filter(pk__in=latest).order_by("arrived_at", "pk")
            for key, writer, category, subject in rows.values_list(
                "pk", "sender", "category", "subject"
            ):
                self._by_writer.setdefault(writer, []).append(First(key, category, subject))

    def add(self, complaint: Complaint, report: Report, category: str) -> None:
        """Note one of the batch: later ones may follow it."""
        first = First(complaint.pk, category, report.headers.subject)
        self._by_id.setdefault(digest(report.headers.message_id), []).append(first)
        if report.headers.from_address and report.is_complaint:
            self._by_writer.setdefault(report.headers.from_address, []).append(first)

    def followed(self, complaint: Complaint, report: Report) -> First | None:
        """The complaint in whose thread this mail stands, None for none."""
        named = [one for ref in _referred_to(report) for one in self._by_id.get(ref, ())]
        others = [one for one in named if one.pk != complaint.pk]
        if others:
            return min(others, key=lambda one: one.pk)
        if report.format != FOLLOW_UP:
            return None
        before = self._by_writer.get(report.headers.from_address, ())
        for one in reversed(before):
            if one.pk != complaint.pk and answers(report.headers.subject, one.subject):
                return one
        return None


def answers(subject: str, first: str) -> bool:
    """Whether a subject is another with no more than Re: and ticket numbers in front of it."""
    given, wanted = " ".join(subject.split()), " ".join(first.split())
    if not wanted or not given.endswith(wanted):
        return False
    head = given[: len(given) - len(wanted)]
    while head:
        rest = wording.TICKET_TAG.sub("", wording.REPLY_PREFIX.sub("", head)).lstrip()
        if rest == head:
            return False
        head = rest
    return True


def _referred_to(report: Report) -> Iterator[str]:
    ids = (*report.headers.references, report.headers.in_reply_to)
    return (digest(message_id) for message_id in ids if message_id)
