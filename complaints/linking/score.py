"""PURE: clues and logged messages to Candidates: probabilities with their reasons.

The weights are log-likelihood ratios in nats: how much more often a fact is seen where
the message is meant than where it is not. They add up with the prior to log-odds.
"""

import math
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from complaints.linking.candidate import Candidate, Clues, Fact, Logged, OwnHop

PRIOR = -4.0
LINKED_FROM, PROPOSED_FROM = 0.8, 0.3

WEIGHTS = {
    "message-id": 9.0,
    "message-id differs": -7.0,
    "queue-id": 9.0,
    "queue-id on another day": -2.0,
    "own Received line is of another message": -5.0,
    "client": 2.5,
    "client differs": -4.0,
    "sender": 2.5,
    "sender differs": -3.0,
    "recipient": 3.5,
    "recipient differs": -4.0,
    "reporter is recipient": 3.5,
    "time to the minute": 2.0,
    "time on the day": 1.0,
    "time differs": -3.0,
    "after the complaint": -9.0,
    "subject": 2.5,
    "subject differs": -2.5,
    "subject of the sender's campaign": 3.0,
    "relayed for a stranger": 1.5,
    "the only one": 1.5,
}
# A queue ID of 1998 is given out again within a day; a clock may be off by some minutes.
SAME_MOMENT = timedelta(minutes=5)
STATED_MINUTE = timedelta(minutes=15)
STATED_DAY = timedelta(hours=26)


def candidates(clues: Clues, messages: Iterable[Logged]) -> list[Candidate]:
    """Every message with its facts, the most probable first.

    Where several are alike, each can be meant with that much less probability.
    """
    compared = [(message, sorted(_facts(clues, message), key=_strength)) for message in messages]
    odds = [PRIOR + sum(fact.weight for fact in facts) for _, facts in compared]
    found = []
    for (message, facts), own in zip(compared, odds, strict=True):
        rivals = sum(1 for other in odds if other >= own - 0.5)
        only = rivals == 1 and len(compared) == 1
        extra = [_crowd(rivals, only=only)]
        kept = [*facts, *(fact for fact in extra if fact)]
        total = PRIOR + sum(fact.weight for fact in kept)
        found.append(Candidate(message, tuple(kept), _probability(total)))
    return sorted(found, key=lambda candidate: -candidate.probability)


def _probability(log_odds: float) -> float:
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, log_odds))))


def _strength(fact: Fact) -> float:
    return -abs(fact.weight)


def _crowd(rivals: int, *, only: bool) -> Fact | None:
    if only:
        return _fact("the only one", "no other message in question was logged")
    if rivals > 1:
        return Fact(f"one of {rivals} messages for which as much speaks", -1.2 * math.log(rivals))
    return None


def _facts(clues: Clues, message: Logged) -> Iterator[Fact]:
    yield from _by_message_id(clues, message)
    yield from _by_own_hops(clues, message)
    yield from _by_client(clues, message)
    yield from _by_sender(clues, message)
    yield from _by_recipient(clues, message)
    yield from _by_time(clues, message)
    yield from _by_subject(clues, message)
    if message.is_for_stranger:
        yield _fact("relayed for a stranger", "neither its sender nor its recipients are ours")


def _by_message_id(clues: Clues, message: Logged) -> Iterator[Fact]:
    if not clues.message_id or not message.message_id:
        return
    if clues.message_id != message.message_id:
        yield _fact("message-id differs", f"the log has the Message-ID <{message.message_id}>")
    elif message.same_message_id == 1:
        yield _fact("message-id", f"Message-ID <{clues.message_id}> as in the log")
    else:
        weight = WEIGHTS["message-id"] - 1.5 * math.log(message.same_message_id)
        words = (
            f"Message-ID <{clues.message_id}> as in the log, "
            f"where {message.same_message_id} messages have it"
        )
        yield Fact(words, weight)


def _by_own_hops(clues: Clues, message: Logged) -> Iterator[Fact]:
    hops = [hop for hop in clues.hops if hop.queue_id]
    same = [hop for hop in hops if hop.queue_id == message.queue_id]
    if same:
        yield _queue_id_fact(same[0], message)
    elif any(hop.host == message.host_name for hop in hops):
        shown = ", ".join(hop.queue_id for hop in hops)
        yield _fact(
            "own Received line is of another message",
            f"the Received line of {message.host} shows the queue ID {shown}",
        )


