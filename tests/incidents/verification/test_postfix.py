"""The battery against a real Postfix, open in several ways, half closed, and closed."""

from datetime import UTC, datetime, timedelta

import pytest

from incidents.verification import battery, probe
from incidents.verification.battery import Places
from incidents.verification.findings import Sightings
from incidents.verification.target import Target
from incidents.verification.verdict import judge
from tests import servers

NOW = datetime(2024, 3, 4, 12, 0, tzinfo=UTC)
QUIET = Sightings(since=NOW - timedelta(hours=1), until=NOW, log_read_until=NOW)
SENDERS = ("winner@riches.example", "lucky@riches.example", "sales@blaster.example")
PROBES = battery.build(
    Places(
        our_domain="example.org",
        our_mailbox="abuse@example.org",
        test_recipient="relaytest@probe.example",
        sender_domain="probe.example",
        campaign_senders=SENDERS,
        token="k7",
    )
)

TOO_WIDE = """
mynetworks = 0.0.0.0/0
smtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination
"""
OPEN_TO_ALL = TOO_WIDE + "allow_untrusted_routing = yes\n"
BLOCKS_SENDERS = OPEN_TO_ALL + (
    "smtpd_sender_restrictions = check_sender_access texthash:{folder}/etc/blocked\n"
)
TRUSTS_OUR_SENDERS = """
mynetworks = 192.0.2.0/24
smtpd_relay_restrictions =
    check_sender_access texthash:{folder}/etc/trusted, reject_unauth_destination
"""
CLOSED = """
mynetworks = 192.0.2.0/24
smtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination
"""
STATES = {
    "open to all": (OPEN_TO_ALL, {}, "none"),
    "a network too wide": (TOO_WIDE, {}, "none"),
    "blocks the known senders": (
        BLOCKS_SENDERS,
        {"blocked": "".join(f"{sender} REJECT\n" for sender in SENDERS)},
        "partial",
    ),
    "trusts a forged sender of ours": (
        TRUSTS_OUR_SENDERS,
        {"trusted": "example.org OK\n"},
        "partial",
    ),
    "closed": (CLOSED, {}, "fixed"),
    "closed, takes any name of ours": (CLOSED + "local_recipient_maps =\n", {}, "fixed"),
    "closed to everybody": (
        CLOSED + "smtpd_client_restrictions = reject\n", {}, "unknown",
    ),
    "asks to come later": (
        CLOSED + "smtpd_client_restrictions = defer\n", {}, "unknown",
    ),
}  # fmt: skip


@pytest.mark.parametrize("state", STATES)
def test_each_state_of_a_real_postfix_gets_its_verdict(state):
    main, maps, outcome = STATES[state]
    with servers.postfix(main, **maps) as port:
        target = Target("mail.example.org", "127.0.0.1", port)
        answers = tuple(
            probe.ask_all(PROBES, lambda one: probe.ask(one, target, helo="desk.example"))
        )
    verdict = judge(PROBES, answers, QUIET)
    assert verdict.outcome == outcome, [str(reason) for reason in verdict.reasons]
