"""The founding case worked through the screens: every kind of task, in English and in Japanese.

Its mail comes in by a real IMAP server and goes out by a real SMTP server, its host is a real one
too; only the people are a browser. The demo's director moves the clock and lets the jobs run.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from email import message_from_bytes, policy

import pytest
from django.utils import translation
from playwright.sync_api import Locator, Page, expect

from complaints import clock
from incidents.demo import cast, mails, theatre
from incidents.demo.director import Stage
from incidents.models import Incident, Letter, Notice, Promise, Task
from incidents.verification import record
from tests import servers
from tests.browser.conftest import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
# A host rests between two rounds of probes, and the clock of the case goes on while people click.
PROBED_AGAIN = record.PAUSE + timedelta(minutes=10)
JAPANESE = re.compile("[ぁ-んァ-ヶ一-龠]")


@dataclass
class Desk:
    """Two people at their browsers, and what they read there in their language."""

    stage: Stage
    sent: servers.MailSink
    agent: Page
    lead: Page
    language: str
    site: str

    def word(self, english: str) -> str:
        """What stands on the screen."""
        with translation.override(self.language):
            return str(translation.gettext(english))

    def incident(self, who: Page) -> Page:
        """The page of the incident."""
        page = self.open(who, f"/incidents/{Incident.objects.get().reference}/")
        page.wait_for_load_state("networkidle")  # its parts come after it, and move what is clicked
        return page

    def open(self, who: Page, address: str) -> Page:
        """A page of the desk, in the language of the desk."""
        who.goto(f"{self.site}{address}")
        assert who.locator("html").get_attribute("lang") == self.language
        return who

    def press(self, where: Page | Locator, english: str) -> None:
        """Press a button, wherever that leads."""
        where.get_by_role("button", name=self.word(english), exact=True).first.click()

    def unfold(self, where: Page | Locator, english: str) -> None:
        """Open what is folded away under this heading."""
        where.locator("summary", has_text=self.word(english)).first.click()

    def task(self, who: Page, kind: str) -> Locator:
        """The first open task of this kind, unfolded."""
        row = Task.objects.open().filter(kind=kind).earliest("number")
        shown = self.incident(who).locator(f"#task-{row.pk}")
        self.unfold(shown, "What to do")
        return shown

    def finish(self, who: Page, kind: str, *, outcome: str = "done", note: str) -> None:
        """Finish a task with its outcome."""
        pk = Task.objects.open().filter(kind=kind).earliest("number").pk
        shown = self.task(who, kind)
        shown.get_by_label(self.word("Outcome")).select_option(outcome)
        shown.get_by_label(self.word("Note"), exact=True).fill(note)
        self.press(shown, "Finish")
        expect(who.locator(f"#task-{pk} .mark")).to_be_attached()
        who.wait_for_function(
            "pk => !document.querySelector(`#task-${pk} form[action*='complete']`)", arg=pk
        )

    def write(self, kind: str) -> Letter:
        """The agent writes the letter of a task, the lead reads and approves it."""
        self.press(self.task(self.agent, kind), "Write the letter")
        self.agent.wait_for_url("**/letters/*/")
        letter = Letter.objects.latest("pk")
        self.press(self.agent, "Save the draft")
        self.approve(letter)
        return letter

    def approve(self, letter: Letter) -> None:
        """By the lead, who did not write it."""
        self.press(self.open(self.lead, f"/letters/{letter.pk}/"), "Approve it")
        expect(self.lead.locator("form[action$='/approve/']")).to_have_count(0)

    def mail_of(self, letter: Letter) -> str:
        """The text of a letter as the mail server was given it."""
        letter.refresh_from_db()
        (raw,) = (one.raw for one in self.sent.mails if letter.message_id.encode() in one.raw)
        body = message_from_bytes(raw, policy=policy.default).get_body()
        assert body is not None
        return str(body.get_content())


@pytest.fixture
def desk(transactional_db, data_dir, settings, browser, live_server, watch, request):
    """The ministry's servers, its two people signed in, and the clock before it all began."""
    language = request.param
    settings.MEYASU_CLOCK_FILE = str(data_dir / "demo" / "clock")
    settings.MEYASU_PROBE_RECIPIENT = "relay-test@probe.example"
    settings.MEYASU_PROBE_HELO = "probe.example"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", servers.free_port()
    settings.DEFAULT_FROM_EMAIL = cast.WEBMASTER
    settings.TIME_ZONE = "Asia/Tokyo"
    settings.MEYASU_PUBLIC_URL = live_server.url
    (data_dir / "demo").mkdir(parents=True)
    clock.play(data_dir / "demo" / "clock", theatre.FIRST_DAY)
    sink = servers.MailSink(settings.EMAIL_PORT)
    with theatre.servers(lambda _words: None, outgoing=sink) as stage:
        stage.to_deliver = mails.complaints(stage.traffic)
        pages = []
        for person in (stage.agent, stage.lead):
            person.set_password(PASSWORD)
            person.save()
            locale = {"en": "en-GB", "ja": "ja-JP"}[language]
            context = browser.new_context(locale=locale, timezone_id="Asia/Tokyo")
            context.set_default_timeout(20_000)
            pages.append(_signed_in(watch(context.new_page()), person, live_server.url))
        yield Desk(stage, sink, *pages, language, live_server.url)