def _queue_id_fact(hop: OwnHop, message: Logged) -> Fact:
    logged = f"queue ID {message.queue_id} on {message.host} at {_clock(message.queued_at)}"
    if hop.at is None:
        return Fact(f"{logged}; our Received line states no time", WEIGHTS["queue-id"] - 4)
    ahead = hop.at - message.queued_at
    if abs(ahead) <= SAME_MOMENT:
        return _fact("queue-id", f"{logged}, {_stated(hop.at, ahead)}")
    return _fact(
        "queue-id on another day",
        f"{logged}, but our Received line says {_clock(hop.at, with_day=True)}: "
        "the ID has come round again",
    )


def _stated(at: datetime, ahead: timedelta) -> str:
    seconds = round(ahead.total_seconds())
    if seconds == 0:
        return "our Received line says the same second"
    later = "later" if seconds > 0 else "earlier"
    return f"our Received line says {_clock(at)} ({abs(seconds)} s {later})"


def _by_client(clues: Clues, message: Logged) -> Iterator[Fact]:
    stated = {hop.client_ip for hop in clues.hops if hop.client_ip} or {clues.source_ip} - {""}
    if not stated or not message.client_ip:
        return
    if message.client_ip in stated:
        yield _fact("client", f"handed in by {message.client_ip}, as the complaint says")
    else:
        yield _fact(
            "client differs",
            f"handed in by {message.client_ip}, the complaint says {', '.join(sorted(stated))}",
        )


def _by_sender(clues: Clues, message: Logged) -> Iterator[Fact]:
    if not clues.senders or not message.sender:
        return
    if message.sender in clues.senders:
        yield _fact("sender", f"envelope sender {message.sender}, as the complaint says")
    else:
        yield _fact(
            "sender differs",
            f"envelope sender {message.sender}, the complaint says {', '.join(clues.senders)}",
        )


def _by_recipient(clues: Clues, message: Logged) -> Iterator[Fact]:
    if clues.recipient and clues.recipient in message.recipients:
        yield _fact("recipient", f"delivered to {clues.recipient}, whom the complaint names")
    elif clues.reporter and clues.reporter in message.recipients:
        yield _fact("reporter is recipient", f"delivered to {clues.reporter}, who complains")
    elif clues.recipient and message.recipients:
        yield _fact("recipient differs", f"not sent to {clues.recipient}")


def _by_time(clues: Clues, message: Logged) -> Iterator[Fact]:
    if clues.reported_at and message.queued_at > clues.reported_at + STATED_MINUTE:
        yield _fact("after the complaint", "taken in after the complaint had arrived")
    if clues.at is None:
        return
    apart = abs(clues.at - message.queued_at)
    taken = f"taken in at {_clock(message.queued_at, with_day=True)}"
    if apart <= STATED_MINUTE:
        yield _fact("time to the minute", f"{taken}, stated as {_clock(clues.at)}")
    elif apart <= STATED_DAY:
        yield _fact("time on the day", f"{taken}, stated as {_clock(clues.at, with_day=True)}")
    else:
        yield _fact("time differs", f"{taken}, stated as {_clock(clues.at, with_day=True)}")


def _by_subject(clues: Clues, message: Logged) -> Iterator[Fact]:
    if not clues.subject:
        return
    if message.subject:
        if fold_subject(message.subject) == clues.subject:
            yield _fact("subject", f"the logged subject is “{message.subject}”")
        else:
            yield _fact("subject differs", f"the logged subject is “{message.subject}”")
    elif clues.subject in message.sender_subjects:
        yield _fact(
            "subject of the sender's campaign",
            f"other complaints show this subject in messages of {message.sender}",
        )
    elif message.sender_subjects:
        yield _fact(
            "subject differs",
            f"other complaints show other subjects in messages of {message.sender}",
        )


def fold_subject(subject: str) -> str:
    """A subject without Re:, Fwd: and the like, in one case, single-spaced."""
    text = " ".join(subject.split()).lower()
    for _ in range(5):
        head, colon, rest = text.partition(":")
        if not colon or head.strip("[] ") not in {"re", "fw", "fwd", "aw", "wg", "tr", "sv"}:
            break
        text = rest.strip()
    return text


def _fact(name: str, words: str) -> Fact:
    return Fact(words, WEIGHTS[name])


def _clock(at: datetime, *, with_day: bool = False) -> str:
    return f"{at:%d %b %H:%M:%S} UTC" if with_day else f"{at:%H:%M:%S} UTC"
