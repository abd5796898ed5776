"""PURE: what in an hour of relayed mail looks like abuse of an open relay."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

# A relay test is one message or two; a flood is dozens an hour. Between them a person who
# forwards by mistake, or a partner whose network we have not listed.
MOST_MESSAGES_AN_HOUR = 10
MOST_RECIPIENTS_AN_HOUR = 100


@dataclass(frozen=True, slots=True)
class Relayed:
    """One message that was relayed for a stranger."""

    at: datetime
    client_ip: str
    sender: str
    recipients: int


@dataclass(frozen=True, slots=True)
class Sign:
    """An hour that looks like abuse, with its numbers, and the same in words."""

    hour: datetime
    messages: int
    recipients: int
    sources: int
    senders: int

    @property
    def words(self) -> str:
        """The sign as a person at the desk reads it."""
        return (
            f"In the hour from {self.hour:%d %B %Y %H:%M} UTC, {self.messages} messages for "
            f"{self.recipients} recipients passed, none of them from or for us: "
            f"{self.sources} sources, {self.senders} sender addresses."
        )


def relay_signs(messages: Iterable[Relayed]) -> list[Sign]:
    """The hours in which a host relayed so much for strangers, oldest first."""
    hours: dict[datetime, list[Relayed]] = defaultdict(list)
    for message in messages:
        hours[message.at.replace(minute=0, second=0, microsecond=0)].append(message)
    signs = [_sign(hour, hours[hour]) for hour in sorted(hours)]
    return [
        sign
        for sign in signs
        if sign.messages > MOST_MESSAGES_AN_HOUR or sign.recipients > MOST_RECIPIENTS_AN_HOUR
    ]


def _sign(hour: datetime, messages: list[Relayed]) -> Sign:
    return Sign(
        hour=hour,
        messages=len(messages),
        recipients=sum(message.recipients for message in messages),
        sources=len({message.client_ip for message in messages}),
        senders=len({message.sender for message in messages}),
    )
