"""Which message begot which: bounces, forwards, and what a content filter handed back."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from complaints.intake import bulk
from complaints.maillog import direction
from complaints.maillog.direction import Ourselves
from complaints.maillog.passage import LOCAL, LONGEST_LIFE, Handover, Passage
from complaints.models import MailHost, RelayedMessage

# The line that names a child and the child's first line are written within moments.
CHILD_WITHIN = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Parent:
    """A message that begot others: its row, when it was here, and their queue IDs."""

    key: int
    queued_at: datetime
    finished_at: datetime | None
    children: tuple[str, ...]


def parents(key: int, passage: Passage) -> list[Parent]:
    """The passage of this row as a Parent; none if it begot nothing."""
    children = [
        *passage.children,
        *(
            handover.next_queue_id
            for handover in passage.handovers.values()
            if handover.next_queue_id and _came_back(handover)
        ),
    ]
    if not children:
        return []
    return [Parent(key, passage.queued_at, passage.finished_at, tuple(children))]


def set_parents(host: MailHost, by_child: dict[str, Parent], us: Ourselves) -> dict[str, Parent]:
    """Give the messages with these queue IDs their parent; such a message was made here.

    Returns those of which no row is known yet: the message may be open still.
    """
    if not by_child:
        return {}
    orphans = RelayedMessage.objects.filter(
        host=host, queue_id__in=bulk.among(by_child), parent=None
    )
    adopted = []
    missing = dict(by_child)
    for child in orphans.defer("log_lines"):
        parent = by_child[child.queue_id]
        if child.pk != parent.key and _is_of(child, parent):
            adopted.append((parent.key, _direction(child, us), child.pk))
            missing.pop(child.queue_id, None)
    bulk.update(RelayedMessage, ("parent", "direction"), adopted)
    return missing


def _came_back(handover: Handover) -> bool:
    return handover.relay == LOCAL or handover.relay_ip.startswith("127.")


def _is_of(child: RelayedMessage, parent: Parent) -> bool:
    end = parent.finished_at or parent.queued_at + LONGEST_LIFE
    return parent.queued_at <= child.queued_at <= end + CHILD_WITHIN


def _direction(child: RelayedMessage, us: Ourselves) -> str:
    """Which way a message went of which it is known now that it was made here."""
    if child.direction != RelayedMessage.Direction.UNKNOWN:
        return child.direction
    return direction.direction_of(
        us,
        client_ip=child.client_ip,
        authenticated_user=child.authenticated_user,
        recipients=list(child.deliveries.values_list("recipient", flat=True)),
        known=True,
    )
