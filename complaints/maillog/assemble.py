"""LogEntries to Passages: the lines of one message, joined by queue ID and life.

Queue IDs come round again (Postfix: within the second; sendmail 8.8: every day). A line
that begins a message, of another time or Message-ID than the open one, begins a new life.
"""

import heapq
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from complaints.maillog.dialects import Tally
from complaints.maillog.entry import Event, LogEntry, RawLine, Stamped
from complaints.maillog.lives import Lives
from complaints.maillog.passage import (
    EXPIRED,
    FINAL,
    LONGEST_LIFE,
    QUEUED,
    Handover,
    Passage,
    RefusedAttempt,
)

# The same line of arrival, told twice, is seconds apart.
SAME_ARRIVAL = timedelta(minutes=30)
LONGEST_SESSION = timedelta(hours=1)
MOST_SESSIONS = 20_000
MOST_SIGN_INS = 4
# A delivery may be logged after the queue file is gone: programs write side by side.
LATE_LINES = timedelta(minutes=1)
# How Postfix tells that a message is over.
REMOVED = "removed"
MOST_OPEN_LINES = 20_000
BEGINNINGS = frozenset({Event.CLIENT, Event.ARRIVAL})
ORDER = {event: place for place, event in enumerate(Event)}


class Assembler:
    """Gathers the lines of one host's log until they are taken as passages.

    A queue ID stands in `raw` while its lines are not understood yet, or in `entries`. What was
    told plainly stands in `lives`: who takes these writes them faster than as passages.
    """

    def __init__(self) -> None:
        self.raw: dict[str, list[RawLine]] = {}
        self.entries: dict[str, list[LogEntry]] = {}
        self.lives: list[Lives] = []
        self._sessions = Sessions()
        self._refused: list[RefusedAttempt] = []

    def feed(self, entries: Iterable[LogEntry]) -> None:
        """Take in entries of one host, in the order of its log, times in UTC."""
        for entry in self._sessions.tell(entries):
            if entry.event is Event.REFUSAL:
                self._refused.append(
                    RefusedAttempt(entry.at, entry.line, queue_id=entry.queue_id, **entry.facts)
                )
            elif entry.queue_id in self.entries:
                self.entries[entry.queue_id].append(entry)
            else:
                self.entries[entry.queue_id] = [entry]

    def take_in(self, entry: LogEntry, tally: Tally) -> None:
        """Take in one entry that was read at once, behind what its queue ID has in `raw`."""
        if entry.event is not Event.REFUSAL and entry.queue_id in self.raw:
            self.feed(understood(entry.queue_id, self.raw.pop(entry.queue_id), tally))
        self.feed([entry])

    def take_in_lives(
        self, lives: Lives, place_of: Callable[[], dict[str, int]], tally: Tally
    ) -> None:
        """Take in lives that were cut out of a block, behind the other lines of that block.

        place_of  tells the place of each line in the block: a message that others of its lines
                  tell of too is understood line by line
        """
        if self.raw.keys().isdisjoint(lives.queue_ids) and self.entries.keys().isdisjoint(
            lives.queue_ids
        ):
            self.lives.append(lives)
            return
        alone = [name not in self.raw and name not in self.entries for name in lives.queue_ids]
        places = place_of()
        for number, queue_id in enumerate(lives.queue_ids):
            if not alone[number]:
                raw = [*lives.passage(number).raw, *self.raw.pop(queue_id, ())]
                entries = [*understood(queue_id, raw, tally), *self.entries.get(queue_id, ())]
                self.entries[queue_id] = sorted(entries, key=lambda entry: places[entry.line])
        self.lives.append(lives.only(alone))

    def take_lives(self) -> list[Lives]:
        """What was told plainly since the last call; `take` leaves it out then."""
        lives, self.lives = self.lives, []
        return lives

    def take(
        self, tally: Tally | None = None, *, ended: bool = False
    ) -> tuple[list[Passage], list[RefusedAttempt]]:
        """What the lines since the last call say, messages by the time of their first line.

        A message of which more lines come later is handed out each time: join the pieces
        with `joined`.
        ended  leave messages whose end was not told among the raw lines, if they are not many
        """
        passages = [lives.passage(number) for lives in self.lives for number in range(len(lives))]
        open_lines = self._open() if ended else {}
        for queue_id, lines in self.raw.items():
            if queue_id in open_lines:
                continue
            dialect = lines[0][3].dialect
            passage = dialect.plain(queue_id, lines) if dialect else None
            if passage is None or lines[-1][0] - passage.queued_at > LONGEST_LIFE:
                self.feed(understood(queue_id, lines, tally))
            else:
                passages.append(passage)
        for entries in self.entries.values():
            passages += passages_of(entries)
        refused = self._refused
        self.raw.clear()
        self.raw.update(open_lines)
        self.entries, self.lives, self._refused = {}, [], []
        return sorted(passages, key=lambda passage: passage.queued_at), refused

    def _open(self) -> dict[str, list[RawLine]]:
        """Raw lines of messages that are not removed yet; none, if they would fill the memory."""
        waiting = {
            queue_id: lines for queue_id, lines in self.raw.items() if lines[-1][1] != REMOVED
        }
        return waiting if sum(map(len, waiting.values())) <= MOST_OPEN_LINES else {}


