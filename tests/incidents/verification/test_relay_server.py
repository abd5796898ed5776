"""The battery over real SMTP against the demo's host of 1998, in each of its behaviours."""

from datetime import UTC, datetime, timedelta

import pytest

from incidents.demo import relay_server
from incidents.demo.relay_server import Behaviour, Control, Sendmail1998, Site
from incidents.verification import battery, probe
from incidents.verification.findings import Said, Sightings
from incidents.verification.probe import Us
from incidents.verification.target import Target
from incidents.verification.trial import Kind, Places
from incidents.verification.verdict import Outcome, judge

NOW = datetime(1998, 1, 25, 2, 0, tzinfo=UTC)
SENDERS = ("a@cash.example", "b@cash.example", "c@riches.example")
PROBES = battery.build(
    Places(
        our_domain="example.go.jp",
        our_mailbox="webmaster@example.go.jp",
        test_recipient="relaytest@probe.example",
        sender_domain="probe.example",
        campaign_senders=SENDERS,
        token="k7",
    )
)
US = Us("desk.example")
QUIET = Sightings(since=NOW - timedelta(hours=1), until=NOW, log_read_until=NOW)


def handler(behaviour, *, log=None):
    control = Control(behaviour, frozenset(SENDERS))
    return Sendmail1998(lambda: control, site=Site(), now=lambda: NOW, log=log)


def ask_all(server, probes=PROBES, message=None):
    target = Target("mail.example.go.jp", "127.0.0.1", server.port)

    def ask_one(one):
        return probe.ask(one, target, us=US, message=message)

    return tuple(probe.ask_all(probes, ask_one))


@pytest.mark.parametrize(
    ("behaviour", "outcome"),
    [
        (Behaviour.OPEN, Outcome.NONE),
        (Behaviour.BLOCKS_SENDERS, Outcome.PARTIAL),
        (Behaviour.RELAY_DENIED, Outcome.FIXED),
    ],
)
def test_each_behaviour_gets_its_verdict(behaviour, outcome):
    with relay_server.start(handler(behaviour)) as server:
        answers = ask_all(server)
    assert len(answers) == len(PROBES)
    assert judge(PROBES, answers, QUIET).outcome is outcome


def test_the_open_host_relays_every_form_and_the_fixed_one_none():
    relaying = [one for one in PROBES if one.kind.is_relaying]
    for behaviour, said in ((Behaviour.OPEN, Said.YES), (Behaviour.RELAY_DENIED, Said.NO)):
        with relay_server.start(handler(behaviour)) as server:
            for one, answer in zip(relaying, ask_all(server, tuple(relaying)), strict=True):
                assert answer.said in (said, Said.NOT_OFFERED), (behaviour, one, answer)


def test_nothing_is_sent_unless_a_marked_message_is_asked_for():
    playing = handler(Behaviour.OPEN)
    with relay_server.start(playing) as server:
        ask_all(server)
        assert playing.accepted == []
        fresh = tuple(one for one in PROBES if one.kind is Kind.FRESH)[:1]
        [answer] = ask_all(server, fresh, message=b"Message-ID: <k7@desk.example>\r\n\r\nx\r\n")
    assert answer.accepted
    assert playing.accepted == [(fresh[0].sender, ("relaytest@probe.example",))]


def test_the_host_logs_refusals_and_acceptances_as_sendmail_8_8_did(tmp_path):
    log = tmp_path / "maillog"
    fresh = tuple(one for one in PROBES if one.kind is Kind.FRESH)[:1]
    with relay_server.start(handler(Behaviour.OPEN, log=log)) as server:
        ask_all(server, fresh, message=b"Message-ID: <k7@desk.example>\r\n\r\nx\r\n")
    with relay_server.start(handler(Behaviour.RELAY_DENIED, log=log)) as server:
        ask_all(server, fresh)
    taken, queued, refused = log.read_text().splitlines()
    assert taken.startswith("Jan 25 11:00:00 mail sendmail[5000]: LAA05000: from=<meyasu-k7-1@")
    assert "msgid=<k7@desk.example>, proto=ESMTP, relay=desk.example [127.0.0.1]" in taken
    assert queued.endswith(
        "to=<relaytest@probe.example>, delay=00:00:01, mailer=esmtp, stat=queued"
    )
    assert (
        "ruleset=check_rcpt, arg1=<relaytest@probe.example>, relay=desk.example [127.0.0.1], "
        "reject=550 <relaytest@probe.example>... Relaying denied"
    ) in refused


def test_the_behaviour_changes_with_its_control_file_while_the_host_runs(tmp_path):
    control = tmp_path / "control.json"
    Control(Behaviour.OPEN).write(control)
    playing = Sendmail1998(lambda: Control.read(control), site=Site(), now=lambda: NOW)
    fresh = tuple(one for one in PROBES if one.kind is Kind.FRESH)[:1]
    with relay_server.start(playing) as server:
        [before] = ask_all(server, fresh)
        Control(Behaviour.RELAY_DENIED).write(control)
        [after] = ask_all(server, fresh)
    assert (before.said, after.said) == (Said.YES, Said.NO)
