"""An incident report keeps the rules of its schema, and one that breaks any of them does not go."""

import re
from dataclasses import replace
from itertools import product

import pytest

from incidents.correspondence import compose, outbox
from incidents.correspondence.reports import iodef, iodefrules
from incidents.correspondence.reports.gather import gather
from incidents.models import Contact, Letter
from incidents.workflow.moves import NotAllowed
from tests.incidents.correspondence.conftest import NOW
from tests.make import at

pytestmark = pytest.mark.django_db


@pytest.fixture
def evidence(incident):
    return gather(incident, None)


@pytest.fixture
def document(evidence):
    fixed = replace(evidence, fixed_at=at("1998-01-30 01:00"))
    return iodef.report(fixed, at=NOW).decode()


def faults(document):
    return [f"{fault.where} {fault.words % {'what': fault.what}}" for fault in
            iodefrules.faults(document.encode())]  # fmt: skip


def test_every_report_that_we_write_is_valid(evidence):
    for language, fixed_at, clock, address in product(
        ("en", "ja"),
        (None, at("1998-01-30 01:00")),
        (None, -37.0),
        ("192.0.2.25", "2001:db8::25", ""),
    ):
        kind = replace(evidence, fixed_at=fixed_at, clock=clock, host_address=address)
        assert faults(iodef.report(kind, at=NOW, language=language).decode()) == []


def test_hostile_text_in_the_log_stays_text(evidence):
    odd = replace(evidence, log="<Incident>]]>&\x00\x1b[31m\ud800", organisation="<b>&\x07")
    assert faults(iodef.report(odd, at=NOW).decode()) == []


def test_every_rule_is_of_a_class_that_the_reports_use(document):
    used = set(re.findall(r"<([A-Za-z-]+)", document))
    assert used == set(iodefrules.CLASSES)


# Each breaks one rule: (what is replaced, by what, what is said of it).
BROKEN = {
    "no version": (' version="2.00"', "", "lacks the attribute version"),
    "another version": ('version="2.00"', 'version="1.00"', "version=1.00"),
    "no language": (' xml:lang="en"', "", "lacks the attribute xml:lang"),
    "no purpose": (' purpose="reporting"', "", "lacks the attribute purpose"),
    "an unknown purpose": ('purpose="reporting"', 'purpose="fun"', "purpose=fun"),
    "an extended purpose without its word":
        ('purpose="reporting"', 'purpose="ext-value"', "purpose=ext-value"),
    "an extension of nothing":
        ('purpose="reporting"', 'purpose="reporting" ext-purpose="x"', "ext-purpose=x"),
    "an unknown restriction": ("need-to-know", "secret", "restriction=secret"),
    "no name of who counts": (' name="example.org"', "", "IncidentID lacks the attribute name"),
    "no number": (r"(<IncidentID [^>]*>)[^<]*", r"\1", "IncidentID does not hold"),
    "a time without its offset":
        (r"(<GenerationTime>[^<+]*)\+\d\d:\d\d", r"\1", "GenerationTime does not hold"),
    "a day that is none": ("<EndTime>1998-01-20", "<EndTime>1998-02-30", "EndTime does not hold"),
    "no time of making": (r"<GenerationTime>.*?</GenerationTime>", "", "lacks GenerationTime"),
    "two times of making":
        (r"(<GenerationTime>.*?</GenerationTime>)", r"\1\1", "has GenerationTime more than once"),
    "times out of order": (r"(<DetectTime>.*?</DetectTime>)\s*(<StartTime>.*?</StartTime>)",
                           r"\2\1", "GenerationTime, or has it elsewhere"),
    "no contact": (r"(?s)<Contact .*?</Contact>", "", "Incident lacks Contact"),
    "a contact of nobody":
        (r"(?s)(<Contact [^>]*>).*?</Contact>", r"\1</Contact>", "says nothing of whom it is"),
    "no role": (' role="creator"', "", "lacks the attribute role"),
    "no mail address": (r"<EmailTo>.*?<", "<EmailTo>nobody<", "EmailTo does not hold"),
    "a zone by name": (r"<Timezone>.*?<", "<Timezone>JST<", "Timezone does not hold"),
    "no kind of impact": (' type="takeover-service"', "", "SystemImpact lacks the attribute type"),
    "an address of another kind": ("ipv4-addr", "ipv6-addr", "Address does not hold"),
    "a name for an address": (r">198\.51\.100\.7<", ">dial7<", "Address does not hold"),
    "a system without a node": (r"(?s)<Node>.*?</Node>", "", "System lacks Node"),
    "a counter of nothing": (' unit="message"', "", "Counter lacks the attribute unit"),
    "a word for a number": (r"(<Counter [^>]*>)\d+", r"\1many", "Counter does not hold"),
    "an unknown kind of record": ('dtype="string"', 'dtype="log"', "dtype=log"),
    "an empty record": (r"(?s)<RecordData>.*?</RecordData>", "", "Record lacks RecordData"),
    "a history of nothing": (r"(?s)<HistoryItem.*?</HistoryItem>", "", "lacks HistoryItem"),
    "text between": ("<Flow>", "<Flow>words", "Flow has text of its own"),
    "an attribute of its own": ("<Flow>", '<Flow colour="red">', "may not have: colour"),
    "a class of another namespace":
        ("<Flow>", '<Flow><x:y xmlns:x="urn:x"/>', "none of the classes of our reports"),
    "a class that is not there": ("<Node>", "<Node/><Place>", "no XML that may be read"),
    "an entity": ("<IODEF", "<!DOCTYPE x [<!ENTITY a 'b'>]><IODEF", "no XML that may be read"),
    "version 1": ("ns:iodef-2.0", "ns:iodef-1.0", "is not of IODEF 2"),
}  # fmt: skip


def test_a_broken_report_is_told_by_what_is_broken(document):
    for name, (pattern, by, words) in BROKEN.items():
        broken, count = re.subn(pattern, by, document, count=1)
        assert count == 1, name
        told = faults(broken)
        assert any(words in fault for fault in told), (name, told)


def test_what_is_told_is_bounded(document):
    many = document.replace("<Flow>", "<Flow>" + "<Nothing/>" * 1000)
    assert len(iodefrules.faults(many.encode())) == iodefrules.MOST_FAULTS


def test_a_letter_with_an_invalid_report_is_not_approved_until_it_is_taken_off(
    incident, agent, lead
):
    team = Contact.objects.create(
        name="Response team", kind=Contact.Kind.CSIRT, email="info@team.example"
    )
    letter = compose.draft_letter(incident, "csirt", contact=team, by=agent, now=NOW)
    report = letter.enclosures.get(kind="iodef")
    report.content = bytes(report.content).replace(b'purpose="reporting"', b'purpose="fun"')
    report.save()
    with pytest.raises(NotAllowed, match=r"purpose=fun \(RFC 7970, 3\.2\)"):
        outbox.approve(letter, by=lead, now=NOW)
    report.delete()
    outbox.approve(letter, by=lead, now=NOW)
    assert letter.state == Letter.State.APPROVED
