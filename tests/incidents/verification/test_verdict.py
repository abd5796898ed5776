"""The verdict: each rule, from made-up answers and sightings."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from incidents.verification import battery
from incidents.verification.findings import Answer, Sightings, Stage
from incidents.verification.trial import Kind, Places
from incidents.verification.verdict import Outcome, judge

FIXED_AT = datetime(1998, 1, 30, 9, 5, tzinfo=UTC)
PROBES = battery.build(
    Places(
        our_domain="example.go.jp",
        our_mailbox="webmaster@example.go.jp",
        test_recipient="relaytest@probe.example",
        sender_domain="probe.example",
        campaign_senders=("a@cash.example", "b@cash.example", "c@riches.example"),
        token="k7",
    )
)
QUIET = Sightings(
    since=FIXED_AT,
    until=FIXED_AT + timedelta(days=1),
    log_read_until=FIXED_AT + timedelta(days=1),
    own_before=300.0,
    own_since=280,
    refused_relaying=17,
)


def yes(name):
    return Answer(name, Stage.RCPT, 250, "ok", accepted=True)


def no(name, stage=Stage.RCPT, code=550):
    return Answer(name, stage, code, "Relaying denied", accepted=False)


def answers(relays=lambda probe: False, **others):
    """Answers of a host that takes own mail and relays where told to."""
    told = []
    for probe in PROBES:
        if probe.name.replace("-", "_") in others:
            told.append(others[probe.name.replace("-", "_")])
        elif probe.kind is Kind.OWN_MAIL or (probe.kind.is_relaying and relays(probe)):
            told.append(yes(probe.name))
        else:
            told.append(no(probe.name))
    return tuple(answer for answer in told if answer is not None)


def in_words(verdict):
    return "; ".join(str(reason) for reason in verdict.reasons)


def test_a_host_that_relays_for_the_campaign_is_not_fixed():
    verdict = judge(PROBES, answers(lambda probe: True), QUIET)
    assert verdict.outcome is Outcome.NONE
    assert "3 of 3 known senders" in in_words(verdict)


def test_a_list_of_blocked_senders_is_a_partial_fix():
    verdict = judge(PROBES, answers(lambda p: p.kind is not Kind.CAMPAIGN), QUIET)
    assert verdict.outcome is Outcome.PARTIAL
    assert "refuses only the 3 known senders" in in_words(verdict)
    assert verdict.figures["campaign_relayed"] == 0
    assert verdict.figures["others_relayed"] == verdict.figures["others_tried"]


def test_one_open_form_of_address_makes_it_partial_and_is_named():
    verdict = judge(PROBES, answers(lambda p: p.name == "percent-hack"), QUIET)
    assert verdict.outcome is Outcome.PARTIAL
    assert "percent-hack" in in_words(verdict)


def test_all_refused_own_mail_taken_and_a_quiet_log_is_fixed():
    verdict = judge(PROBES, answers(), QUIET)
    assert verdict.outcome is Outcome.FIXED
    assert "17 attempts refused" in in_words(verdict)


@pytest.mark.parametrize(
    "seen", [{"relayed_known": 2}, {"relayed_other": 1}], ids=["known sender", "new sender"]
)
def test_mail_relayed_since_the_fix_outweighs_a_battery_that_was_refused(seen):
    verdict = judge(PROBES, answers(), replace(QUIET, **seen))
    assert verdict.outcome is Outcome.PARTIAL


@pytest.mark.parametrize("read_until", [None, FIXED_AT - timedelta(hours=1)])
def test_a_log_not_read_past_the_fix_is_no_evidence_of_silence(read_until):
    verdict = judge(PROBES, answers(), replace(QUIET, log_read_until=read_until, own_since=0))
    assert verdict.outcome is Outcome.UNKNOWN
    assert "has not been read" in in_words(verdict)


def test_a_host_that_does_not_answer_is_never_called_fixed():
    silent = (Answer("own-mailbox", Stage.CONNECT, 0, "no connection", accepted=False),)
    assert judge(PROBES, silent, QUIET).outcome is Outcome.UNKNOWN


def test_a_silent_host_whose_log_shows_relaying_is_not_fixed():
    silent = (Answer("own-mailbox", Stage.CONNECT, 0, "no connection", accepted=False),)
    relaying = replace(QUIET, relayed_known=40, refused_relaying=0)
    assert judge(PROBES, silent, relaying).outcome is Outcome.NONE


def test_a_battery_cut_short_is_unknown():
    verdict = judge(PROBES, answers()[:6], QUIET)
    assert verdict.outcome is Outcome.UNKNOWN
    assert "no clear answer" in in_words(verdict)


def test_a_temporary_refusal_of_one_probe_leaves_it_unknown():
    later = Answer("fresh-sender-1", Stage.RCPT, 450, "try again", accepted=False)
    assert judge(PROBES, answers(fresh_sender_1=later), QUIET).outcome is Outcome.UNKNOWN


def test_refusing_our_own_mail_too_is_no_fix():
    verdict = judge(PROBES, answers(own_mailbox=no("own-mailbox")), QUIET)
    assert verdict.outcome is Outcome.UNKNOWN
    assert "mailbox of ours was not taken" in in_words(verdict)


def test_own_mail_gone_from_the_log_is_no_fix():
    verdict = judge(PROBES, answers(), replace(QUIET, own_since=3))
    assert verdict.outcome is Outcome.UNKNOWN
    assert "a fix that stops all mail is no fix" in in_words(verdict)


def test_new_senders_refused_at_mail_leave_the_rule_for_recipients_untested():
    at_mail = {
        f"fresh_sender_{number}": no(f"fresh-sender-{number}", Stage.MAIL, 501) for number in (1, 2)
    }
    verdict = judge(PROBES, answers(**at_mail), QUIET)
    assert verdict.outcome is Outcome.UNKNOWN


def test_a_local_looking_form_proves_nothing_where_any_name_is_taken():
    verdict = judge(
        PROBES,
        answers(lambda p: p.name == "percent-hack", unknown_mailbox=yes("unknown-mailbox")),
        QUIET,
    )
    assert verdict.outcome is Outcome.UNKNOWN
    assert "may be local mail" in in_words(verdict)


def test_probes_from_our_own_network_prove_nothing():
    verdict = judge(PROBES, answers(lambda probe: True), QUIET, from_inside=True)
    assert verdict.outcome is Outcome.UNKNOWN
    assert "from outside" in in_words(verdict)


def test_some_of_the_campaigns_senders_blocked_is_partial():
    verdict = judge(PROBES, answers(lambda p: p.name != "campaign-sender-1"), QUIET)
    assert verdict.outcome is Outcome.PARTIAL
    assert "2 of 3 known senders" in in_words(verdict)


def test_a_host_that_puts_the_campaign_off_and_lets_forged_senders_through_has_half_a_fix():
    told = {
        probe.name: yes(probe.name) if probe.kind is Kind.SENDER_FORM else no(probe.name, code=450)
        for probe in PROBES
        if probe.kind.is_relaying
    }
    asked = tuple(told.get(probe.name, yes(probe.name)) for probe in PROBES)
    verdict = judge(PROBES, asked, replace(QUIET, refused_relaying=0))
    assert verdict.outcome is Outcome.PARTIAL
