"""The verdict against real mail servers, each in its states: the table of the issue.

A cell is one whole battery over SMTP from 127.0.0.2, which no closed server trusts.
"""

from datetime import UTC, datetime, timedelta

import pytest

from incidents.verification import battery, probe
from incidents.verification.dialogue import Limits
from incidents.verification.findings import Sightings
from incidents.verification.probe import Us
from incidents.verification.target import Target
from incidents.verification.trial import Places
from incidents.verification.verdict import judge
from tests import mailservers
from tests.incidents.verification import relays

NOW = datetime(2024, 3, 4, 12, 0, tzinfo=UTC)
QUIET = Sightings(since=NOW - timedelta(hours=1), until=NOW, log_read_until=NOW)
PROBES = battery.build(
    Places(
        our_domain="example.org",
        our_mailbox="abuse@example.org",
        test_recipient="relaytest@probe.example",
        sender_domain="probe.example",
        campaign_senders=relays.SENDERS,
        token="k7",
        our_host="mail.example.org",
    )
)


def verdict_at(port, limits=probe.LIMITS):
    """The verdict on the server at this port, and the answers it rests on."""
    target = Target("mail.example.org", mailservers.own_address(), port, source="127.0.0.2")
    us = Us("desk.example")
    answers = tuple(probe.ask_all(PROBES, lambda one: probe.ask(one, target, us=us, limits=limits)))
    return judge(PROBES, answers, QUIET), answers


@pytest.mark.parametrize("server", relays.SERVERS)
def test_a_server_gets_the_verdict_due_in_each_state(server):
    with relays.SERVERS[server]() as doors:
        told = {state: verdict_at(doors[state]) for state in relays.VERDICTS}
    wrong = {
        state: (verdict.outcome.value, [str(reason) for reason in verdict.reasons],
                len(answers))
        for state, (verdict, answers) in told.items()
        if verdict.outcome != relays.VERDICTS[state]
    }  # fmt: skip
    assert wrong == {}


def test_a_tarpit_is_left_after_two_dialogues_and_nothing_is_claimed():
    with relays.exim() as doors:
        verdict, answers = verdict_at(doors["tarpit"], Limits(seconds=0.5))
    assert verdict.outcome == "unknown"
    assert len(answers) <= probe.MOST_SILENT_IN_A_ROW
