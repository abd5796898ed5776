"""People win: what they move, merge, keep apart or rename stays, and can be undone at any time."""

import pytest

from complaints import audit
from complaints.linking.link import link_complaint
from complaints.models import Complaint
from incidents.grouping import corrections
from incidents.grouping.assign import group_complaint
from incidents.models import Campaign, Correction, Incident, IncidentComplaint, IncidentKey
from incidents.workflow.moves import NotAllowed
from tests import make
from tests.make import at

NOW = at("1998-01-21 09:00")
LATER = at("1998-03-01 09:00")


@pytest.fixture(autouse=True)
def ourselves(db):
    make.organisation()
    make.mail_host()


def walked(number, **fields):
    """A complaint about a message that was relayed for a stranger."""
    make.relayed_message(message_id=f"{number}@riches.example", recipient_count=9)
    shown = {"message_id": f"{number}@riches.example", "subject": "Riches for everybody"}
    complaint = make.parsed_complaint(reported=[shown], **fields)
    return again(complaint)


def again(complaint):
    """Link and group a complaint by today's rules."""
    Complaint.objects.filter(pk=complaint.pk).update(stage=Complaint.Stage.PARSED)
    complaint.refresh_from_db()
    link_complaint(complaint, now=NOW)
    group_complaint(complaint, now=NOW)
    complaint.refresh_from_db()
    return complaint


@pytest.fixture
def two():
    """Two complaints in one incident, which each ask for an answer."""
    return walked(1), walked(2)


def everything():
    """Who is where, with tasks."""
    return (
        sorted(IncidentComplaint.objects.values_list("incident", "complaint", "campaigns")),
        sorted(Incident.objects.values_list("pk", "title", "merged_into")),
        sorted(IncidentKey.objects.values_list("pk", "incident")),
        {
            incident.pk: sorted(incident.tasks.values_list("pk", flat=True))
            for incident in Incident.objects.all()
        },
    )


def test_a_moved_complaint_takes_its_tasks_along_and_comes_back_when_undone(two):
    first, _ = two
    other = make.incident(title="another one")
    before = everything()

    made = corrections.move(first, first.incidents.get(), other, by="ann", now=NOW)

    assert first.incidents.get() == other
    assert first.memberships.get().joined_by == "ann"
    assert other.tasks.filter(complaint=first).exists()
    corrections.undo(made, by="bob", now=LATER)
    assert everything() == before
    assert list(audit.verify()) == []


def test_what_was_moved_stays_there_when_it_is_grouped_again(two):
    first, _ = two
    other = make.incident(title="another one")
    corrections.move(first, first.incidents.get(), other, by="ann", now=NOW)
    assert again(first).incidents.get() == other


def test_what_is_kept_apart_leaves_and_does_not_return(two):
    first, _ = two
    incident = first.incidents.get()

    made = corrections.keep_apart(first, incident, by="ann", now=NOW)

    assert not first.incidents.exists()
    assert first.stage == Complaint.Stage.OPEN
    assert not again(first).incidents.exists()
    walked(3)
    assert not first.incidents.exists()
    corrections.undo(made, by="bob", now=LATER)
    assert first.incidents.get() == incident


def test_merged_incidents_are_one_until_it_is_undone(two):
    first, _ = two
    incident = first.incidents.get()
    other = make.incident(title="the whole of it")
    make.joined(other)
    both = make.joined(other)
    IncidentComplaint.objects.create(incident=incident, complaint=both, joined_at=NOW)
    before = everything()

    made = corrections.merge(incident, other, by="ann", now=NOW)

    assert other.memberships.count() == 4
    assert walked(3).incidents.get() == other
    incident.refresh_from_db()
    assert incident.merged_into == other
    Complaint.objects.filter(pk=Complaint.objects.order_by("-pk")[0].pk).update(notes=["later"])
    corrections.undo(made, by="bob", now=LATER)
    back = everything()
    assert back[1:3] == before[1:3]
    assert set(before[0]) <= set(back[0])


def test_a_new_title_can_be_undone(two):
    incident = two[0].incidents.get()
    before = incident.title
    made = corrections.rename(incident, "The spring flood", by="ann", now=NOW)
    assert Incident.objects.get(pk=incident.pk).title == "The spring flood"
    corrections.undo(made, by="bob", now=LATER)
    assert Incident.objects.get(pk=incident.pk).title == before


