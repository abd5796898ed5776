"""PURE: what in an hour of logged mail looks like abuse: of an open relay, or of a sender of ours.

A stranger has no business with our hosts, so a few messages are enough. Who may send through us is
held against what he usually sends, and against what nobody does who is himself: from many networks
at once, or in the name of many.
"""

from dataclasses import dataclass
from datetime import datetime

# A relay test is one message or two; a flood is dozens an hour. Between them a person who
# forwards by mistake, or a partner whose network we have not listed.
MOST_MESSAGES_AN_HOUR = 10
MOST_RECIPIENTS_AN_HOUR = 100
# What a sender of ours may send before anybody asks what is usual, and how far above that is odd.
MANY_MESSAGES, MANY_RECIPIENTS, TIMES_THE_USUAL = 30, 100, 4
# A person is in one or two networks within an hour, and writes in one or two names. A company has
# many people, so there the domains are counted.
MANY_NETWORKS, MANY_NAMES, MANY_DOMAINS, ENOUGH_MESSAGES = 4, 5, 8, 10


@dataclass(frozen=True, slots=True)
class Sent:
    """What one sender handed in within one hour.

    kind, value  who, as a GroupKey names it
    sources      how many addresses it came from, and from how many networks
    senders      how many sender addresses it named, and of how many domains that are not ours
    """

    kind: str
    value: str
    hour: datetime
    messages: int
    recipients: int
    sources: int = 1
    networks: int = 1
    senders: int = 1
    domains: int = 0


@dataclass(frozen=True, slots=True)
class Usual:
    """The most that the same sender handed in within an hour of the weeks before.

    is_known  whether the log goes back far enough to say what is usual
    """

    messages: int = 0
    recipients: int = 0
    domains: int = 0
    is_known: bool = False


@dataclass(frozen=True, slots=True)
class Sign:
    """An hour that looks like abuse, and why in words, as a person at the desk reads it."""

    sent: Sent
    words: str


def sign_of(sent: Sent, usual: Usual = Usual()) -> Sign | None:
    """Whether the hour looks like abuse; None where it does not."""
    if sent.kind == "relay-host":
        return _of_relay(sent)
    reasons = [*_disguised(sent, usual), *_too_much(sent, usual)]
    return Sign(sent, f"{_told(sent)}: {', '.join(reasons)}.") if reasons else None


def is_worth_a_look(sent: Sent) -> bool:
    """Whether the hour may be a sign at all, whatever is usual."""
    return sent.messages >= ENOUGH_MESSAGES or sent.recipients >= MANY_RECIPIENTS


def _of_relay(sent: Sent) -> Sign | None:
    if sent.messages <= MOST_MESSAGES_AN_HOUR and sent.recipients <= MOST_RECIPIENTS_AN_HOUR:
        return None
    words = (
        f"{_told(sent)}, none of them from or for us: {sent.sources} sources, "
        f"{sent.senders} sender addresses."
    )
    return Sign(sent, words)


def _told(sent: Sent) -> str:
    return (
        f"In the hour from {sent.hour:%d %B %Y %H:%M} UTC, {sent.messages} messages for "
        f"{sent.recipients} recipients passed"
    )


def _disguised(sent: Sent, usual: Usual) -> list[str]:
    """What nobody does who is himself."""
    found: list[str] = []
    if sent.messages < ENOUGH_MESSAGES:
        return found
    if sent.kind == "account" and sent.networks >= MANY_NETWORKS:
        found.append(f"one account from {sent.networks} networks")
    if sent.kind == "account" and sent.senders >= MANY_NAMES:
        found.append(f"one account in {sent.senders} names")
    is_odd = sent.domains > TIMES_THE_USUAL * usual.domains
    if sent.kind in ("customer", "own-client") and sent.domains >= MANY_DOMAINS and is_odd:
        found.append(f"in the name of {sent.domains} domains that are not ours")
    return found


def _too_much(sent: Sent, usual: Usual) -> list[str]:
    if not usual.is_known:
        return []
    found = []
    if sent.messages >= max(MANY_MESSAGES, TIMES_THE_USUAL * usual.messages + 1):
        found.append(f"before, it was never more than {usual.messages} messages an hour")
    elif sent.recipients >= max(MANY_RECIPIENTS, TIMES_THE_USUAL * usual.recipients + 1):
        found.append(f"before, it was never more than {usual.recipients} recipients an hour")
    return found
