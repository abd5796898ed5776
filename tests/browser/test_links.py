"""The links of the case of 1998, each with its reasons, and the proof that a mail was not ours.

The log and the mails are those of the case; a mail with a forged line of our host is added, since
nobody sent one then.
"""

import os
import shutil
from datetime import timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path

import pytest
from django.core.management import call_command

from complaints import organisation
from complaints.models import Complaint, Link, ReportedMessage
from incidents.demo import cast, mails
from incidents.demo.traffic import make_traffic
from tests.make import at

pytestmark = pytest.mark.browser

IN_DOCS = Path(__file__).parents[2] / "docs" / "screenshots"
FORGED_AT = at("1998-02-05 05:12:40")
# As `Exim` gives them, and not sendmail, which our host runs.
FORGED_ID = "0xQ7f3-0000aB-00"
FORGED = f"""\
Received: from dialup66.pool.example (dialup66.pool.example [203.0.113.66])
\tby mx.quarry-street.example (8.8.8/8.8.8) with SMTP id XAA20417
\tfor <lang@quarry-street.example>; {format_datetime(FORGED_AT + timedelta(seconds=31))}
Received: from golden-envelope ([198.18.77.12])
\tby {cast.HOST} (8.8.5/3.5W) with SMTP id {FORGED_ID};
\t{format_datetime(FORGED_AT.astimezone(cast.TOKYO))} (JST)
Date: {format_datetime(FORGED_AT)}
From: fortune@quick-fortune.example
To: lang@quarry-street.example
Subject: A fortune is waiting for you
Message-Id: <19980205.fortune@quick-fortune.example>

Be quick, and be rich.
"""


@pytest.fixture
def case_of_1998(desk, tmp_path, clock_at):
    """Its log and its mails, read and linked."""
    clock_at("1998-02-28 00:00")
    organisation.import_organisation(cast.ORGANISATION)
    traffic = make_traffic()
    log, mailbox = tmp_path / "maillog", tmp_path / "mailbox"
    log.write_text("".join(f"{line.text}\n" for line in traffic.lines), encoding="ascii")
    mailbox.mkdir()
    for number, mail in enumerate(mails.complaints(traffic)):
        (mailbox / f"{number:02}.eml").write_bytes(mail.raw)
    (mailbox / "99.eml").write_bytes(_forged())
    call_command("maillog", "import", str(log))
    call_command("ingest", str(mailbox))


def _forged():
    mail = EmailMessage()
    mail["From"] = "Herbert Lang <lang@quarry-street.example>"
    mail["To"] = cast.WEBMASTER
    mail["Date"] = format_datetime(FORGED_AT + timedelta(hours=3))
    mail["Message-ID"] = "<lang.0205@quarry-street.example>"
    mail["Subject"] = "Another one from your machine"
    mail.set_content(f"I was told that this was over. The line of yours is in it.\n\n{FORGED}")
    return mail.as_bytes()


@pytest.mark.timeout(240)
def test_links_and_the_proof_of_what_is_not_ours_are_shown(
    page, watch, live_server, sign_in, case_of_1998, pictures
):
    page = watch(page)
    page.set_viewport_size({"width": 1720, "height": 1000})
    sign_in(page, "lead")
    linked = Complaint.objects.filter(links__state__in=Link.HOLDING).distinct().order_by("pk")
    assert linked.count() >= 13
    shown = []
    for complaint in linked:
        page.goto(f"{live_server.url}/complaints/{complaint.reference}/")
        section = page.locator("section[aria-labelledby=links-title]")
        for link in complaint.links.all():
            assert link.reasons
            assert section.get_by_text(link.reasons[0]["fact"]).first.is_visible()
        shown.append(
            (
                f"{complaint.reference} · {complaint.sender_name or complaint.sender}",
                section.inner_html(),
            )
        )
    _side_by_side(page, shown)
    page.screenshot(path=pictures / "linking.png", full_page=True)

    forged = ReportedMessage.objects.get(verdict=ReportedMessage.Verdict.NOT_OURS)
    page.goto(f"{live_server.url}/complaints/{forged.complaint.reference}/")
    proof = page.locator("#reported-1")
    for words in (
        f"names {cast.HOST} with the queue ID {FORGED_ID} at 05 Feb 05:12:40 UTC",
        "its log has no such ID within two days",
        f"the IDs that {cast.HOST} gave nearest to that time:",
        f"{cast.HOST} runs sendmail, which gives no IDs of that form",
        "got it from 203.0.113.66, which is none of ours",
    ):
        assert proof.get_by_text(words).is_visible()
    assert page.get_by_text("None: the mail was not ours.").is_visible()
    for width in (1440, 390):
        page.set_viewport_size({"width": width, "height": 900})
        for theme in ("light", "dark"):
            page.emulate_media(color_scheme=theme)
            page.screenshot(path=pictures / f"not-ours-{width}-{theme}.png", full_page=True)
    _keep(pictures)


def _keep(pictures):
    """Take those that docs/linking.md shows, where pictures are asked for."""
    if "MEYASU_SCREENSHOTS" in os.environ:
        shutil.copy(pictures / "linking.png", IN_DOCS / "linking.png")
        shutil.copy(pictures / "not-ours-1440-light.png", IN_DOCS / "not-ours.png")


def _side_by_side(page, shown):
    """Put the links of every complaint onto one page, in three columns."""
    page.evaluate(
        """(shown) => {
            const main = document.querySelector("main");
            main.style.cssText = "max-width: none; columns: 3; column-gap: 1rem; display: block";
            main.replaceChildren(...shown.map(([title, links]) => {
                const one = document.createElement("section");
                one.innerHTML = links;
                one.querySelector("h2").textContent = title;
                one.querySelectorAll("details").forEach((each) => { each.open = true; });
                one.querySelectorAll("pre").forEach((each) => {
                    const lines = each.textContent.trim().split("\\n");
                    const more = lines.length > 2 ? [`… ${lines.length - 2} more lines`] : [];
                    each.textContent = [...lines.slice(0, 2), ...more].join("\\n");
                });
                one.style.breakInside = "avoid";
                one.querySelectorAll("form, #runs, p.small").forEach((each) => each.remove());
                return one;
            }));
        }""",
        shown,
    )
