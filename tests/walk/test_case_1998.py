"""The founding case, from a mailbox to a verified fix, through the whole running system."""

import subprocess
import sys
from datetime import timedelta

import pytest

from complaints import audit
from complaints.models import AuditEntry, Complaint, Link
from incidents.models import Incident, Letter, Notice, ProbeRun, Task
from incidents.reporting import checking, figures, rollups, statistics
from incidents.reporting.period import of_month
from incidents.reports import incident as reports
from incidents.reports.markdown import as_markdown
from incidents.workflow.planning import desk_zone
from tests import servers
from tests.make import at


@pytest.fixture
def played(transactional_db, data_dir):
    """What `demo --once` prints, played into this test's own database."""
    data_dir.mkdir(parents=True)
    done = subprocess.run(
        [sys.executable, "manage.py", "demo", "--once"],
        env=servers.environment_of_this_test(),
        capture_output=True,
        text=True,
        timeout=170,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.timeout(200)
def test_the_case_of_1998_ends_as_it_should(played):
    incident = Incident.objects.get()
    _opened_from_the_log_before_any_complaint(incident)
    _complaints_are_linked_and_told_apart(incident)
    _the_threat_had_a_deadline_and_was_lifted(incident)
    _the_notice_needed_a_second_person(incident)
    _the_fix_was_partial_then_whole(incident)
    _letters_have_their_outcomes(incident)
    _the_reports_say_what_was_counted_by_hand(incident)
    assert not list(audit.verify())
    for words in ("3 days", "5 days", "10 days"):
        assert words in played


def _the_reports_say_what_was_counted_by_hand(incident):
    """Of January 1998: 21 mails came, 15 of them complaints; found on the 20th at 13:30 (+09:00),
    notice on the 23rd at 11:00, partly fixed on the 25th at 10:30, fixed on the 30th at 18:05."""
    now = at("1998-02-28 00:00")
    rollups.keep(now=now)
    assert checking.check(now=now) == []
    january = of_month(1998, 1, desk_zone())
    came, found = statistics.complaints(january), statistics.incidents(january)
    assert (came.received, came.count) == (21, 15)
    assert dict(came.by["stage"]) == {"grouped": 15, "duplicate": 1, "filed": 1, "set-aside": 4}
    # All but the one that asks again, each to the very message that it was made from.
    assert came.by["found"]["linked"] == 14
    assert (came.by["language"]["en"], came.by["language"]["ja"]) == (13, 2)
    expected = {
        "notice": timedelta(days=2, hours=21, minutes=30),
        "partial-fix": timedelta(days=4, hours=21),
        "fix": timedelta(days=10, hours=4, minutes=35),
    }
    for step, after in expected.items():
        assert abs(found.times[step].median - after) < timedelta(seconds=5)
    report = as_markdown(reports.of_incident(incident, language="en", now=now))
    for line in (
        "Discovery to notice: **3 days**",
        "To a partial fix: **5 days**",
        "To the real fix: **10 days**",
        "Messages relayed: **251**",
        "Recipients: **3,398**",
        "Domains of recipients: **8**",
        "Sources: **3**",
        "Complaints: **15**",
    ):
        assert line in report, line


def _opened_from_the_log_before_any_complaint(incident):
    assert incident.origin == Incident.Origin.LOG
    assert at("1998-01-20 04:00") < incident.discovered_at < at("1998-01-20 08:00")
    first = incident.complaints.order_by("arrived_at").first()
    assert incident.discovered_at < first.arrived_at
    radius = figures.blast_radius(incident)
    assert radius.messages > 200
    assert radius.recipients > 2000
    assert radius.sources == 3


def _complaints_are_linked_and_told_apart(incident):
    campaigns = incident.campaigns.filter(merged_into=None)
    assert campaigns[1].values_of("sender") == ["orders@bulkpilot.example"]
    assert campaigns.count() == 2
    linked = Complaint.objects.filter(links__state=Link.State.LINKED).distinct()
    assert linked.count() >= 10
    assert all(link.reasons for link in Link.objects.all())
    japanese = Complaint.objects.get(sender_name="小川 健一")
    assert "たいへん困ります" in japanese.text
    assert japanese.language == "ja"
    assert Complaint.objects.filter(stage=Complaint.Stage.DUPLICATE).count() == 1
    assert not Complaint.objects.filter(stage=Complaint.Stage.QUARANTINED).exists()


def _the_threat_had_a_deadline_and_was_lifted(incident):
    threat = incident.tasks.get(kind="threat")
    assert threat.complaint.sender == "postmaster@northlight.example"
    planned = audit.entries_of(threat).get(action="task-planned")
    assert planned.details["due_at"].startswith("1998-01-21 18:18")
    assert threat.outcome == "lifted"
    assert incident.priority == Incident.Priority.URGENT


def _the_notice_needed_a_second_person(incident):
    notice = Notice.objects.get(incident=incident)
    assert notice.state == Notice.State.PUBLISHED
    assert notice.published_at.date().isoformat() == "1998-01-23"
    assert notice.approved_by != notice.written_by


def _the_fix_was_partial_then_whole(incident):
    verdicts = [run.verdict for run in ProbeRun.objects.order_by("started_at")]
    order = list(dict.fromkeys(verdicts))
    assert order == ["none", "partial", "fixed"]
    for day, verdict, beginning in (
        ("24", "none", "Our server still passes on mail of strangers"),
        ("26", "partial", "Only half a fix: the known senders are shut out"),
        ("31", "fixed", "The hole is closed"),
    ):
        ended = at(f"1998-01-{day} 15:00")
        last = ProbeRun.objects.filter(started_at__lt=ended).order_by("started_at").last()
        assert (day, last.verdict) == (day, verdict)
        assert last.to_manager.startswith(beginning)
    partial = ProbeRun.objects.filter(verdict="partial").last()
    assert partial.to_vendor.startswith("Refuses only the 3 known senders; relayed for ")
    assert [fix.kind for fix in incident.fixes.all()] == ["block-list", "upgrade"]
    assert partial.fix.kind == "block-list"
    times = figures.headline_times(incident)
    assert (times.to_notice, times.to_partial_fix, times.to_fix) == (3, 5, 10)
    assert figures.refused_since_fix(incident) > 400
    assert incident.state == Incident.State.FIXED
    assert incident.tasks.get(kind="verify").state == Task.State.DONE


def _letters_have_their_outcomes(incident):
    outcomes = {letter.kind: letter.outcome for letter in incident.letters.exclude(outcome="")}
    assert outcomes["upstream"] == Letter.Outcome.PROMISE
    assert outcomes["protest"] == Letter.Outcome.NO_REPLY
    upstream = incident.letters.get(kind="upstream")
    assert "no longer relay mail of the parties" in upstream.replies.get().text
    assert AuditEntry.objects.filter(action="letter-overdue").exists()