def test_nothing_is_undone_twice_and_nothing_merged_into_itself(two):
    incident = two[0].incidents.get()
    made = corrections.rename(incident, "The spring flood", by="ann", now=NOW)
    corrections.undo(made, by="bob", now=LATER)
    with pytest.raises(NotAllowed):
        corrections.undo(made, by="bob", now=LATER)
    with pytest.raises(NotAllowed):
        corrections.merge(incident, incident, by="ann", now=NOW)
    with pytest.raises(NotAllowed):
        corrections.move(two[0], incident, incident, by="ann", now=NOW)


def test_on_the_page_a_lead_sees_what_goes_along_moves_and_undoes(two, client):
    first, _ = two
    incident, other = first.incidents.get(), make.incident(title="another one")
    client.force_login(make.user("lead", role="lead"))
    address = f"/incidents/{incident.reference}/move/{first.reference}/"

    assert "What goes along" in client.get(address).text
    client.post(address, {"into": other.reference})

    assert first.incidents.get() == other
    made = Correction.objects.get()
    page = client.get(f"/incidents/{other.reference}/neighbours/").text
    assert f"/corrections/{made.pk}/undo/" in page
    client.post(f"/corrections/{made.pk}/undo/")
    assert first.incidents.get() == incident


def test_an_agent_may_not(two, client):
    client.force_login(make.user("ann"))
    incident = two[0].incidents.get()
    assert client.get(f"/incidents/{incident.reference}/merge/").status_code == 403
    assert (
        client.post(f"/incidents/{incident.reference}/rename/", {"title": "x"}).status_code == 403
    )


def test_an_incident_that_is_not_there_is_told_of(two, client):
    client.force_login(make.user("lead", role="lead"))
    incident = two[0].incidents.get()
    answer = client.post(
        f"/incidents/{incident.reference}/merge/", {"into": "I-1998-9999"}, follow=True
    )
    assert "There is no incident I-1998-9999." in answer.text


def test_undoing_a_move_keeps_a_campaign_that_another_was_merged_into(two):
    first, _ = two
    incident, other = first.incidents.get(), make.incident(title="another one")
    made = corrections.move(first, incident, other, by="ann", now=NOW)
    campaign = other.campaigns.get()
    campaign.messages.clear()
    Campaign.objects.create(title="taken in", merged_into=campaign)

    corrections.undo(made, by="bob", now=LATER)

    assert first.incidents.get() == incident
    assert Campaign.objects.filter(pk=campaign.pk).exists()


def test_two_who_merge_at_once_make_no_circle(two):
    one, other = two[0].incidents.get(), make.incident(title="another one")
    seen = Incident.objects.get(pk=one.pk), Incident.objects.get(pk=other.pk)
    corrections.merge(one, other, by="ann", now=NOW)
    with pytest.raises(NotAllowed):
        corrections.merge(seen[1], seen[0], by="bob", now=NOW)
    assert Incident.objects.get(pk=other.pk).merged_into is None


def test_what_has_left_already_is_told_of_in_words(two):
    first, incident = two[0], two[0].incidents.get()
    corrections.keep_apart(first, incident, by="ann", now=NOW)
    with pytest.raises(NotAllowed, match=r"is not in .* any more"):
        corrections.keep_apart(first, incident, by="ann", now=NOW)
    assert Correction.objects.count() == 1


def test_an_inner_merge_is_undone_only_after_the_outer_one(two):
    inner = two[0].incidents.get()
    middle, outer = make.incident(title="the middle"), make.incident(title="the whole")
    before = everything()
    first = corrections.merge(inner, middle, by="ann", now=NOW)
    second = corrections.merge(middle, outer, by="ann", now=NOW)

    with pytest.raises(NotAllowed, match="Undo that first"):
        corrections.undo(first, by="bob", now=LATER)
    first.refresh_from_db()
    assert first.undone_at is None

    corrections.undo(second, by="bob", now=LATER)
    corrections.undo(first, by="bob", now=LATER)
    assert everything() == before
