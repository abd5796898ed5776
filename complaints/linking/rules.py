"""Where to look for the message that is meant: by indexes only, a bounded number by each rule.

Each table of rules is one step of the search: names, then circumstances, then what is left.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from complaints.linking.addressees import untagged
from complaints.linking.asking import Values
from complaints.linking.candidate import Clues
from complaints.linking.compare import MOST_PUT_ON_TOP, is_masked
from complaints.linking.moments import A_DAY, FARTHEST_ZONE, QUARTER, SAME_MOMENT
from complaints.linking.row import MESSAGES
from complaints.linking.rule import MOST_BY_RULE, Found, Rule, find
from complaints.maillog import message_id
from complaints.models import Delivery, Link, ReportedMessage
from complaints.querysets import SUBJECT_START_CHARS

MOST_LOOKED_AT = 1000
QUEUE_ID_WITHIN = timedelta(days=2)
# A report without a time is about mail of the last weeks; a stated day may be off by a zone.
LOOK_BACK = timedelta(days=14)
AROUND_STATED_TIME = timedelta(days=2)
AROUND_STAMP = timedelta(seconds=5)
SHORTEST_SUBJECT = 5

Span = tuple[datetime, datetime]


def by_name(asked: Sequence[Sequence[Clues]]) -> list[Found]:
    """What each complaint calls by name: a Message-ID, a queue ID, the second of our own stamp.

    asked    for each complaint the clues to each message it reports
    returns  for each complaint what was found, a bounded number by each rule
    """
    return find(BY_NAME, asked)


def by_circumstance(asked: Sequence[Sequence[Clues]]) -> list[Found]:
    """What fits by who sent it to whom, when, and under which subject."""
    return find(BY_CIRCUMSTANCE, asked)


def by_another_zone(asked: Sequence[Sequence[Clues]]) -> list[Found]:
    """What fits by its source if the stated time was written or read in a wrong zone."""
    return find(BY_ANOTHER_ZONE, asked)


def by_neighbourhood(asked: Sequence[Sequence[Clues]]) -> list[Found]:
    """What went to the recipient's domain about the stated time, and is of the size shown."""
    return find(BY_NEIGHBOURHOOD, asked)


def by_time_alone(asked: Sequence[Sequence[Clues]]) -> list[Found]:
    """What was relayed for strangers at the stated minute, for where nothing else was found."""
    return find(BY_TIME_ALONE, asked)


def _message_ids(clues: Clues) -> Iterator[Values]:
    if clues.message_id and not is_masked(clues.message_id):
        yield from ((one,) for one in message_id.digests(clues.message_id))


def _queue_ids(clues: Clues) -> Iterator[Values]:
    for hop in clues.hops:
        if hop.queue_id:
            span = _around(hop.at, QUEUE_ID_WITHIN) if hop.at else _window(clues)
            yield (hop.queue_id, *span)


def _stamps(clues: Clues) -> Iterator[Values]:
    """What our host took in at the very moment that its Received line states."""
    for hop in clues.hops:
        if hop.at and not hop.queue_id:
            yield (hop.host, *_around(hop.at, AROUND_STAMP))


def _recipients(clues: Clues) -> Iterator[Values]:
    span = _window(clues)
    plain = [untagged(address) for address in clues.addresses]
    for address in dict.fromkeys((*clues.addresses, *plain)):
        yield (address, *span)


def _clients(clues: Clues) -> Iterator[Values]:
    if clues.at is not None:
        spans = list(_moments(clues))
        yield from ((client, *span) for client in _clients_of(clues) for span in spans)


def _senders(clues: Clues) -> Iterator[Values]:
    spans = [_window(clues)] if clues.at is None else list(_moments(clues))
    yield from ((sender, *span) for sender in _senders_of(clues) for span in spans)


def _clients_in_zones(clues: Clues) -> Iterator[Values]:
    for span in _zones(clues):
        yield from ((client, *span, clues.at) for client in _clients_of(clues))


def _senders_in_zones(clues: Clues) -> Iterator[Values]:
    for span in _zones(clues):
        yield from ((sender, *span, clues.at) for sender in _senders_of(clues))


def _zones(clues: Clues) -> Iterator[Span]:
    """The span in which a stated time may lie; our own stamps are in a zone we know."""
    if clues.at is not None and not clues.is_day and not any(hop.at for hop in clues.hops):
        yield _around(clues.at, FARTHEST_ZONE + SAME_MOMENT)


def _clients_of(clues: Clues) -> list[str]:
    return sorted({*(hop.client_ip for hop in clues.hops), clues.source_ip} - {""})


