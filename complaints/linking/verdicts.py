"""What is said of a reported message that was not found: not ours, outside the log, and why."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from complaints import organisation
from complaints.evidence.received import is_routed
from complaints.linking import queue_ids
from complaints.linking.asking import LookUp, ask, ask_all
from complaints.linking.candidate import Clues
from complaints.linking.row import moment
from complaints.maillog.direction import Ourselves
from complaints.models import Complaint, MailHost, RelayedMessage, ReportedMessage

# After this long the log of that time is not expected any more.
LATE_LOG = timedelta(days=14)
A_DAY = timedelta(days=1)
QUEUE_ID_WITHIN = timedelta(days=2)
HALF_AN_HOUR = timedelta(minutes=30)
MOST_COUNTED, MOST_LOOKED_AT = 1000, 10_000
MOST_LINES = 5
MESSAGES = RelayedMessage._meta.db_table
TAKEN_IN = f"SELECT 1 FROM {MESSAGES} WHERE queued_at BETWEEN %s AND %s"  # noqa: S608 (ours)
COVERED = LookUp(f"SELECT 1 WHERE EXISTS ({TAKEN_IN})", (datetime, datetime))
# Where its log of that day was not read, nothing can be said.
REFUTES = LookUp(
    f"SELECT 1 WHERE EXISTS ({TAKEN_IN} AND host_id = %s) "
    f"AND NOT EXISTS ({TAKEN_IN} AND host_id = %s AND queue_id = %s)",
    (datetime, datetime, int, datetime, datetime, int, str),
)
SPOKE = LookUp(
    f"SELECT COUNT(*) FROM ({TAKEN_IN} AND host_id = %s LIMIT {MOST_COUNTED}) AS others",  # noqa: S608 (ours)
    (datetime, datetime, int),
)

NEAREST = (
    "SELECT queue_id, queued_at FROM (SELECT queue_id, queued_at, host_id "  # noqa: S608 (ours)
    f"FROM {MESSAGES} WHERE queued_at BETWEEN %s AND %s ORDER BY queued_at {{0}} "
    f"LIMIT {MOST_LOOKED_AT}) AS nearby WHERE host_id = %s ORDER BY queued_at {{0}} LIMIT 1"
)
BEFORE = LookUp(NEAREST.format("DESC"), (datetime, datetime, int))
AFTER = LookUp(NEAREST.format("ASC"), (datetime, datetime, int))

Gave = tuple[str, datetime]  # a queue ID that a host gave, and when
Kind = ReportedMessage.Verdict
ASK_FOR = (
    "the complete header of the mail, with every Received line",
    "the address that it was sent to",
    "when it came, with the zone",
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of the search for one reported message, with the reasons in words."""

    kind: str
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Unfound:
    """One reported message for which no message of ours was found."""

    reported: ReportedMessage
    clues: Clues
    complaint: Complaint

    @property
    def at(self) -> datetime:
        """The time whose log would tell."""
        return self.clues.at or self.complaint.arrived_at


@dataclass(frozen=True, slots=True)
class Claim:
    """What a Received line says that names a host of ours: the host gave it this ID then."""

    host: MailHost
    queue_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Spoke:
    """What a host did in the hour around a time: how many messages it took in, and the nearest."""

    count: int
    nearest: tuple[Gave, ...]


def verdicts_of(unfound: Sequence[Unfound], us: Ourselves, *, now: datetime) -> list[Verdict]:
    """Why no message of ours is linked to what is reported.

    Asks the log a fixed number of times, however many there are.
    """
    hosts = list(organisation.mail_hosts().values())
    claims = {id(one): _claims(one.reported.hops, hosts, us) for one in unfound}
    log = _asked(
        {claim for some in claims.values() for claim in some.values()},
        {one.at for one in unfound},
    )
    return [_verdict(one, claims[id(one)], log, us, now=now) for one in unfound]


def _verdict(
    one: Unfound, claims: Mapping[int, Claim], log: "_Told", us: Ourselves, *, now: datetime
) -> Verdict:
    hops, clues = one.reported.hops, one.clues
    if proof := tuple(_forged(hops, claims, log, us)):
        return Verdict(Kind.NOT_OURS, proof)
    if one.at not in log.covered:
        return _uncovered(one.at, one.complaint, log, now)
    if clues.passed_us is False:
        return Verdict(Kind.NOT_OURS, tuple(_came_from_elsewhere(hops, us)))
    if not _has_evidence(clues):
        words = "nothing in it names a message: no Message-ID, no Received line, no source, subject"
        return Verdict(Kind.NO_EVIDENCE, (words, *(f"ask for {what}" for what in ASK_FOR)))
    return Verdict(Kind.NOT_FOUND, ("the log of that time has been read, and nothing in it fits",))


@dataclass
class _Told:
    """What the log tells.

    covered  times about which it has been read
    refuted  claims that it contradicts, and what the host took in then instead
    """

    covered: set[datetime]
    refuted: dict[Claim, Spoke]

    @cached_property
    def begins_at(self) -> datetime | None:
        """When the oldest message came in."""
        return RelayedMessage.objects.first_taken_in()


