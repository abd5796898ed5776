"""What is said of a reported message that was not found: not ours, outside the log, and why."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from complaints.evidence.received import is_routed
from complaints.linking import queue_ids
from complaints.linking.candidate import Clues
from complaints.maillog.direction import Ourselves
from complaints.models import Complaint, MailHost, RelayedMessage, ReportedMessage

# After this long the log of that time is not expected any more.
LATE_LOG = timedelta(days=14)
A_DAY = timedelta(days=1)
QUEUE_ID_WITHIN = timedelta(days=2)
HALF_AN_HOUR = timedelta(minutes=30)
MOST_COUNTED = 1000
MOST_LINES = 5

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


def verdict_of(
    reported: ReportedMessage,
    clues: Clues,
    complaint: Complaint,
    us: Ourselves,
    *,
    now: datetime,
) -> Verdict:
    """Why no message of ours is linked to what is reported; asks the log a few times at most."""
    if proof := tuple(_forged(reported.hops, us)):
        return Verdict(Kind.NOT_OURS, proof)
    at = clues.at or (None if _has_evidence(clues) else complaint.arrived_at)
    if not covers(at or complaint.arrived_at):
        return _uncovered(at or complaint.arrived_at, complaint, now)
    if clues.passed_us is False:
        return Verdict(Kind.NOT_OURS, tuple(_came_from_elsewhere(reported.hops, us)))
    if not _has_evidence(clues):
        words = "nothing in it names a message: no Message-ID, no Received line, no source, subject"
        return Verdict(Kind.NO_EVIDENCE, (words, *(f"ask for {what}" for what in ASK_FOR)))
    return Verdict(Kind.NOT_FOUND, ("the log of that time has been read, and nothing in it fits",))


def covers(at: datetime) -> bool:
    """Whether the log of about this time has been read."""
    return RelayedMessage.objects.taken_in(at - A_DAY, at + A_DAY).exists()


def _uncovered(at: datetime, complaint: Complaint, now: datetime) -> Verdict:
    first = RelayedMessage.objects.first_taken_in()
    if first is not None and first > at:
        begins = f"the log kept here begins on {first:%d %b %Y %H:%M} UTC"
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


def _forged(hops: Sequence[Mapping[str, Any]], us: Ourselves) -> Iterator[str]:
    """What proves that a Received line which names a host of ours was not written by it."""
    hosts = list(MailHost.objects.all())
    for above, hop in zip([None, *hops], hops[: 2 * MOST_LINES], strict=False):
        if not us.has_host(hop["by"]):
            continue
        host = next((host for host in hosts if _is_called(host, hop["by"])), None)
        proof = list(_against(hop, host)) if host else []
        if proof and above is not None and _is_stranger(above["from_ip"], us):
            proof.append(
                f"{above['by']}, which wrote the line above, got it from {above['from_ip']}, "
                "which is none of ours"
            )
        yield from proof


def _is_called(host: MailHost, name: str) -> bool:
    return name.lower().rstrip(".").strip("[]") in (host.fqdn.lower(), *host.addresses)


def _against(hop: Mapping[str, Any], host: MailHost) -> Iterator[str]:
    """What in our own records contradicts one line that names this host."""
    queue_id, at = hop["queue_id"], datetime.fromisoformat(hop["at"]) if hop["at"] else None
    if not queue_id or at is None:
        return
    day = RelayedMessage.objects.taken_in(at - A_DAY, at + A_DAY)
    if not day.filter(host=host).exists():
        return  # its log of that day was not read: nothing can be said
    around = RelayedMessage.objects.seen_as(queue_id, at=at, within=QUEUE_ID_WITHIN)
    if around.filter(host=host).exists():
        return
    spoke = RelayedMessage.objects.taken_in(at - HALF_AN_HOUR, at + HALF_AN_HOUR)
    count = spoke.filter(host=host)[:MOST_COUNTED].count()
    logged = f"{count} other messages" if count else "no message at all"
    yield (
        f"a Received line names {host.name} with the queue ID {queue_id} at {at:%d %b %H:%M:%S} "
        f"UTC; its log has no such ID within two days, and of that hour {logged}"
    )
    if queue_ids.fits(host.mta, queue_id) is False:
        yield f"{host.name} runs {host.mta}, which gives no IDs of that form"


def _came_from_elsewhere(hops: Sequence[Mapping[str, Any]], us: Ourselves) -> Iterator[str]:
    for hop in hops[:MOST_LINES]:
        if _is_stranger(hop["from_ip"], us):
            yield f"{hop['by'] or 'the receiving server'} got it from {hop['from_ip']}"
    yield "none of these is an address of ours"


def _is_stranger(address: str, us: Ourselves) -> bool:
    return is_routed(address) and not us.has_address(address)