def understood(
    queue_id: str, lines: Iterable[RawLine], tally: Tally | None = None
) -> Iterator[LogEntry]:
    """The entries of raw lines; a line that says nothing to us was counted as understood."""
    for at, text, line, writer in lines:
        said = Stamped(at, writer.host, writer.program, writer.process_id, f"{queue_id}: {text}")
        entry = writer.dialect.read(said, line) if writer.dialect else None
        if entry is None:
            if tally:
                tally.understood -= 1
                tally.count_unknown(line, writer.program)
        elif entry.event is not Event.NOTHING:
            entry.host, entry.process_id = writer.host, writer.process_id
            yield entry


def entries_of(passage: Passage) -> list[LogEntry]:
    """The entries a passage was read from; where it was plain, they are made now."""
    return passage.entries or list(understood(passage.queue_id, passage.raw))


@dataclass(slots=True)
class Session:
    """What is known of a connection before a message comes over it, and the lines that tell."""

    at: datetime
    facts: dict[str, str]
    lines: list[str]


class Sessions:
    """Who is connected or signed in, where that is told apart from the message.

    sendmail tells who signed in, known by the process that serves the connection; OpenSMTPD
    tells client and user, known by a session ID (`session` of the facts).
    """

    def __init__(self) -> None:
        self._sessions: dict[str, Session] = {}

    def tell(self, entries: Iterable[LogEntry]) -> Iterator[LogEntry]:
        """Yield the entries; what came over a session knows what was told of that before."""
        for entry in entries:
            session_id = entry.facts.pop("session", "")
            if entry.event is Event.SIGN_IN:
                self._begin(entry, session_id)
                continue
            if session_id:
                self._join(entry, session_id)
            elif entry.event is Event.ARRIVAL and entry.process_id in self._sessions:
                self._sign_in(entry)
            yield entry

    def _begin(self, entry: LogEntry, session_id: str) -> None:
        before = self._sessions.get(session_id) if session_id else None
        if before:
            before.facts |= entry.facts
            before.lines.append(entry.line)
            del before.lines[MOST_SIGN_INS:]
            return
        if len(self._sessions) >= MOST_SESSIONS:
            del self._sessions[next(iter(self._sessions))]
        session = Session(entry.at, dict(entry.facts), [entry.line])
        self._sessions[session_id or entry.process_id] = session

    def _join(self, entry: LogEntry, session_id: str) -> None:
        session = self._sessions.get(session_id)
        if session is None:
            if entry.event is Event.ARRIVAL:
                entry.facts.setdefault("client_lost", "yes")
            return
        entry.facts |= session.facts
        if entry.event is Event.REFUSAL:
            entry.facts.pop("authenticated", None)
        entry.before = "\n".join(session.lines)

    def _sign_in(self, entry: LogEntry) -> None:
        session = self._sessions[entry.process_id]
        same = entry.facts["client_ip"] == session.facts["client_ip"]
        if same and entry.at - session.at <= LONGEST_SESSION:
            entry.facts["authenticated"] = session.facts["authenticated"]
            entry.before = session.lines[0]


