"""PURE: what agrees and what does not between a complaint's clues and a message, in words."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from functools import lru_cache, partial
from types import MappingProxyType

from complaints.linking import addressees, moments
from complaints.linking.addressees import domain_of
from complaints.linking.candidate import Clues, Journey, Logged, OwnHop
from complaints.linking.moments import SAME_MOMENT, Named, clock, zones_apart
from complaints.linking.subjects import alike, bare_subject
from complaints.maillog.message_id import logged_forms

OUR_STAMP, A_MINUTE = timedelta(seconds=3), timedelta(minutes=1)
SHORTEST_SUBJECT_PART = 10
LIKE_SUBJECT = 0.7
SEVERAL = 3
# Received lines and verdicts of filters that the receiving side puts on top of a mail.
MOST_PUT_ON_TOP = 8192
MASK_MARKS = ("xxx", "***", "...", "…")


NO_SUBJECTS: Mapping[str, int] = MappingProxyType({})

# A message is in question for one of these; the other facts only tell such messages apart.
LEADS = frozenset(
    {
        "message-id",
        "message-id shared",
        "message-id masked",
        "message-id of the receiving side",
        "queue-id",
        "queue-id without time",
        "queue-id, clocks apart",
        "queue-id on another day",
        "their queue-id",
        "our stamp",
        "our stamp within a minute",
        "client",
        "sender",
        "author",
        "recipient",
        "recipient by its token",
        "recipient apart from its tag",
        "recipient called by name",
        "recipient's domain",
        "reporter is recipient",
        "subject",
        "subject in part",
        "subject of the sender's campaign",
        "feedback-id of the sender's campaign",
    }
)
# Where little goes through, the minute alone may lead to a message.
LEADS_ALONE = frozenset({"time to the second", "time to the minute"})


# For each journey, by the keys of its legs: what stays true whatever other complaints tell.
Lasting = dict[tuple[int, ...], tuple[tuple[Named, ...], tuple[Named, ...]]]


def facts(
    clues: Clues,
    journey: Journey,
    alone: bool,
    subjects: Mapping[str, int] = NO_SUBJECTS,
    lasting: Lasting | None = None,
) -> list[Named]:
    """Return every fact about the journey, each by its name in the table and in words.

    alone    no other message is in question
    subjects in how many of the messages in question each bare subject is logged
    lasting  what was found to last when the same clues were compared before; it is added to
    """
    legs = tuple([leg.key for leg in journey.legs])
    stays = lasting.get(legs) if lasting is not None else None
    if stays is None:
        stays = (tuple(_shown_and_logged(clues, journey)), tuple(_of_its_kind(clues, journey)))
        if lasting is not None:
            lasting[legs] = stays
    found = [
        *stays[0],
        *moments.facts(clues, journey.entry),
        *_by_subject(clues, journey, subjects),
        *_by_size(clues, journey),
        *_by_others(clues, journey),
        *stays[1],
    ]
    if alone:
        found.append(("the only one", "no other message in question was logged"))
    return found


def _shown_and_logged(clues: Clues, journey: Journey) -> Iterator[Named]:
    """What the complaint shows beside what the log has, except for times and subjects."""
    yield from _by_message_id(clues, journey)
    yield from _by_own_hops(clues, journey)
    yield from _by_their_queue_id(clues, journey)
    yield from _by_client(clues, journey)
    yield from _by_sender(clues, journey)
    yield from addressees.facts(clues, journey)


def _of_its_kind(clues: Clues, journey: Journey) -> Iterator[Named]:
    """What the complaint is about at all, and between whom the message went."""
    entry = journey.entry
    if clues.passed_us is False:
        yield "came from elsewhere", "the Received lines shown do not lead through our hosts"
    if clues.is_no_mail:
        yield "no mail is complained of", "what is complained of is no mail, and none is shown"
    if any(leg.is_for_stranger for leg in journey.legs):
        yield "relayed for a stranger", "neither its sender nor its recipients are ours"
    if entry.is_from_desk:
        yield "from the desk", lambda: f"we wrote it ourselves, as {entry.sender}"
    if entry.is_for_us:
        yield "for us", "it was for an address of ours"
    elif entry.sender_is_ours:
        yield "from us", lambda: f"its sender {entry.sender} is at a domain of ours"


def _by_message_id(clues: Clues, journey: Journey) -> Iterator[Named]:
    shown = clues.message_id
    if not shown:
        return
    logged = [leg for leg in journey.legs if leg.message_id]
    if not logged:
        yield _given_by_receiver(shown, journey)
        return
    same = next((leg for leg in logged if leg.message_id in _forms_of(shown)), None)
    if same is None:
        first = logged[0].message_id
        masked = is_masked(shown) and fits_mask(shown, first)
        name = "message-id masked" if masked else "message-id differs"
        what = f"which fits <{shown}>" if masked else f"the complaint shows <{shown}>"
        yield name, lambda: f"the log has the Message-ID <{first}>, {what}"
    elif same.same_message_id <= len(journey.legs):
        yield "message-id", lambda: f"Message-ID <{shown}> as in the log"
    else:
        yield (
            "message-id shared",
            lambda: (
                f"Message-ID <{shown}> as in the log, where {same.same_message_id} messages have it"
            ),
        )


@lru_cache(maxsize=64)
def _forms_of(shown: str) -> frozenset[str]:
    return frozenset(logged_forms(shown))


def _given_by_receiver(shown: str, journey: Journey) -> Named:
    """Mail without a Message-ID gets one of the server that receives it."""
    giver = domain_of(shown).lower()
    for domain in map(domain_of, journey.recipients):
        if domain and (giver == domain or giver.endswith(f".{domain}")):
            return (
                "message-id of the receiving side",
                lambda: f"the log has no Message-ID of it: {giver}, which got it, gave it one",
            )
    return "message-id not logged", "the log has no Message-ID of it"


@lru_cache(maxsize=64)
def is_masked(value: str) -> bool:
    """Whether a reporter has put something else in place of a part of it."""
    return any(mark in value for mark in MASK_MARKS)


def fits_mask(masked: str, whole: str) -> bool:
    """Whether what is left of a masked value is where it is in the whole one."""
    for mark in MASK_MARKS:
        head, found, tail = masked.partition(mark)
        if found:
            end = tail.lstrip("x*.…")
            kept = len(head) + len(end)
            return kept >= 6 and whole.startswith(head) and whole.endswith(end)
    return masked == whole


def _by_own_hops(clues: Clues, journey: Journey) -> Iterator[Named]:
    if not clues.hops:
        return
    ids = {leg.queue_id: leg for leg in journey.legs}
    hops = [hop for hop in clues.hops if hop.queue_id]
    same = next((hop for hop in hops if hop.queue_id in ids), None)
    if same is not None:
        yield _queue_id_fact(same, ids[same.queue_id])
        return
    names = {leg.host_name for leg in journey.legs}
    if any(hop.host in names for hop in hops):
        yield (
            "other queue-id",
            lambda: (
                f"our Received line shows the queue ID {', '.join(hop.queue_id for hop in hops)}, "
                f"not {', '.join(ids)}"
            ),
        )
        return
    yield from _by_our_stamp(clues, journey)


def _queue_id_fact(hop: OwnHop, leg: Logged) -> Named:
    at = hop.at

    def logged() -> str:
        return f"queue ID {leg.queue_id} on {leg.host} at {clock(leg.queued_at)}"

    if at is None:
        return "queue-id without time", lambda: f"{logged()}; our Received line states no time"
    ahead = at - leg.queued_at
    if abs(ahead) <= SAME_MOMENT:
        return "queue-id", lambda: f"{logged()}, {_stated(at, ahead)}"
    if zones_apart(ahead) is not None:
        return "queue-id, clocks apart", lambda: f"{logged()}, {_stated(at, ahead)}"
    return (
        "queue-id on another day",
        lambda: (
            f"{logged()}, but our Received line says {clock(at, with_day=True)}: "
            "the ID has come round again"
        ),
    )


def _by_our_stamp(clues: Clues, journey: Journey) -> Iterator[Named]:
    """The time that our own host wrote into a Received line whose queue ID is not shown."""
    for hop in clues.hops:
        leg = next((leg for leg in journey.legs if leg.host_name == hop.host), None)
        if hop.at is not None and leg is not None:
            yield _our_stamp(hop.at, leg)
            return


def _our_stamp(at: datetime, leg: Logged) -> Named:
    ahead = at - leg.queued_at
    near = abs(ahead)
    name = (
        "our stamp"
        if near <= OUR_STAMP
        else "our stamp within a minute"
        if near <= A_MINUTE
        else "our stamp differs"
    )
    return name, lambda: f"taken in on {leg.host} at {clock(leg.queued_at)}, {_stated(at, ahead)}"


def _stated(at: datetime, ahead: timedelta) -> str:
    seconds = round(ahead.total_seconds())
    if seconds == 0:
        return "our Received line says the same second"
    later = "later" if seconds > 0 else "earlier"
    return f"our Received line says {clock(at)} ({abs(seconds)} s {later})"


def _by_their_queue_id(clues: Clues, journey: Journey) -> Iterator[Named]:
    if not clues.their_queue_ids:
        return
    for leg in journey.legs:
        if same := clues.their_queue_ids & leg.next_queue_ids:
            yield "their queue-id", partial(_called_by_them, leg.host, min(same))
            return


def _called_by_them(host: str, queue_id: str) -> str:
    words = f"the server that {host} gave it to called it {queue_id}"
    return f"{words}, as its Received line shows"


def _by_client(clues: Clues, journey: Journey) -> Iterator[Named]:
    if clues.hosts_named:
        named = ", ".join(sorted(clues.hosts_named))
        if any(leg.host in clues.hosts_named for leg in journey.legs):
            yield "our host named", lambda: f"it passed {named}, which the complaint names"
        else:
            yield "another host of ours named", lambda: f"it did not pass {named}"
    entry, stated = journey.entry, clues.clients
    if not stated or not entry.client_ip or entry.client_is_ours:
        return
    if entry.client_ip in stated:
        yield "client", lambda: f"handed in by {entry.client_ip}, as the complaint says"
    else:
        yield (
            "client differs",
            lambda: (
                f"handed in by {entry.client_ip}, the complaint says {', '.join(sorted(stated))}"
            ),
        )


def _by_sender(clues: Clues, journey: Journey) -> Iterator[Named]:
    sender = journey.entry.sender
    if not sender:
        return
    if sender in clues.senders:
        yield "sender", lambda: f"envelope sender {sender}, as the complaint says"
    elif clues.senders:
        yield (
            "sender differs",
            lambda: f"envelope sender {sender}, the complaint says {', '.join(clues.senders)}",
        )
    elif clues.author == sender:
        yield "author", lambda: f"envelope sender {sender}, as its From field says"
    elif clues.author:
        yield (
            "author differs",
            lambda: f"envelope sender {sender}, its From field says {clues.author}",
        )


def _by_size(clues: Clues, journey: Journey) -> Iterator[Named]:
    """A copy is larger than the mail that passed by what the receiving side put on top of it.

    One that is smaller says nothing: many reporters cut what they send.
    """
    logged = next((leg.size_bytes for leg in journey.legs if leg.size_bytes), None)
    if clues.size_bytes and logged and 0 <= clues.size_bytes - logged <= MOST_PUT_ON_TOP:
        yield "size", lambda: f"{logged} bytes, the attached copy has {clues.size_bytes}"


def _by_others(clues: Clues, journey: Journey) -> Iterator[Named]:
    if clues.feedback_id and clues.feedback_id in journey.entry.sender_feedback_ids:
        yield (
            "feedback-id of the sender's campaign",
            lambda: f"other complaints show its Feedback-ID in messages of {journey.entry.sender}",
        )
    count = max([leg.complained_of for leg in journey.legs])
    if count >= SEVERAL:
        yield (
            "complained of often",
            lambda: f"{count} complaints are about mail of its sender or client",
        )
    elif count:
        yield "complained of", "another complaint is about mail of its sender or client"


def _by_subject(clues: Clues, journey: Journey, subjects: Mapping[str, int]) -> Iterator[Named]:
    if not clues.subject:
        return
    logged = next((leg.subject for leg in journey.legs if leg.subject), "")
    known: frozenset[str] = journey.entry.sender_subjects
    if logged:
        name, words = _subject_fact(clues.subject, logged)
        yield name, words
        if name == "subject" and subjects.get(bare_subject(logged)) == 1:
            yield "the only one of its subject", "no other message in question has this subject"
    elif clues.subject in known:
        yield (
            "subject of the sender's campaign",
            lambda: f"other complaints show this subject in messages of {journey.entry.sender}",
        )
    elif known:
        yield (
            "not a subject of the sender's campaign",
            lambda: f"other complaints show other subjects in messages of {journey.entry.sender}",
        )


def _subject_fact(shown: str, logged: str) -> Named:
    return _subjects_agree(shown, logged), lambda: f"the logged subject is “{logged}”"


@lru_cache(maxsize=4096)
def _subjects_agree(shown: str, logged: str) -> str:
    ours, theirs = bare_subject(logged), bare_subject(shown)
    if ours == theirs:
        return "subject"
    shorter, longer = sorted((ours, theirs), key=len)
    if len(shorter) >= SHORTEST_SUBJECT_PART and longer.startswith(shorter):
        return "subject in part"
    return "subject in part" if alike(ours, theirs) >= LIKE_SUBJECT else "subject differs"
