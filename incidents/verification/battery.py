"""PURE: the probes, in order, each with what it tries.

Each probe is one sender and one recipient at one door. All recipients are at the test domain,
at our own, or at an address that belongs to nobody: no stranger is ever written to, and no
probe but those marked `may_send` may go on to DATA.

Sources: RFC 5321, sections 3.6 and 4.5.5, appendix C (source routes); the tests for third-party
relaying that postmasters have run since 1997 (RFC 2505, section 2.1).
"""

from collections.abc import Iterator

from incidents.verification import forms
from incidents.verification.doors import Door
from incidents.verification.trial import Kind, Login, Places, Probe
from incidents.verification.wording import gettext_noop

MOST_CAMPAIGN_SENDERS = 5
MOST_CAMPAIGN_DOMAINS = 2
# No run tries more, whatever it is made of.
MOST_PROBES = 80


def build(places: Places, doors: tuple[Door, ...] = ()) -> tuple[Probe, ...]:
    """The battery for these places: own mail first, then the campaign, then every other way.

    doors  beside the host's main one; each gets a short selection, never the whole battery
    """
    probes = (
        *_own_mail(places),
        *_campaign(places),
        *_fresh(places),
        *forms.senders(places),
        *forms.recipients(places),
        *forms.greetings(places),
        *_control(places),
        *(probe for door in doors for probe in _door(places, door)),
        *_sign_in(places, doors),
    )
    return probes[:MOST_PROBES]


def is_usable_sender(sender: str) -> bool:
    """Whether a sender read in a log may stand in a MAIL command: printable, short, with an @."""
    return (
        len(sender) <= 254
        and "@" in sender
        and all(33 <= ord(letter) < 127 and letter not in "<>" for letter in sender)
    )


def _own_mail(places: Places) -> Iterator[Probe]:
    yield Probe(
        "own-mailbox",
        Kind.OWN_MAIL,
        places.fresh_sender(0),
        places.our_mailbox,
        gettext_noop("Mail for a mailbox of ours must still arrive"),
    )
    yield Probe(
        "own-mailbox-bounce",
        Kind.OWN_MAIL,
        "",
        places.our_mailbox,
        gettext_noop("A bounce for a mailbox of ours must still arrive"),
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
            places.fresh_sender(number),
            places.test_recipient,
            gettext_noop("A sender nobody has used before, to a stranger"),
            may_send=True,
        )


def _control(places: Places) -> Iterator[Probe]:
    yield Probe(
        "unknown-mailbox",
        Kind.CONTROL,
        places.fresh_sender(4),
        f"meyasu-{places.token}@{places.our_domain}",
        gettext_noop("A mailbox of ours that does not exist: does the host take any name?"),
    )


def _door(places: Places, door: Door) -> Iterator[Probe]:
    """What tells an open door from a shut one: a stranger, and a forged sender of ours."""
    yield Probe(
        f"fresh-sender {door.name}",
        Kind.DOOR,
        places.fresh_sender(5),
        places.test_recipient,
        gettext_noop("A sender nobody has used before, through another door of the host"),
        may_send=True,
        door=door.name,
    )
    yield Probe(
        f"our-postmaster {door.name}",
        Kind.SENDER_FORM,
        f"postmaster@{places.our_domain}",
        places.test_recipient,
        gettext_noop("Our own postmaster's address, forged, through another door of the host"),
        may_send=True,
        door=door.name,
    )


def _sign_in(places: Places, doors: tuple[Door, ...]) -> Iterator[Probe]:
    """One wrong password in all, so that nobody is locked out; and the desk's own account."""
    door = next((door for door in doors if door.is_for_submission), Door())
    yield Probe(
        "wrong-password",
        Kind.WRONG_LOGIN,
        places.fresh_sender(6),
        places.test_recipient,
        gettext_noop("An account that does not exist, with a wrong password, to a stranger"),
        may_send=True,
        door=door.name,
        login=Login.WRONG,
    )
    if places.signs_in:
        yield Probe(
            "own-user",
            Kind.OWN_USER,
            places.our_mailbox,
            places.test_recipient,
            gettext_noop("A user of ours who signs in must still be able to send"),
            door=door.name,
            login=Login.OWN,
        )
