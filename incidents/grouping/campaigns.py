"""Bursts of relayed messages in the log, as cases: they make campaigns before anybody complains."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from django.db.models import Count

from complaints import organisation
from complaints.maillog.direction import Ourselves
from complaints.models import RelayedMessage
from incidents.grouping import placing
from incidents.grouping.case import OF_LOG, Case, Trait
from incidents.grouping.casework import Found, source_traits
from incidents.grouping.normal import words
from incidents.grouping.stock import Stock
from incidents.models import Incident

# A sender who sends so often is the campaign's own.
OFTEN = 2
BEFORE = timedelta(weeks=4)
MOST_SUBJECTS = 20


def place_messages(
    incident: Incident, messages: Iterable[RelayedMessage], *, now: datetime
) -> None:
    """Put relayed messages into campaigns of an incident. Call it inside a transaction."""
    found = list(bursts(messages, organisation.ourselves()))
    stock = Stock()
    stock.read([one.case for one in found], [row for one in found for row in one.messages])
    for one in found:
        placed = placing.place(stock, one, None, now=now)
        campaign = placed.campaign and placing.standing(placed.campaign)
        if campaign is not None and campaign.incident is None:
            placing.into_incident(campaign, incident)
    stock.write()


def bursts(messages: Iterable[RelayedMessage], us: Ourselves) -> Iterator[Found]:
    """Messages from one client, of one shape, by their sender where it is always the same."""
    rows = list(messages)
    often = _often(rows)
    together: dict[tuple[str, str, str, bool], list[RelayedMessage]] = defaultdict(list)
    for row in rows:
        sender = row.sender if row.sender in often else ""
        has_id = bool(row.message_id)
        together[row.client_ip, row.authenticated_user, sender, has_id].append(row)
    for (_, _, sender, _), alike in together.items():
        yield _burst(alike, sender, us)


def _often(rows: Sequence[RelayedMessage]) -> set[str]:
    """Which of their senders the log has more than once: others are made up for each message."""
    sent = RelayedMessage.objects.filter(
        sender__in={row.sender for row in rows if row.sender},
        direction__in={row.direction for row in rows},
        queued_at__gte=min(row.queued_at for row in rows) - BEFORE,
        queued_at__lte=max(row.queued_at for row in rows),
        parent=None,
    )
    counted = sent.order_by().values_list("sender").annotate(Count("pk"))
    return {sender for sender, number in counted if number >= OFTEN}


def _burst(messages: list[RelayedMessage], sender: str, us: Ourselves) -> Found:
    first = messages[0]
    traits = source_traits(first, us)
    if sender:
        traits[Trait.FIXED_SENDER] = {sender.lower()}
    subjects = list(dict.fromkeys(row.subject for row in messages if row.subject))
    if len(subjects) <= MOST_SUBJECTS:
        traits[Trait.SUBJECT] = set(words(" ".join(subjects)))
    case = Case(
        key=f"{OF_LOG}{first.pk}",
        traits={
            kind: frozenset(value[:255] for value in values if value)
            for kind, values in traits.items()
            if any(values)
        },
        at=first.queued_at,
    )
    return Found(case, (), tuple(messages), subjects[0] if subjects else first.sender)
