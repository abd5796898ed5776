"""Bursts of relayed messages in the log, as cases: they make campaigns before anybody complains."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime

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
    """Messages from one client, by their sender where it is the same again and again."""
    rows = list(messages)
    often = _often({row.sender for row in rows if row.sender})
    together: dict[tuple[str, str, str], list[RelayedMessage]] = defaultdict(list)
    for row in rows:
        sender = row.sender if row.sender in often else ""
        together[row.client_ip, row.authenticated_user, sender].append(row)
    for (_, _, sender), alike in together.items():
        yield _burst(alike, sender, us)


def _often(senders: set[str]) -> set[str]:
    """Which of these senders the log has more than once: others are made up for each message."""
    sent = RelayedMessage.objects.relayed_for_strangers().filter(sender__in=senders)
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
