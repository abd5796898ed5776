"""Which message begot which: bounces, forwards, and what a content filter handed back."""

from collections.abc import Iterable
from datetime import timedelta

from complaints.maillog import direction
from complaints.maillog.assemble import LONGEST_LIFE
from complaints.maillog.direction import Ourselves
from complaints.maillog.passage import LOCAL, Handover, Passage
from complaints.models import MailHost, RelayedMessage

IDS_AT_ONCE = 500
# The line that names a child and the child's first line are written within moments.
CHILD_WITHIN = timedelta(hours=1)


def set_parents(
    host: MailHost, pairs: Iterable[tuple[RelayedMessage, Passage]], us: Ourselves
) -> None:
    """Give the messages that these ones begot their parent; such a message was made here."""
    parents: dict[str, RelayedMessage] = {}
    for row, passage in pairs:
        parents |= dict.fromkeys(_children(passage), row)
    ids = sorted(parents)
    for start in range(0, len(ids), IDS_AT_ONCE):
        orphans = RelayedMessage.objects.filter(
            host=host, queue_id__in=ids[start : start + IDS_AT_ONCE], parent=None
        )
        for child in orphans:
            parent = parents[child.queue_id]
            if child.pk != parent.pk and _is_of(child, parent):
                _adopt(child, parent, us)


def _children(passage: Passage) -> list[str]:
    handed_back = [
        handover.next_queue_id
        for handover in passage.handovers.values()
        if handover.next_queue_id and _came_back(handover)
    ]
    return [*passage.children, *handed_back]


def _came_back(handover: Handover) -> bool:
    return handover.relay == LOCAL or handover.relay_ip.startswith("127.")


def _is_of(child: RelayedMessage, parent: RelayedMessage) -> bool:
    end = parent.finished_at or parent.queued_at + LONGEST_LIFE
    return parent.queued_at <= child.queued_at <= end + CHILD_WITHIN


def _adopt(child: RelayedMessage, parent: RelayedMessage, us: Ourselves) -> None:
    child.parent = parent
    if child.direction == RelayedMessage.Direction.UNKNOWN:
        child.direction = direction.direction_of(
            us,
            client_ip=child.client_ip,
            authenticated_user=child.authenticated_user,
            recipients=list(child.deliveries.values_list("recipient", flat=True)),
            known=True,
        )
    child.save(update_fields=["parent", "direction"])
