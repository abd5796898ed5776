"""Reports that programs read keep the rules of their formats, and name no third person."""

import base64
import email
import json
import re
from email import policy
from uuid import UUID

import pytest

from complaints.formats import registry
from complaints.models import RelayedMessage, ReportedMessage
from incidents.correspondence import compose, outbox
from incidents.correspondence.reports import arf, enclose, iodef, xarf
from incidents.correspondence.reports.gather import gather
from incidents.correspondence.reports.redaction import Redactor
from incidents.models import Consent, Contact, Letter
from incidents.workflow.moves import NotAllowed
from tests.incidents.correspondence.conftest import NOW
from tests.make import at

pytestmark = pytest.mark.django_db
VICTIM, REPORTER = "victim@far.example", "ann.quarry@quarry.example"


@pytest.fixture
def reported(incident, complain):
    """A reporter showed one of the messages, with the way it took."""
    message = RelayedMessage.objects.order_by("pk")[0]
    complaint = complain(message, sender=REPORTER, sender_name="Ann Quarry")
    hops = [
        {
            "by": "mx.quarry.example",
            "raw": "from mail by mx.quarry.example for <a@b.example>",
        },
        {"by": "mail.example.org", "raw": f"from dial7 by mail.example.org for <{REPORTER}>"},
    ]
    ReportedMessage.objects.create(
        complaint=complaint,
        number=1,
        where="attached message 1",
        message_id="x1@riches.example",
        subject="Ann Quarry, be rich",
        header_from="winner@riches.example",
        date=at("1998-01-20 03:00"),
        hops=hops,
    )
    return complaint


@pytest.fixture
def evidence(incident, provider, reported):
    return gather(incident, provider)


# Redaction


def test_the_same_person_is_always_the_same_token_and_another_desk_has_another():
    mine, other = Redactor(b"mine"), Redactor(b"other")
    token = mine.text("Ann@Far.example").partition("@")[0]
    assert mine.text("to=<ann@far.example>") == f"to=<{token}@far.example>"
    assert mine.count == 1
    assert token not in other.text("ann@far.example")


@pytest.mark.parametrize(
    "words",
    [
        "http://x.example/off?who=ann%40far.example",
        "bounce-ann=far.example@list.example",
        "<ANN@far.example>, ann@far.example",
        "Ann Quarry wrote",
        "to=<ann@quarry.example>",
    ],
)
def test_no_form_of_a_person_stays(words):
    assert (
        "ann"
        not in Redactor(b"s", names=["Ann Quarry"], hidden=["ann@quarry.example"])
        .text(words)
        .lower()
    )


def test_of_a_hidden_address_not_even_the_domain_is_seen_and_a_message_id_stays():
    redactor = Redactor(b"s", hidden=["ann@quarry.example"])
    assert "quarry" not in redactor.text("to=<ann@quarry.example>, ctladdr=ann@quarry.example")
    assert redactor.text("msgid=<ann@quarry.example>") == "msgid=<ann@quarry.example>"


def test_ours_and_who_sent_the_mail_may_be_seen():
    redactor = Redactor(b"s", domains=["example.org"], seen=["Winner@riches.example"])
    words = "from abuse@example.org and winner@riches.example"
    assert redactor.text(words) == words
    assert redactor.count == 0


# Evidence


def test_a_provider_gets_what_came_from_its_networks(evidence):
    assert [source.address for source in evidence.sources] == ["198.51.100.7"]
    assert "203.0.113.9" not in evidence.log


def test_no_third_person_and_no_reporter_is_in_any_report(evidence):
    whole = (
        arf.report(evidence)
        + xarf.report(evidence)
        + base64.b64decode(xarf.document(evidence)["evidence"][0]["payload"]).decode()
        + iodef.report(evidence, at=NOW).decode()
    )
    for private in ("victim@", "ann.quarry", "Ann Quarry", "quarry.example"):
        assert private not in whole
    assert "winner@riches.example" in whole


def test_a_reporter_who_agreed_is_shown_with_the_whole_way(incident, provider, reported):
    Consent.objects.create(complaint=reported, given_at=NOW, noted_by="agent", how="by telephone")
    evidence = gather(incident, provider)
    shown = arf.report(evidence)
    assert REPORTER in shown
    assert "by mx.quarry.example" in shown
    assert "a@b.example" not in shown


def test_without_any_message_in_the_log_there_is_no_evidence(db, incident):
    for campaign in incident.campaigns.all():
        campaign.messages.clear()
    assert gather(incident, None) is None


# ARF (RFC 5965)


