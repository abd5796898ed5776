"""Invented cases in bulk, for measuring: the tables as a busy desk has them after some years.

The rows are written as the stages would leave them, without walking each mail. There is no raw
mail behind them and no history, so a seeded database is for measuring and for nothing else.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import islice
from random import Random
from typing import Any

from django.db import transaction

from complaints.maillog import message_id as ids
from complaints.models import (
    Complaint,
    ComplaintObservable,
    Delivery,
    Link,
    MailHost,
    Organisation,
    RelayedMessage,
    ReportedMessage,
)
from complaints.references import next_references
from incidents.grouping.placing import keep_cases
from incidents.models import Campaign, Incident, IncidentComplaint
from incidents.workflow import planning

NAME = "Seeded for measuring"
BATCH = 1000
LINES_A_MESSAGE = 5
COMPLAINTS_AN_INCIDENT = 40
SPAN = timedelta(days=730)
SHARE_OF_ABUSE = 0.2  # of all messages; the rest is our own mail
NOT_REVIEWED = timedelta(days=3)  # what came within this time, no person has looked at
SHARE_OPEN = 0.03  # of the incidents
STAGES = {
    Complaint.Stage.GROUPED: 70,
    Complaint.Stage.OPEN: 8,
    Complaint.Stage.DUPLICATE: 8,
    Complaint.Stage.SET_ASIDE: 10,
    Complaint.Stage.FILED: 2,
    Complaint.Stage.QUARANTINED: 2,
}
FORMATS = ("arf", "attached", "inline", "pasted-headers", "plain", "xarf", "spamcop", "csirt")
LANGUAGES = ("en", "en", "en", "ja", "de", "fr")
WORDS = (
    "kettle", "lamp", "orchard", "ferry", "copper", "quarry", "window", "paper", "river", "garden",
    "winter", "engine", "violin", "bakery", "harbour", "meadow", "thunder", "pepper", "carpet",
)  # fmt: skip


class NotEmpty(Exception):
    """The database belongs to somebody: worded for whoever gave the command."""


@dataclass(frozen=True, slots=True)
class Seeded:
    """What was written, in rows."""

    complaints: int
    messages: int
    incidents: int


Progress = Callable[[str, int, int], None]


def seed(
    complaints: int, log_lines: int, *, now: datetime, number: int, progress: Progress
) -> Seeded:
    """Fill an empty database, or one that was seeded, with so many more invented cases.

    log_lines  makes one message for each `LINES_A_MESSAGE` of them
    number     decides the dice: the same cases for the same number and database
    progress   is told what is written, how many of it are, and of how many
    raises     NotEmpty
    memory     one batch of `BATCH` rows, whatever the numbers
    """
    host = _organisation()
    dice = Random(f"{number} {RelayedMessage.objects.count()}")
    incidents = list(_incidents(max(1, complaints // COMPLAINTS_AN_INCIDENT), host, now, dice))
    abuse = _Abuse(incidents, dice)
    messages = max(1, log_lines // LINES_A_MESSAGE)
    for done in _batches(messages):
        _write_messages(done, host, abuse, now, dice)
        progress("messages", done.stop, messages)
    for done in _batches(complaints):
        _write_complaints(done, abuse, now, dice)
        progress("complaints", done.stop, complaints)
    for done in _batches(len(incidents)):
        _place(incidents[done.start : done.stop], now)
        progress("campaigns", done.stop, len(incidents))
    return Seeded(complaints, messages, len(incidents))


def _organisation() -> MailHost:
    """The invented organisation and its host.

    raises   NotEmpty where there is another
    """
    owner = Organisation.objects.exclude(name=NAME).first()
    if owner is not None or (Complaint.objects.exists() and not Organisation.objects.exists()):
        raise NotEmpty(
            f"This database is that of {owner.name if owner else 'a desk'}: seed an empty one, "
            "named by DATABASE_URL or MEYASU_DATA_DIR."
        )
    Organisation.objects.get_or_create(pk=1, defaults={"name": NAME, "domains": ["seeded.example"]})
    return MailHost.objects.get_or_create(
        name="mx1",
        defaults={"fqdn": "mx1.seeded.example", "addresses": ["192.0.2.25"], "mta": "postfix"},
    )[0]


class _Abuse:
    """Which incident a row is about, and the messages that were relayed in it."""

    MOST_KEPT = 30  # messages of an incident that complaints may be about

    def __init__(self, incidents: list[tuple[Incident, Campaign]], dice: Random) -> None:
        self.incidents = incidents
        self.messages: dict[int, list[RelayedMessage]] = {}
        self._dice = dice

    def any(self) -> tuple[Incident, Campaign]:
        """An incident; early ones are the large ones."""
        return self.incidents[int(len(self.incidents) * self._dice.random() ** 2)]

    def keep(self, incident: Incident, message: RelayedMessage) -> None:
        """Note a message that complaints may be about."""
        kept = self.messages.setdefault(incident.pk, [])
        if len(kept) < self.MOST_KEPT:
            kept.append(message)


def _incidents(
    count: int, host: MailHost, now: datetime, dice: Random
) -> Iterator[tuple[Incident, Campaign]]:
    for batch in _batches(count):
        with transaction.atomic():
            references = next_references("I", now.year, digits=4, count=len(batch))
            rows = [_incident(reference, host, now, dice) for reference in references]
            made = Incident.objects.bulk_create(rows)
            campaigns = Campaign.objects.bulk_create(
                Campaign(incident=incident, number=1, title=_words(dice, 4)) for incident in made
            )
            for incident in made:
                if incident.is_open:
                    planning.plan_incident(incident, now=now)
        yield from zip(made, campaigns, strict=True)


def _incident(reference: str, host: MailHost, now: datetime, dice: Random) -> Incident:
    is_open = dice.random() < SHARE_OPEN
    found = now - (SPAN * dice.random() if not is_open else timedelta(days=5 * dice.random()))
    state = Incident.State.OPEN if is_open else Incident.State.CLOSED
    fixed = None if is_open else found + timedelta(days=dice.expovariate(1 / 4))
    return Incident(
        reference=reference,
        title=f"Seeded: {_words(dice, 3)}",
        kind=dice.choice(["relay_abuse", "compromised_account", "infected_host"]),
        state=state,
        priority=dice.choice([2, 3, 3, 3, 4]),
        origin=dice.choice(Incident.Origin.values),
        why_opened="Seeded for measuring.",
        host=host,
        discovered_at=found,
        first_seen_at=found,
        last_seen_at=found + timedelta(days=1),
        notice_published_at=fixed,
        fixed_at=fixed,
        closed_at=fixed and fixed + timedelta(days=7),
    )


def _write_messages(
    batch: range, host: MailHost, abuse: _Abuse, now: datetime, dice: Random
) -> None:
    about = [abuse.any() if dice.random() < SHARE_OF_ABUSE else None for _ in batch]
    rows = [_message(host, one and one[0], now, dice) for one in about]
    with transaction.atomic():
        made = RelayedMessage.objects.bulk_create(rows)
        Delivery.objects.bulk_create(_delivery(message, dice) for message in made)
        linked = [(one, message) for one, message in zip(about, made, strict=True) if one]
        Campaign.messages.through.objects.bulk_create(
            Campaign.messages.through(campaign_id=one[1].pk, relayedmessage_id=message.pk)
            for one, message in linked
        )
    for one, message in linked:
        abuse.keep(one[0], message)


def _message(
    host: MailHost, incident: Incident | None, now: datetime, dice: Random
) -> RelayedMessage:
    began = incident.discovered_at if incident else now - SPAN * dice.random()
    at = began + timedelta(seconds=dice.random() * 86400)
    message_id = f"<{dice.getrandbits(64):x}@client.example>"
    source = incident.pk if incident else dice.randrange(50_000)
    sender = f"{WORDS[source % len(WORDS)]}{source}@sender{source % 997}.example"
    return RelayedMessage(
        host=host,
        queue_id=f"{dice.getrandbits(60):015X}",
        queued_at=at,
        finished_at=at + timedelta(seconds=2),
        message_id=message_id,
        message_id_sha256=ids.digest(message_id),
        client_ip=f"198.{18 + source // 65536 % 2}.{source // 256 % 256}.{source % 256}",
        helo="client.example",
        sender=sender,
        sender_domain=sender.partition("@")[2],
        size_bytes=dice.randrange(900, 60_000),
        recipient_count=1,
        direction=RelayedMessage.Direction.STRANGER if incident else RelayedMessage.Direction.IN,
        log_lines=f"{at:%b %d %H:%M:%S} mx1 postfix/qmgr[77]: seeded, no line stands behind this",
    )


def _delivery(message: RelayedMessage, dice: Random) -> Delivery:
    number = dice.randrange(1_000_000)
    return Delivery(
        message=message,
        recipient=f"{WORDS[number % len(WORDS)]}{number}@reader{number % 4999}.example",
        recipient_domain=f"reader{number % 4999}.example",
        relay=f"mx.reader{number % 4999}.example",
        status="sent",
        dsn="2.0.0",
        at=message.queued_at + timedelta(seconds=1),
    )


def _write_complaints(batch: range, abuse: _Abuse, now: datetime, dice: Random) -> None:
    stages = dice.choices(list(STAGES), weights=list(STAGES.values()), k=len(batch))
    about = [abuse.any() for _ in batch]
    with transaction.atomic():
        references = next_references("C", now.year, digits=6, count=len(batch))
        made = Complaint.objects.bulk_create(
            _complaint(*facts, now, dice)
            for facts in zip(references, stages, (one[0] for one in about), strict=True)
        )
        pairs = [
            (complaint, *one, _kept(abuse, one[0], dice))
            for complaint, one in zip(made, about, strict=True)
            if complaint.stage in (Complaint.Stage.GROUPED, Complaint.Stage.OPEN)
        ]
        reported = ReportedMessage.objects.bulk_create(
            _reported(complaint, incident, message, dice)
            for complaint, incident, _, message in pairs
        )
        ComplaintObservable.objects.bulk_create(
            observable for one in reported for observable in _observables(one)
        )
        grouped = [
            each for each in zip(pairs, reported, strict=True) if each[0][0].stage == "grouped"
        ]
        Link.objects.bulk_create(_link(pair, one) for pair, one in grouped if pair[3])
        _join([pair for pair, _ in grouped])


def _place(incidents: list[tuple[Incident, Campaign]], now: datetime) -> None:
    """Count the cases of the complaints, incident by incident.

    Each batch of complaints is about as many incidents, whose counts would be read and written
    each time.
    """
    campaigns = {incident.pk: campaign for incident, campaign in incidents}
    members = IncidentComplaint.objects.filter(incident__in=campaigns).order_by("incident", "pk")
    pairs = members.values_list("complaint_id", "incident_id").iterator(BATCH)
    while batch := dict(islice(pairs, BATCH)):
        complaints = Complaint.objects.in_bulk(batch)
        with transaction.atomic():
            keep_cases(
                [(complaints[one], campaigns[incident]) for one, incident in batch.items()],
                now=now,
            )


def _kept(abuse: _Abuse, incident: Incident, dice: Random) -> RelayedMessage | None:
    kept = abuse.messages.get(incident.pk)
    return dice.choice(kept) if kept else None


def _complaint(
    reference: str, stage: str, incident: Incident, now: datetime, dice: Random
) -> Complaint:
    at = min(now, incident.discovered_at + timedelta(days=dice.expovariate(1 / 2)))
    number = dice.randrange(200_000)
    unread = stage == Complaint.Stage.QUARANTINED
    return Complaint(
        reference=reference,
        stage=stage,
        arrived_at=at,
        recorded_at=at,
        raw_sha256=sha256(f"{reference} {dice.random()}".encode()).hexdigest(),
        raw_bytes=dice.randrange(1000, 60_000),
        message_id=f"<{dice.getrandbits(64):x}@reporter.example>",
        sender=f"{WORDS[number % len(WORDS)]}{number}@reporter{number % 1999}.example",
        recipient="abuse@seeded.example",
        subject=f"Spam from your server: {_words(dice, 4)}",
        format="" if unread else dice.choice(FORMATS),
        category="" if unread else dice.choice(["spam", "spam", "spam", "phishing", "malware"]),
        language="" if unread else dice.choice(LANGUAGES),
        reporter_kind="" if unread else dice.choice(["person", "provider", "isp", "csirt"]),
        text=_words(dice, 120),
        threatens_block=not unread and dice.random() < 0.02,
        problem="Seeded: reading it took longer than 10 s." if unread else "",
        reviewed_at=at if now - at > NOT_REVIEWED else None,
        set_aside_reason="Seeded." if stage == Complaint.Stage.SET_ASIDE else "",
    )


def _reported(
    complaint: Complaint, incident: Incident, message: RelayedMessage | None, dice: Random
) -> ReportedMessage:
    spam = Random(incident.pk)  # one family of content: the same words each time, and some others
    return ReportedMessage(
        complaint=complaint,
        number=1,
        where="attached message 1",
        message_id=message.message_id if message else "",
        subject=_family(spam, 5),
        envelope_from=message.sender if message else "",
        arrived_at=message.queued_at if message else complaint.arrived_at,
        source_ip=message.client_ip if message else "",
        body_text=f"{_family(spam, 50)} {_family(dice, 5)}",
    )


def _observables(reported: ReportedMessage) -> Iterator[ComplaintObservable]:
    found = {
        "message-id": reported.message_id,
        "ip": reported.source_ip,
        "envelope-from": reported.envelope_from,
        "subject": reported.subject,
    }
    for kind, value in found.items():
        if value:
            yield ComplaintObservable(
                complaint_id=reported.complaint_id,
                kind=kind,
                value=value,
                value_sha256=sha256(value.encode()).hexdigest(),
                where=reported.where,
                origin="inferred",
            )


def _link(pair: tuple[Any, ...], reported: ReportedMessage) -> Link:
    complaint, _, _, message = pair
    return Link(
        complaint=complaint,
        reported_message=reported,
        message=message,
        state=Link.State.LINKED,
        score=0.99,
        reasons=[{"fact": "the same Message-ID", "weight": 9.0}],
        linked_at=complaint.arrived_at,
    )


def _join(pairs: list[tuple[Any, ...]]) -> None:
    members = IncidentComplaint.objects.bulk_create(
        IncidentComplaint(
            incident=incident,
            complaint=complaint,
            reasons=[{"fact": "it links to a message of this incident"}],
            joined_at=complaint.arrived_at,
        )
        for complaint, incident, _, _ in pairs
    )
    through = IncidentComplaint.campaigns.through
    through.objects.bulk_create(
        through(incidentcomplaint_id=member.pk, campaign_id=campaign.pk)
        for member, (_, _, campaign, _) in zip(members, pairs, strict=True)
    )


def _batches(count: int) -> Iterator[range]:
    for start in range(0, count, BATCH):
        yield range(start, min(start + BATCH, count))


def _family(dice: Random, count: int) -> str:
    """Words that few other families of content have."""
    return " ".join(f"{dice.choice(WORDS)}{dice.randrange(1000)}" for _ in range(count))


def _words(dice: Random, count: int) -> str:
    return " ".join(dice.choices(WORDS, k=count))
