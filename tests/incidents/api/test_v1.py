"""The API: a program hands mail in and asks, and may do what its user may do."""

from datetime import timedelta

import pytest
from django.urls import reverse

from complaints import clock, rawstore
from complaints.models import Complaint, Link
from incidents.models import ApiToken
from tests import make

pytestmark = pytest.mark.django_db
RAW = b"From: ann@quarry.example\r\nSubject: Spam\r\n\r\nPlease stop this.\r\n"


def token(user, **fields) -> str:
    made = ApiToken(name=f"program of {user}", user=user, **fields)
    secret = made.make_secret()
    made.save()
    return secret


@pytest.fixture
def api(client):
    """Asks as a program whose token is that of an agent."""
    headers = {"authorization": f"Bearer {token(make.user('agent'))}"}

    def ask(method: str, path: str, **more):
        return getattr(client, method)(f"/api/v1{path}", headers=headers, **more)

    return ask


def hand_in(api, raw: bytes):
    return api("post", "/complaints", data=raw, content_type="message/rfc822")


def test_a_mail_that_is_handed_in_is_stored_once(api, data_dir):
    first, again = hand_in(api, RAW), hand_in(api, RAW)

    complaint = Complaint.objects.get()
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == {"complaint": complaint.reference, "is_new": True}
    assert again.json() == {"complaint": complaint.reference, "is_new": False}
    assert rawstore.read(complaint.raw_sha256) == RAW
    assert complaint.arrivals.get().way == "api"


def test_an_empty_body_and_one_too_long_are_refused_with_a_sentence(api, data_dir, monkeypatch):
    monkeypatch.setattr("incidents.api.v1.MAX_MAIL_BYTES", 1000)

    empty, too_long = hand_in(api, b""), hand_in(api, RAW * 100)

    assert (empty.status_code, empty.json()["detail"]) == (
        400,
        "The body is empty; it has to be the raw mail.",
    )
    assert (too_long.status_code, too_long.json()["detail"]) == (
        413,
        "The mail is longer than 1000 bytes.",
    )
    assert not Complaint.objects.exists()


@pytest.mark.parametrize("header", ["", "Bearer wrong", "Bearer meyasu_"])
def test_without_a_token_nothing_is_answered(client, header):
    answer = client.get("/api/v1/complaints", headers={"authorization": header} if header else {})

    assert answer.status_code == 401


def test_a_token_ends_with_its_time_and_with_its_user(client):
    user = make.user("agent")
    old = token(user, expires_at=clock.now() - timedelta(seconds=1))
    assert (
        client.get("/api/v1/incidents", headers={"authorization": f"Bearer {old}"}).status_code
        == 401
    )
    ApiToken.objects.all().delete()
    good = {"authorization": f"Bearer {token(user)}"}
    assert client.get("/api/v1/incidents", headers=good).status_code == 200

    user.is_active = False
    user.save()

    assert client.get("/api/v1/incidents", headers=good).status_code == 401


def test_a_program_may_do_no_more_than_its_user(client, data_dir):
    headers = {"authorization": f"Bearer {token(make.user('reader', role='reader'))}"}

    answer = client.post(
        "/api/v1/complaints", data=RAW, content_type="message/rfc822", headers=headers
    )

    assert answer.status_code == 403
    assert "complaints.add_complaint" in answer.json()["detail"]
    assert client.get("/api/v1/complaints", headers=headers).status_code == 200


def test_a_session_of_the_desk_is_no_way_in(client):
    client.force_login(make.user("agent"))

    assert client.get("/api/v1/complaints").status_code == 401


def test_a_list_comes_in_pages_without_a_gap(api, monkeypatch):
    monkeypatch.setattr("incidents.api.v1.A_PAGE", 2)
    wanted = [make.complaint().reference for _ in range(5)]

    found, after = [], 0
    while after is not None:
        page = api("get", f"/complaints?after={after}").json()
        found += [one["reference"] for one in page["items"]]
        after = page["next"]

    assert found == wanted