def joined(pieces: Iterable[Sequence[LogEntry]]) -> list[Passage]:
    """The passages of one queue ID, from pieces of its log that were read one by one.

    The order of the pieces does not matter, nor whether they overlap; within each the order
    of the log is kept. Of lines with the same time, the one that begins a message comes first.
    """
    pieces = list(pieces)
    best: dict[str, LogEntry] = {}
    for entry in (entry for piece in pieces for entry in piece):
        if entry.line not in best or entry.before:
            best[entry.line] = entry
    known = ([best[entry.line] for entry in piece] for piece in pieces)
    return passages_of(heapq.merge(*known, key=lambda entry: (entry.at, ORDER[entry.event])))


def passages_of(entries: Iterable[LogEntry]) -> list[Passage]:
    """The lives of one queue ID, oldest first, no two of which begin at the same moment."""
    lives: list[Passage] = []
    seen: set[str] = set()
    begun: set[datetime] = set()
    for entry in entries:
        if entry.line in seen:
            continue
        seen.add(entry.line)
        if not lives or _begins_anew(lives[-1], entry):
            at = entry.at
            while at in begun:
                at += timedelta(microseconds=1)
            begun.add(at)
            lives.append(Passage(entry.queue_id, at))
        _take_in(lives[-1], entry)
    return lives


def _begins_anew(passage: Passage, entry: LogEntry) -> bool:
    if entry.at - passage.queued_at > LONGEST_LIFE:
        return True
    if passage.removed_at and entry.event is not Event.REMOVED:
        late = entry.event in {Event.DELIVERY, Event.CHILD, Event.FILTERED}
        return not late or entry.at - passage.removed_at > LATE_LINES
    if entry.event is Event.CLIENT:
        return True
    if entry.event is Event.ARRIVAL:
        same_id = entry.facts["message_id"] == passage.message_id
        near = abs(entry.at - passage.queued_at) <= SAME_ARRIVAL
        return not (passage.client_known and same_id and near)
    # Postfix asks its headers before it queues a message: this one is made on the host itself.
    return entry.event is Event.MESSAGE_ID and passage.size_bytes is not None


def _take_in(passage: Passage, entry: LogEntry) -> None:
    passage.entries.append(entry)
    if entry.event is Event.DELIVERY:
        _take_in_delivery(passage, entry)
    elif entry.event is Event.CHILD:
        passage.children.append(entry.facts["child"])
    elif entry.event is Event.REMOVED:
        passage.removed_at = entry.at
    else:
        _take_in_facts(passage, entry)


def _take_in_facts(passage: Passage, entry: LogEntry) -> None:
    facts = entry.facts
    for name in ("client_ip", "client_name", "sender", "subject"):
        if facts.get(name):
            setattr(passage, name, facts[name])
    # Of several Message-ID headers readers show the first.
    passage.message_id = passage.message_id or facts.get("message_id", "")
    passage.authenticated_user = facts.get("authenticated") or passage.authenticated_user
    passage.size_bytes = _number(facts.get("size_bytes", ""), passage.size_bytes)
    passage.recipient_count = (
        _number(facts.get("recipient_count", ""), None) or passage.recipient_count
    )
    for recipient in entry.recipients:  # accepted, and not tried yet
        passage.handovers.setdefault(recipient, Handover(recipient, entry.at, QUEUED, attempts=0))
    # A message that begins with its headers was made on the host itself.
    begins = entry.event in BEGINNINGS or (
        entry.event is Event.MESSAGE_ID and len(passage.entries) == 1
    )
    if begins and "client_lost" not in facts:
        passage.client_known = True


def _number(text: str, otherwise: int | None) -> int | None:
    return int(text) if text.isdecimal() and text.isascii() and len(text) <= 9 else otherwise


def _take_in_delivery(passage: Passage, entry: LogEntry) -> None:
    facts, handovers = entry.facts, passage.handovers
    if facts["status"] == EXPIRED and not entry.recipients:
        for waiting in handovers.values():
            if waiting.status not in FINAL:
                waiting.status, waiting.at = EXPIRED, entry.at
        return
    asked = handovers.get(facts["original_recipient"])
    if asked and not asked.attempts:  # an alias made others of it
        del handovers[asked.recipient]
    for recipient in entry.recipients:
        before = handovers.get(recipient)
        attempts = before.attempts + 1 if before else 1
        handovers[recipient] = Handover(recipient, entry.at, attempts=attempts, **facts)
