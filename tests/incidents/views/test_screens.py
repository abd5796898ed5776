"""What each screen costs, and who may see it."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from complaints import rawstore
from complaints.models import Link
from incidents.correspondence import compose
from incidents.models import Notice
from incidents.workflow import moves, planning
from tests import make

pytestmark = pytest.mark.django_db

MOST_QUERIES = 15


@pytest.fixture
def incident():
    """An incident that is planned."""
    make.organisation()
    found = make.incident()
    planning.plan_incident(found, now=found.discovered_at)
    return found


def _grow(incident, *, number):
    """One more of everything that has rows on a screen."""
    message = make.relayed_message(recipients=[f"someone{number}@far.example"])
    make.campaign(incident, message, number=number)
    complaint = make.joined(incident, text="Please stop this.")
    planning.plan_for_complaint(incident, complaint, now=complaint.arrived_at)
    Link.objects.create(
        complaint=complaint,
        message=message,
        state=Link.State.LINKED,
        score=0.9,
        reasons=[],
        linked_at=complaint.arrived_at,
    )
    make.refusal()
    make.complaint(stage="quarantined", problem="cut off")
    task = incident.tasks.get(complaint=complaint)
    compose.draft_letter(incident, "answer", task=task, by="agent", now=complaint.arrived_at)
    other = make.incident()
    planning.plan_incident(other, now=other.discovered_at)
    Notice.objects.create(
        reference=f"N-1998-{number:04}",
        incident=incident,
        state=Notice.State.PUBLISHED,
        title="Mail that passed",
        body="It is over.",
        written_at=incident.discovered_at,
        published_at=incident.discovered_at,
    )
    return complaint


def _queries(client, address):
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


@pytest.mark.parametrize(
    "screen",
    [
        "triage",
        "incidents",
        "incident",
        "extent",
        "said",
        "neighbours",
        "members",
        "timeline",
        "complaints",
        "complaint",
        "runs",
        "maillog",
        "search",
        "public-notices",
    ],
)
def test_a_screen_asks_as_many_queries_for_many_rows_as_for_few(client, incident, screen):
    client.force_login(make.user("lead", role="lead"))
    complaint = _grow(incident, number=1)
    address = {
        "triage": reverse("incidents:triage"),
        "incidents": reverse("incidents:incidents"),
        "incident": reverse("incidents:incident", args=[incident.reference]),
        "extent": reverse("incidents:extent", args=[incident.reference]),
        "said": reverse("incidents:said", args=[incident.reference]),
        "neighbours": reverse("incidents:neighbours", args=[incident.reference]),
        "members": reverse("incidents:members", args=[incident.reference]),
        "timeline": reverse("incidents:timeline", args=[incident.reference]),
        "complaints": reverse("complaints:complaints"),
        "complaint": reverse("complaints:complaint", args=[complaint.reference]),
        "runs": reverse("complaints:runs", args=[complaint.reference]),
        "search": reverse("incidents:search") + "?q=unwanted",
        "maillog": reverse("complaints:maillog") + "?client_ip=198.51.100.7",
        "public-notices": reverse("incidents:public-notices"),
    }[screen]
    _queries(client, address)  # fills what is kept between requests
    few = _queries(client, address)
    for number in range(2, 8):
        _grow(incident, number=number)

    assert _queries(client, address) == few
    assert few <= MOST_QUERIES


STAFF_ONLY = [
    "/",
    "/incidents/",
    "/incidents/{incident}/",
    "/complaints/",
    "/complaints/{complaint}/",
    "/complaints/{complaint}/raw/",
    "/maillog/",
    "/mailboxes/",
    "/complaints/upload/",
    "/complaints/note/",
    "/complaints/?stage=quarantined",
    "/notices/{notice}/edit/",
    "/design/",
]


@pytest.mark.parametrize("address", STAFF_ONLY)
def test_who_has_not_signed_in_is_asked_to(client, incident, address):
    complaint = _grow(incident, number=1)
    path = address.format(
        incident=incident.reference, complaint=complaint.reference, notice="N-1998-0001"
    )
    answer = client.get(path)

    assert answer.status_code == 302
    assert answer.headers["Location"].startswith(reverse("login"))


@pytest.mark.parametrize("address", STAFF_ONLY)
def test_no_cache_keeps_what_only_staff_may_see(client, incident, address, data_dir):
    client.force_login(make.user("lead", role="lead"))
    complaint = _grow(incident, number=1)
    complaint.raw_sha256 = rawstore.keep(b"Subject: Unwanted\r\n\r\nPlease stop.\r\n")
    complaint.save()
    path = address.format(
        incident=incident.reference, complaint=complaint.reference, notice="N-1998-0001"
    )
    assert "no-store" in client.get(path).headers.get("Cache-Control", "")


@pytest.mark.parametrize("move", ["take", "complete", "drop", "reopen", "letter"])
def test_a_reader_moves_no_task(client, incident, move):
    client.force_login(make.user("reader", role="reader"))
    task = incident.tasks.get(kind="assess")

    answer = client.post(f"/tasks/{task.pk}/{move}/", {"outcome": "done", "note": "so"})

    assert answer.status_code == 403
    task.refresh_from_db()
    assert task.is_open
    assert task.taken_by is None


def test_a_reader_is_shown_no_button_that_acts(client, incident):
    client.force_login(make.user("reader", role="reader"))
    complaint = _grow(incident, number=1)
    for path in (f"/incidents/{incident.reference}/", f"/complaints/{complaint.reference}/"):
        page = client.get(path).content.decode()
        acts = page.replace(f'action="{reverse("logout")}"', "")

        assert 'method="post" action="' not in acts


def test_an_agent_neither_approves_nor_publishes_a_notice(client, incident):
    _grow(incident, number=1)
    Notice.objects.update(state=Notice.State.APPROVED)
    client.force_login(make.user("agent", role="agent"))

    assert client.post("/notices/N-1998-0001/approve/").status_code == 403
    assert client.post("/notices/N-1998-0001/publish/").status_code == 403
    assert Notice.objects.get().state == Notice.State.APPROVED


def test_a_lead_who_wrote_the_notice_is_told_that_another_approves_it(client, incident):
    lead = make.user("lead", role="lead")
    client.force_login(lead)
    _grow(incident, number=1)
    Notice.objects.update(state=Notice.State.DRAFT, written_by=lead)

    page = client.post("/notices/N-1998-0001/approve/", follow=True).content.decode()

    assert "A second person approves the notice: you wrote it." in page
    assert Notice.objects.get().state == Notice.State.DRAFT


def test_the_history_on_the_screen_is_in_words(client, incident):
    client.force_login(make.user("lead", role="lead"))
    task = incident.tasks.get(kind="assess")
    moves.bring_up(task, "No answer has come.", now=incident.discovered_at)

    page = client.get(f"/incidents/{incident.reference}/timeline/").content.decode()

    assert "task-brought-up" not in page
    assert "No answer has come." in page
