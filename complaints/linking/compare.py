"""PURE: what agrees and what does not between a complaint's clues and a message, in words."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from types import MappingProxyType

from complaints.linking import moments
from complaints.linking.candidate import Clues, Journey, Logged, OwnHop
from complaints.linking.moments import SAME_MOMENT, Named, clock, zones_apart
from complaints.linking.subjects import alike, bare_subject
from complaints.maillog.message_id import logged_forms

OUR_STAMP = timedelta(seconds=3)
SHORTEST_SUBJECT_PART = 10
LIKE_SUBJECT = 0.7
SEVERAL = 3
SHORTEST_CALLED = 6
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


def facts(
    clues: Clues, journey: Journey, alone: bool, subjects: Mapping[str, int] = NO_SUBJECTS
) -> Iterator[Named]:
    """Yield every fact about the journey, each by its name in the table and in words.

    alone    no other message is in question
    subjects in how many of the messages in question each bare subject is logged
    """
    yield from _by_message_id(clues, journey)
    yield from _by_own_hops(clues, journey)
    yield from _by_their_queue_id(clues, journey)
    yield from _by_client(clues, journey)
    yield from _by_sender(clues, journey)
    yield from _by_recipient(clues, journey)
    yield from moments.facts(clues, journey.entry)
    yield from _by_subject(clues, journey, subjects)
    yield from _by_size(clues, journey)
    yield from _by_others(clues, journey)
    if clues.passed_us is False:
        yield "came from elsewhere", "the Received lines shown do not lead through our hosts"
    if clues.is_no_mail:
        yield "no mail is complained of", "what is complained of is no mail, and none is shown"
    if any(leg.is_for_stranger for leg in journey.legs):
        yield "relayed for a stranger", "neither its sender nor its recipients are ours"
    if journey.entry.is_from_desk:
        yield "from the desk", f"we wrote it ourselves, as {journey.entry.sender}"
    if journey.entry.is_for_us:
        yield "for us", "it was for an address of ours"
    elif journey.entry.sender_is_ours:
        yield "from us", f"its sender {journey.entry.sender} is at a domain of ours"
    if alone:
        yield "the only one", "no other message in question was logged"


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
        yield name, f"the log has the Message-ID <{first}>, {what}"
    elif same.same_message_id <= len(journey.legs):
        yield "message-id", f"Message-ID <{shown}> as in the log"
    else:
        words = f"Message-ID <{shown}> as in the log, where {same.same_message_id} messages have it"
        yield "message-id shared", words


@lru_cache(maxsize=64)
def _forms_of(shown: str) -> frozenset[str]:
    return frozenset(logged_forms(shown))


def _given_by_receiver(shown: str, journey: Journey) -> Named:
    """Mail without a Message-ID gets one of the server that receives it."""
    giver = _domain(shown).lower()
    for domain in map(_domain, journey.recipients):
        if domain and (giver == domain or giver.endswith(f".{domain}")):
            words = f"the log has no Message-ID of it: {giver}, which got it, gave it one"
            return "message-id of the receiving side", words
    return "message-id not logged", "the log has no Message-ID of it"


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
    ids = {leg.queue_id: leg for leg in journey.legs}
    hops = [hop for hop in clues.hops if hop.queue_id]
    same = next((hop for hop in hops if hop.queue_id in ids), None)
    if same is not None:
        yield _queue_id_fact(same, ids[same.queue_id])
        return
    names = {leg.host_name for leg in journey.legs}
    if any(hop.host in names for hop in hops):
        shown = ", ".join(hop.queue_id for hop in hops)
        words = f"our Received line shows the queue ID {shown}, not {', '.join(ids)}"
        yield "other queue-id", words
        return
    yield from _by_our_stamp(clues, journey)


def _queue_id_fact(hop: OwnHop, leg: Logged) -> Named:
    logged = f"queue ID {leg.queue_id} on {leg.host} at {clock(leg.queued_at)}"
    if hop.at is None:
        return "queue-id without time", f"{logged}; our Received line states no time"
    ahead = hop.at - leg.queued_at
    if abs(ahead) <= SAME_MOMENT:
        return "queue-id", f"{logged}, {_stated(hop.at, ahead)}"
    if zones_apart(ahead) is not None:
        return "queue-id, clocks apart", f"{logged}, {_stated(hop.at, ahead)}"
    said = clock(hop.at, with_day=True)
    words = f"{logged}, but our Received line says {said}: the ID has come round again"
    return "queue-id on another day", words


def _by_our_stamp(clues: Clues, journey: Journey) -> Iterator[Named]:
    """The time that our own host wrote into a Received line whose queue ID is not shown."""
    for hop in clues.hops:
        leg = next((leg for leg in journey.legs if leg.host_name == hop.host), None)
        if hop.at is None or leg is None:
            continue
        ahead = hop.at - leg.queued_at
        words = f"taken in on {leg.host} at {clock(leg.queued_at)}, {_stated(hop.at, ahead)}"
        if abs(ahead) <= OUR_STAMP:
            yield "our stamp", words
        elif abs(ahead) <= timedelta(minutes=1):
            yield "our stamp within a minute", words
        else:
            yield "our stamp differs", words
        return


def _stated(at: datetime, ahead: timedelta) -> str:
    seconds = round(ahead.total_seconds())
    if seconds == 0:
        return "our Received line says the same second"
    later = "later" if seconds > 0 else "earlier"
    return f"our Received line says {clock(at)} ({abs(seconds)} s {later})"


def _by_their_queue_id(clues: Clues, journey: Journey) -> Iterator[Named]:
    for leg in journey.legs:
        for queue_id in sorted(clues.their_queue_ids & leg.next_queue_ids):
            words = f"the server that {leg.host} gave it to called it {queue_id}"
            yield "their queue-id", f"{words}, as its Received line shows"
            return


def _by_client(clues: Clues, journey: Journey) -> Iterator[Named]:
    hosts = {leg.host for leg in journey.legs}
    if clues.hosts_named:
        named = ", ".join(sorted(clues.hosts_named))
        if clues.hosts_named & hosts:
            yield "our host named", f"it passed {named}, which the complaint names"
        else:
            yield "another host of ours named", f"it did not pass {named}"
    entry = journey.entry
    stated = {hop.client_ip for hop in clues.hops if hop.client_ip} or {clues.source_ip} - {""}
    if not stated or not entry.client_ip or entry.client_is_ours:
        return
    if entry.client_ip in stated:
        yield "client", f"handed in by {entry.client_ip}, as the complaint says"
    else:
        said = ", ".join(sorted(stated))
        yield "client differs", f"handed in by {entry.client_ip}, the complaint says {said}"


def _by_sender(clues: Clues, journey: Journey) -> Iterator[Named]:
    sender = journey.entry.sender
    if not sender:
        return
    if sender in clues.senders:
        yield "sender", f"envelope sender {sender}, as the complaint says"
    elif clues.senders:
        said = ", ".join(clues.senders)
        yield "sender differs", f"envelope sender {sender}, the complaint says {said}"
    elif clues.author == sender:
        yield "author", f"envelope sender {sender}, as its From field says"
    elif clues.author:
        yield "author differs", f"envelope sender {sender}, its From field says {clues.author}"


def _by_recipient(clues: Clues, journey: Journey) -> Iterator[Named]:
    reached = journey.recipients
    named = [address for address in (clues.recipient, *clues.more_recipients) if address]
    hit = next((address for address in named if address in reached), "")
    if hit:
        yield "recipient", f"delivered to {hit}, whom the complaint names"
    elif tagged := _tagged(named, reached):
        yield (
            "recipient apart from its tag",
            f"delivered to {tagged}; the complaint says {named[0]}",
        )
    elif clues.reporter and clues.reporter in reached:
        yield "reporter is recipient", f"delivered to {clues.reporter}, who complains"
    elif not reached:
        return
    elif called := _called(clues.text, reached):
        yield "recipient called by name", f"its text calls {called}, to whom it was delivered"
    elif named:
        yield from _by_domain(named[0], reached)
    elif clues.reporter and _domain(clues.reporter) in map(_domain, reached):
        domain = _domain(clues.reporter)
        yield "reporter is of a recipient's domain", f"delivered to an address at {domain}"


def _tagged(named: list[str], reached: frozenset[str]) -> str:
    """A recipient that is one of those named but for a tag."""
    plain = {untagged(address) for address in named}
    return next((one for one in sorted(reached) if untagged(one) in plain), "") if plain else ""


def _called(text: str, reached: frozenset[str]) -> str:
    """A recipient whose name before the @ stands in the text as a word of its own."""
    words = _words_of(text)
    for address in sorted(reached):
        local = untagged(address).rpartition("@")[0]
        if len(local) >= SHORTEST_CALLED and local in words:
            return address
    return ""


@lru_cache(maxsize=64)
def _words_of(text: str) -> frozenset[str]:
    """The words of a text, which is compared with each message in question."""
    return frozenset(word.strip(".,;:!?()[]<>\"'") for word in text.split())


def _by_domain(named: str, reached: frozenset[str]) -> Iterator[Named]:
    """A masked recipient (RFC 6590) keeps its domain at most."""
    domain = _domain(named)
    if domain in map(_domain, reached):
        yield "recipient's domain", f"delivered to an address at {domain}, though not {named}"
    else:
        yield "recipient differs", f"not sent to {named}"


@lru_cache(maxsize=4096)
def untagged(address: str) -> str:
    """The address without a tag: `reader+shop@far.example` is `reader@far.example`."""
    local, at, domain = address.rpartition("@")
    return f"{local.partition('+')[0]}{at}{domain}"


def _domain(address: str) -> str:
    return address.rpartition("@")[2]


def _by_size(clues: Clues, journey: Journey) -> Iterator[Named]:
    """A copy is larger than the mail that passed by what the receiving side put on top of it.

    One that is smaller says nothing: many reporters cut what they send.
    """
    logged = next((leg.size_bytes for leg in journey.legs if leg.size_bytes), None)
    if clues.size_bytes and logged and 0 <= clues.size_bytes - logged <= MOST_PUT_ON_TOP:
        yield "size", f"{logged} bytes, the attached copy has {clues.size_bytes}"


def _by_others(clues: Clues, journey: Journey) -> Iterator[Named]:
    if clues.feedback_id and clues.feedback_id in journey.entry.sender_feedback_ids:
        words = f"other complaints show its Feedback-ID in messages of {journey.entry.sender}"
        yield "feedback-id of the sender's campaign", words
    count = max(leg.complained_of for leg in journey.legs)
    if count >= SEVERAL:
        yield "complained of often", f"{count} complaints are about mail of its sender or client"
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
        words = f"other complaints show this subject in messages of {journey.entry.sender}"
        yield "subject of the sender's campaign", words
    elif known:
        words = f"other complaints show other subjects in messages of {journey.entry.sender}"
        yield "not a subject of the sender's campaign", words


def _subject_fact(shown: str, logged: str) -> Named:
    words = f"the logged subject is “{logged}”"
    ours, theirs = bare_subject(logged), bare_subject(shown)
    if ours == theirs:
        return "subject", words
    shorter, longer = sorted((ours, theirs), key=len)
    if len(shorter) >= SHORTEST_SUBJECT_PART and longer.startswith(shorter):
        return "subject in part", words
    if alike(ours, theirs) >= LIKE_SUBJECT:
        return "subject in part", words
    return "subject differs", words
