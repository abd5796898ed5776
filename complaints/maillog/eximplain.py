"""An Exim message made of its lines at once, and without detours where nothing is unusual.

Unusual are quotes, backslashes, and the senders and return paths that some log with each
delivery: those lines are taken apart field by field.
"""

from datetime import datetime

from complaints.maillog import answer, peer
from complaints.maillog.entry import RawLine
from complaints.maillog.eximparts import (
    MESSAGE_SAYS_NOTHING,
    STATES,
    Arrival,
    arrival,
    client_of,
    delivery,
    final_and_original,
    signed_in,
)
from complaints.maillog.passage import LOCAL, SENT, Handover, Passage

# Longer numbers are none that a log tells.
MOST_DIGITS = 9
# Addresses of delivery that are none of mail: aliases to files, programs and nowhere.
NO_ADDRESS = frozenset(":|/>(")


def plain(queue_id: str, lines: list[RawLine]) -> Passage | None:
    """The message of these lines if they are one life of its ID, plainly told; else None.

    It is what `read` and the assembler make of them, without an entry for each line.
    """
    passage = Passage(queue_id, lines[0][0])
    if not _begin(passage, lines[0][1]):
        return None
    told, again, handovers = [lines[0]], False, passage.handovers
    for raw in lines[1:]:
        at, text, _, _ = raw
        mark = text[:2]
        if passage.removed_at:
            return None
        if mark in STATES and text[2:3] == " ":
            handover = _usual(at, text) or _any(at, text)
            if handover is None:
                return None
            if handover.recipient in handovers:
                handover.attempts += handovers[handover.recipient].attempts
                again = True
            handovers[handover.recipient] = handover
        elif text[:9] == "Completed" and text[9:10] in ("", " "):
            passage.removed_at = at
        elif text.startswith(MESSAGE_SAYS_NOTHING) and not _may_refuse(text):
            continue
        else:
            return None
        told.append(raw)
    passage.raw = told
    # The same line twice, as where two files overlap, tells of one event.
    return None if again and len({line for _, _, line, _ in told}) < len(told) else passage


def _may_refuse(text: str) -> bool:
    return text[:2] == "H=" and ("rejected " in text or "dropped " in text)


def _begin(passage: Passage, text: str) -> bool:
    """Note where a message comes from; False where that is not told, or a number is none."""
    if text[:3] != "<= ":
        return False
    told = _usual_arrival(text) or arrival(text[3:])
    size = told[1]
    if size:
        if not (size.isascii() and size.isdecimal() and len(size) <= MOST_DIGITS):
            return False
        passage.size_bytes = int(size)
    passage.sender, passage.message_id = told[0], told[2]
    passage.client_name, passage.client_ip, passage.authenticated_user = told[3:6]
    passage.client_known = told[6]
    if told[7]:
        passage.subject = told[7]
    if told[8]:
        passage.recipient_count = int(told[8])
    return True


def _usual_arrival(text: str) -> Arrival | None:
    """`<= sender H=name (helo) [ip] P=esmtp X= A= S=123 id=x`; None if it tells more or less."""
    if '"' in text or "\\" in text:
        return None
    sender, is_remote, told = text[3:].partition(" H=")
    host, _, told = told.partition(" P=")
    session, _, told = told.partition(" S=")
    size, _, message_id = told.partition(" ")
    if not is_remote or " " in sender or "=" in host or " id=" in session:
        return None
    if message_id and (message_id[:3] != "id=" or " " in message_id):
        return None
    _, has_user, user = session.partition(" A=")
    name, address = client_of(host)
    return Arrival(
        "" if sender == "<>" else sender,
        size,
        message_id[3:],
        name,
        address,
        signed_in(user.partition(" ")[0]) if has_user else "",
        address != "",
    )


def _usual(at: datetime, text: str) -> Handover | None:
    """`=> final <original> R= T= H=name [ip] C="250 ok"`; None if it tells more or less."""
    address, found, told = text[3:].partition(" R=")
    mark = text[1]
    if mark != ">" or not found or text[0] not in "=-" or '"' in address or "=" in address:
        return None
    if address[-1] == ">":
        recipient, original = final_and_original(address)
    else:
        recipient, original = address, ""
    if address[0] in NO_ADDRESS:
        return None
    before, is_sent_on, behind = told.partition(" H=")
    if not is_sent_on:
        if '"' in told:
            return None
        return Handover(recipient, at, SENT, original, LOCAL)
    name, _, behind = behind.partition(" [")
    relay, _, behind = behind.partition("]")
    session, _, told = behind.partition(' C="')
    reply, _, rest = told.partition('"')
    if " " in name or '"' in before or '"' in session or "\\" in behind or " [" in session:
        return None
    if '"' in rest:
        return None
    return Handover(
        recipient,
        at,
        SENT,
        original,
        name,
        peer.address(relay),
        answer.enhanced_code(reply),
        reply,
        answer.next_queue_id(reply),
    )


def _any(at: datetime, text: str) -> Handover | None:
    parts = delivery(text[:2], text[3:])
    return Handover(parts[0], at, *parts[1:]) if parts else None
