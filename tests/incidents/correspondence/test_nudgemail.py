"""Reminders by mail: only to who wants them, each once, over a real SMTP server."""

import email
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connections
from django.urls import reverse

from incidents.correspondence import nudgemail
from incidents.models import Nudge, NudgeMailing, NudgeWish
from incidents.workflow import handling, moves, planning, reminders
from tests import make, servers
from tests.make import at

pytestmark = pytest.mark.django_db
NOW = at("1998-01-20 05:00")
LATE = NOW + timedelta(hours=5)  # “assess” is due after two hours, its lead is told after four


@pytest.fixture
def sink(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.DEFAULT_FROM_EMAIL = "abuse@example.org"
    settings.MEYASU_PUBLIC_URL = "https://desk.example.org"
    make.organisation(utc_offset="+09:00")
    with servers.mail_sink() as found:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", found.port
        yield found


@pytest.fixture
def incident(sink):
    made = make.incident()
    planning.plan_incident(made, now=NOW)
    reminders.remind_due(now=LATE)
    return made


def wishes(name="lead", role="lead", since=NOW, **fields):
    user = make.user(name, role)
    user.email = f"{name}@example.org"
    user.save()
    return NudgeWish.objects.create(user=user, since=since, **fields)


def text_of(caught):
    message = email.message_from_bytes(caught.raw)
    part = message.get_payload()[0] if message.is_multipart() else message
    return message, part.get_payload(decode=True).decode()


def test_nobody_is_mailed_who_has_not_asked_for_it(sink, incident):
    make.user("lead", "lead")
    assert Nudge.objects.exists()
    assert nudgemail.mail_nudges(now=LATE) == 0
    assert sink.mails == []


def test_a_late_task_is_mailed_once_to_the_lead_with_its_address(sink, incident):
    wishes()
    wishes("bob", "agent")
    assert nudgemail.mail_nudges(now=LATE) == 1
    assert nudgemail.mail_nudges(now=LATE) == 0
    (mail,) = sink.mails
    message, text = text_of(mail)
    assert mail.recipients == ["lead@example.org"]
    assert message["Auto-Submitted"] == "auto-generated"
    task = incident.tasks.get(kind="assess")
    assert "late: Look at what happened and confirm it, 1998-01-20 16:00 UTC+09:00" in text
    assert f"https://desk.example.org/incidents/{incident.reference}/#task-{task.pk}" in text
    assert NudgeMailing.objects.get().state == "sent"


def test_what_was_said_before_they_asked_or_is_over_is_not_mailed(sink, incident):
    wishes(since=LATE + timedelta(minutes=1))
    assert nudgemail.mail_nudges(now=LATE + timedelta(hours=1)) == 0
    NudgeWish.objects.update(since=NOW)
    moves.complete(incident.tasks.get(kind="assess"), note="A relay.", by="lead", now=LATE)
    assert nudgemail.mail_nudges(now=LATE) == 0


def test_a_task_handed_over_is_told_in_the_language_of_who_gets_it(sink, incident):
    wishes("anna", "agent", language="ja")
    anna = make.user("anna")
    task = incident.tasks.get(kind="assess")
    handling.hand_over(task, to=anna, note="急ぎです", by="lead", now=LATE)
    assert nudgemail.mail_nudges(now=LATE) == 1
    message, text = text_of(sink.mails[0])
    subject = str(email.header.make_header(email.header.decode_header(message["Subject"])))
    assert subject == "苦情窓口: お知らせ1件"
    assert "急ぎです" in text


def test_while_the_mail_server_is_away_it_stays_due(sink, incident, settings):
    wishes()
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, 1
    assert nudgemail.mail_nudges(now=LATE) == 0
    assert not NudgeMailing.objects.exists()
    settings.EMAIL_PORT = port
    assert nudgemail.mail_nudges(now=LATE) == 1


def test_one_whose_sender_died_may_have_left_and_is_not_sent_again(sink, incident):
    wish = wishes()
    nudge = Nudge.objects.get(kind="late")
    NudgeMailing.objects.create(nudge=nudge, user=wish.user, claimed_at=LATE)
    later = LATE + timedelta(minutes=11)
    assert nudgemail.mail_nudges(now=later) == 0
    assert NudgeMailing.objects.get().state == "unsure"


@pytest.mark.django_db(transaction=True)
def test_four_workers_at_once_send_one_mail(sink):
    made = make.incident()
    planning.plan_incident(made, now=NOW)
    reminders.remind_due(now=LATE)
    wishes()

    def work(_number):
        try:
            return nudgemail.mail_nudges(now=LATE)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as workers:
        assert sum(workers.map(work, range(4))) == 1
    assert len(sink.mails) == 1


def test_a_lead_sees_what_is_still_so_and_the_task_says_that_it_was_told(client, incident):
    client.force_login(make.user("lead", "lead"))
    page = reverse("incidents:nudges")
    assert "Look at what happened" in client.get(page).text
    shown = client.get(reverse("incidents:incident", args=[incident.reference])).text
    assert "the lead was told" in shown
    moves.complete(incident.tasks.get(kind="assess"), note="A relay.", by="lead", now=LATE)
    assert "Look at what happened" not in client.get(page).text


def test_mail_is_wanted_and_wanted_no_more_on_the_own_page(client, incident):
    user = make.user("bob", "agent")
    client.force_login(user)
    page, choose = reverse("incidents:nudges"), reverse("incidents:wish-nudges")
    assert "no address" in client.get(page).text
    client.post(choose, {"on": "1"})
    assert not NudgeWish.objects.exists()
    user.email = "bob@example.org"
    user.save()
    client.post(choose, {"on": "1"})
    assert "mailed to bob@example.org too" in client.get(page).text
    client.post(choose)
    assert not NudgeWish.objects.exists()