def test_the_letter_carries_a_feedback_report_that_is_read_as_one(
    incident, provider, reported, lead, sink, agent
):
    letter = compose.draft_letter(incident, "upstream", by=agent, now=NOW)
    letter.enclosures.get(kind="xarf").delete()
    outbox.approve(letter, by=lead, now=NOW)
    outbox.send_due(now=NOW)
    raw = sink.mails[0].raw
    mail = email.message_from_bytes(raw, policy=policy.compat32)
    kinds = [part.get_content_type() for part in mail.walk()]
    assert kinds == [
        "multipart/mixed",
        "text/plain",
        "multipart/report",
        "text/plain",
        "message/feedback-report",
        "text/plain",
        "text/rfc822-headers",
        "text/plain",
    ]  # fmt: skip
    read = registry.read_report(raw)
    assert (read.format, read.feedback_type) == ("arf", "abuse")
    assert read.originals[0].source_ip == "198.51.100.7"
    assert raw.isascii()
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert b"\n" not in raw.replace(b"\r\n", b"")


def test_single_fields_stand_once(evidence):
    head = arf.report(evidence)
    for name in ("Feedback-Type", "User-Agent", "Version", "Source-IP", "Arrival-Date"):
        assert len(re.findall(rf"(?m)^{name}:", head)) == 1
    assert "Incidents: 2\r\n" in head


# XARF 4


def test_xarf_has_what_its_schema_requires(evidence):
    document = json.loads(xarf.report(evidence))
    assert {"xarf_version", "report_id", "timestamp", "reporter", "sender", "source_identifier",
            "category", "type", "protocol"} <= set(document)  # fmt: skip
    assert re.fullmatch(r"4\.\d+\.\d+", document["xarf_version"])
    assert UUID(document["report_id"]).version == 4
    for who in ("reporter", "sender"):
        assert set(document[who]) == {"org", "contact", "domain"}
    if document["protocol"] == "smtp":
        assert {"smtp_from", "source_port"} <= set(document)
    (item,) = document["evidence"]
    assert item["size"] == len(base64.b64decode(item["payload"]))
    assert len(document["description"]) <= 1000


def test_no_port_is_made_up_and_one_in_the_log_is_used(incident, provider):
    assert xarf.document(gather(incident, provider))["protocol"] == "other"
    line = "Jan 20 13:00 mail smtpd[1]: A: client=dial7[198.51.100.7]:40123"
    RelayedMessage.objects.update(log_lines=line)
    document = xarf.document(gather(incident, provider))
    assert (document["protocol"], document["source_port"]) == ("smtp", 40123)


# IODEF (RFC 7970)


def test_our_own_reader_reads_what_we_report(incident, agent, lead, sink, data_dir):
    team = Contact.objects.create(
        name="Response team", kind=Contact.Kind.CSIRT, email="info@team.example"
    )
    letter = compose.draft_letter(incident, "csirt", contact=team, by=agent, now=NOW)
    outbox.approve(letter, by=lead, now=NOW)
    outbox.send_due(now=NOW)
    read = registry.read_report(sink.mails[0].raw)
    assert read.format in ("iodef", "xarf")
    assert {"198.51.100.7", "203.0.113.9"} & {one.source_ip for one in read.originals}
    assert "not measured" in " ".join(letter.body.split())


# Enclosures


def test_a_log_that_is_cut_ends_with_a_line_and_says_so(incident, provider, agent, monkeypatch):
    monkeypatch.setattr(enclose, "MOST_LOG_BYTES", 250)
    letter = compose.draft_letter(incident, "upstream", by=agent, now=NOW)
    *lines, last = bytes(letter.enclosures.get(kind="log").content).decode().splitlines()
    assert last == "# Cut here: the rest on request."
    assert all(line.startswith(("# ", "Jan 20 13:0")) and line[-1] in ">." for line in lines)


def test_to_take_an_enclosure_off_makes_the_approval_void(incident, provider, agent, lead):
    letter = compose.draft_letter(incident, "upstream", by=agent, now=NOW)
    outbox.approve(letter, by=lead, now=NOW)
    enclosure = letter.enclosures.get(kind="xarf")
    enclose.take_off(enclosure, by=lead, now=NOW)
    letter.refresh_from_db()
    assert (letter.state, letter.drafted_by) == (Letter.State.DRAFT, "lead")
    with pytest.raises(NotAllowed, match="you wrote it"):
        outbox.approve(letter, by=lead, now=NOW)


def test_nothing_is_taken_off_a_letter_that_left(write, provider, sink, agent):
    letter = write("upstream")
    outbox.send_due(now=NOW)
    letter.refresh_from_db()
    with pytest.raises(NotAllowed, match="left already"):
        enclose.take_off(letter.enclosures.all()[0], by=agent, now=NOW)


def test_an_answer_to_a_reporter_carries_no_evidence(incident, complain, agent):
    letter = compose.draft_letter(incident, "answer", complaint=complain(), by=agent, now=NOW)
    assert not letter.enclosures.exists()
