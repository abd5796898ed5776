"""How well we read what comes in: by sender and format, and what no format of ours knows yet."""

import re
from dataclasses import dataclass
from datetime import datetime

from complaints.models import Complaint

MOST_LOOKED_AT = 300
MOST_COUNTED = 1500
MOST_SHAPES = 50
SHOWN = ("reference", "stage", "arrived_at", "subject", "sender", "format", "problem")
MOST_SENDERS = 80

# Hexadecimal words, numbers and addresses differ from mail to mail of one kind.
_VARYING = re.compile(r"[0-9A-Fa-f.:-]*\d[0-9A-Fa-f.:-]*")


@dataclass(frozen=True, slots=True)
class SenderFormat:
    """Mail of one sender's domain that was read as one format ("" where none was read).

    failed  mails of this domain and format that wait in quarantine
    """

    domain: str
    format: str
    mails: int
    last_read_at: datetime | None
    failed: int
    last_failed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Shape:
    """Mails that look alike and that we could not read, or only as a person's prose.

    subject  of the newest, its numbers shown as #
    newest   the one to make a sample of
    """

    domain: str
    subject: str
    mails: int
    newest: Complaint


def by_sender(since: datetime) -> tuple[SenderFormat, ...]:
    """Senders and formats of the mail that arrived since then; those that fail come first.

    One query over the newest `MOST_COUNTED` of this mail; at most `MOST_SENDERS`.
    """
    newest = Complaint.objects.filter(arrived_at__gte=since).order_by("-arrived_at", "-pk")
    lately = Complaint.objects.filter(pk__in=newest.values("pk")[:MOST_COUNTED])
    rows = lately.counted_by_sender_and_format()
    return tuple(SenderFormat(**row) for row in rows[:MOST_SENDERS])


def unknown_shapes(since: datetime) -> tuple[Shape, ...]:
    """What no reader of ours knows, by how its subject looks; the most frequent first.

    Two queries: what is in quarantine, and prose of machines among the newest `MOST_COUNTED`.
    """
    mails = Complaint.objects.filter(arrived_at__gte=since).only(*SHOWN)
    newest = mails.order_by("-arrived_at", "-pk")
    waiting = newest.to_review(Complaint.Stage.QUARANTINED)
    quarantined = list(waiting.order_by("-arrived_at", "-pk")[:MOST_LOOKED_AT])
    lately = Complaint.objects.filter(pk__in=newest.values("pk")[:MOST_COUNTED]).only(*SHOWN)
    prose = lately.read_by_no_format().exclude(stage=Complaint.Stage.QUARANTINED)
    found = sorted([*quarantined, *prose], key=lambda one: (one.arrived_at, one.pk), reverse=True)
    alike: dict[tuple[str, str], list[Complaint]] = {}
    for complaint in found:
        domain = complaint.sender.rpartition("@")[2].lower()
        alike.setdefault((domain, shape_of(complaint.subject)), []).append(complaint)
    shapes = [Shape(*key, len(mails), mails[0]) for key, mails in alike.items()]
    return tuple(sorted(shapes, key=lambda shape: -shape.mails)[:MOST_SHAPES])


def shape_of(subject: str) -> str:
    """The subject with a # for whatever varies from one mail of a kind to the next."""
    return _VARYING.sub("#", subject)[:120]
