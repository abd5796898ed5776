"""PURE: the forms of senders, recipients and greetings that have opened relays.

A bounded selection, not each sender with each recipient: every form of one meets the plain form
of the other, and the few pairs that have been seen to open what neither opens alone.
"""

from collections.abc import Iterator

from incidents.verification.trial import Kind, Places, Probe
from incidents.verification.wording import gettext_noop

# RFC 5737, TEST-NET-3: an address literal that belongs to nobody.
NOBODYS_ADDRESS = "203.0.113.25"
# Delivery of these would go to an address or a name that is nobody's, not to the test mailbox.
NEVER_SENT = ("recipient-literal", "our-suffix", "source-route")
NEVER_LOCAL = ("source-route", "recipient-literal", "upper-case-recipient", "trailing-dot", "idn")


def senders(places: Places) -> Iterator[Probe]:
    """Every form of a sender, to the plain test recipient."""
    ours, token = places.our_domain, places.token
    host = places.our_host or f"mail.{ours}"
    forms = (
        ("null-sender", "", gettext_noop("The null sender of bounces, to a stranger")),
        (
            "our-postmaster",
            f"postmaster@{ours}",
            gettext_noop("Our own postmaster's address, forged, to a stranger"),
        ),
        (
            "our-unknown-user",
            f"meyasu-{token}@{ours}",
            gettext_noop("A name of our domain that does not exist, to a stranger"),
        ),
        (
            "sender-upper-case",
            f"POSTMASTER@{ours.upper()}",
            gettext_noop("Our postmaster's address in upper case, to a stranger"),
        ),
        (
            "sender-at-our-host",
            f"postmaster@{host}",
            gettext_noop("A sender at the name of our host, to a stranger"),
        ),
        ("sender-bare", "postmaster", gettext_noop("A sender without a domain, to a stranger")),
        (
            "sender-localhost",
            "postmaster@localhost",
            gettext_noop("A sender at localhost, to a stranger"),
        ),
        (
            "sender-literal",
            f"meyasu-{token}@[{NOBODYS_ADDRESS}]",
            gettext_noop("A sender at a bare address, to a stranger"),
        ),
        (
            "sender-quoted",
            f'"meyasu {token}"@{places.sender_domain}',
            gettext_noop("A quoted sender with a blank in it, to a stranger"),
        ),
        (
            "sender-routed-by-us",
            f"@{ours}:meyasu-{token}@{places.sender_domain}",
            gettext_noop("A sender with a source route over us, to a stranger"),
        ),
    )
    sent = ("null-sender", "our-postmaster", "our-unknown-user", "sender-at-our-host")
    for name, sender, tries in forms:
        yield Probe(
            name, Kind.SENDER_FORM, sender, places.test_recipient, tries, may_send=name in sent
        )


def recipients(places: Places) -> Iterator[Probe]:
    """Every form of a recipient, from a fresh sender; then the pairs."""
    user, _, domain = places.test_recipient.rpartition("@")
    ours = places.our_domain
    host = places.our_host or f"mail.{ours}"
    forms = (
        # xgettext:no-python-format
        ("percent-hack", f"{user}%{domain}@{ours}", gettext_noop("user%stranger@ours")),
        (
            "percent-hack-at-host",
            f"{user}%{domain}@{host}",
            # xgettext:no-python-format
            gettext_noop("user%stranger@our-host"),
        ),
        ("bang-path", f"{domain}!{user}", gettext_noop("stranger!user, a UUCP path")),
        ("bang-path-at-ours", f"{domain}!{user}@{ours}", gettext_noop("stranger!user@ours")),
        ("source-route", f"@{ours}:{user}@{domain}", gettext_noop("@ours:user@stranger")),
        ("double-at", f"{user}@{domain}@{ours}", gettext_noop("user@stranger@ours")),
        ("quoted", f'"{user}@{domain}"@{ours}', gettext_noop('"user@stranger"@ours')),
        # xgettext:no-python-format
        ("quoted-percent", f'"{user}%{domain}"@{ours}', gettext_noop('"user%stranger"@ours')),
        ("quoted-whole", f'"{user}@{domain}"', gettext_noop('"user@stranger" alone')),
        ("our-suffix", f"{user}@{domain}.{ours}", gettext_noop("user@stranger.ours")),
        ("trailing-dot", f"{user}@{domain}.", gettext_noop("user@stranger. with a dot")),
        (
            "upper-case-recipient",
            f"{user}@{domain.upper()}",
            gettext_noop("user@STRANGER in upper case"),
        ),
        (
            "idn",
            f"{user}@{domain.replace('.', '。')}",
            gettext_noop("user@stranger with the dot of East Asian scripts (IDN)"),
        ),
        (
            "recipient-literal",
            f"{user}@[{NOBODYS_ADDRESS}]",
            gettext_noop("user@[address of a stranger]"),
        ),
    )
    for name, recipient, tries in forms:
        yield _to(places, name, places.fresh_sender(3), recipient, tries)
    # xgettext:no-python-format
    from_us = gettext_noop("user%stranger@ours, from our own postmaster")
    percent = f"{user}%{domain}@{ours}"
    yield _to(places, "percent-hack-from-us", f"postmaster@{ours}", percent, from_us)
    # xgettext:no-python-format
    from_nobody = gettext_noop("user%stranger@ours, from the null sender")
    yield _to(places, "percent-hack-from-nobody", "", percent, from_nobody)


def _to(places: Places, name: str, sender: str, recipient: str, tries: str) -> Probe:
    return Probe(
        name,
        Kind.RECIPIENT_FORM,
        sender,
        recipient,
        tries,
        looks_local=name not in NEVER_LOCAL,
        may_send=name not in NEVER_SENT,
    )


def greetings(places: Places) -> Iterator[Probe]:
    """Names to greet with that a careless rule trusts."""
    forms = (
        (
            "helo-our-host",
            places.our_host or f"mail.{places.our_domain}",
            gettext_noop("Greeting with the name of our own host"),
        ),
        ("helo-our-domain", places.our_domain, gettext_noop("Greeting with our own domain")),
        ("helo-localhost", "localhost", gettext_noop("Greeting as localhost")),
        ("helo-loopback", "[127.0.0.1]", gettext_noop("Greeting as [127.0.0.1]")),
    )
    for number, (name, helo, tries) in enumerate(forms, start=7):
        yield Probe(
            name,
            Kind.HELO,
            places.fresh_sender(number),
            places.test_recipient,
            tries,
            may_send=True,
            helo=helo,
        )
