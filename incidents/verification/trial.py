"""PURE: Probe, one thing to try on a mail host; Places, the addresses that probes are made of."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What the answer to a probe is evidence of."""

    OWN_MAIL = "own-mail"
    CAMPAIGN = "campaign"
    NEIGHBOUR = "neighbour"
    FRESH = "fresh"
    SENDER_FORM = "sender-form"
    RECIPIENT_FORM = "recipient-form"
    HELO = "helo"
    DOOR = "door"
    WRONG_LOGIN = "wrong-login"
    OWN_USER = "own-user"
    CONTROL = "control"

    @property
    def is_relaying(self) -> bool:
        """Whether a fixed host refuses it."""
        return self not in (Kind.OWN_MAIL, Kind.OWN_USER, Kind.CONTROL)

    @property
    def is_plain(self) -> bool:
        """Whether sender and recipient are those of any stranger: no list can know them."""
        return self in (Kind.FRESH, Kind.NEIGHBOUR, Kind.HELO, Kind.DOOR, Kind.WRONG_LOGIN)


class Login(StrEnum):
    """With which credentials a probe signs in, if any."""

    NONE = ""
    WRONG = "wrong"
    OWN = "own"


@dataclass(frozen=True, slots=True)
class Probe:
    """One thing to try.

    name         short and unique in the battery
    sender       envelope sender, "" for the null sender
    recipient    envelope recipient, without angle brackets
    tries        what it tries, in words (to be translated when shown)
    looks_local  the host may read the recipient as a mailbox of its own, so that only
                 delivery proves relaying
    may_send     it may go on to DATA: bounces and copies reach nobody but ourselves
    helo         name to greet with, "" for our own
    door         name of the door it tries, "" for the host's main one
    login        credentials it signs in with
    """

    name: str
    kind: Kind
    sender: str
    recipient: str
    tries: str
    looks_local: bool = False
    may_send: bool = False
    helo: str = ""
    door: str = ""
    login: Login = Login.NONE


@dataclass(frozen=True, slots=True)
class Places:
    """The addresses that a battery is made of.

    our_domain        a mail domain of the host under test
    our_host          its name
    our_mailbox       a mailbox there that exists
    test_recipient    a mailbox of the desk at a domain that the host does not serve
    sender_domain     a domain of the desk that the host does not serve, and that resolves
    campaign_senders  envelope senders of the incident's campaigns, the busiest first
    token             a word made for this run, so that its senders are new to any list
    signs_in          an account of the desk on the host is set up
    """

    our_domain: str
    our_mailbox: str
    test_recipient: str
    sender_domain: str
    campaign_senders: tuple[str, ...]
    token: str
    our_host: str = ""
    signs_in: bool = False

    def fresh_sender(self, number: int) -> str:
        """A sender that nobody has used before."""
        return f"meyasu-{self.token}-{number}@{self.sender_domain}"
