"""A Document on paper: A4 as PDF. Japanese is embedded where this machine has a font for it."""

from collections.abc import Iterator
from io import BytesIO
from typing import Any, Literal
from xml.sax.saxutils import escape

from reportlab.graphics.shapes import Drawing, Line, Rect, String
from reportlab.lib.colors import Color, HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle
from reportlab.platypus.flowables import Flowable

from complaints.cleantext import clean_text
from incidents.reports import fonts
from incidents.reports.document import Bars, Block, Document, Figures, Heading, Rows, Text

LATIN, BOLD, JAPANESE = "Helvetica", "Helvetica-Bold", "HeiseiKakuGo-W5"
MARGIN = 20 * mm
WIDTH = A4[0] - 2 * MARGIN - 12  # the padding of the frame
CHART_HEIGHT, FOOT = 34 * mm, 5 * mm
FEWEST_DAYS = 14  # a chart of fewer has its bars in the middle, no wider than these would be
INK, SOFT, RULE = HexColor("#1a1a1a"), HexColor("#5a5a5a"), HexColor("#c8c8c8")
BAR, MARK = HexColor("#33557a"), HexColor("#b3362b")
MOST_CHARACTERS = 4000

Anchor = Literal["start", "middle", "end"]


def as_pdf(document: Document) -> bytes:
    """The document as PDF; the same bytes every time."""
    paper = BytesIO()
    template = SimpleDocTemplate(
        paper,
        pagesize=A4,
        leftMargin=MARGIN,
        rightMargin=MARGIN,
        topMargin=MARGIN,
        bottomMargin=MARGIN,
        title=document.title,
        lang=document.language,
        invariant=1,
    )
    content: list[Flowable] = [
        _words(document.title, size=17, after=2, is_bold=True),
        _words(document.made, size=9, after=10, colour=SOFT),
    ]
    for block in document.blocks:
        content.extend(_flowables(block))
    template.build(content, onFirstPage=_page_number, onLaterPages=_page_number)
    return paper.getvalue()


def _flowables(block: Block) -> Iterator[Flowable]:
    match block:
        case Heading(words):
            yield _words(words, size=13, before=8, after=4, is_bold=True)
        case Text(words):
            yield _words(words, size=10, after=5)
        case Figures(rows):
            yield _table(
                [[what, figure] for what, figure in rows], widths=[WIDTH / 3, WIDTH * 2 / 3]
            )
            yield Spacer(1, 6)
        case Rows(headers, rows):
            yield _table([list(headers), *map(list, rows)], has_header=True)
            yield Spacer(1, 6)
        case Bars():
            yield _words(block.words, size=9, after=2, colour=SOFT)
            yield _chart(block)
            yield Spacer(1, 6)


def _table(
    rows: list[list[str]], *, widths: list[float] | None = None, has_header: bool = False
) -> Table:
    cells = [
        [_words(cell, size=9, is_bold=has_header and place == 0, colour=INK) for cell in row]
        for place, row in enumerate(rows)
    ]
    table = Table(
        cells, colWidths=widths or _widths(rows), repeatRows=int(has_header), hAlign="LEFT"
    )
    rules: list[Any] = [
        ("LINEBELOW", (0, 0), (-1, -1), 0.4, RULE),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LEFTPADDING", (0, 0), (0, -1), 0),
        ("TOPPADDING", (0, 0), (-1, -1), 2),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
    ]
    table.setStyle(TableStyle(rules))
    return table


def _widths(rows: list[list[str]]) -> list[float]:
    """Columns as wide as their longest words want, within bounds, over the whole page."""
    wanted = [
        min(max(_columns(row[place]) for row in rows), 40) + 3 for place in range(len(rows[0]))
    ]
    return [WIDTH * each / sum(wanted) for each in wanted]


def _columns(words: str) -> int:
    """How many narrow characters a text is wide; Japanese ones are two."""
    return sum(1 if character.isascii() else 2 for character in words)


def _chart(bars: Bars) -> Drawing:
    """A bar a day; the days on which something happened have a line with its name."""
    drawing = Drawing(WIDTH, CHART_HEIGHT)
    days = [day for day, _ in bars.days] + [day for day, _ in bars.marks]
    first, last = min(days), max(days)
    span = (last - first).days + 1
    width = WIDTH / max(span, FEWEST_DAYS)
    left = (WIDTH - span * width) / 2
    most = max((count for _, count in bars.days), default=0) or 1
    for day, count in bars.days:
        height = (CHART_HEIGHT - 2 * FOOT) * count / most
        x = left + (day - first).days * width
        bar = Rect(x, FOOT, max(width - 0.6, 0.4), height)
        bar.fillColor, bar.strokeColor = BAR, None
        drawing.add(bar)
    for place, (day, words) in enumerate(bars.marks):
        _mark(drawing, left + (day - first).days * width, words, place)
    drawing.add(_label(0, 0, f"{first:%Y-%m-%d}", "start"))
    if last > first:
        drawing.add(_label(WIDTH, 0, f"{last:%Y-%m-%d}", "end"))
    drawing.add(_label(WIDTH / 2, 0, f"max {most}", "middle"))
    return drawing


def _mark(drawing: Drawing, x: float, words: str, place: int) -> None:
    top = CHART_HEIGHT - 7 - place * 7
    drawing.add(Line(x, FOOT, x, top, strokeColor=MARK, strokeWidth=0.8))
    is_left = x < WIDTH * 3 / 4
    drawing.add(_label(x + (2 if is_left else -2), top, words, "start" if is_left else "end"))


def _label(x: float, y: float, words: str, anchor: Anchor) -> String:
    return String(x, y, words, textAnchor=anchor, fontName=_font(words), fontSize=7, fillColor=SOFT)


def _words(
    words: str,
    *,
    size: float,
    before: float = 0,
    after: float = 0,
    is_bold: bool = False,
    colour: Color = INK,
) -> Paragraph:
    text = clean_text(words, MOST_CHARACTERS)
    font = _font(text, is_bold=is_bold)
    style = ParagraphStyle(
        "report",
        fontName=font,
        fontSize=size,
        leading=size * 1.35,
        spaceBefore=before,
        spaceAfter=after,
        textColor=colour,
        wordWrap="CJK" if font == fonts.japanese(JAPANESE) else None,
        splitLongWords=1,
    )
    return Paragraph(escape(text), style)


def _font(words: str, *, is_bold: bool = False) -> str:
    """A Latin font where it has the letters: those of Latin-1, and dashes."""
    if all(ord(character) < 256 or character in "–—‘’“”…" for character in words):
        return BOLD if is_bold else LATIN
    return fonts.japanese(JAPANESE)


def _page_number(canvas: Canvas, template: SimpleDocTemplate) -> None:
    canvas.setFont(LATIN, 8)
    canvas.drawCentredString(A4[0] / 2, 10 * mm, str(template.page))
