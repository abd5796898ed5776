"""The correspondence of an incident as threads: with each partner, who wrote what when."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Prefetch
from django.urls import reverse

from complaints.models import Complaint
from incidents.models import Incident, Letter, Reply

# The newest letters are shown; a thread that began before them begins with what is shown of it.
MOST_LETTERS = 60
EXCERPT_CHARS = 160
WAITING = (Letter.State.DRAFT, Letter.State.APPROVED, Letter.State.UNSURE, Letter.State.FAILED)


@dataclass(frozen=True, slots=True)
class Said:
    """One mail or letter of a thread.

    is_ours  whether we wrote it
    letter   the letter, where we wrote it
    kind     of a reply: an answer, an automatic reply, a delivery report
    """

    at: datetime
    is_ours: bool
    subject: str
    excerpt: str
    address: str
    letter: Letter | None = None
    kind: str = ""


@dataclass(slots=True)
class Thread:
    """What passed between one partner and us, oldest first.

    needs_us  whether the next word is ours: a draft waits, or an answer of theirs came last
    """

    partner: str
    with_reporter: bool
    said: list[Said] = field(default_factory=list)

    @property
    def needs_us(self) -> bool:
        """Whether a letter waits for a person, or they wrote last and nobody said what it means."""
        waits = any(one.letter is not None and one.letter.state in WAITING for one in self.said)
        last = self.said[-1]
        return waits or last.kind == Reply.Kind.ANSWER

    @property
    def last_at(self) -> datetime:
        """When somebody wrote last."""
        return self.said[-1].at


def threads_of(incident: Incident) -> tuple[list[Thread], bool]:
    """The threads, those that need us first, then the latest; and whether there are older letters.

    Two queries.
    """
    replies = Reply.objects.select_related("complaint").defer("complaint__text")
    newest = (
        incident.letters.select_related("answers")
        .defer("answers__text", "answers__reasons", "answers__notes")
        .prefetch_related(Prefetch("replies", replies.order_by("received_at")))
        .order_by("-pk")[: MOST_LETTERS + 1]
    )
    letters = list(newest)
    found = _threads(reversed(letters[:MOST_LETTERS]))
    found.sort(key=lambda one: one.last_at, reverse=True)
    found.sort(key=lambda one: not one.needs_us)
    return found, len(letters) > MOST_LETTERS


def _threads(letters: Iterable[Letter]) -> list[Thread]:
    by_partner: dict[tuple[Any, ...], Thread] = {}
    for letter in letters:
        answered = letter.answers
        key = (answered.pk,) if answered else (letter.kind, letter.to_address or letter.to_name)
        if key not in by_partner:
            partner = letter.to_name or letter.to_address
            by_partner[key] = Thread(partner, answered is not None)
            if answered is not None:
                by_partner[key].said.append(_complaint(answered))
        thread = by_partner[key]
        thread.said.append(_ours(letter))
        thread.said += [_theirs(reply) for reply in letter.replies.all()]
    for thread in by_partner.values():
        thread.said.sort(key=lambda one: one.at)
    return list(by_partner.values())


def _complaint(complaint: Complaint) -> Said:
    address = reverse("complaints:complaint", args=[complaint.reference])
    return Said(complaint.arrived_at, False, complaint.subject, "", address)


def _ours(letter: Letter) -> Said:
    address = reverse("incidents:letter", args=[letter.pk])
    at = letter.sent_at or letter.drafted_at
    return Said(at, True, letter.subject, "", address, letter=letter)


def _theirs(reply: Reply) -> Said:
    text = " ".join(reply.text[: EXCERPT_CHARS * 2].split())
    excerpt = text if len(text) <= EXCERPT_CHARS else text[:EXCERPT_CHARS] + "…"
    address = reverse("complaints:complaint", args=[reply.complaint.reference])
    return Said(
        reply.received_at, False, reply.complaint.subject, excerpt, address, kind=reply.kind
    )
