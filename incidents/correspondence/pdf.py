"""A letter on paper: A4 as PDF, for fax and post.

Latin text is set in Times, anything else in a Japanese font (`reports/fonts.py`). Under the text
stand when we ask for an answer and what is enclosed; a log extract is printed after it. The bytes
are the same every time.
"""

from collections.abc import Iterator
from datetime import datetime
from io import BytesIO
from itertools import groupby
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import PageBreak, Paragraph, SimpleDocTemplate, Spacer, XPreformatted
from reportlab.platypus.flowables import Flowable

from complaints.cleantext import clean_text
from complaints.models import Organisation
from incidents.correspondence.address import own_address
from incidents.models import Enclosure, Letter
from incidents.reports import fonts
from incidents.workflow import inforce
from incidents.workflow.planning import desk_zone

LATIN, LATIN_FIXED, JAPANESE = "Times-Roman", "Courier", "HeiseiMin-W3"
MOST_CHARACTERS, MOST_LINES = 50_000, 240
LEFT, RIGHT, TOP, BOTTOM = 25 * mm, 20 * mm, 25 * mm, 20 * mm
# What a line that is set in has, four blanks and the frame's padding taken off.
WIDTH = A4[0] - LEFT - RIGHT - 36


WORDS = {
    "en": {
        "reference": "Our reference: {reference}",
        "answer": "We ask for your answer by {date}, to {address}.",
        "enclosed": "Enclosed:",
        "log": "log extract, {count} lines",
        "cut": "[Here the first {shown} of {count} lines; the rest on request.]",
        "page": "{reference}, page {page} of {pages}",
    },
    "ja": {
        "reference": "当方整理番号: {reference}",
        "answer": "{date}までに、{address} 宛てにご回答くださいますようお願いいたします。",
        "enclosed": "同封:",
        "log": "ログの抜粋（{count} 行）",
        "cut": "（{count} 行のうち、はじめの {shown} 行です。残りはご請求ください。）",
        "page": "{reference}　{page} / {pages}",
    },
}


def letter_pdf(letter: Letter) -> bytes:
    """The letter as it goes by fax or post: who we are, the date, the addressee, the text, and
    what is enclosed.

    The date is that of its dispatch by mail, else of its approval, else of its draft, in the zone
    of the desk: what is printed before it goes by post is what is kept.
    """
    font = fonts.japanese(JAPANESE)
    paper = BytesIO()
    document = SimpleDocTemplate(
        paper,
        pagesize=A4,
        leftMargin=LEFT,
        rightMargin=RIGHT,
        topMargin=TOP,
        bottomMargin=BOTTOM,
        title=letter.subject,
        author=_organisation_name(),
        lang=letter.language,
        invariant=1,
    )
    document.build(list(_content(letter, font)), canvasmaker=_numbered(letter, font))
    return paper.getvalue()


def _content(letter: Letter, font: str) -> Iterator[Flowable]:
    words = WORDS.get(letter.language, WORDS["en"])
    written_at = _written_at(letter)
    enclosures = _enclosures(letter)
    yield from _head(letter, written_at, words, font)
    for block in _blocks(letter.body):
        yield _block(block, font)
    if answer_by := _answer_by(letter, written_at):
        by = {"date": _date(answer_by, letter.language), "address": own_address()}
        yield _line(words["answer"].format(**by), font, size=11, after=9)
    if enclosures:
        yield _line(words["enclosed"], font, size=11, after=2)
    for enclosure in enclosures:
        yield _line(f"- {_called(enclosure, words)}", font, size=11, after=2)
    if letter.channel != Letter.Channel.MAIL:
        for enclosure in enclosures:
            yield from _annex(enclosure, words, font)


def _head(
    letter: Letter, written_at: datetime, words: dict[str, str], font: str
) -> Iterator[Flowable]:
    addressee = [letter.to_name, *letter.to_address.splitlines()]
    yield _line(_organisation_name(), font, size=15, after=2)
    yield _line(own_address(), font, size=10, after=2)
    yield _line(_date(written_at, letter.language), font, size=10, after=2)
    reference = words["reference"].format(reference=letter.incident.reference)
    yield _line(reference, font, size=10, after=20)
    for line in filter(None, dict.fromkeys(addressee)):
        yield _line(line, font, size=11, after=1)
    yield Spacer(1, 18)
    yield _line(letter.subject, font, size=13, after=14)


def _written_at(letter: Letter) -> datetime:
    sent_at = letter.sent_at if letter.channel == Letter.Channel.MAIL else None
    return sent_at or letter.approved_at or letter.drafted_at


def _answer_by(letter: Letter, written_at: datetime) -> datetime | None:
    """Until when its playbook waits for an answer, counted from the date on the paper."""
    plan = inforce.playbook_of(letter.incident).plan_of_letter(letter.kind)
    return written_at + plan.reply_within if plan and plan.reply_within else None


