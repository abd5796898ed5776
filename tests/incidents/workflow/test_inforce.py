"""Playbooks as versions: the desk's own beside the shipped; a running incident keeps its own."""

from dataclasses import replace

import pytest

from incidents.models import PlaybookVersion
from incidents.playbooks import document, registry
from incidents.playbooks.playbook import DoneWhen, TaskPlan
from incidents.workflow import inforce, moves, planning, replan
from incidents.workflow.inforce import NotSaved
from incidents.workflow.moves import NotAllowed
from tests import make
from tests.make import at

pytestmark = pytest.mark.django_db
NOW = at("1998-01-20 05:00")
RELAY = registry.PLAYBOOKS["relay_abuse"]


@pytest.fixture
def incident():
    make.organisation(utc_offset="+09:00")
    made = make.incident()
    planning.plan_incident(made, now=NOW)
    return made


def changed(*tasks, **fields):
    return replace(RELAY, tasks=(*RELAY.tasks, *tasks), **fields)


def task(kind="vendor", **fields):
    facts = {"title": "Call the vendor", "explanation": "", "due": RELAY.tasks[0].due}
    return TaskPlan(kind=kind, **facts | fields)


def saved(playbook=None, based_on=1):
    return inforce.save(playbook or changed(task()), based_on=based_on, by="lead", now=NOW)


def kinds(incident, **which):
    return set(incident.tasks.filter(**which).values_list("kind", flat=True))


def test_the_shipped_playbooks_are_in_force_after_a_migration():
    in_force = {version.kind: version for version in inforce.all_current()}
    assert set(in_force) == set(registry.PLAYBOOKS)
    assert all(version.is_shipped and version.number == 1 for version in in_force.values())


def test_installing_again_changes_nothing_and_never_overwrites_the_desks_own(monkeypatch):
    inforce.install_shipped(now=NOW)
    assert PlaybookVersion.objects.count() == len(registry.PLAYBOOKS)
    own = saved()
    monkeypatch.setitem(registry.PLAYBOOKS, "relay_abuse", changed(task("shipped")))
    inforce.install_shipped(now=NOW)
    assert inforce.current("relay_abuse") == own
    assert inforce.newer_shipped(own).number == 3
    monkeypatch.setitem(registry.PLAYBOOKS, "other", replace(RELAY, kind="other"))
    inforce.install_shipped(now=NOW)
    assert inforce.current("other").number == 2


def test_a_running_incident_keeps_its_version_and_a_new_one_gets_the_newest(incident):
    saved()
    planning.plan_incident(incident, now=NOW)
    assert "vendor" not in kinds(incident)
    another = make.incident()
    planning.plan_incident(another, now=NOW)
    assert "vendor" in kinds(another)
    assert (incident.playbook_version.number, another.playbook_version.number) == (1, 2)


def test_of_two_who_change_a_playbook_at_once_the_second_is_told():
    saved(based_on=1)
    with pytest.raises(NotSaved, match="somebody else"):
        saved(changed(task("other-task")), based_on=1)
    assert saved(changed(task()), based_on=2).number == 2  # nothing was changed


@pytest.mark.parametrize(
    ("playbook", "words"),
    [
        (changed(task(after=("asess",))), "waits for “asess”, which the playbook does not have"),
        (changed(task(after=("vendor",))), "“Call the vendor” waits for itself"),
        (
            changed(task("one", after=("two",)), task("two", after=("one",))),
            "“one” → “two” → “one” wait for each other in a circle",
        ),
        (changed(task(after=("answer",))), "planned once a complaint"),
        (changed(task(letter="vendor")), "no letter text for “Call the vendor”"),
        (changed(task(done_when=DoneWhen.REPLY)), "done by a letter, but none is named"),
        (changed(task(letter="csirt", done_when=DoneWhen.REPLY)), "say how long"),
        (changed(task("assess")), "two tasks with the name “assess”"),
        (changed(task("Vendor")), "“Vendor” is no name"),
        (changed(task(needs_second_person=True)), "“Call the vendor” has none"),
        (changed(task(done_when=DoneWhen.NOTICE)), "Only a task named “notice”"),
        (changed(title=""), "no title"),
        (replace(RELAY, tasks=RELAY.tasks[:1]), "would never end"),
    ],
)
def test_what_could_not_be_followed_is_refused_in_words(playbook, words):
    with pytest.raises(NotSaved) as refused:
        saved(playbook)
    assert any(words in str(fault) for fault in refused.value.faults)
    assert inforce.current("relay_abuse").number == 1


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ([], "has to be an object"),
        ({"format": "else"}, "This is no playbook"),
        (document.write(RELAY) | {"priority": "very"}, "“very” is no priority"),
        (document.write(RELAY) | {"tasks": [{"kind": "a"}]}, "has no “due_hours”"),
        (document.write(RELAY) | {"tasks": [{"kind": "a", "due_hours": True}]}, "“due_hours”"),
        (document.write(RELAY) | {"tasks": "all"}, "has to be a list"),
    ],
)
def test_a_document_that_is_no_playbook_is_refused_in_words(value, words):
    with pytest.raises(document.Unreadable, match=words):
        document.read(value)


def test_an_older_version_can_be_put_in_force_again():
    first = inforce.current("relay_abuse")
    saved()
    inforce.put_in_force(first, by="lead", now=NOW)
    assert inforce.current("relay_abuse") == first
    assert PlaybookVersion.objects.filter(kind="relay_abuse", is_current=True).count() == 1


def test_a_change_of_kind_keeps_what_was_done_and_begun_and_ends_the_rest(incident):
    moves.complete(incident.tasks.get(kind="assess"), by="lead", now=NOW)
    moves.take(incident.tasks.get(kind="upstream"), by=make.user("ann"), now=NOW)
    replan.change_kind(incident, "compromised_account", by="lead", now=NOW)

    assert incident.tasks.get(kind="assess").outcome == "done"
    assert kinds(incident, outcome="replaced") == {"notice", "csirt", "protest"}
    assert kinds(incident, state="open") == {"fix", "verify", "upstream", "owner", "close"}
    assert incident.tasks.get(kind="fix").title.startswith("Change the password")
    assert [one.kind for one in incident.tasks.get(kind="close").waits_for.all()] == ["verify"]


def test_a_change_of_kind_there_and_back_loses_and_doubles_nothing(incident):
    replan.change_kind(incident, "compromised_account", by="lead", now=NOW)
    replan.change_kind(incident, "relay_abuse", by="lead", now=NOW)
    replan.change_kind(incident, "relay_abuse", by="lead", now=NOW)
    plans = {plan.kind for plan in RELAY.tasks if not plan.for_each}
    assert kinds(incident, state="open") == plans
    assert incident.tasks.count() == len(plans) + 1  # "owner" of the other kind, replaced


def test_the_tasks_of_complaints_are_planned_by_the_new_kind_too(incident):
    threat = make.joined(incident, threatens_block=True)
    replan.change_kind(incident, "unwanted_bulk", by="lead", now=NOW)
    assert incident.tasks.get(complaint=threat).kind == "threat"


def test_an_incident_can_be_planned_by_the_newest_version_and_a_closed_one_not(incident):
    saved()
    replan.use_newest(incident, by="lead", now=NOW)
    assert "vendor" in kinds(incident)
    incident.state = "closed"
    incident.save()
    with pytest.raises(NotAllowed, match="closed"):
        replan.change_kind(incident, "other", by="lead", now=NOW)
    with pytest.raises(NotAllowed, match="no playbook"):
        replan.change_kind(incident, "unheard_of", by="lead", now=NOW)
