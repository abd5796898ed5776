"""Tasks in people's hands: handed over, put off, commented, ticked off; each in the history."""

from datetime import timedelta

import pytest

from complaints.models import AuditEntry
from incidents.models import Nudge, Task
from incidents.workflow import handling, moves, planning
from incidents.workflow.moves import NotAllowed
from tests import make
from tests.make import at

pytestmark = pytest.mark.django_db
NOW = at("1998-01-20 05:00")


@pytest.fixture
def task():
    make.organisation(utc_offset="+09:00")
    incident = make.incident()
    planning.plan_incident(incident, now=NOW)
    return incident.tasks.get(kind="assess")


def told(action):
    return [entry.details for entry in AuditEntry.objects.filter(action=action)]


def test_a_task_is_handed_over_and_the_colleague_is_told(task):
    ann, bob = make.user("ann"), make.user("bob")
    moves.take(task, by=ann, now=NOW)
    handling.hand_over(task, to=bob, note="I am off until Monday", by=ann, now=NOW)
    task.refresh_from_db()
    assert task.taken_by == bob
    assert Nudge.objects.unseen_by(bob, ["agent"]).get().why == "I am off until Monday"
    assert told("task-handed-over")[0]["before"] == "ann"


def test_who_may_only_read_is_given_no_task(task):
    with pytest.raises(NotAllowed, match="may not work on tasks"):
        handling.hand_over(task, to=make.user("ray", role="reader"), by="lead", now=NOW)


def test_a_task_is_put_off_with_a_reason_until_a_time_to_come(task):
    with pytest.raises(NotAllowed, match="why"):
        handling.snooze(task, until=NOW + timedelta(days=1), reason=" ", by="ann", now=NOW)
    with pytest.raises(NotAllowed, match="passed"):
        handling.snooze(task, until=NOW, reason="vendor is away", by="ann", now=NOW)
    handling.snooze(task, until=NOW + timedelta(days=1), reason="vendor is away", by="ann", now=NOW)
    assert not Task.objects.ready().awake(NOW).exists()
    assert Task.objects.ready().awake(NOW + timedelta(days=2)).get() == task
    handling.wake(task, by="ann", now=NOW)
    assert Task.objects.ready().awake(NOW).get() == task
    assert [details["why"] for details in told("task-snoozed")] == ["vendor is away"]


def test_lines_of_the_checklist_come_from_the_playbook_and_from_people(task):
    first = task.checklist.first()
    handling.tick(first, done=True, by="ann", now=NOW)
    handling.tick(first, done=True, by="bob", now=NOW)
    first.refresh_from_db()
    assert (first.done_by, len(told("task-line-done"))) == ("ann", 1)
    handling.tick(first, done=False, by="bob", now=NOW)
    added = handling.add_line(task, words="Ask the vendor", by="ann", now=NOW)
    assert added.number == task.checklist.count()
    assert not task.checklist.exclude(done_at=None).exists()


def test_nothing_is_changed_in_a_finished_task_but_it_may_be_commented(task):
    line = task.checklist.first()
    moves.complete(task, by="lead", now=NOW)
    for act in (
        lambda: handling.tick(line, done=True, by="ann", now=NOW),
        lambda: handling.add_line(task, words="one more", by="ann", now=NOW),
        lambda: handling.hand_over(task, to=make.user("bob"), by="ann", now=NOW),
        lambda: handling.snooze(task, until=NOW + timedelta(days=1), reason="x", by="ann", now=NOW),
    ):
        with pytest.raises(NotAllowed, match="finished already"):
            act()
    handling.comment(task, text="It was the old host.", by="ann", now=NOW)
    assert task.comments.get().by == "ann"
    with pytest.raises(NotAllowed, match="empty"):
        handling.comment(task, text=" ", by="ann", now=NOW)


def test_a_task_for_the_lead_is_not_finished_by_an_agent(task):
    moves.complete(task, by="lead", now=NOW)
    fix = task.incident.tasks.get(kind="fix")
    with pytest.raises(NotAllowed, match="is for the lead to finish"):
        moves.complete(fix, by=make.user("ann"), now=NOW)
    moves.complete(fix, by=make.user("boss", role="lead"), now=NOW)


def test_a_letter_that_nobody_wrote_is_no_proof_without_a_note(task):
    moves.complete(task, by="lead", now=NOW)
    csirt = task.incident.tasks.get(kind="csirt")
    with pytest.raises(NotAllowed, match="where and how"):
        moves.complete(csirt, outcome="sent", by=make.user("ann"), now=NOW)
    moves.complete(csirt, outcome="sent", note="by their web form", by=make.user("ann"), now=NOW)