def _enclosures(letter: Letter) -> list[Enclosure]:
    if letter._state.adding:
        return []
    return list(letter.enclosures.exclude(kind=Enclosure.Kind.COPY))


def _called(enclosure: Enclosure, words: dict[str, str]) -> str:
    """What an enclosure is, and its file where it goes as one."""
    if enclosure.kind != Enclosure.Kind.LOG:
        return enclosure.name
    return f"{words['log'].format(count=len(_lines_of(enclosure)))} ({enclosure.name})"


def _lines_of(enclosure: Enclosure) -> list[str]:
    text = bytes(enclosure.content).decode("utf-8", "replace")
    return clean_text(text, len(text)).rstrip("\n").split("\n")


def _annex(enclosure: Enclosure, words: dict[str, str], font: str) -> Iterator[Flowable]:
    """A log extract, printed on pages of its own."""
    if enclosure.kind != Enclosure.Kind.LOG:
        return
    lines = _lines_of(enclosure)
    yield PageBreak()
    yield _line(_called(enclosure, words), font, size=11, after=9)
    yield _block([f" {line}" for line in lines[:MOST_LINES]], font)
    if len(lines) > MOST_LINES:
        cut = words["cut"].format(shown=MOST_LINES, count=len(lines))
        yield _line(cut, font, size=11, after=0)


def _blocks(body: str) -> list[list[str]]:
    """The text's lines, cut at its blank lines and where lines begin to be set in, or end to."""
    lines = clean_text(body, MOST_CHARACTERS).split("\n")
    runs = groupby(lines, key=lambda line: (bool(line.strip()), line.startswith((" ", "\t"))))
    return [list(run) for (is_text, _), run in runs if is_text]


def _block(lines: list[str], font: str) -> Flowable:
    """A paragraph, flowing; or lines that are set in, as evidence is, one for one."""
    if not lines[0].startswith((" ", "\t")):
        return _line(_joined(lines), font, size=11, after=9)
    style = _style("".join(lines), font, size=8, after=9, fixed=True)
    return XPreformatted("\n".join(_wrapped(line, style) for line in lines), style)


def _joined(lines: list[str]) -> str:
    """Lines as one paragraph; Japanese takes no blanks between them."""
    glue = "" if any(not line.isascii() for line in lines) else " "
    return glue.join(line.strip() for line in lines)


def _wrapped(line: str, style: ParagraphStyle) -> str:
    """A log line that is wider than the page, broken where it must be."""
    pieces: list[str] = []
    start = 0
    while start < len(line) or not pieces:
        end = len(line)
        while pdfmetrics.stringWidth(line[start:end], style.fontName, style.fontSize) > WIDTH:
            end = start + max(1, (end - start) * 15 // 16)
        pieces.append(escape(line[start:end]))
        start = end
    return "\n    ".join(pieces)


def _line(text: str, font: str, *, size: float, after: float) -> Paragraph:
    return Paragraph(escape(text), _style(text, font, size=size, after=after))


def _style(
    text: str, font: str, *, size: float, after: float, fixed: bool = False
) -> ParagraphStyle:
    latin = LATIN_FIXED if fixed else LATIN
    is_latin = all(ord(character) < 256 for character in text)
    return ParagraphStyle(
        "letter",
        fontName=latin if is_latin else font,
        fontSize=size,
        leading=size * (1.3 if is_latin else 1.6),
        spaceAfter=after,
        wordWrap=None if is_latin else "CJK",
    )


def _numbered(letter: Letter, font: str) -> type[Canvas]:
    """A canvas that writes at the foot of each page which one it is, of how many."""
    words = WORDS.get(letter.language, WORDS["en"])["page"]

    class Numbered(Canvas):
        def __init__(self, *given: Any, **named: Any) -> None:
            super().__init__(*given, **named)
            self._shown: list[dict[str, Any]] = []

        def showPage(self) -> None:  # noqa: N802 (reportlab's name)
            self._shown.append(dict(self.__dict__))
            self._startPage()  # type: ignore[attr-defined]  # the stubs lack it

        def save(self) -> None:
            for page, state in enumerate(self._shown, start=1):
                self.__dict__.update(state)
                where = {"reference": letter.incident.reference, "page": page}
                text = words.format(**where, pages=len(self._shown))
                self.setFont(LATIN if text.isascii() else font, 9)
                self.drawCentredString(A4[0] / 2, 12 * mm, text)
                super().showPage()
            super().save()

    return Numbered


def _date(at: datetime, language: str) -> str:
    local = at.astimezone(desk_zone())
    if language == "ja":
        return f"{local.year}年{local.month}月{local.day}日"
    return f"{local.day} {local:%B %Y}"


def _organisation_name() -> str:
    organisation = Organisation.objects.only("name").first()
    return organisation.name if organisation else ""