def _senders_of(clues: Clues) -> list[str]:
    return [one for one in dict.fromkeys((*clues.senders, clues.author)) if one]


def _moments(clues: Clues) -> Iterator[Span]:
    """About when it passed: as stated, and by the reporter's clock as it is known."""
    at = clues.at
    if at is None:
        return
    if clues.is_day:
        yield at - FARTHEST_ZONE, at + A_DAY + FARTHEST_ZONE
        return
    yield _around(at, QUARTER)
    if clues.reporter_ahead and abs(clues.reporter_ahead) > QUARTER.total_seconds():
        yield _around(at - timedelta(seconds=clues.reporter_ahead), QUARTER)


def _domains_before(clues: Clues) -> Iterator[Values]:
    """A masked recipient, or the mail system of who complains, at the stated time."""
    if clues.at is None or clues.is_day or any(hop.queue_id for hop in clues.hops):
        return
    for domain in dict.fromkeys(address.rpartition("@")[2] for address in clues.addresses):
        yield (clues.at - QUARTER, clues.at, domain)


def _domains_after(clues: Clues) -> Iterator[Values]:
    for before, at, domain in _domains_before(clues):
        yield (at, at + (at - before), domain)


def _sizes_before(clues: Clues) -> Iterator[Values]:
    """As by the domain alone, and of the size of the attached copy: few of a busy domain are."""
    if clues.size_bytes:
        least = clues.size_bytes - MOST_PUT_ON_TOP
        for values in _domains_before(clues):
            yield (*values, least, clues.size_bytes)


def _sizes_after(clues: Clues) -> Iterator[Values]:
    for before, at, *rest in _sizes_before(clues):
        yield (at, at + (at - before), *rest)


def _feedback_ids(clues: Clues) -> Iterator[Values]:
    """What a sender sent of whom other complaints showed the same Feedback-ID."""
    if clues.feedback_id:
        yield (clues.feedback_id, *_window(clues))


def _subjects(clues: Clues) -> Iterator[Values]:
    """The subject as it stands; many share its beginning."""
    for values in _subject_starts(clues):
        yield (*values, clues.raw_subject)


def _subject_starts(clues: Clues) -> Iterator[Values]:
    """The beginning of the subject: logs cut subjects off, and mark where they were folded."""
    start = clues.raw_subject[:SUBJECT_START_CHARS]
    if len(start) >= SHORTEST_SUBJECT:
        yield (start, *_window(clues))


def _times(clues: Clues) -> Iterator[Values]:
    """Where little else is known: what was relayed for strangers at the stated minute."""
    if clues.is_day or clues.at is None:
        return
    if not (clues.message_id or clues.hops or clues.source_ip):
        yield _around(clues.at, QUARTER)


def _window(clues: Clues) -> Span:
    if clues.at is not None:
        return _around(clues.at, AROUND_STATED_TIME)
    end = clues.reported_at or datetime.max.replace(tzinfo=UTC) - QUARTER
    return end - LOOK_BACK, end + QUARTER


def _around(at: datetime, within: timedelta) -> Span:
    return at - within, at + within


