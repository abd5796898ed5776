"""A split is one act: a campaign or chosen complaints, and all that goes along; it is undone."""

import pytest
from django.db import connection

from complaints import audit
from complaints.linking.link import link_complaint
from complaints.models import Complaint
from incidents.grouping import corrections, transfers
from incidents.grouping.assign import group_complaint
from incidents.models import (
    Campaign,
    CampaignProfile,
    Correction,
    CorrectionBatch,
    Incident,
    IncidentComplaint,
    Letter,
    Placement,
    Task,
)
from incidents.workflow.moves import NotAllowed
from tests import make
from tests.make import at

NOW = at("1998-01-21 09:00")
LATER = at("1998-03-01 09:00")


@pytest.fixture(autouse=True)
def ourselves(db):
    make.organisation()
    make.mail_host()


def walked(number, subject, words, sender="winner@riches.example"):
    """A complaint about a message that was relayed for a stranger, one a recipient."""
    message_id = f"{number}@riches.example"
    make.relayed_message(message_id=message_id, recipient_count=9, sender=sender)
    shown = {"message_id": message_id, "subject": subject, "body_text": words}
    complaint = make.parsed_complaint(reported=[shown])
    link_complaint(complaint, now=NOW)
    group_complaint(complaint, now=NOW)
    complaint.refresh_from_db()
    return complaint


RICHES = ("Riches for everybody", "Send five dollars to each of the names upon the list, friend.")
DEGREE = ("University diplomas", "No classes, no books: a prestigious degree within two weeks!")


@pytest.fixture
def mixed():
    """Three complaints about one campaign and two about another, in one incident of the relay."""
    riches = [walked(number, *RICHES) for number in range(3)]
    degree = [walked(number, *DEGREE, sender="dean@degree.example") for number in range(3, 5)]
    incident = riches[0].incidents.get()
    assert set(incident.complaints.all()) == {*riches, *degree}
    assert incident.campaigns.count() == 2
    return incident, riches, degree


def everything():
    """Who is where: rows that an undone act has to leave as they were."""
    profiles = {row.pk: row.data["cases"] for row in CampaignProfile.objects.all()}
    return {
        "members": sorted(
            IncidentComplaint.objects.values_list("incident", "complaint", "campaigns", "joined_by")
        ),
        "campaigns": sorted(Campaign.objects.values_list("pk", "incident", "number")),
        "messages": sorted(
            Campaign.messages.through.objects.values_list("campaign", "relayedmessage")
        ),
        "placements": sorted(Placement.objects.values_list("key", "campaign", "placed_by")),
        "counts": profiles,
        "tasks": sorted(Task.objects.exclude(complaint=None).values_list("pk", "incident")),
        "letters": sorted(Letter.objects.values_list("pk", "incident")),
        "waits": sorted(Task.waits_for.through.objects.values_list("from_task", "to_task")),
    }


def without_the_new(state, made):
    """The same, without the tasks that the new incident was planned with."""
    own = set(Task.objects.filter(incident=made.into, complaint=None).values_list("pk", flat=True))
    waits = [pair for pair in state["waits"] if not own & set(pair)]
    return state | {"waits": waits}


def test_a_campaign_is_split_off_with_its_complaints_tasks_letters_and_future(mixed):
    incident, riches, degree = mixed
    campaign = degree[0].placements.get().campaign
    task = incident.tasks.filter(complaint=degree[0]).get()
    letter = Letter.objects.create(
        incident=incident, task=task, kind="answer", subject="x", body="y", drafted_at=NOW
    )
    before = everything()

    made = corrections.split(incident, campaign=campaign, title="Diplomas", by="ann", now=NOW)

    new = made.into
    assert set(new.complaints.all()) == set(degree)
    assert set(incident.complaints.all()) == set(riches)
    task.refresh_from_db()
    letter.refresh_from_db()
    assert (task.incident, letter.incident) == (new, new)
    assert {one.incident for one in task.waits_for.all()} <= {new}
    assert walked(9, *DEGREE, sender="dean@degree.example").incidents.get() == new
    late = new.complaints.order_by("-pk")[0]
    late.placements.all().delete()
    late.memberships.all().delete()
    Task.objects.filter(complaint=late).delete()
    assert new.tasks.filter(complaint=None).exists()

    corrections.undo(made, by="bob", now=LATER)

    after = without_the_new(everything(), made)
    for name in ("members", "campaigns", "tasks", "letters", "waits"):
        assert after[name] == before[name], name
    new.refresh_from_db()
    assert new.merged_into == incident
    assert list(audit.verify()) == []


def test_chosen_complaints_of_two_campaigns_are_split_off_and_come_back(mixed):
    incident, riches, degree = mixed
    chosen = [riches[0], *degree]
    before = everything()

    made = corrections.split(incident, complaints=chosen, title="Others", by="ann", now=NOW)

    new = made.into
    assert set(new.complaints.all()) == set(chosen)
    assert new.campaigns.count() == 2  # one whole, one torn
    assert set(incident.complaints.all()) == set(riches[1:])
    messages = {link.message_id for one in chosen for link in one.links.all()}
    assert messages == set(new.campaigns.values_list("messages", flat=True))
    assert {one.placed_by for one in riches[0].placements.all()} == {"ann"}

    corrections.undo(made, by="bob", now=LATER)
    assert without_the_new(everything(), made) == before


def test_what_was_split_off_stays_there_whatever_comes(mixed):
    incident, riches, _ = mixed
    made = corrections.split(incident, complaints=[riches[0]], title="One", by="ann", now=NOW)

    Complaint.objects.filter(pk=riches[0].pk).update(stage=Complaint.Stage.LINKED)
    riches[0].refresh_from_db()
    group_complaint(riches[0], now=NOW)
    walked(9, *RICHES)

    assert list(riches[0].incidents.all()) == [made.into]


