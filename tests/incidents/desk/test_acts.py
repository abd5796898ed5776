"""Acts of triage: what each does, that two people never do it twice, and that undoing undoes."""

import pytest
from django.contrib.auth.models import Permission

from complaints.linking.link import link_complaint
from complaints.models import Complaint, Link
from incidents.desk import acts, presence, waiting
from incidents.desk.item import Filters
from incidents.grouping.assign import group_complaint
from incidents.models import Incident, IncidentComplaint, TriageAct
from incidents.workflow.moves import NotAllowed
from tests import make

NOW = make.at("1998-02-01 12:00")
Stage = Complaint.Stage


@pytest.fixture
def agent(db):
    make.organisation()
    return make.user("agent")


def proposed(complaint, **fields):
    return Link.objects.create(
        complaint=complaint,
        message=make.relayed_message(),
        state=Link.State.PROPOSED,
        score=0.7,
        linked_at=NOW,
        **fields,
    )


def do(kind, *rows, by):
    return acts.do(kind, [f"{row._meta.model_name}-{row.pk}" for row in rows], by=by, now=NOW)


def test_accepting_confirms_the_proposed_message_and_lets_the_complaint_walk_on(agent):
    complaint = make.complaint(stage=Stage.OPEN)
    link = proposed(complaint)

    act = do("accept", complaint, by=agent)

    complaint.refresh_from_db()
    link.refresh_from_db()
    assert (complaint.stage, link.state) == (Stage.LINKED, Link.State.CONFIRMED)
    assert len(act.changed) == 1

    acts.undo(act, by=agent, now=NOW)
    complaint.refresh_from_db()
    link.refresh_from_db()
    assert (complaint.stage, link.state) == (Stage.OPEN, Link.State.PROPOSED)
    assert complaint.reviewed_at is None


def test_undoing_takes_a_complaint_out_of_what_it_joined_by_the_act(agent):
    complaint = make.complaint(stage=Stage.OPEN)
    proposed(complaint)
    act = do("accept", complaint, by=agent)
    Complaint.objects.filter(pk=complaint.pk).update(stage=Stage.GROUPED)
    incident = make.incident()
    IncidentComplaint.objects.create(incident=incident, complaint=complaint, joined_at=NOW)

    acts.undo(act, by=agent, now=NOW)

    complaint.refresh_from_db()
    assert complaint.stage == Stage.OPEN
    assert not complaint.memberships.exists()


def test_two_people_who_act_at_once_do_it_once(agent):
    complaint = make.joined(make.incident())
    first = do("accept", complaint, by=agent)
    second = do("leave", complaint, by=make.user("other"))
    assert (len(first.changed), first.missed) == (1, 0)
    assert (len(second.changed), second.missed) == (0, 1)


@pytest.mark.parametrize("kind", ["accept", "leave", "refuse"])
def test_every_act_on_placed_complaints_is_undone_for_all_of_them(agent, kind):
    incident = make.incident()
    complaints = [make.joined(incident) for _ in range(3)]
    before = list(Complaint.objects.order_by("pk").values())
    act = do(kind, *complaints, by=agent)
    assert len(act.changed) == 3
    assert list(Complaint.objects.order_by("pk").values()) != before

    acts.undo(act, by=agent, now=NOW)

    assert list(Complaint.objects.order_by("pk").values()) == before
    assert incident.memberships.count() == 3
    with pytest.raises(NotAllowed):
        acts.undo(act, by=agent, now=NOW)


def test_a_mail_that_is_no_complaint_is_set_aside_and_comes_back(agent):
    complaint = make.complaint(stage=Stage.OPEN)
    act = do("refuse", complaint, by=agent)
    complaint.refresh_from_db()
    assert complaint.stage == Stage.SET_ASIDE
    acts.undo(act, by=agent, now=NOW)
    complaint.refresh_from_db()
    assert (complaint.stage, complaint.set_aside_reason) == (Stage.OPEN, "")


def test_a_task_that_was_taken_is_given_back(agent):
    task = make.task(make.incident(), "assess")
    act = do("take", task, by=agent)
    task.refresh_from_db()
    assert task.taken_by == agent
    acts.undo(act, by=agent, now=NOW)
    task.refresh_from_db()
    assert task.taken_by is None