def _signed_in(page: Page, person, site: str) -> Page:
    page.goto(f"{site}/sign-in/")
    page.locator("input[name=username]").fill(person.get_username())
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("main form button").click()
    page.wait_for_url(f"{site}/")
    return page


@pytest.mark.parametrize("desk", ["en", "ja"], indirect=True)
def test_the_case_is_worked_from_the_flood_to_its_end_through_the_screens(desk, pictures):
    acts: list[Callable[[Desk], None]] = [
        _the_flood,
        _the_complaints,
        _the_notice,
        _the_letters,
        _the_partial_fix,
        _the_protest,
        _the_real_fix,
        _the_end,
    ]
    for act in acts:
        act(desk)
        shown = desk.incident(desk.lead)
        headings = shown.locator("main h2").all_inner_texts()
        assert all(JAPANESE.search(words) for words in headings) is (desk.language == "ja")
        shown.screenshot(path=pictures / f"1998{act.__name__}-{desk.language}.png")
    ended = Task.objects.exclude(state=Task.State.OPEN)
    assert set(ended.values_list("kind", flat=True)) == {
        "assess", "fix", "verify", "notice", "upstream", "csirt", "protest", "close", "answer",
        "threat", "csirt-answer",
    }  # fmt: skip
    assert not Task.objects.open().exists()


def _the_flood(desk: Desk) -> None:
    """Tuesday: the incident opens from the log alone; a person confirms it."""
    desk.stage.advance_to("1998-01-20 00:00")
    for hour in (13, 16, 20):
        desk.stage.advance_to(f"1998-01-20 {hour}:30")
    incident = Incident.objects.get()
    triage = desk.open(desk.lead, "/")
    triage.locator(f"main a[href^='/incidents/{incident.reference}/']").first.click()
    expect(triage.get_by_role("heading", level=1)).to_have_text(incident.title)
    desk.press(desk.task(desk.lead, "assess"), "Take it")
    expect(desk.lead.locator("#verification")).to_contain_text(desk.word("Is it fixed?"))
    desk.press(desk.lead.locator("#verification"), "Verify now")
    desk.finish(desk.lead, "assess", note="Our host relays for anybody.")
    desk.stage.pass_time(timedelta(minutes=1))
    assert incident.probe_runs.get().verdict == "none"


def _the_complaints(desk: Desk) -> None:
    """Wednesday and Thursday: complaints come in by IMAP, one of them a threat."""
    desk.stage.advance_to("1998-01-22 17:00")
    threat = desk.task(desk.lead, "threat")
    desk.press(threat, "Take it")
    expect(threat).to_contain_text("lead")
    assert Incident.objects.get().complaints.count() >= 10


def _the_notice(desk: Desk) -> None:
    """Friday: written by one, approved and published by another, in both languages."""
    desk.stage.advance_to("1998-01-23 10:40")
    desk.press(desk.incident(desk.agent), "Write one in both")
    expect(desk.agent.locator("#notices li")).to_have_count(2)
    for notice in Notice.objects.order_by("pk"):
        desk.open(desk.lead, f"/notices/{notice.reference}/edit/")
        desk.press(desk.lead, "Approve it")
        desk.press(desk.lead, "Publish it")
        expect(desk.lead.locator("form[action$='/publish/']")).to_have_count(0)
    public = desk.open(desk.lead, f"/notices/{Notice.objects.get(language='ja').reference}/")
    expect(public.locator("main")).to_contain_text("無断で利用された")
    expect(public.locator("main")).to_contain_text("nothing to do with Ministry of Foreign Trade")


def _the_letters(desk: Desk) -> None:
    """The same day: to the provider, the response team and the reporters; the provider answers."""
    desk.stage.advance_to("1998-01-23 11:30")
    upstream, team = desk.write("upstream"), desk.write("csirt")
    for letter in _answers(desk):
        desk.approve(letter)
    desk.write("csirt-answer")
    desk.stage.advance_to("1998-01-23 12:00")
    assert "198.18.77.7" in desk.mail_of(upstream)
    assert "中継として利用されました" in desk.mail_of(team)
    _reply_comes(desk, "reply-upstream", upstream)
    desk.stage.advance_to("1998-01-24 10:00")


def _answers(desk: Desk) -> list[Letter]:
    before = set(Letter.objects.values_list("pk", flat=True))
    desk.press(desk.incident(desk.agent), "Draft all answers")
    expect(desk.agent.locator("ul.messages")).to_be_visible()
    return list(Letter.objects.exclude(pk__in=before))


