"""PURE: the probes, in order, each with what it tries.

Each probe is one sender and one recipient. All recipients but the control are at the test
domain or at our own: no stranger is ever written to, and no probe but those marked
`may_send` may go on to DATA.

Sources: RFC 5321, sections 3.6 and 4.5.5, appendix C (source routes); the tests for third-party
relaying that postmasters have run since 1997 (RFC 2505, section 2.1).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

MOST_CAMPAIGN_SENDERS = 5
MOST_CAMPAIGN_DOMAINS = 2
# RFC 5737, TEST-NET-3: an address literal that belongs to nobody.
NOBODYS_ADDRESS = "203.0.113.25"


def gettext_noop(words: str) -> str:
    """Mark words for the translators; this file knows nothing of Django."""
    return words


class Kind(StrEnum):
    """What the answer to a probe is evidence of."""

    OWN_MAIL = "own-mail"
    CAMPAIGN = "campaign"
    NEIGHBOUR = "neighbour"
    FRESH = "fresh"
    SENDER_FORM = "sender-form"
    RECIPIENT_FORM = "recipient-form"
    CONTROL = "control"

    @property
    def is_relaying(self) -> bool:
        """Whether a fixed host refuses it."""
        return self not in (Kind.OWN_MAIL, Kind.CONTROL)


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
    """

    name: str
    kind: Kind
    sender: str
    recipient: str
    tries: str
    looks_local: bool = False
    may_send: bool = False


@dataclass(frozen=True, slots=True)
class Places:
    """The addresses that a battery is made of.

    our_domain        a mail domain of the host under test
    our_mailbox       a mailbox there that exists
    test_recipient    a mailbox of the desk at a domain that the host does not serve
    sender_domain     a domain of the desk that the host does not serve, and that resolves
    campaign_senders  envelope senders of the incident's campaigns, the busiest first
    token             a word made for this run, so that its senders are new to any list
    """

    our_domain: str
    our_mailbox: str
    test_recipient: str
    sender_domain: str
    campaign_senders: tuple[str, ...]
    token: str


def build(places: Places) -> tuple[Probe, ...]:
    """The battery for these places: own mail first, then the campaign, then every other way."""
    return (
        *_own_mail(places),
        *_campaign(places),
        *_fresh(places),
        *_sender_forms(places),
        *_recipient_forms(places),
        *_control(places),
    )


def is_usable_sender(sender: str) -> bool:
    """Whether a sender read in a log may stand in a MAIL command: printable, short, with an @."""
    return (
        len(sender) <= 254
        and "@" in sender
        and all(33 <= ord(letter) < 127 and letter not in "<>" for letter in sender)
    )


def _fresh_sender(places: Places, number: int) -> str:
    return f"meyasu-{places.token}-{number}@{places.sender_domain}"


def _own_mail(places: Places) -> Iterator[Probe]:
    yield Probe(
        "own-mailbox",
        Kind.OWN_MAIL,
        _fresh_sender(places, 0),
        places.our_mailbox,
        gettext_noop("Mail for a mailbox of ours must still arrive"),
    )


def _campaign(places: Places) -> Iterator[Probe]:
    senders = [sender for sender in places.campaign_senders if is_usable_sender(sender)]
    for number, sender in enumerate(senders[:MOST_CAMPAIGN_SENDERS], start=1):
        yield Probe(
            f"campaign-sender-{number}",
            Kind.CAMPAIGN,
            sender,
            places.test_recipient,
            gettext_noop("A sender of the campaign, to a stranger"),
        )
    domains = dict.fromkeys(sender.rpartition("@")[2].lower() for sender in senders)
    for number, domain in enumerate(list(domains)[:MOST_CAMPAIGN_DOMAINS], start=1):
        yield Probe(
            f"campaign-domain-{number}",
            Kind.NEIGHBOUR,
            f"meyasu-{places.token}@{domain}",
            places.test_recipient,
            gettext_noop("A new name at a domain of the campaign, to a stranger"),
        )


def _fresh(places: Places) -> Iterator[Probe]:
    for number in (1, 2):
        yield Probe(
            f"fresh-sender-{number}",
            Kind.FRESH,
            _fresh_sender(places, number),
            places.test_recipient,
            gettext_noop("A sender nobody has used before, to a stranger"),
            may_send=True,
        )


def _sender_forms(places: Places) -> Iterator[Probe]:
    forms = (
        ("null-sender", "", gettext_noop("The null sender of bounces, to a stranger")),
        (
            "our-postmaster",
            f"postmaster@{places.our_domain}",
            gettext_noop("Our own postmaster's address, forged, to a stranger"),
        ),
        (
            "our-unknown-user",
            f"meyasu-{places.token}@{places.our_domain}",
            gettext_noop("A name of our domain that does not exist, to a stranger"),
        ),
        (
            "sender-upper-case",
            f"POSTMASTER@{places.our_domain.upper()}",
            gettext_noop("Our postmaster's address in upper case, to a stranger"),
        ),
        (
            "sender-literal",
            f"meyasu-{places.token}@[{NOBODYS_ADDRESS}]",
            gettext_noop("A sender at a bare address, to a stranger"),
        ),
    )
    for name, sender, tries in forms:
        yield Probe(name, Kind.SENDER_FORM, sender, places.test_recipient, tries)


def _recipient_forms(places: Places) -> Iterator[Probe]:
    user, _, domain = places.test_recipient.rpartition("@")
    ours = places.our_domain
    forms = (
        # xgettext:no-python-format
        ("percent-hack", f"{user}%{domain}@{ours}", gettext_noop("user%stranger@ours")),
        ("bang-path", f"{domain}!{user}", gettext_noop("stranger!user, a UUCP path")),
        ("bang-path-at-ours", f"{domain}!{user}@{ours}", gettext_noop("stranger!user@ours")),
        ("source-route", f"@{ours}:{user}@{domain}", gettext_noop("@ours:user@stranger")),
        ("double-at", f"{user}@{domain}@{ours}", gettext_noop("user@stranger@ours")),
        ("quoted", f'"{user}@{domain}"@{ours}', gettext_noop('"user@stranger"@ours')),
        ("our-suffix", f"{user}@{domain}.{ours}", gettext_noop("user@stranger.ours")),
        (
            "recipient-literal",
            f"{user}@[{NOBODYS_ADDRESS}]",
            gettext_noop("user@[address of a stranger]"),
        ),
    )
    for name, recipient, tries in forms:
        yield Probe(
            name,
            Kind.RECIPIENT_FORM,
            _fresh_sender(places, 3),
            recipient,
            tries,
            looks_local=name not in ("source-route", "recipient-literal"),
        )
    yield Probe(
        "percent-hack-from-us",
        Kind.RECIPIENT_FORM,
        f"postmaster@{ours}",
        f"{user}%{domain}@{ours}",
        # xgettext:no-python-format
        gettext_noop("user%stranger@ours, from our own postmaster"),
        looks_local=True,
    )


def _control(places: Places) -> Iterator[Probe]:
    yield Probe(
        "unknown-mailbox",
        Kind.CONTROL,
        _fresh_sender(places, 4),
        f"meyasu-{places.token}@{places.our_domain}",
        gettext_noop("A mailbox of ours that does not exist: does the host take any name?"),
    )
