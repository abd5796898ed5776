"""Complaints brought in by hand: the public form, mails as files, what was told by telephone."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from complaints import rawstore
from complaints.intake import limits
from complaints.models import Arrival, AuditEntry, Complaint
from incidents import pipeline
from tests import make
from tests.complaints.intake.conftest import mail
from tests.make import at

pytestmark = pytest.mark.django_db
SAID = {"address": "ann@far.example", "text": "Your server sent me spam. Please stop it."}
SPAM = (
    b"Received: from riches (line7.dial.example [198.51.100.7]) by mail.example.org\r\n"
    b" (8.8.5/8.8.5) with SMTP id AAA00007; Tue, 20 Jan 1998 04:00:00 +0000\r\n"
    b"From: winner@riches.example\r\nSubject: Riches\r\nMessage-ID: <s7@riches.example>\r\n\r\n"
    b"Be rich by Friday.\r\n"
)
NOTE = {
    "channel": "telephone",
    "told_at": "1998-01-20T16:00",
    "name": "Ann Quarry",
    "subject": "Advertising through our server",
    "text": "She got advertising from our server twice today.",
}


def uploaded(name, content):
    """A file as a browser sends it."""
    return SimpleUploadedFile(name, content)


@pytest.fixture
def agent(client, data_dir):
    client.force_login(make.user("agent"))
    return client


def _only() -> Complaint:
    complaint = Complaint.objects.get()
    return pipeline.finish(complaint, now=at("2026-11-24 12:00"))


def test_a_report_is_answered_with_its_reference(client, data_dir):
    page = client.post("/report/", SAID).content.decode()

    assert Complaint.objects.get().reference in page


def test_a_mail_attached_to_a_report_is_the_evidence_as_it_was(client, data_dir):
    make.organisation()
    files = [uploaded("spam.eml", SPAM), uploaded("画面.png", b"\x89PNG\r\n\x1a\n" + bytes(100))]

    client.post("/report/", SAID | {"attached": files})

    complaint = _only()
    assert SPAM in rawstore.read(complaint.raw_sha256)
    assert complaint.reported_messages.get().message_id.strip("<>") == "s7@riches.example"
    assert "画面.png" in complaint.attachments.values_list("name", flat=True)


def test_headers_pasted_into_a_report_are_read(client, data_dir):
    make.organisation()
    client.post("/report/", SAID | {"headers": SPAM.decode()})

    assert _only().reported_messages.get().source_ip == "198.51.100.7"


def test_a_program_that_fills_in_every_field_is_thanked_and_not_heard(client, data_dir):
    page = client.post("/report/", SAID | {"website": "http://riches.example"})

    assert page.status_code == 200
    assert not Complaint.objects.exists()


def test_a_report_cannot_write_header_fields(client, data_dir):
    client.post("/report/", SAID | {"subject": "Hi\r\nBcc: all@far.example", "name": "a\nb"})

    head = rawstore.read(Complaint.objects.get().raw_sha256).split(b"\r\n\r\n")[0]
    assert b"\nBcc" not in head


def test_one_sender_has_his_measure_and_others_theirs(client, data_dir, monkeypatch, settings):
    settings.MEYASU_PROXIES = ["192.0.2.10"]
    monkeypatch.setattr(limits, "MOST_AN_HOUR", 2)

    def report(number, **where):
        return client.post("/report/", SAID | {"subject": f"No. {number}"}, **where).status_code

    mine = {"REMOTE_ADDR": "198.51.100.7"}
    assert [report(number, **mine) for number in range(3)] == [200, 200, 429]
    assert report(3, REMOTE_ADDR="198.51.100.8") == 200
    assert report(4, HTTP_X_FORWARDED_FOR="198.51.100.8", **mine) == 429  # he is no proxy
    through = {"REMOTE_ADDR": "192.0.2.10", "HTTP_X_FORWARDED_FOR": "1.2.3.4, 198.51.100.9"}
    assert report(5, **through) == 200
    assert Complaint.objects.count() == 4


def test_all_together_have_a_measure_too(client, data_dir, monkeypatch):
    monkeypatch.setattr(limits, "MOST_OF_ALL_AN_HOUR", 1)

    codes = [client.post("/report/", SAID, REMOTE_ADDR=f"198.51.100.{n}") for n in (1, 2)]

    assert [code.status_code for code in codes] == [200, 429]
    assert "please try again later" in codes[1].content.decode()
    assert SAID["text"] in codes[1].content.decode()  # what was written is not lost


def test_too_large_a_file_is_refused_by_name(client, data_dir):
    large = uploaded("film.mov", bytes(10 * 1024 * 1024 + 1))

    page = client.post("/report/", SAID | {"attached": [large]}).content.decode()

    assert "film.mov” is larger than 10 MiB" in page
    assert not Complaint.objects.exists()


def test_many_mails_are_brought_in_at_once(agent):
    box = b"".join(b"From ann Tue Jan 20 16:00:00 1998\n" + mail(n) + b"\n" for n in (2, 3))
    files = [uploaded("../one.eml", mail(1)), uploaded("two.mbox", box), uploaded("x", b"\x00\x01")]

    page = agent.post("/complaints/upload/", {"attached": files}).content.decode()

    assert "3 mails are stored" in page
    assert "x: this is no mail" in page
    assert Complaint.objects.count() == 3
    ways = Arrival.objects.order_by("pk").values_list("way", "source_file")
    assert list(ways) == [("upload", "one.eml"), ("upload", "two.mbox#0"), ("upload", "two.mbox#1")]


def test_the_same_file_again_is_one_more_arrival_at_most(agent):
    for _ in range(2):
        page = agent.post("/complaints/upload/", {"attached": [uploaded("a.eml", mail(1))]})

    assert "was stored before" in page.content.decode()
    assert Complaint.objects.count() == Arrival.objects.count() == 1


def test_a_call_is_noted_and_is_a_complaint_whatever_its_words(agent):
    agent.post("/complaints/note/", NOTE | {"attached": [uploaded("scan.pdf", b"%PDF-1.4")]})

    complaint = _only()
    assert complaint.stage == Complaint.Stage.OPEN
    assert complaint.sender == ""  # so nobody writes to her by mail
    assert "Ann Quarry (telephone)" in complaint.text
    assert complaint.arrived_at == at("1998-01-20 16:00")
    assert complaint.attachments.get().name == "scan.pdf"
    assert Arrival.objects.get().way == "note:telephone"
    assert AuditEntry.objects.get(action="mail-received").actor == "agent"


@pytest.mark.parametrize("address", ["/complaints/upload/", "/complaints/note/"])
def test_a_reader_brings_nothing_in(client, address):
    client.force_login(make.user("reader", role="reader"))

    assert client.post(address, NOTE).status_code == 403
