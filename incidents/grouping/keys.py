"""PURE: linked facts to GroupKeys, strongest first, each with its reason.

A key names a hole or an abuser: who has it is in that incident. Which campaign of an incident a
case is of, and where a case without any key belongs, `decision` says.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

# Which playbook answers which key; the category decides where the machine is ours.
KINDS = {
    "relay-host": "relay_abuse",
    "account": "compromised_account",
    "script": "infected_host",
    "customer": "unwanted_bulk",
    "own-client": "infected_host",
    "machine": "infected_host",
    "content": "other",
}
PAGES = {
    "phishing": "hosted_phish",
    "malware": "malware",
    "copyright": "copyright",
    "login-attack": "login_attack",
    "port-scan": "login_attack",
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

    @property
    def script(self) -> str:
        """Who made it on the host itself, "" for a message that came from elsewhere.

        Who signs in comes from an address; without one, the user that the log names is a local one.
        """
        return "" if self.client_ip else f"{self.host}:{self.sender or self.authenticated_user}"


@dataclass(frozen=True, slots=True)
class GroupKey:
    """A fact that names an incident, and why, in words; its playbook if not that of its kind."""

    kind: str
    value: str
    reason: str
    by: str = ""

    @property
    def playbook(self) -> str:
        """The playbook of an incident opened by this key."""
        return self.by or KINDS.get(self.kind, "other")


def incident_keys(messages: Iterable[LinkedMessage]) -> list[GroupKey]:
    """The keys of the incidents these messages are part of, each once, strongest first."""
    found = [key for message in messages for key in _of_message(message)]
    order = list(KINDS)
    return sorted(dict.fromkeys(found), key=lambda key: order.index(key.kind))


def machine_key(address: str, category: str) -> GroupKey:
    """The key of what a machine behind us does, where no mail is involved."""
    return GroupKey(
        "machine",
        f"{address} {category}",
        f"the complaint names {address}, one of ours: {category}",
        PAGES.get(category, ""),
    )


def _of_message(message: LinkedMessage) -> Iterator[GroupKey]:
    about = f"message {message.queue_id}"
    if message.direction == "stranger":
        yield GroupKey(
            "relay-host", message.host, f"{about} was relayed for a stranger by {message.host}"
        )
    elif message.script:
        yield GroupKey("script", message.script[:255], f"{about} was made on {message.host} itself")
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
