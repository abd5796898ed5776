"""Rollups: kept as facts arrive, made anew, checked; always what a slow count says."""

from collections import Counter
from datetime import date, timedelta

import pytest
from django.core.management import CommandError, call_command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from complaints import audit
from complaints.models import Complaint, Link
from incidents.models import (
    Acknowledgement,
    DayFigure,
    IncidentFigure,
    RollupState,
)
from incidents.reporting import checking, counting, rollups
from incidents.workflow import moves
from tests import make
from tests.make import at

pytestmark = pytest.mark.django_db
NOW = at("1998-03-01 00:00")


def figure(measure, day, value):
    return (
        DayFigure.objects.filter(measure=measure, day=day, value=value)
        .values_list("count", flat=True)
        .first()
        or 0
    )


def recorded(complaint, act="complaint-read", **how):
    audit.record(act, complaint, at=NOW, **how)
    return complaint


def test_a_complaint_is_counted_on_the_day_of_the_desk_on_which_it_arrived():
    make.organisation(utc_offset="+09:00")
    recorded(make.complaint(arrived_at=at("1998-01-20 16:00"), format="arf"))
    rollups.keep(now=NOW)
    assert figure("format", date(1998, 1, 21), "arf") == 1
    assert figure("stage", date(1998, 1, 21), "grouped") == 1


def test_what_happened_since_is_counted_again_and_nothing_else():
    make.organisation()
    complaint = recorded(make.complaint(arrived_at=at("1998-01-20 16:00"), category="spam"))
    other = make.complaint(arrived_at=at("1998-01-22 16:00"), category="spam")
    rollups.keep(now=NOW)
    assert (
        figure("category", date(1998, 1, 20), "spam"),
        figure("category", date(1998, 1, 22), "spam"),
    ) == (1, 0)
    Complaint.objects.filter(pk=complaint.pk).update(category="phishing")
    recorded(complaint)
    recorded(other)
    assert rollups.keep(now=NOW) == 2
    assert rollups.keep(now=NOW) == 0
    assert figure("category", date(1998, 1, 20), "spam") == 0
    assert figure("category", date(1998, 1, 20), "phishing") == 1
    assert checking.check(now=NOW) == []


def test_a_complaint_counts_by_the_strongest_that_the_log_had_of_it():
    make.organisation()
    linked = make.complaint(sender="ann@Right.example", arrived_at=at("1998-01-20 16:00"))
    linked.reported_messages.create(number=1, where="test", verdict="not-ours")
    Link.objects.create(
        complaint=linked, message=make.relayed_message(), state="linked", score=1, linked_at=NOW
    )
    wrong = make.complaint(sender="bob@wrong.example", arrived_at=at("1998-01-20 17:00"))
    wrong.reported_messages.create(number=1, where="test", verdict="not-ours")
    wrong.reported_messages.create(number=2, where="test", verdict="no-evidence")
    silent = make.complaint(sender="", arrived_at=at("1998-01-20 18:00"))
    for complaint in (linked, wrong, silent):
        recorded(complaint)
    rollups.keep(now=NOW)
    day = date(1998, 1, 20)
    assert [figure("found", day, value) for value in ("linked", "not-ours", "nothing-shown")] == [
        1,
        1,
        1,
    ]
    assert figure("right", day, "right.example") == 1
    assert figure("wrong", day, "wrong.example") == 1
    assert figure("from-domain", day, "") == 1


def test_an_incident_has_its_figures_and_the_first_act_of_a_person_is_one():
    make.organisation()
    incident = make.incident()
    task = make.task(incident, "assess", due_at=at("1998-01-21 05:00"))
    make.joined(incident)
    campaign_message = make.relayed_message(
        recipients=["a@far.example", "b@far.example"], recipient_count=2
    )
    make.campaign(incident, campaign_message)
    moves.complete(task, outcome="done", note="", by=make.user("agent"), now=at("1998-01-20 09:00"))
    rollups.keep(now=NOW)
    kept = IncidentFigure.objects.get()
    assert kept.first_action_at == at("1998-01-20 09:00")
    assert (kept.complaints, kept.messages, kept.recipients) == (1, 1, 2)
    assert (kept.tasks_kept, kept.tasks_late) == (1, 0)
    assert kept.source_ip == "198.51.100.7"
    assert figure("act", date(1998, 1, 20), "agent\ttask-done") == 1


