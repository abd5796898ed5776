"""Lists of the admin as files: CSV and XLSX, streamed, and harmless in a spreadsheet.

A spreadsheet takes a cell that begins with = + - @, a tab or a carriage return for a formula,
and what strangers wrote stands in our cells. In CSV such a cell gets an apostrophe in front
(OWASP, CSV injection); XLSX says of each cell that it is text.
"""

import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from tempfile import TemporaryFile
from typing import IO, Any

import xlsxwriter

from complaints.cleantext import clean_text

STARTS_OF_FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n")
# Rows of a sheet in XLSX, the header's too (ECMA-376; Excel refuses more).
MOST_ROWS_OF_XLSX = 1_048_576
MOST_CHARACTERS_OF_XLSX = 32_767

Row = Sequence[Any]


class TooManyRows(Exception):
    """XLSX has no room for them: worded for whoever asked."""


class _Echo:
    """A file that hands back what is written to it, as csv.writer wants one."""

    def write(self, line: str) -> str:
        return line


def csv_lines(header: Row, rows: Iterable[Row]) -> Iterator[str]:
    """Lines of CSV (RFC 4180), in UTF-8 with a mark that spreadsheets look for."""
    writer = csv.writer(_Echo())
    yield "\ufeff" + writer.writerow(header)
    for row in rows:
        yield writer.writerow([_harmless(cell(value)) for value in row])


def xlsx_file(header: Row, rows: Iterable[Row]) -> IO[bytes]:
    """A workbook in a temporary file, at its beginning; one row in memory at a time.

    raises   TooManyRows
    """
    file = TemporaryFile()  # noqa: SIM115 (whoever sends it closes it)
    book = xlsxwriter.Workbook(file, {"constant_memory": True, "in_memory": False})
    sheet = book.add_worksheet()
    _write(sheet, 0, header)
    for place, row in enumerate(rows, start=1):
        if place >= MOST_ROWS_OF_XLSX:
            raise TooManyRows(f"A sheet has room for {MOST_ROWS_OF_XLSX - 1} rows: take CSV.")
        _write(sheet, place, row)
    book.close()
    file.seek(0)
    return file


def cell(value: Any) -> Any:
    """What stands in a cell: numbers as they are, times in UTC as ISO 8601, all else as text."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case int() | float():
            return value
        case datetime():
            return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        case date():
            return value.isoformat()
        case _:
            return clean_text(str(value), MOST_CHARACTERS_OF_XLSX)


def _harmless(value: Any) -> Any:
    if isinstance(value, str) and value.startswith(STARTS_OF_FORMULAS):
        return f"'{value}"
    return value


def _write(sheet: Any, place: int, row: Row) -> None:
    for column, value in enumerate(row):
        content = cell(value)
        if isinstance(content, str):
            sheet.write_string(place, column, content)
        else:
            sheet.write_number(place, column, content)
