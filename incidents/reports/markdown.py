"""PURE: a Document as Markdown (CommonMark, tables as GitHub writes them)."""

import re
from collections.abc import Iterator, Sequence

from incidents.reports.document import Bars, Block, Document, Figures, Heading, Rows, Text

# What would be mark-up, were it not escaped; strangers write part of our words.
MARKS = re.compile(r"([\\`*_{}\[\]<>()#+!|~-])")
WIDEST_BAR = 30


def as_markdown(document: Document) -> str:
    """The document as text, a line feed at its end."""
    parts = [f"# {escaped(document.title)}", escaped(document.made)]
    parts += ["\n".join(_lines(block)) for block in document.blocks]
    return "\n\n".join(part for part in parts if part) + "\n"


def escaped(words: str) -> str:
    """Words of anybody, on one line and without any mark-up."""
    return MARKS.sub(r"\\\1", " ".join(words.split()))


def _lines(block: Block) -> Iterator[str]:
    match block:
        case Heading(words):
            yield f"## {escaped(words)}"
        case Text(words):
            yield escaped(words)
        case Figures(rows):
            yield from (f"- {escaped(what)}: **{escaped(figure)}**" for what, figure in rows)
        case Rows(headers, rows):
            yield _row(headers)
            yield f"|{'---|' * len(headers)}"
            yield from (_row(row) for row in rows)
        case Bars():
            yield from _bars(block)


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(escaped(cell) for cell in cells)} |"


def _bars(bars: Bars) -> Iterator[str]:
    """A chart of characters, in a block that keeps them in place."""
    yield f"{escaped(bars.words)}:"
    yield ""
    most = max((count for _, count in bars.days), default=0)
    marks = dict(bars.marks)
    for day in sorted({day for day, _ in bars.days} | marks.keys()):
        count = dict(bars.days).get(day, 0)
        bar = "#" * round(WIDEST_BAR * count / most) if most else ""
        said = f"  {' '.join(marks[day].split())}" if day in marks else ""
        yield f"    {day:%Y-%m-%d} {count:>7} {bar}{said}"
