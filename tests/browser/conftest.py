"""Debian's Chromium on the real site: who signs in, what is in it, and what must never happen."""

import os
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Page

from complaints import clock, rawstore
from complaints.models import Link
from incidents.workflow import planning
from tests import make

PASSWORD = "a long word for the desk"
# Playwright runs an event loop in this thread; the database is only used between its calls.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    """The system's Chromium: no browser is downloaded."""
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("server missing: Chromium is not installed")
    return browser_type_launch_args | {"executable_path": chromium, "args": ["--no-sandbox"]}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args):
    """Everybody reads English here, and works on a wide screen."""
    return browser_context_args | {
        "locale": "en-GB",
        "viewport": {"width": 1440, "height": 900},
    }


@pytest.fixture
def watch():
    """Pages put under watch: at the end none has met a script error or a CSP violation."""
    seen: list[str] = []

    def under_watch(page: Page) -> Page:
        page.on("pageerror", lambda error: seen.append(f"{page.url}: {error}"))
        page.on(
            "console",
            lambda line: line.type == "error" and seen.append(f"{page.url}: {line.text}"),
        )
        return page

    yield under_watch
    assert seen == []


@pytest.fixture
def clock_at(settings, tmp_path):
    """Sets the clock of the case, so that what is due in it is not due for decades."""

    def set_to(text: str) -> None:
        file = tmp_path / "clock"
        clock.play(file, make.at(text))
        settings.MEYASU_CLOCK_FILE = str(file)

    return set_to


@pytest.fixture
def desk(transactional_db, data_dir):
    """The people of a desk, each with the same password."""
    make.organisation()
    people = {name: make.user(name, role=name) for name in ("agent", "lead", "reader")}
    for person in people.values():
        person.set_password(PASSWORD)
        person.save()
    return people


@pytest.fixture
def case(desk, clock_at):
    """An incident as it looks two days on: messages, complaints, a verdict, refused attempts."""
    clock_at("1998-01-22 12:00")
    messages = [
        make.relayed_message(
            queued_at=make.at(f"1998-01-20 04:{minute:02}"),
            client_ip=f"198.51.100.{7 + minute % 3}",
            recipients=[f"someone{minute}@far.example", f"other{minute}@near.example"],
            log_lines="Jan 20 13:00:00 mail sendmail[24892]: NAA24892: from=<w@riches.example>",
        )
        for minute in range(24)
    ]
    incident = make.incident(
        reference="I-1998-0001",
        title="Mail relayed for strangers: mail.example.org",
        first_seen_at=messages[0].queued_at,
    )
    make.campaign(incident, *messages)
    planning.plan_incident(incident, now=incident.discovered_at)
    _complaints(incident, messages)
    _verdict(incident)
    for day in range(1, 20):
        for hour in range(1 + day % 5):
            make.refusal(at=make.at(f"1998-02-{day:02} {hour:02}:00"))
    return incident


def _complaints(incident, messages):
    letter = b"From: ann@quarry.example\r\nSubject: Unwanted mail\r\n\r\nPlease stop this.\r\n"
    make.joined(incident, text="Please stop this.", raw_sha256=rawstore.keep(letter))
    threat = make.joined(
        incident,
        subject="We will refuse your mail",
        text="Your server is an open relay. <script>alert(1)</script>",
        threatens_block=True,
    )
    planning.plan_for_complaint(incident, threat, now=threat.arrived_at)
    Link.objects.create(
        complaint=threat,
        message=messages[0],
        state=Link.State.PROPOSED,
        score=0.71,
        reasons=[
            {"fact": "queue ID NAA24892 on mail, the same second", "weight": 5.0},
            {"fact": "envelope sender differs", "weight": -2.0},
        ],
        linked_at=threat.arrived_at,
    )


def _verdict(incident):
    run = incident.probe_runs.create(
        host=incident.host,
        address="192.0.2.25 port 25",
        started_at=make.at("1998-01-25 01:40"),
        finished_at=make.at("1998-01-25 01:41"),
        started_by="lead",
        verdict="partial",
        reasons=[
            {"words": "%(count)s senders are blocked, others are not", "values": {"count": 3}}
        ],
    )
    run.answers.create(
        number=1,
        name="fresh",
        tries="A sender that nobody has used before",
        sender="fresh@probe.example",
        recipient="test@probe.example",
        stage="rcpt",
        code=250,
        text="Recipient ok",
        accepted=True,
        transcript=["> RCPT TO:<test@probe.example>", "< 250 Recipient ok"],
    )


@pytest.fixture
def sign_in(live_server):
    """Signs somebody in through the form, and leaves the page where that leads."""

    def as_person(page: Page, name: str) -> None:
        page.goto(f"{live_server.url}/sign-in/")
        page.get_by_label("Username").fill(name)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("main").get_by_role("button", name="Sign in").click()
        page.wait_for_url(f"{live_server.url}/")

    return as_person


@pytest.fixture
def pictures(tmp_path) -> Path:
    """Where screenshots go: var/screenshots when they are asked for, else a folder that passes."""
    if "MEYASU_SCREENSHOTS" not in os.environ:
        return tmp_path
    folder = Path(__file__).parents[2] / "var" / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