DELIVERIES = f"(SELECT message_id AS id, recipient, at FROM {Delivery._meta.db_table})"  # noqa: S608 (ours)
HOSTS = "JOIN complaints_mailhost h ON h.id = m.host_id"
QUEUED = "m.queued_at BETWEEN %s AND %s"
HALF = MOST_BY_RULE // 2
IN_SPAN, OF_SPAN = (str, datetime, datetime), (datetime, datetime, str)
# On a busy host thousands pass within minutes: those nearest to the stated time are looked at.
NEAREST = (
    f"(SELECT message_id AS id, recipient_domain FROM {Delivery._meta.db_table} "  # noqa: S608 (ours)
    f"WHERE at BETWEEN %s AND %s ORDER BY at {{}} LIMIT {MOST_LOOKED_AT})"
)
BEFORE, AFTER = NEAREST.format("DESC"), NEAREST.format("ASC")
TO_DOMAIN = "m.recipient_domain = %s"
OF_SIZE = f"{TO_DOMAIN} AND whole.size_bytes BETWEEN %s AND %s"
WHOLE = f"JOIN {MESSAGES} whole ON whole.id = m.id"
# Many may share the beginning of a subject, and few the whole of it.
SUBJECT_START = f"SUBSTR(subject, 1, {SUBJECT_START_CHARS})"
OF_SUBJECT_START = (
    f"(SELECT id, subject FROM {MESSAGES} WHERE {SUBJECT_START} = %s "  # noqa: S608 (ours)
    f"AND queued_at BETWEEN %s AND %s AND NOT (subject = '') "
    f"ORDER BY queued_at DESC LIMIT {MOST_LOOKED_AT})"
)
# Of a source that sent very much within a day, not all is looked at.
OF_SOURCE = (
    f"(SELECT id, queued_at FROM {MESSAGES} WHERE {{}} = %s "  # noqa: S608 (ours)
    f"AND queued_at BETWEEN %s AND %s LIMIT {MOST_LOOKED_AT})"
)
NEAR, HALF_HOUR = int(SAME_MOMENT.total_seconds()), 1800
BY_HALF_HOURS = f"(APART + {NEAR}) %% {HALF_HOUR} <= {2 * NEAR}"
KNOWN_BY_IT = 20
HOLDING = ", ".join(f"'{state}'" for state in Link.HOLDING)
OF_FEEDBACK_ID = (
    f"(SELECT DISTINCT other.id FROM (SELECT id FROM {ReportedMessage._meta.db_table} "  # noqa: S608
    f"WHERE feedback_id = %s AND NOT (feedback_id = '') ORDER BY id DESC LIMIT {KNOWN_BY_IT}) "
    f"AS shown JOIN {Link._meta.db_table} l ON l.reported_message_id = shown.id "
    f"AND l.state IN ({HOLDING}) JOIN {MESSAGES} known ON known.id = l.message_id "
    f"AND NOT (known.sender = '') JOIN {MESSAGES} other ON other.sender = known.sender "
    f"AND other.queued_at BETWEEN %s AND %s LIMIT {MOST_BY_RULE + 1})"
)
BY_NAME = (
    Rule("messages have this Message-ID", "m.message_id_sha256 = %s", _message_ids, (str,)),
    Rule("messages had this queue ID", f"m.queue_id = %s AND {QUEUED}", _queue_ids, IN_SPAN),
    Rule(
        "messages were taken in at this second",
        f"h.fqdn = %s AND {QUEUED}",
        _stamps,
        IN_SPAN,
        HOSTS,
    ),
)
BY_CIRCUMSTANCE = (
    Rule(
        "messages went to this address in these days",
        "m.recipient = %s AND m.at BETWEEN %s AND %s",
        _recipients,
        IN_SPAN,
        among=DELIVERIES,
        by_recipient=True,
    ),
    Rule(
        "messages came from this client at that time",
        f"m.client_ip = %s AND {QUEUED}",
        _clients,
        IN_SPAN,
    ),
    Rule(
        "messages came from this sender at that time",
        f"m.sender = %s AND {QUEUED}",
        _senders,
        IN_SPAN,
    ),
    Rule(
        "messages have this subject",
        "m.subject = %s",
        _subjects,
        (*IN_SPAN, str),
        among=OF_SUBJECT_START,
    ),
    Rule(
        "messages have a subject that begins so",
        "TRUE",
        _subject_starts,
        IN_SPAN,
        among=OF_SUBJECT_START,
    ),
    Rule(
        "messages are of senders with this Feedback-ID",
        "TRUE",
        _feedback_ids,
        IN_SPAN,
        among=OF_FEEDBACK_ID,
    ),
)
BY_ANOTHER_ZONE = (
    Rule(
        "messages came from this client at that time in another zone",
        BY_HALF_HOURS,
        _clients_in_zones,
        (*IN_SPAN, datetime),
        among=OF_SOURCE.format("client_ip"),
    ),
    Rule(
        "messages came from this sender at that time in another zone",
        BY_HALF_HOURS,
        _senders_in_zones,
        (*IN_SPAN, datetime),
        among=OF_SOURCE.format("sender"),
    ),
)
BY_NEIGHBOURHOOD = (
    Rule(
        "messages went to this domain just before",
        TO_DOMAIN,
        _domains_before,
        OF_SPAN,
        among=BEFORE,
        most=HALF,
        by_recipient=True,
    ),
    Rule(
        "messages went to this domain just after",
        TO_DOMAIN,
        _domains_after,
        OF_SPAN,
        among=AFTER,
        most=HALF,
        by_recipient=True,
    ),
    Rule(
        "messages of this size went to this domain just before",
        OF_SIZE,
        _sizes_before,
        (*OF_SPAN, int, int),
        WHOLE,
        BEFORE,
        HALF,
        by_recipient=True,
    ),
    Rule(
        "messages of this size went to this domain just after",
        OF_SIZE,
        _sizes_after,
        (*OF_SPAN, int, int),
        WHOLE,
        AFTER,
        HALF,
        by_recipient=True,
    ),
)
BY_TIME_ALONE = (
    Rule(
        "messages were relayed then",
        f"m.direction = 'stranger' AND {QUEUED}",
        _times,
        (datetime, datetime),
    ),
)
