"""LogEntries to Passages: the lines of one message, joined by queue ID and life.

Queue IDs come round again (Postfix: within the second; sendmail 8.8: every day). A line
that begins a message, of another time or Message-ID than the open one, begins a new life.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta

from complaints.maillog.entry import Event, LogEntry
from complaints.maillog.passage import Handover, Passage, RefusedAttempt

# No mail server keeps trying for longer by default; then an ID may be another message's.
LONGEST_LIFE = timedelta(days=6)
# An identified client and the message it hands in are seconds apart.
SAME_ARRIVAL = timedelta(minutes=30)


@dataclass(slots=True)
class Assembler:
    """Joins the entries of one host, in the order of its log.

    `changed` holds every passage that has new lines, also those still open: they are saved at
    once and again when more is known. `refused` holds what was not accepted.
    """

    open: dict[str, Passage] = field(default_factory=dict)
    changed: dict[int, Passage] = field(default_factory=dict)
    refused: list[RefusedAttempt] = field(default_factory=list)

    def feed(self, entries: Iterable[LogEntry]) -> None:
        """Take in entries of one host, oldest first, times in UTC."""
        for entry in entries:
            if entry.event is Event.REFUSAL:
                self.refused.append(_refused(entry))
            else:
                self._join(entry)

    def take(self, *, finished_only: bool = False) -> tuple[list[Passage], list[RefusedAttempt]]:
        """What is new since the last call.

        finished_only  leave those that are not over for a later call: in the middle of a long
                       import most of them will be complete soon
        """
        refused, self.refused = self.refused, []
        ready = [p for p in self.changed.values() if p.finished_at or not finished_only]
        for passage in ready:
            del self.changed[id(passage)]
            if passage.finished_at and self.open.get(passage.queue_id) is passage:
                del self.open[passage.queue_id]
        self._forget_old()
        return ready, refused

    def _join(self, entry: LogEntry) -> None:
        passage = self.open.get(entry.queue_id)
        if passage is not None and entry.line in passage.lines:
            return
        if passage is None or _begins_anew(passage, entry):
            passage = Passage(entry.queue_id, entry.at)
            self.open[entry.queue_id] = passage
        passage.lines[entry.line] = None
        passage.queued_at = min(passage.queued_at, entry.at)
        _take_in(passage, entry)
        self.changed[id(passage)] = passage
        if entry.event is Event.REMOVED:
            del self.open[entry.queue_id]

    def _forget_old(self) -> None:
        """Nobody will hear of these again; those not taken yet stay in `changed`."""
        newest = max((passage.queued_at for passage in self.open.values()), default=None)
        if newest is not None:
            over = [k for k, p in self.open.items() if newest - p.queued_at > LONGEST_LIFE]
            for queue_id in over:
                del self.open[queue_id]


def _begins_anew(passage: Passage, entry: LogEntry) -> bool:
    if entry.at - passage.queued_at > LONGEST_LIFE:
        return True
    if entry.event is Event.CLIENT:
        return True
    if entry.event is Event.ARRIVAL and passage.has_head:
        same_id = entry.facts.get("message_id", "") == passage.message_id
        return not same_id or abs(entry.at - passage.queued_at) > SAME_ARRIVAL
    return False


def _take_in(passage: Passage, entry: LogEntry) -> None:
    facts = entry.facts
    if entry.event is Event.DELIVERY:
        _take_in_delivery(passage, entry)
    elif entry.event is Event.CHILD:
        passage.children.append(facts["child"])
    elif entry.event is Event.REMOVED:
        passage.finished_at = entry.at
    else:
        for name in ("message_id", "client_ip", "client_name", "sender", "subject"):
            if facts.get(name):
                setattr(passage, name, facts[name])
        passage.authenticated_user = facts.get("authenticated") or passage.authenticated_user
        if facts.get("size_bytes", "").isdigit():
            passage.size_bytes = int(facts["size_bytes"])
        if facts.get("recipient_count", "").isdigit():
            passage.recipient_count = int(facts["recipient_count"])
        passage.has_head = passage.has_head or entry.event is not Event.MESSAGE_ID
    if passage.finished_at is None and passage.is_final:
        passage.finished_at = entry.at


def _take_in_delivery(passage: Passage, entry: LogEntry) -> None:
    facts = entry.facts
    recipients = _addresses(facts["recipients"]) or list(passage.handovers)
    for recipient in recipients:
        before = passage.handovers.get(recipient)
        passage.handovers[recipient] = Handover(
            recipient=recipient,
            at=entry.at,
            status=facts["status"],
            original_recipient=facts.get("original_recipient", ""),
            relay=facts.get("relay", ""),
            relay_ip=facts.get("relay_ip", ""),
            dsn=facts.get("dsn", ""),
            reply=facts.get("reply", ""),
            next_queue_id=facts.get("next_queue_id", ""),
            attempts=before.attempts + 1 if before else 1,
        )


def _addresses(text: str) -> list[str]:
    """sendmail names several recipients with one result: `<a@x>,<b@x>`."""
    return [part.strip().strip("<>") for part in text.split(",") if part.strip("<> ")]


def _refused(entry: LogEntry) -> RefusedAttempt:
    facts = {name: value for name, value in entry.facts.items() if name != "authenticated"}
    return RefusedAttempt(at=entry.at, line=entry.line, queue_id=entry.queue_id, **facts)


def assemble_again(entries: Iterable[LogEntry]) -> list[Passage]:
    """The passages that entries of one queue ID make, whatever order they were read in.

    Of lines with the same time, the one that begins a message comes first.
    """
    assembler = Assembler()
    order = list(Event)
    assembler.feed(sorted(entries, key=lambda entry: (entry.at, order.index(entry.event))))
    passages, _ = assembler.take()
    return passages
