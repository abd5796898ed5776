"""What may belong to an incident: shown with its reasons, joined by a person's word, taken back."""

import pytest

from complaints.linking.link import link_complaint
from complaints.models import Complaint
from incidents.grouping import belonging
from incidents.grouping.assign import group_complaint
from incidents.models import Incident, Placement
from incidents.workflow.moves import NotAllowed
from tests import make
from tests.make import at

NOW = at("1998-01-22 12:00")


@pytest.fixture(autouse=True)
def ourselves(db):
    make.organisation()
    make.mail_host()


def walked(**fields):
    complaint = make.parsed_complaint(**fields)
    link_complaint(complaint, now=NOW)
    group_complaint(complaint, now=NOW)
    return complaint


@pytest.fixture
def late():
    """A complaint whose subject is a little like that of an incident's campaign."""
    for number in range(4):
        make.relayed_message(message_id=f"{number}@riches.example")
        reported = {"message_id": f"{number}@riches.example", "subject": "Riches for everybody"}
        walked(reported=[reported])
    walked(reported=[{"subject": "Your parcel waits"}])
    return walked(
        arrived_at=at("1998-01-22 10:00"), reported=[{"subject": "Riches for everyone in town"}]
    )


def test_what_is_a_little_alike_is_proposed_with_its_reasons(late):
    assert late.stage == Complaint.Stage.OPEN
    proposal = belonging.proposal_for(late)
    assert proposal is not None
    assert proposal.incident == Incident.objects.get()
    assert "“riches”" in proposal.reasons[0]["fact"]


def test_a_list_has_the_same_as_one_complaint(late):
    row = Complaint.objects.annotate(meant=belonging.as_told()).get(pk=late.pk)
    assert row.meant["reference"] == Incident.objects.get().reference
    others = Complaint.objects.exclude(pk=late.pk).annotate(meant=belonging.as_told())
    assert {other.meant for other in others} == {None}


def test_it_joins_by_a_persons_word_and_its_task_is_planned(late):
    incident = Incident.objects.get()
    belonging.join(late, by=make.user("agent"), now=NOW)

    membership = late.memberships.get()
    assert (membership.incident, membership.joined_by) == (incident, "agent")
    assert membership.campaigns.get() == incident.campaigns.get()
    assert late.stage == Complaint.Stage.GROUPED
    assert incident.tasks.filter(complaint=late).exists()
    assert belonging.proposal_for(late) is None
    placement = Placement.objects.get(complaint=late)
    assert (placement.campaign, placement.placed_by) == (incident.campaigns.get(), "agent")


def test_it_joins_once(late):
    agent = make.user("agent")
    other = Complaint.objects.get(pk=late.pk)
    belonging.join(late, by=agent, now=NOW)
    with pytest.raises(NotAllowed):
        belonging.join(other, by=agent, now=NOW)


def test_taken_back_it_is_proposed_again_and_its_task_is_gone(late):
    agent, before = make.user("agent"), Placement.objects.get(complaint=late).campaign
    told = belonging.join(late, by=agent, now=NOW)
    belonging.leave(late, told, by=agent, now=NOW)

    late.refresh_from_db()
    assert late.stage == Complaint.Stage.OPEN
    assert not late.memberships.exists()
    assert not Incident.objects.get().tasks.filter(complaint=late).exists()
    assert Placement.objects.get(complaint=late).campaign == before
    assert belonging.proposal_for(late) is not None


def test_a_closed_incident_is_not_proposed(late):
    Incident.objects.update(state=Incident.State.CLOSED)
    assert belonging.proposal_for(late) is None
