"""Reports by mail: once each, when the month is over, over a real SMTP server."""

import email
from datetime import date

import pytest

from incidents.correspondence import reportmail
from incidents.models import ReportMailing, ReportReader
from tests import make, servers
from tests.make import at

pytestmark = pytest.mark.django_db
NOW = at("1998-02-01 03:00")


@pytest.fixture
def sink(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.DEFAULT_FROM_EMAIL = "abuse@example.org"
    make.organisation(utc_offset="+09:00")
    with servers.mail_sink() as found:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", found.port
        yield found


def reader(**fields):
    facts = {"name": "Head of IT", "email": "head@example.org", "since": date(1998, 1, 1)}
    return ReportReader.objects.create(**facts | fields)


def test_the_month_that_is_over_is_sent_once_as_pdf(sink):
    reader()
    assert reportmail.mail_reports(now=NOW) == 1
    assert reportmail.mail_reports(now=NOW) == 0
    assert reportmail.mail_reports(now=at("1998-03-01 03:00")) == 1
    first, _second = sink.mails
    message = email.message_from_bytes(first.raw)
    assert message["Subject"] == "Abuse of our mail servers, January 1998"
    assert message["Auto-Submitted"] == "auto-generated"
    _text, report = message.get_payload()
    assert report.get_filename() == "abuse-1998-01.pdf"
    assert report.get_payload(decode=True).startswith(b"%PDF")
    assert list(ReportMailing.objects.values_list("period", "state").order_by("pk")) == [
        ("1998-01", "sent"),
        ("1998-02", "sent"),
    ]


def test_nobody_gets_what_ended_before_they_read_reports(sink):
    reader(since=date(1998, 2, 1))
    reader(every="year", since=date(1998, 1, 1))
    assert reportmail.mail_reports(now=NOW) == 0


def test_a_reader_gets_it_in_their_language(sink):
    reader(language="ja", every="year", since=date(1997, 1, 1))
    assert reportmail.mail_reports(now=NOW) == 1
    message = email.message_from_bytes(sink.mails[0].raw)
    subject = str(email.header.make_header(email.header.decode_header(message["Subject"])))
    assert subject == "メールサーバーの不正利用 1997年"


def test_while_the_mail_server_is_away_it_stays_due(sink, settings):
    reader()
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, 1
    assert reportmail.mail_reports(now=NOW) == 0
    assert not ReportMailing.objects.exists()
    settings.EMAIL_PORT = port
    assert reportmail.mail_reports(now=NOW) == 1


def test_one_whose_sender_died_is_perhaps_sent_and_never_sent_again(sink):
    ReportMailing.objects.create(
        reader=reader(), period="1998-01", claimed_at=at("1998-02-01 01:00")
    )
    assert reportmail.mail_reports(now=NOW) == 0
    assert ReportMailing.objects.get().state == "unsure"
