"""PURE: Document, a report as blocks of text, figures, tables and bars, before it has any form."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of a part."""

    words: str
    kind: str = "heading"


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph."""

    words: str
    kind: str = "text"


@dataclass(frozen=True, slots=True)
class Figures:
    """A few figures that belong together, each with what it is: (what, figure)."""

    rows: Sequence[tuple[str, str]]
    kind: str = "figures"


@dataclass(frozen=True, slots=True)
class Rows:
    """A table; every row has as many cells as there are headers."""

    headers: Sequence[str]
    rows: Sequence[Sequence[str]]
    kind: str = "rows"


@dataclass(frozen=True, slots=True)
class Bars:
    """Counts by day, days without any left out; `marks` are days with what happened on them."""

    words: str
    days: Sequence[tuple[date, int]]
    marks: Sequence[tuple[date, str]] = ()
    kind: str = "bars"


Block = Heading | Text | Figures | Rows | Bars


@dataclass(frozen=True, slots=True)
class Document:
    """A report in one language; `made` says by whom and when."""

    title: str
    made: str
    language: str
    blocks: tuple[Block, ...]