def test_a_complaint_about_both_campaigns_is_in_both_incidents(mixed):
    incident, riches, degree = mixed
    campaign = degree[0].placements.get().campaign
    both = riches[0].memberships.get()
    both.campaigns.add(campaign)
    before = everything()

    made = corrections.split(incident, campaign=campaign, by="ann", now=NOW)

    assert set(riches[0].incidents.all()) == {incident, made.into}
    assert incident.tasks.filter(complaint=riches[0]).exists()
    corrections.undo(made, by="bob", now=LATER)
    assert without_the_new(everything(), made) == before


def test_who_joined_since_stays_in_the_new_incident(mixed):
    incident, riches, degree = mixed
    made = corrections.split(incident, complaints=degree, title="x", by="ann", now=NOW)
    stranger = make.joined(made.into)

    corrections.undo(made, by="bob", now=LATER)

    made.into.refresh_from_db()
    assert made.into.merged_into is None
    assert list(made.into.complaints.all()) == [stranger]
    assert set(incident.complaints.all()) == {*riches, *degree}


def test_nothing_is_split_that_leaves_nothing_or_has_left(mixed):
    incident, riches, degree = mixed
    with pytest.raises(NotAllowed, match="Nothing else"):
        corrections.split(incident, complaints=[*riches, *degree], by="ann", now=NOW)
    corrections.keep_apart(riches[0], incident, by="ann", now=NOW)
    with pytest.raises(NotAllowed, match="not in"):
        corrections.split(incident, complaints=[riches[0]], by="ann", now=NOW)
    assert Incident.objects.count() == 1


def test_a_split_is_undone_only_after_the_merge_that_came_later(mixed):
    incident, _, degree = mixed
    made = corrections.split(incident, complaints=degree, by="ann", now=NOW)
    merged = corrections.merge(incident, make.incident(title="the whole"), by="ann", now=NOW)
    with pytest.raises(NotAllowed, match="Undo that first"):
        corrections.undo(made, by="bob", now=LATER)
    corrections.undo(merged, by="bob", now=LATER)
    corrections.undo(made, by="bob", now=LATER)
    assert set(degree) <= set(incident.complaints.all())


def test_a_merge_goes_by_the_batch_and_what_a_worker_died_over_is_taken_up(mixed, monkeypatch):
    incident, riches, degree = mixed
    monkeypatch.setattr(transfers, "A_BATCH", 2)
    other = make.incident(title="the whole of it")
    before = everything()
    real = transfers._one_along
    steps = []

    def dies(correction):
        steps.append(correction.pk)
        if len(steps) == 2:
            raise KeyboardInterrupt
        return real(correction)

    monkeypatch.setattr(transfers, "_one_along", dies)
    with pytest.raises(KeyboardInterrupt):
        corrections.merge(incident, other, by="ann", now=NOW)
    made = Correction.objects.get()
    assert not made.is_done
    assert (incident.memberships.count(), other.memberships.count()) == (3, 2)

    assert transfers.finish_waiting(now=NOW) == 1
    made.refresh_from_db()
    assert made.is_done
    assert set(other.complaints.all()) == {*riches, *degree}
    assert CorrectionBatch.objects.count() == 3

    corrections.undo(made, by="bob", now=LATER)
    assert everything() == before
    assert not CorrectionBatch.objects.exists()


def test_a_merge_is_undone_though_it_was_not_finished(mixed, monkeypatch):
    incident, _, _ = mixed
    monkeypatch.setattr(transfers, "A_BATCH", 2)
    before = everything()
    go_on = transfers.go_on
    monkeypatch.setattr(
        transfers, "go_on", lambda correction, now: transfers._one_batch(correction.pk)
    )
    made = corrections.merge(incident, make.incident(title="the whole"), by="ann", now=NOW)
    assert not Correction.objects.get().is_done
    monkeypatch.setattr(transfers, "go_on", go_on)
    corrections.undo(made, by="bob", now=LATER)
    assert everything() == before


def test_a_lead_chooses_sees_what_goes_along_and_splits(mixed, client):
    incident, riches, degree = mixed
    client.force_login(make.user("lead", role="lead"))
    page = client.get(f"/incidents/{incident.reference}/extent/").text
    assert f'name="complaint" value="{riches[0].reference}"' in page
    campaign = degree[0].placements.get().campaign
    assert f"/incidents/{incident.reference}/split/?campaign={campaign.number}" in page

    address = f"/incidents/{incident.reference}/split/"
    shown = client.get(address, {"complaint": [one.reference for one in degree]}).text
    assert "What goes along" in shown
    names = [one.reference for one in degree]
    client.post(address, {"complaint": names, "title": "Diplomas"})

    made = Correction.objects.get()
    assert made.into.title == "Diplomas"
    assert set(made.into.complaints.all()) == set(degree)
    there = client.get(f"/incidents/{made.into.reference}/neighbours/").text
    assert f"/corrections/{made.pk}/undo/" in there
    client.post(f"/corrections/{made.pk}/undo/")
    assert set(incident.complaints.all()) == {*riches, *degree}


def test_an_agent_may_not_split(mixed, client):
    client.force_login(make.user("ann"))
    incident, _, _ = mixed
    assert client.get(f"/incidents/{incident.reference}/split/").status_code == 403


def test_a_batch_costs_the_same_number_of_statements_however_large(
    mixed, django_assert_max_num_queries
):
    incident, _, _ = mixed
    for _ in range(40):
        make.joined(incident)
    with django_assert_max_num_queries(70):
        corrections.merge(incident, make.incident(title="the whole"), by="ann", now=NOW)
    assert connection.in_atomic_block  # the test's own
