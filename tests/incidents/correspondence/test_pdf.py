"""Letters on paper: readable in both languages, the same bytes every time."""

import re
from pathlib import Path

import pytest
import reportlab
from reportlab import rl_config

from incidents.correspondence.pdf import letter_pdf
from incidents.correspondence.reports import enclose
from incidents.models import Letter
from incidents.reports.fonts import DRAWN
from tests import make
from tests.make import at

pytestmark = pytest.mark.django_db


def letter(**fields):
    make.organisation(name="Example", utc_offset="+09:00")
    facts = {
        "kind": "protest",
        "channel": Letter.Channel.FAX,
        "to_name": "Meridian Opportunities",
        "to_address": "555-0142",
        "subject": "Misuse of our mail server",
        "body": "To whom it may concern,\n\nwe protest.\n",
        "drafted_at": at("1998-01-27 20:00"),
        "drafted_by": "agent",
        "token": "t",
        "message_id": "<t@example.org>",
    } | fields
    return Letter(incident=make.incident(), **facts)


def pages(pdf):
    return len(re.findall(rb"/Type /Page\b", pdf))


def test_the_same_letter_gives_the_same_bytes():
    paper = letter()
    assert letter_pdf(paper) == letter_pdf(paper)


def test_a_letter_is_one_page_and_a_long_one_has_more():
    assert pages(letter_pdf(letter())) == 1
    assert pages(letter_pdf(letter(body="word " * 8000))) > 3


def test_japanese_is_set_in_a_japanese_font(settings):
    settings.MEYASU_PAPER_FONT = "/nowhere/at/all.ttf"
    pdf = letter_pdf(letter(language="ja", subject="抗議", body="無断で利用されました。\n"))
    assert b"HeiseiMin-W3" in pdf
    assert b"HeiseiMin-W3" not in letter_pdf(letter()).replace(b"/HeiseiMin-W3 Tf", b"")


def test_markup_and_control_characters_in_the_text_are_text():
    hostile = "<b>bold</b> <img src='http://evil.example/x'/> & \x00\x07 &lt;\n"
    assert letter_pdf(letter(body=hostile, subject="<a href='x'>y</a>")).startswith(b"%PDF")


def test_the_paper_says_who_writes_by_when_we_ask_for_an_answer_and_what_is_enclosed(monkeypatch):
    monkeypatch.setattr(rl_config, "pageCompression", 0)  # so that the text can be read in it
    paper = letter(approved_at=at("1998-01-27 22:00"))
    paper.save()
    log = "\n".join(f"Jan 20 13:05 mail sendmail[1]: A{number}: line" for number in range(300))
    enclose._keep(
        paper, "log", "I-1.log.txt", "text/plain", log.encode(), 0, at("1998-01-27 22:00")
    )
    shown = b" ".join(re.findall(rb"\((.*?)\) Tj", letter_pdf(paper))).decode("latin-1")
    for words in (
        "abuse@example.org",
        f"Our reference: {paper.incident.reference}",
        "We ask for your answer by 11 February 1998, to abuse@example.org.",
        r"log extract, 300 lines \(I-1.log.txt\)",
        "A239: line",
        "the first 240 of 300 lines",
        f"{paper.incident.reference}, page 1 of 5",
    ):
        assert words in shown
    assert "A240: line" not in shown


def test_a_font_that_is_named_is_embedded(settings):
    """Vera comes with reportlab; it has no Japanese, but is a TrueType font as those that have."""
    vera = Path(reportlab.__file__).parent / "fonts" / "Vera.ttf"
    settings.MEYASU_PAPER_FONT = str(vera)
    pdf = letter_pdf(letter(language="ja", subject="抗議"))
    assert b"FontFile2" in pdf
    assert b"HeiseiMin-W3" not in pdf
    settings.MEYASU_PAPER_FONT = "/nowhere/at/all.ttf"
    assert b"HeiseiMin-W3" in letter_pdf(letter(language="ja", subject="抗議"))


def test_a_font_that_cannot_be_embedded_is_drawn(settings, monkeypatch):
    """As Noto CJK, which most machines have: what is printed needs no font of the reader's."""
    fonts = [path for path in DRAWN if Path(path).is_file()]
    if not fonts:
        pytest.skip("server missing: no OpenType font with Japanese (fonts-noto-cjk)")
    monkeypatch.setattr(rl_config, "pageCompression", 0)
    settings.MEYASU_PAPER_FONT = fonts[0]
    paper = letter(language="ja", subject="抗議", body="無断で利用されました。\n")
    pdf = letter_pdf(paper)
    assert b"HeiseiMin-W3" not in pdf
    assert letter_pdf(paper) == pdf
    assert b"/Subtype /Type3" in pdf
    masks = re.findall(rb"/AHx ID\n([0-9a-f]+)>", pdf)
    assert len(masks) >= len(set("抗議無断で利用されました。"))
    assert all(b"f" in mask for mask in masks)  # ink, in every glyph
    words = pdf.upper()
    assert all(f"<{ord(one):04X}>".encode() in words for one in "抗議無断で利用")


def test_what_is_no_font_is_left_alone(settings, tmp_path):
    settings.MEYASU_PAPER_FONT = str(tmp_path / "words.otf")
    (tmp_path / "words.otf").write_bytes(b"OTTO but no font")
    assert b"HeiseiMin-W3" in letter_pdf(letter(language="ja", subject="抗議"))


def test_log_lines_stay_lines_and_long_ones_are_broken():
    line = "  Jan 20 13:05:31 mail sendmail[1234]: NAA01234: from=<winner@riches.example>, " * 4
    assert pages(letter_pdf(letter(body=f"Our log:\n{line}\n{line}\n"))) == 1
