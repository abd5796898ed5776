"""The marked message: for which probes one is sent, what it says, and what became of it by the log.

A recipient that was accepted is no proof: the message may be refused at DATA, or taken and dropped.
One message to the desk's own test mailbox, found again in the log by its token, tells.
"""

from datetime import datetime
from email.utils import formatdate

from complaints.maillog import message_id as ids
from complaints.models import Delivery, MailHost, RelayedMessage
from incidents.verification.findings import Answer, Fate, Marked, Said
from incidents.verification.trial import Kind, Places, Probe

# First one for plain senders, one for forged ones, one for forms of recipients. Where all of them
# went nowhere, one for each further form that was accepted: it cannot do harm, and only it tells.
MOST_MESSAGES = 3
MOST_FURTHER = 16
ENDED = ("sent", "bounced", "expired")
# How a log names the ways that lead nowhere outside.
AT_HOME = ("", "none", "local", "discard", "*discard*", "virtual", "[127.0.0.1]", "localhost")

TEXT = """\
This message was sent by the abuse desk of {host}, to see whether this
server relays mail for strangers. It went to a mailbox of the desk only.
Nothing has to be done about it.
"""


def chosen(
    probes: tuple[Probe, ...], answers: tuple[Answer, ...]
) -> tuple[tuple[Probe, tuple[str, ...]], ...]:
    """The probes to send a marked message with, each with the names of those it stands for.

    Whoever is accepted as any stranger is, stands for all such; a form of a recipient stands
    for itself alone, since a host reads each in its own way.
    """
    accepted = {answer.probe for answer in answers if answer.said is Said.YES}
    groups: dict[str, list[Probe]] = {}
    for probe in probes:
        if probe.name in accepted and probe.kind.is_relaying:
            groups.setdefault(_group(probe), []).append(probe)
    found = []
    for name, group in groups.items():
        first = next((probe for probe in group if probe.may_send), None)
        if first is not None:
            alone = name == Kind.RECIPIENT_FORM
            stands = (first.name,) if alone else tuple(probe.name for probe in group)
            found.append((first, stands))
    return tuple(found[:MOST_MESSAGES])


def further(
    probes: tuple[Probe, ...], answers: tuple[Answer, ...], sent: tuple[Marked, ...]
) -> tuple[Probe, ...]:
    """The forms of recipients to try by a message of their own, once no message has gone out."""
    if not sent or any(one.fate is not Fate.STAYED for one in sent):
        return ()
    accepted = {answer.probe for answer in answers if answer.said is Said.YES}
    left = accepted - {name for one in sent for name in one.stands}
    found = [
        probe
        for probe in probes
        if probe.name in left and probe.kind is Kind.RECIPIENT_FORM and probe.may_send
    ]
    return tuple(found[:MOST_FURTHER])


def _group(probe: Probe) -> str:
    if probe.kind in (Kind.SENDER_FORM, Kind.RECIPIENT_FORM):
        return probe.kind
    return Kind.FRESH


def message(probe: Probe, number: int, places: Places, *, now: datetime) -> tuple[str, bytes]:
    """The Message-ID and the lines, ended by CR LF, of the marked message for a probe."""
    name = f"meyasu-{places.token}-m{number}@{places.sender_domain}"
    sender = probe.sender or f"meyasu-{places.token}@{places.sender_domain}"
    head = (
        f"From: <{sender}>",
        f"To: <{places.test_recipient}>",
        f"Subject: Relay test {places.token}, please ignore",
        f"Date: {formatdate(now.timestamp())}",
        f"Message-ID: <{name}>",
        "Auto-Submitted: auto-generated",
        "Precedence: bulk",
        "",
    )
    text = TEXT.format(host=places.our_host or places.our_domain)
    lines = (*head, *text.splitlines())
    return name, "\r\n".join(lines).encode("ascii") + b"\r\n"


def fate_of(name: str, host: MailHost) -> Fate:
    """What the log says of a marked message that the host took.

    relayed: handed to, or kept for, another host; stayed: every recipient ended here, dropped
    or delivered; unseen: the log does not say so far
    """
    found = list(RelayedMessage.objects.filter(host=host, message_id_sha256=ids.digest(name)))
    deliveries = list(Delivery.objects.filter(message__in=found))
    if any(_leaves(delivery) for delivery in deliveries):
        return Fate.RELAYED
    ended = all(one.status in ENDED for one in deliveries)
    is_over = bool(found) and all(one.finished_at is not None for one in found)
    # A bounce to nobody is frozen by Exim: it never leaves the queue, and goes nowhere.
    returned = bool(deliveries) and all(one.status == "bounced" for one in deliveries)
    return Fate.STAYED if (is_over and ended) or returned else Fate.UNSEEN


def waits_in_queue(name: str, host: MailHost) -> bool:
    """Whether the log says that a marked message is tried again later: waiting tells little."""
    tries = Delivery.objects.filter(message__host=host, message__message_id_sha256=ids.digest(name))
    return tries.exclude(status__in=ENDED).exists()


def _leaves(delivery: Delivery) -> bool:
    """Whether the host handed a recipient to another host, or tried to."""
    return bool(delivery.relay_ip) or delivery.relay.lower() not in AT_HOME
