"""Reports as page, PDF and Markdown, in both languages: every figure from the rows."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.urls import reverse

from complaints import audit, clock
from incidents.models import Letter, Notice, ProbeRun
from incidents.reporting import rollups
from incidents.reporting.period import of_month
from incidents.reports import incident as incidents
from incidents.reports import markdown, periodic
from incidents.reports.document import Bars, Document, Figures, Rows, Text
from incidents.reports.paper import WIDTH, _chart
from incidents.templatetags.incident_tags import bars
from incidents.workflow import inforce
from incidents.workflow.planning import desk_zone
from tests import make
from tests.make import at

pytestmark = pytest.mark.django_db
NOW = at("1998-02-10 03:00")


@pytest.fixture
def incident():
    make.organisation(utc_offset="+09:00")
    made = make.incident(
        title="mail relays for *strangers*",
        notice_published_at=at("1998-01-23 03:00"),
        partially_fixed_at=at("1998-01-25 03:00"),
        fixed_at=at("1998-01-30 09:15"),
        state="fixed",
    )
    make.campaign(made, make.relayed_message(recipients=["a@far.example"], recipient_count=1))
    audit.record("complaint-read", make.joined(made), at=NOW)
    make.refusal()
    Letter.objects.create(
        incident=made,
        kind="csirt",
        state="sent",
        to_name="Response team",
        subject="Report",
        body="Text",
        token="t",
        message_id="m",
        drafted_at=NOW,
        sent_at=at("1998-01-22 02:00"),
        outcome="answered",
    )
    Notice.objects.create(
        reference="N-1998-0001",
        incident=made,
        state="published",
        title="Notice",
        body="Text",
        written_at=NOW,
        published_at=at("1998-01-23 03:00"),
    )
    ProbeRun.objects.create(
        host=made.host,
        incident=made,
        started_at=NOW,
        finished_at=NOW,
        verdict="fixed",
        reasons=[{"words": "refuses %(count)s probes", "values": {"count": 23}}],
    )
    audit.record("incident-opened", made, at=NOW, incident=made.reference)
    rollups.keep(now=NOW)
    return made


@pytest.fixture
def reader(client, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)
    client.force_login(make.user("reader", "reader"))
    return client


def figures(document):
    return dict(
        row for block in document.blocks if isinstance(block, Figures) for row in block.rows
    )


def rows(document):
    return [row for block in document.blocks if isinstance(block, Rows) for row in block.rows]


def texts(document):
    return " ".join(block.words for block in document.blocks if isinstance(block, Text))


def test_an_incident_is_told_with_its_three_times_and_who_was_told(incident):
    document = incidents.of_incident(incident, language="en", now=NOW)
    told = figures(document)
    assert told["Discovery to notice"] == "3 days"
    assert told["To a partial fix"] == "5 days"
    assert told["To the real fix"] == "10 days"
    assert (told["Messages relayed"], told["Recipients"], told["Complaints"]) == ("1", "1", "1")
    assert ("Response team", "22 January 1998, 11:00 UTC+09:00", "e-mail", "answered") in rows(
        document
    )
    assert "refuses 23 probes" in texts(document)
    assert "notice N-1998-0001" in texts(document)
    refused = next(b for b in document.blocks if isinstance(b, Bars) and "Refused" in b.words)
    assert refused.days == [(date(1998, 2, 1), 1)]
    assert (date(1998, 1, 30), "fix") in refused.marks


def test_the_same_report_is_in_japanese(incident):
    document = incidents.of_incident(incident, language="ja", now=NOW)
    assert "3日" in figures(document).values()
    assert "1998年1月22日 11:00（UTC+09:00）" in " ".join(
        cell for row in rows(document) for cell in row
    )
    assert "Discovery" not in markdown.as_markdown(document)


def test_words_of_strangers_make_no_markup_in_markdown(incident):
    text = markdown.as_markdown(incidents.of_incident(incident, language="en", now=NOW))
    assert r"mail relays for \*strangers\*" in text
    evil = Document("a", "b", "en", (Rows(("x",), (("a|b\n# c <img>",),)),))
    assert r"| a\|b \# c \<img\> |" in markdown.as_markdown(evil)


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("form", ["pdf", "md"])
def test_reports_can_be_taken_as_files(reader, incident, form, language):
    for name, args in (("incident-file", [incident.reference]), ("period-file", ["1998-01"])):
        answer = reader.get(
            reverse(f"incidents:{name}", args=[*args, form]), {"language": language}
        )
        assert answer.status_code == 200
        assert f".{language}.{form}" in answer["Content-Disposition"]
        assert answer.content.startswith(b"%PDF" if form == "pdf" else b"# ")


def test_a_report_is_a_page_with_its_other_language_beside_it(reader, incident):
    page = reader.get(reverse("incidents:report-of-incident", args=[incident.reference])).content
    assert "mail relays for *strangers*" in page.decode()
    assert "?language=ja" in page.decode()
    year = reader.get(reverse("incidents:report-of-period", args=["1998"])).content.decode()
    assert "Abuse of our mail servers, 1998" in year
    assert incident.reference in year


def test_the_page_of_an_incident_leads_to_its_report(reader, incident):
    page = reader.get(reverse("incidents:incident", args=[incident.reference])).content.decode()
    assert reverse("incidents:report-of-incident", args=[incident.reference]) in page


def test_a_month_is_reported_with_each_incident_and_its_times(incident):
    document = periodic.of_period(of_month(1998, 1, desk_zone()), language="en", now=NOW)
    assert document.title == "Abuse of our mail servers, January 1998"
    assert figures(document)["New incidents"] == "1 (none in the period before)"
    line = next(row for row in rows(document) if row[0] == incident.reference)
    assert line[3:] == ("fixed, watched", "3 days", "5 days", "10 days")


def test_an_empty_month_is_reported_too(reader):
    make.organisation()
    page = reader.get(reverse("incidents:report-of-period", args=["1997-12"])).content.decode()
    assert "None was discovered." in page


@pytest.mark.parametrize("name", ["1998-13", "98", "x", "1998-1"])
def test_a_period_of_no_calendar_is_not_found(reader, name):
    make.organisation()
    assert reader.get(reverse("incidents:report-of-period", args=[name])).status_code == 404


def test_reports_are_for_those_who_may_see_incidents(client, incident):
    client.force_login(make.user("reader", "reader"))
    client.logout()
    address = reverse("incidents:report-of-incident", args=[incident.reference])
    assert client.get(address).status_code == 302


def test_a_kind_is_called_as_the_desk_calls_it(incident):
    shipped = inforce.current("relay_abuse")
    own = replace(shipped.playbook(), title="Open door", title_ja="開いた扉")
    inforce.save(own, based_on=shipped.number, by="lead", now=NOW)
    for language, words in (("en", "Open door"), ("ja", "開いた扉")):
        document = incidents.of_incident(incident, language=language, now=NOW)
        assert words in figures(document).values()


def test_one_day_is_no_wider_in_a_chart_than_a_day_of_two_weeks():
    day = date(1998, 1, 20)
    shown = bars([(day, 5)], "Messages")
    (bar,) = shown["bars"]
    assert bar["width"] <= shown["width"] / 14
    assert abs(bar["x"] + bar["width"] / 2 - shown["width"] / 2) < 2  # in the middle
    month = bars([(day + timedelta(days=number), 5) for number in range(30)], "Messages")
    assert (month["bars"][0]["x"], len(month["bars"])) == (0, 30)
    rectangles = [
        one for one in _chart(Bars("Messages", ((day, 5),))).contents if hasattr(one, "rx")
    ]
    assert rectangles[0].width < WIDTH / 14
