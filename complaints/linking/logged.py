"""From rows of the log to Logged: messages with their recipients, their clock and what is known."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from django.db.models import Count, Q

from complaints import organisation
from complaints.linking import clocks
from complaints.linking.candidate import Logged
from complaints.linking.compare import fold_subject
from complaints.maillog.direction import Ourselves
from complaints.models import Delivery, Link, RelayedMessage

MOST_DELIVERIES = 20_000
MOST_LINKS = 1000


def as_logged(
    found: Iterable[RelayedMessage], us: Ourselves, *, for_complaint: int
) -> list[Logged]:
    """The rows as the score reads them; five queries, however many there are.

    for_complaint  the key of the complaint, whose own links say nothing new about it
    """
    rows = list(found)
    if not rows:
        return []
    recipients, next_ids = _deliveries(rows)
    shared = _sharing({row.message_id_sha256 for row in rows} - {""})
    known, nothing = _known(rows, us, for_complaint), Known()
    ahead = clocks.ahead_of({row.host_id for row in rows})
    desk = organisation.desk_addresses()
    return [
        Logged(
            key=row.pk,
            host=row.host.name,
            host_name=row.host.fqdn.lower(),
            queue_id=row.queue_id,
            queued_at=row.queued_at,
            message_id=row.message_id,
            client_ip=row.client_ip,
            sender=row.sender.lower(),
            subject=row.subject,
            recipients=frozenset(recipients.get(row.pk, ())),
            is_for_stranger=row.direction == RelayedMessage.Direction.STRANGER,
            is_for_us=row.direction
            in (RelayedMessage.Direction.IN, RelayedMessage.Direction.INTERNAL),
            host_addresses=frozenset(row.host.addresses),
            client_is_ours=us.has_host(row.client_ip) or row.client_ip.startswith("127."),
            next_queue_ids=frozenset(next_ids.get(row.pk, ())),
            parent=row.parent_id,
            same_message_id=shared.get(row.message_id_sha256, 1),
            ahead_seconds=clocks.at_that_time(ahead.get(row.host_id, ()), row.queued_at),
            sender_subjects=frozenset(known.get(row.sender, nothing).subjects),
            complained_of=len(
                known.get(row.sender, nothing).complaints
                | known.get(row.client_ip, nothing).complaints
            ),
            sender_is_ours=us.has_domain(row.sender_domain),
            is_from_desk=row.sender.lower() in desk and _is_inside(row.client_ip, us),
        )
        for row in rows
    ]


def _is_inside(client_ip: str, us: Ourselves) -> bool:
    return not client_ip or (us.has_address(client_ip) and not us.customer_of(client_ip))


def _deliveries(
    rows: Collection[RelayedMessage],
) -> tuple[dict[int, set[str]], dict[int, set[str]]]:
    recipients: dict[int, set[str]] = {}
    next_ids: dict[int, set[str]] = {}
    found = Delivery.objects.filter(message__in=[row.pk for row in rows])
    for key, recipient, next_id in found.values_list("message_id", "recipient", "next_queue_id")[
        :MOST_DELIVERIES
    ]:
        recipients.setdefault(key, set()).add(recipient.lower())
        if next_id:
            next_ids.setdefault(key, set()).add(next_id)
    return recipients, next_ids


def _sharing(digests: set[str]) -> dict[str, int]:
    counted = RelayedMessage.objects.filter(message_id_sha256__in=digests)
    return dict(counted.values_list("message_id_sha256").annotate(Count("pk")))


@dataclass(frozen=True, slots=True)
class Known:
    """What links of other complaints tell of a sender or a client."""

    complaints: set[int] = field(default_factory=set)
    subjects: set[str] = field(default_factory=set)


def _known(rows: Collection[RelayedMessage], us: Ourselves, for_complaint: int) -> dict[str, Known]:
    """By sender and by client what other complaints are linked to, the latest links first."""
    senders = {row.sender for row in rows} - {""}
    clients = {row.client_ip for row in rows if not us.has_host(row.client_ip)} - {""}
    of_them = Q(message__sender__in=senders) | Q(message__client_ip__in=clients)
    shown = (
        Link.objects.filter(of_them, state__in=Link.HOLDING)
        .exclude(complaint=for_complaint)
        .order_by("-pk")
        .values_list(
            "message__sender", "message__client_ip", "complaint", "reported_message__subject"
        )[:MOST_LINKS]
    )
    known: dict[str, Known] = {}
    for sender, client, complaint, subject in shown:
        for name in {sender, client} - {""}:
            one = known.setdefault(name, Known())
            one.complaints.add(complaint)
            if subject and name == sender:
                one.subjects.add(fold_subject(subject))
    return known