def test_what_nobody_can_do_is_left_out_and_counted(agent):
    act = acts.do("accept", ["complaint-999", "task-1", "x", ""], by=agent, now=NOW)
    assert (act.changed, act.missed) == ([], 4)
    assert TriageAct.objects.count() == 1


def test_others_at_the_same_page_are_told_until_their_lease_runs_out(agent):
    other = make.user("other")
    assert presence.come(other, "C-1998-000001", now=NOW) == []
    assert presence.come(agent, "C-1998-000001", now=NOW) == ["other"]
    assert presence.others(agent, ["C-1998-000001"], now=NOW + presence.LEASE) == {}


def test_accepting_what_may_belong_to_an_incident_joins_it_and_is_undone(agent):
    make.mail_host()
    for number in range(4):
        make.relayed_message(message_id=f"{number}@riches.example")
        walked(reported=[{"message_id": f"{number}@riches.example", "subject": "Riches for all"}])
    late = walked(reported=[{"subject": "Riches in town"}])
    page = waiting.page(NOW, Filters(kind="complaints"))
    incident = Incident.objects.get()
    assert [item.accept for item in page.items] == [f"It belongs to {incident.reference}"]
    assert incident.reference in page.items[0].why

    act = do("accept", late, by=agent)
    late.refresh_from_db()
    assert (late.stage, late.memberships.get().incident) == (Stage.GROUPED, incident)
    assert late.reviewed_at == NOW

    acts.undo(act, by=agent, now=NOW)
    late.refresh_from_db()
    assert (late.stage, late.reviewed_at) == (Stage.OPEN, None)
    assert waiting.page(NOW, Filters(kind="complaints")).items == page.items


def walked(**fields):
    complaint = make.parsed_complaint(**fields)
    link_complaint(complaint, now=NOW)
    group_complaint(complaint, now=NOW)
    return complaint


@pytest.fixture
def alike(agent):
    """Two incidents, of which the second one's campaign is a little like the first one's."""
    make.mail_host()
    for number in range(4):
        make.relayed_message(message_id=f"{number}@riches.example")
        walked(reported=[{"message_id": f"{number}@riches.example", "subject": "Riches for all"}])
    walked(reported=[{"subject": "Your parcel waits"}])
    for _ in range(2):
        walked(reported=[{"subject": "Riches in town"}])
    return list(Incident.objects.order_by("pk"))


def test_a_merge_is_proposed_accepted_by_one_act_and_undone(alike, agent):
    first, second = alike
    [item] = waiting.page(NOW, Filters(kind="merges")).items
    assert (item.subject, item.accept) == (second.reference, f"Merge into {first.reference}")
    assert first.title in item.why
    assert any("“riches”" in finding for finding in item.findings)

    act = acts.do("accept", [item.handle], by=agent, now=NOW)
    second.refresh_from_db()
    assert (second.merged_into, act.missed) == (first, 0)
    assert waiting.page(NOW, Filters(kind="merges")).items == []

    acts.undo(act, by=agent, now=NOW)
    second.refresh_from_db()
    assert second.merged_into is None
    assert [one.pk for one in waiting.page(NOW, Filters(kind="merges")).items] == [item.pk]
    with pytest.raises(NotAllowed):
        acts.undo(act, by=agent, now=NOW)


def test_two_incidents_that_a_person_keeps_apart_are_not_proposed_until_that_is_undone(
    alike, agent
):
    [item] = waiting.page(NOW, Filters(kind="merges")).items
    act = acts.do("refuse", [item.handle], by=agent, now=NOW)
    assert waiting.page(NOW, Filters(kind="merges")).items == []
    assert acts.do("accept", [item.handle], by=agent, now=NOW).missed == 1
    acts.undo(act, by=agent, now=NOW)
    assert waiting.page(NOW, Filters(kind="merges")).items == [item]


def test_who_may_not_change_incidents_merges_none(alike, client):
    reader = make.user("bob", role="agent")
    reader.groups.clear()
    for name in ("view_incident", "change_complaint"):
        reader.user_permissions.add(Permission.objects.get(codename=name))
    client.force_login(reader)
    [item] = waiting.page(NOW, Filters(kind="merges")).items
    page = client.get("/?kind=merges").content.decode()
    assert item.title in page
    assert item.accept not in page
    client.post("/triage/act/", {"accept": item.handle})
    assert Incident.objects.filter(merged_into=None).count() == 2