def test_the_source_has_a_name_where_the_desk_keeps_a_table_of_networks(tmp_path, settings):
    table = tmp_path / "networks.tsv"
    table.write_text("198.51.100.0\t198.51.100.255\t64500\tZZ\tFAR-NET Far networks\n")
    settings.MEYASU_NETWORK_TABLE = table
    make.organisation()
    make.campaign(incident := make.incident(), make.relayed_message())
    audit.record("incident-opened", incident, at=NOW, incident=incident.reference)
    rollups.keep(now=NOW)
    kept = IncidentFigure.objects.get()
    assert (kept.as_number, kept.country, kept.as_name) == (64500, "ZZ", "FAR-NET Far networks")


def test_another_zone_of_the_desk_counts_every_day_anew():
    make.organisation(utc_offset="+00:00")
    recorded(make.complaint(arrived_at=at("1998-01-20 16:00"), format="arf"))
    rollups.keep(now=NOW)
    make.organisation(utc_offset="+09:00")
    rollups.keep(now=NOW)
    assert set(DayFigure.objects.values_list("day", flat=True)) == {date(1998, 1, 21)}


def test_a_difference_is_told_kept_and_mended_by_a_rebuild(capsys):
    make.organisation()
    complaint = recorded(make.complaint(arrived_at=at("1998-01-20 16:00"), format="arf"))
    rollups.keep(now=NOW)
    Complaint.objects.filter(pk=complaint.pk).update(format="xarf")  # behind the history's back
    with pytest.raises(CommandError, match="rebuild"):
        call_command("rollups", "check")
    assert "1998-01-20 format “arf”: 1 kept, 0 counted" in capsys.readouterr().out
    assert len(RollupState.objects.get().differences) == 2
    call_command("rollups", "rebuild")
    call_command("rollups", "check")
    assert RollupState.objects.get().differences == []


def test_of_two_who_count_at_once_one_writes(monkeypatch):
    make.organisation()
    recorded(make.complaint(arrived_at=at("1998-01-20 16:00")))
    slow = counting.counts_of

    def overtaken(day):
        counts = slow(day)
        monkeypatch.setattr(counting, "counts_of", slow)
        rollups.keep(now=NOW)
        return counts

    monkeypatch.setattr(counting, "counts_of", overtaken)
    assert rollups.keep(now=NOW) == 0
    assert figure("stage", date(1998, 1, 20), "grouped") == 1


HISTORIES = st.lists(
    st.tuples(
        st.integers(0, 5),  # day
        st.sampled_from(["grouped", "open", "duplicate", "set-aside", "quarantined", "parsed"]),
        st.sampled_from(["arf", "plain", ""]),
        st.sampled_from(["", "linked", "not-ours", "no-evidence"]),
        st.sampled_from([None, 0, 90, 5000]),  # minutes to the word
        st.sampled_from(["ann@one.example", "bob@two.example", "nobody"]),
    ),
    max_size=25,
)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(history=HISTORIES, pauses=st.sets(st.integers(0, 24)))
def test_whatever_happens_in_whatever_order_the_rollups_say_what_a_loop_says(history, pauses, db):
    Acknowledgement.objects.all().delete()
    Complaint.objects.all().delete()
    DayFigure.objects.all().delete()
    make.organisation()
    expected = Counter()
    for place, (day, stage, form, verdict, minutes, sender) in enumerate(history):
        arrived = at("1998-02-01 10:00") + timedelta(days=day)
        complaint = make.complaint(arrived_at=arrived, stage=stage, format=form, sender=sender)
        if verdict:
            complaint.reported_messages.create(number=1, where="test", verdict=verdict)
        if minutes is not None:
            Acknowledgement.objects.create(
                complaint=complaint, state="sent", decided_at=arrived + timedelta(minutes=minutes)
            )
        recorded(complaint)
        if place in pauses:
            rollups.keep(now=NOW)
        on = date(1998, 2, 1) + timedelta(days=day)
        expected["stage", on, stage] += 1
        if stage in ("grouped", "open", "parsed"):
            expected["format", on, form] += 1
            expected["found", on, verdict or "nothing-shown"] += 1
            expected["from-domain", on, sender.partition("@")[2]] += 1
            if minutes is not None:
                expected["acknowledged", on, str(minutes)] += 1
    rollups.keep(now=NOW)
    kept = DayFigure.objects.filter(
        measure__in=["stage", "format", "found", "from-domain", "acknowledged"]
    )
    assert Counter({(row.measure, row.day, row.value): row.count for row in kept}) == expected
    assert checking.check(now=NOW) == []
