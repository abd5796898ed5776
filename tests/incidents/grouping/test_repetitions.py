"""A person says that a complaint repeats no other: it walks on, and back again if need be."""

import pytest

from complaints import audit
from complaints.linking.link import link_complaint
from complaints.models import Complaint
from incidents.grouping import corrections, repetitions
from incidents.grouping.assign import group_complaint
from incidents.models import Placement, Task
from incidents.workflow.moves import NotAllowed
from tests import make
from tests.make import at

NOW = at("1998-01-21 09:00")
SPAM = {"message_id": "1@riches.example", "subject": "Riches for everybody"}
Stage = Complaint.Stage


@pytest.fixture(autouse=True)
def ourselves(db):
    make.organisation()
    make.mail_host()


def walk(complaint):
    link_complaint(complaint, now=NOW)
    group_complaint(complaint, now=NOW)
    complaint.refresh_from_db()
    return complaint


@pytest.fixture
def repeated():
    """Two complaints about the only copy of one message: the second stands as a repetition."""
    make.relayed_message(message_id="1@riches.example")
    first = walk(make.parsed_complaint(reported=[SPAM], format="plain"))
    later = at("1998-01-20 17:00")
    second = walk(make.parsed_complaint(reported=[SPAM], format="plain", arrived_at=later))
    assert (second.stage, second.duplicate_of) == (Stage.DUPLICATE, first)
    return first, second


def test_what_a_person_calls_its_own_joins_the_incident_and_stays_whatever_comes(repeated):
    first, second = repeated
    repetitions.call_its_own(second, by="ann", now=NOW)
    walk(second)
    assert (second.stage, second.duplicate_of) == (Stage.GROUPED, None)
    assert second.incidents.get() == first.incidents.get()
    assert Task.objects.filter(complaint=second).exists()
    Complaint.objects.filter(pk=second.pk).update(stage=Stage.PARSED)
    second.refresh_from_db()
    assert walk(second).stage == Stage.GROUPED


def test_it_is_taken_back_with_its_tasks(repeated):
    first, second = repeated
    repetitions.call_its_own(second, by="ann", now=NOW)
    walk(second)
    other = make.incident(title="another one")
    corrections.move(second, second.incidents.get(), other, by="ann", now=NOW)
    repetitions.call_a_repetition(second, by="bob", now=NOW)
    second.refresh_from_db()
    assert (second.stage, second.duplicate_of) == (Stage.DUPLICATE, first)
    assert not second.incidents.exists()
    assert not Task.objects.filter(complaint=second).exists()
    assert not Placement.objects.filter(complaint=second).exists()
    assert list(audit.verify()) == []


def test_neither_is_done_twice(repeated):
    first, second = repeated
    with pytest.raises(NotAllowed):
        repetitions.call_its_own(first, by="ann", now=NOW)
    with pytest.raises(NotAllowed):
        repetitions.call_a_repetition(second, by="ann", now=NOW)


def test_the_page_has_a_button_for_each(repeated, client):
    _, second = repeated
    client.force_login(make.user("ann"))
    address = f"/complaints/{second.reference}/"
    assert f"{address}its-own/" in client.get(address).text
    client.post(f"{address}its-own/")
    second.refresh_from_db()
    walk(second)
    assert f"{address}repetition/" in client.get(address).text
    client.post(f"{address}repetition/")
    second.refresh_from_db()
    assert second.stage == Stage.DUPLICATE


def test_the_page_tells_by_whom_it_is_kept_out_and_undoes_it(repeated, client):
    first, _ = repeated
    incident = first.incidents.get()
    make.joined(incident)
    made = corrections.keep_apart(first, incident, by="ann", now=NOW)
    client.force_login(make.user("lead", role="lead"))
    page = client.get(f"/complaints/{first.reference}/").text
    assert f"keeps it out of {incident.reference}" in page
    client.post(f"/corrections/{made.pk}/undo/")
    assert first.incidents.get() == incident
    assert "keeps it out" not in client.get(f"/complaints/{first.reference}/").text