def _reply_comes(desk: Desk, name: str, letter: Letter) -> None:
    """By mail, to the mailbox that is fetched."""
    subject = next(
        message_from_bytes(one.raw, policy=policy.default)["Subject"]
        for one in desk.sent.mails
        if letter.message_id.encode() in one.raw
    )
    desk.stage.deliver(
        mails.reply(name, letter_subject=subject, letter_message_id=letter.message_id)
    )


def _the_partial_fix(desk: Desk) -> None:
    """Sunday: the vendor blocks three senders; on Monday the provider's answer is a promise."""
    desk.stage.advance_to("1998-01-25 10:30")
    desk.stage.relay.behave("blocks-senders")
    _record_fix(desk, "block-list", "The three senders that were used are refused.")
    assert Incident.objects.get().state == Incident.State.PARTIALLY_FIXED
    desk.stage.advance_to("1998-01-26 18:00")
    letter = Letter.objects.get(kind="upstream")
    shown = desk.open(desk.agent, f"/letters/{letter.pk}/")
    expect(shown.locator("#replies")).to_contain_text("no longer relay mail of the parties")
    desk.unfold(shown, "Record a promise")
    shown.get_by_label(desk.word("What they promise")).fill("They relay no more of it.")
    desk.press(shown, "Record and watch")
    expect(shown.locator("#promises")).to_contain_text("198.18.77.0/24")
    assert Promise.objects.get().letter == letter


def _record_fix(desk: Desk, kind: str, what: str) -> None:
    page = desk.incident(desk.lead)
    desk.unfold(page, "Record a fix")
    form = page.locator("form[action$='/fixes/']")
    form.locator("select[name=kind]").select_option(kind)
    form.get_by_label(desk.word("What was done")).fill(what)
    form.get_by_label(desk.word("Done by")).fill("the vendor in charge")
    desk.press(form, "Record")
    said = desk.word("The fix is recorded; whether it holds is verified by itself.")
    expect(page.get_by_text(said)).to_be_visible()
    desk.stage.pass_time(PROBED_AGAIN)


def _the_protest(desk: Desk) -> None:
    """Wednesday: a letter on paper to the broker, by fax; its copy is kept."""
    desk.stage.advance_to("1998-01-28 15:00")
    letter = desk.write("protest")
    shown = desk.open(desk.agent, f"/letters/{letter.pk}/")
    with shown.expect_download() as download:
        shown.get_by_role("link", name=desk.word("On paper (PDF)")).click()
    assert download.value.path().read_bytes().startswith(b"%PDF")
    shown.get_by_label(desk.word("How it went")).fill(f"Fax to {cast.BROKER_FAX}, one page")
    desk.press(shown, "It is sent")
    expect(shown.locator("#fate")).to_contain_text(cast.BROKER_FAX)
    expect(shown.locator("#copies")).to_contain_text("protest.pdf")
    expect(shown.locator("#enclosures")).to_contain_text("log.txt")


def _the_real_fix(desk: Desk) -> None:
    """Friday: nobody may relay any more; who threatened is told, and lifts the threat."""
    desk.stage.advance_to("1998-01-30 18:05")
    desk.stage.relay.behave("relay-denied")
    _record_fix(desk, "upgrade", "Relaying is refused unless one side is ours.")
    assert Incident.objects.get().state == Incident.State.FIXED
    desk.stage.advance_to("1998-01-31 09:00")
    threat = desk.write("threat")
    desk.stage.advance_to("1998-01-31 09:30")
    _reply_comes(desk, "reply-northlight", threat)
    desk.stage.advance_to("1998-02-02 10:00")
    shown = desk.open(desk.lead, f"/letters/{threat.pk}/")
    expect(shown.locator("#replies")).to_contain_text("You will not be put on our")
    desk.finish(desk.lead, "threat", outcome="lifted", note="They tried it themselves.")
    for letter in _answers(desk):
        desk.approve(letter)


def _the_end(desk: Desk) -> None:
    """February: the fax is never answered; the log was watched, and the incident is closed."""
    desk.stage.advance_to("1998-02-12 09:00")
    protest = Letter.objects.get(kind="protest")
    shown = desk.open(desk.agent, f"/letters/{protest.pk}/")
    desk.unfold(shown, "Record what came of it")
    shown.locator("select[name=outcome]").select_option("no-reply")
    desk.press(shown.locator("form[action$='/outcome/']"), "Record")
    expect(shown.locator("#fate")).to_contain_text(desk.word("no reply"))
    desk.stage.advance_to("1998-03-02 10:00")
    desk.finish(desk.lead, "close", note="Nothing came through again.")
    assert Incident.objects.get().state == Incident.State.CLOSED
    desk.press(desk.incident(desk.agent), "Tell that it is closed")
    desk.agent.wait_for_url("**/tellings/*/")
    told = desk.open(desk.lead, desk.agent.url.removeprefix(desk.site))
    desk.press(told, "Approve and send to each")
    expect(told.locator("form[action$='/approve/']")).to_have_count(0)
    before = len(desk.sent.mails)
    desk.stage.pass_time(timedelta(minutes=5))
    assert len(desk.sent.mails) - before == Letter.objects.filter(kind="told").count() >= 10
