"""PURE: linked facts to GroupKeys, strongest first, each with its reason.

A key of kind `relay-host`, `account`, `customer` or `own-client` names a hole or an abuser:
who has it is in that incident. Content keys (`sender`, `subject`, `url-domain`) only tell
campaigns of a known incident apart, and find its complaints that could not be linked.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from complaints.linking.score import fold_subject

SHORTEST_SUBJECT = 8

# Which playbook answers which key; the category decides where the machine is ours.
KINDS = {
    "relay-host": "relay_abuse",
    "account": "compromised_account",
    "customer": "unwanted_bulk",
    "own-client": "infected_host",
}


@dataclass(frozen=True, slots=True)
class LinkedMessage:
    """What grouping needs to know of a message that a complaint is linked to."""

    host: str
    queue_id: str
    direction: str
    authenticated_user: str
    client_ip: str
    customer: str
    client_is_ours: bool
    sender: str


@dataclass(frozen=True, slots=True)
class Content:
    """What a complaint shows of a reported message, apart from the writer's own words."""

    senders: tuple[str, ...] = ()
    subject: str = ""
    urls: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GroupKey:
    """A fact that names an incident or a campaign, and why, in words."""

    kind: str
    value: str
    reason: str

    @property
    def playbook(self) -> str:
        """The playbook of an incident opened by this key."""
        return KINDS.get(self.kind, "other")


def incident_keys(messages: Iterable[LinkedMessage]) -> list[GroupKey]:
    """The keys of the incidents these messages are part of, each once, strongest first."""
    found = [key for message in messages for key in _of_message(message)]
    order = list(KINDS)
    return sorted(dict.fromkeys(found), key=lambda key: order.index(key.kind))


def campaign_keys(content: Content, *, linked_sender: str = "") -> list[GroupKey]:
    """What is alike in a campaign: envelope sender, subject, link domains."""
    keys = [
        GroupKey("sender", sender, f"sent as {sender}")
        for sender in dict.fromkeys([linked_sender, *content.senders])
        if sender
    ]
    subject = fold_subject(content.subject)
    if len(subject) >= SHORTEST_SUBJECT:
        keys.append(GroupKey("subject", subject[:255], f"the subject “{content.subject[:120]}”"))
    domains = dict.fromkeys(filter(None, map(_domain, content.urls)))
    return keys + [GroupKey("url-domain", name[:255], f"links to {name}") for name in domains]


def _of_message(message: LinkedMessage) -> Iterator[GroupKey]:
    about = f"message {message.queue_id}"
    if message.direction == "stranger":
        yield GroupKey(
            "relay-host", message.host, f"{about} was relayed for a stranger by {message.host}"
        )
    elif message.authenticated_user:
        account = f"{message.host}:{message.authenticated_user}"
        yield GroupKey("account", account, f"{about} was sent with the account {account}")
    elif message.customer:
        yield GroupKey(
            "customer", message.customer, f"{about} came from the customer {message.customer}"
        )
    elif message.client_is_ours and message.direction == "out":
        yield GroupKey(
            "own-client", message.client_ip, f"{about} came from {message.client_ip}, one of ours"
        )


def _domain(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""