def _asked(claims: set[Claim], times: set[datetime]) -> _Told:
    covered = {
        start + A_DAY for (start, _), _ in ask(COVERED, [_around(at, A_DAY) for at in times])
    }
    doubted = {
        (
            *(*_around(claim.at, A_DAY), claim.host.pk),
            *(*_around(claim.at, QUEUE_ID_WITHIN), claim.host.pk),
            claim.queue_id,
        ): claim
        for claim in claims
    }
    refuted = {values: doubted[values] for values, _ in ask(REFUTES, sorted(doubted))}
    hours = {(*_around(claim.at, HALF_AN_HOUR), claim.host.pk): claim for claim in refuted.values()}
    counted = {values: count for values, (count,) in ask(SPOKE, sorted(hours))}
    near: dict[tuple[int, datetime], list[Gave]] = {}
    sides = (
        (BEFORE, [(one.at - A_DAY, one.at, one.host.pk) for one in refuted.values()]),
        (AFTER, [(one.at, one.at + A_DAY, one.host.pk) for one in refuted.values()]),
    )
    for side, (start, end, host), (queue_id, at) in ask_all(sides):
        near.setdefault((host, start if side else end), []).append((queue_id, moment(at)))
    spoke = {
        claim: Spoke(
            counted[(*_around(claim.at, HALF_AN_HOUR), claim.host.pk)],
            tuple(near.get((claim.host.pk, claim.at), ())),
        )
        for claim in refuted.values()
    }
    return _Told(covered, spoke)


def _around(at: datetime, within: timedelta) -> tuple[datetime, datetime]:
    return at - within, at + within


def _uncovered(at: datetime, complaint: Complaint, log: _Told, now: datetime) -> Verdict:
    if log.begins_at is not None and log.begins_at > at:
        begins = f"the log kept here begins on {log.begins_at:%d %b %Y %H:%M} UTC"
        return Verdict(Kind.OUTSIDE_LOG, (f"{begins}, and it is about {at:%d %b %Y}",))
    if now - complaint.arrived_at > LATE_LOG:
        return Verdict(Kind.OUTSIDE_LOG, (f"the log of {at:%d %b %Y} never came",))
    return Verdict(Kind.WAITING, (f"the log of {at:%d %b %Y} has not come yet",))


def _has_evidence(clues: Clues) -> bool:
    return bool(
        clues.message_id
        or clues.hops
        or clues.source_ip
        or clues.subject
        or clues.senders
        or clues.recipient
        or clues.more_recipients
    )


def _claims(
    hops: Sequence[Mapping[str, Any]], hosts: Sequence[MailHost], us: Ourselves
) -> dict[int, Claim]:
    """By the number of its line, what each line claims that names a host of ours."""
    claims = {}
    for number, hop in enumerate(hops[: 2 * MOST_LINES]):
        if not (us.has_host(hop["by"]) and hop["queue_id"] and hop["at"]):
            continue
        host = next((host for host in hosts if _is_called(host, hop["by"])), None)
        if host is not None:
            claims[number] = Claim(host, hop["queue_id"], datetime.fromisoformat(hop["at"]))
    return claims


def _forged(
    hops: Sequence[Mapping[str, Any]], claims: Mapping[int, Claim], log: _Told, us: Ourselves
) -> Iterator[str]:
    """What proves that a Received line which names a host of ours was not written by it."""
    for number, claim in claims.items():
        if claim not in log.refuted:
            continue
        yield from _against(claim, log.refuted[claim])
        above = hops[number - 1] if number else None
        if above is not None and _is_stranger(above["from_ip"], us):
            yield (
                f"{above['by']}, which wrote the line above, got it from {above['from_ip']}, "
                "which is none of ours"
            )


def _is_called(host: MailHost, name: str) -> bool:
    return name.lower().rstrip(".").strip("[]") in (host.fqdn.lower(), *host.addresses)


def _against(claim: Claim, spoke: Spoke) -> Iterator[str]:
    """What in our own records contradicts one line that names this host."""
    host, queue_id = claim.host, claim.queue_id
    name = host.fqdn or host.name
    others = "message" if spoke.count == 1 else "messages"
    logged = f"{spoke.count} other {others}" if spoke.count else "no message at all"
    yield (
        f"a Received line names {name} with the queue ID {queue_id} at "
        f"{claim.at:%d %b %H:%M:%S} UTC; its log has no such ID within two days, and of that hour "
        f"{logged}"
    )
    if spoke.nearest:
        given = " and ".join(f"{one} at {at:%d %b %H:%M:%S}" for one, at in spoke.nearest)
        yield f"the IDs that {name} gave nearest to that time: {given} UTC"
    if queue_ids.fits(host.mta, queue_id) is False:
        yield f"{name} runs {host.mta}, which gives no IDs of that form"


def _came_from_elsewhere(hops: Sequence[Mapping[str, Any]], us: Ourselves) -> Iterator[str]:
    for hop in hops[:MOST_LINES]:
        if _is_stranger(hop["from_ip"], us):
            yield f"{hop['by'] or 'the receiving server'} got it from {hop['from_ip']}"
    yield "none of these is an address of ours"


def _is_stranger(address: str, us: Ourselves) -> bool:
    return is_routed(address) and not us.has_address(address)
