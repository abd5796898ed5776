"""A letter on paper: A4 as PDF, for fax and post.

Latin text is set in Times, anything else in reportlab's built-in Japanese font, whose glyphs
the reader's program brings; so no font file is shipped. The bytes are the same every time.
"""

from datetime import datetime
from io import BytesIO
from itertools import groupby
from xml.sax.saxutils import escape

from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, XPreformatted
from reportlab.platypus.flowables import Flowable

from complaints.cleantext import clean_text
from complaints.models import Organisation
from incidents.models import Letter
from incidents.workflow.planning import desk_zone

LATIN, LATIN_FIXED, JAPANESE = "Times-Roman", "Courier", "HeiseiMin-W3"
MOST_CHARACTERS = 50_000
LEFT, RIGHT, TOP, BOTTOM = 25 * mm, 20 * mm, 25 * mm, 20 * mm
# What a line that is set in has, four blanks and the frame's padding taken off.
WIDTH = A4[0] - LEFT - RIGHT - 36


def letter_pdf(letter: Letter) -> bytes:
    """The letter as it goes by fax or post, with our name, the date, the addressee and pages.

    The date is that of its dispatch, else of its approval, else of its draft, in the zone of
    the desk.
    """
    pdfmetrics.registerFont(UnicodeCIDFont(JAPANESE))
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
    document.build(_content(letter), onFirstPage=_page_number, onLaterPages=_page_number)
    return paper.getvalue()


def _content(letter: Letter) -> list[Flowable]:
    written_at = letter.sent_at or letter.approved_at or letter.drafted_at
    addressee = [letter.to_name, *letter.to_address.splitlines()]
    return [
        _line(_organisation_name(), size=15, after=2),
        _line(_date(written_at, letter.language), size=10, after=22),
        *(_line(line, size=11, after=1) for line in dict.fromkeys(addressee) if line),
        Spacer(1, 18),
        _line(letter.subject, size=12, after=14),
        *(_block(block) for block in _blocks(letter.body)),
    ]


def _blocks(body: str) -> list[list[str]]:
    """The text's lines, cut at its blank lines and where lines begin to be set in, or end to."""
    lines = clean_text(body, MOST_CHARACTERS).split("\n")
    runs = groupby(lines, key=lambda line: (bool(line.strip()), line.startswith((" ", "\t"))))
    return [list(run) for (is_text, _), run in runs if is_text]


def _block(lines: list[str]) -> Flowable:
    """A paragraph, flowing; or lines that are set in, as evidence is, one for one."""
    if not lines[0].startswith((" ", "\t")):
        return _line(_joined(lines), size=11, after=9)
    style = _style("".join(lines), size=8, after=9, fixed=True)
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


def _line(text: str, *, size: float, after: float) -> Paragraph:
    return Paragraph(escape(text), _style(text, size=size, after=after))


def _style(text: str, *, size: float, after: float, fixed: bool = False) -> ParagraphStyle:
    latin = LATIN_FIXED if fixed else LATIN
    is_latin = all(ord(character) < 256 for character in text)
    return ParagraphStyle(
        "letter",
        fontName=latin if is_latin else JAPANESE,
        fontSize=size,
        leading=size * (1.3 if is_latin else 1.6),
        spaceAfter=after,
        wordWrap=None if is_latin else "CJK",
    )


def _page_number(canvas: Canvas, document: SimpleDocTemplate) -> None:
    canvas.setFont(LATIN, 9)
    canvas.drawCentredString(A4[0] / 2, 12 * mm, str(document.page))


def _date(at: datetime, language: str) -> str:
    local = at.astimezone(desk_zone())
    if language == "ja":
        return f"{local.year}年{local.month}月{local.day}日"
    return f"{local.day} {local:%B %Y}"


def _organisation_name() -> str:
    organisation = Organisation.objects.only("name").first()
    return organisation.name if organisation else ""