def test_a_list_can_be_narrowed(api):
    early = make.complaint(arrived_at=make.at("2024-03-01 10:00"), stage="open")
    late = make.complaint(arrived_at=make.at("2024-03-05 10:00"), stage="quarantined")

    def references(query: str) -> list[str]:
        return [one["reference"] for one in api("get", f"/complaints?{query}").json()["items"]]

    assert references("since=2024-03-02T00:00:00Z") == [late.reference]
    assert references("stage=open") == [early.reference]
    assert api("get", "/complaints?stage=nowhere").status_code == 422
    assert api("get", "/complaints?since=2024-03-02T00:00:00").status_code == 422


def test_a_complaint_comes_with_its_links_and_their_reasons(api):
    message = make.relayed_message(queue_id="3C1F2A8B04")
    complaint = make.complaint(stage="open")
    Link.objects.create(
        complaint=complaint,
        message=message,
        state="linked",
        score=0.987654,
        reasons=[{"fact": "the same Message-ID", "weight": 9.0}],
        linked_at=clock.now(),
    )

    whole = api("get", f"/complaints/{complaint.reference}").json()

    assert whole["links"][0]["queue_id"] == "3C1F2A8B04"
    assert whole["links"][0]["score"] == 0.9877
    assert whole["links"][0]["reasons"] == ["the same Message-ID"]
    assert api("get", "/complaints/C-1998-999999").status_code == 404


def test_an_incident_comes_with_how_far_it_went(api):
    incident = make.incident()
    message = make.relayed_message()
    make.delivery(message, "ann@quarry.example")
    make.campaign(incident, message)
    make.joined(incident)

    whole = api("get", f"/incidents/{incident.reference}").json()

    assert (whole["messages"], whole["recipients"], whole["complaints"]) == (1, 1, 1)
    listed = api("get", "/incidents?state=open").json()["items"]
    assert [one["reference"] for one in listed] == [incident.reference]


def test_a_message_is_found_by_what_is_known_of_it(api):
    message = make.relayed_message(queue_id="3C1F2A8B04", log_lines="one\ntwo")
    make.relayed_message(queue_id="OTHER")

    found = api("get", "/maillog/messages?queue_id=3C1F2A8B04").json()

    assert [one["message_id"] for one in found["items"]] == [message.message_id]
    assert found["items"][0]["log_lines"] == ["one", "two"]
    assert found["is_cut"] is False
    assert api("get", "/maillog/messages").status_code == 422
    assert api("get", "/maillog/messages?client_ip=nonsense").status_code == 422


@pytest.mark.parametrize("path", ["/complaints", "/incidents"])
def test_a_list_asks_as_many_queries_for_one_row_as_for_many(
    api, path, django_assert_max_num_queries
):
    for _ in range(20):
        make.joined(make.incident())

    with django_assert_max_num_queries(7):
        assert len(api("get", path).json()["items"]) == 20


def test_the_description_names_every_resource(client):
    described = client.get("/api/v1/openapi.json").json()

    assert set(described["paths"]) == {
        "/api/v1/complaints",
        "/api/v1/complaints/{reference}",
        "/api/v1/incidents",
        "/api/v1/incidents/{reference}",
        "/api/v1/maillog/messages",
    }
    assert client.get("/api/v1/docs").status_code == 200


def test_the_secret_of_a_token_is_shown_once_and_kept_nowhere(admin_client, admin_user):
    added = admin_client.post(
        reverse("admin:incidents_apitoken_add"),
        {"name": "the firewall", "user": admin_user.pk, "expires_at_0": "", "expires_at_1": ""},
        follow=True,
    ).content.decode()

    secret = added.partition("shown only now: ")[2][:50].split("<")[0].strip()
    assert secret.startswith("meyasu_")
    made = ApiToken.objects.get(name="the firewall")
    assert secret not in str(vars(made))
    assert ApiToken.objects.of_secret(secret, now=clock.now()).get() == made
    again = admin_client.get(reverse("admin:incidents_apitoken_change", args=[made.pk]))
    assert "meyasu_" not in again.content.decode()
