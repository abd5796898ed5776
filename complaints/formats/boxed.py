"""The box of a few labels that mail programs put above a mail they forward, in any language.

Known words tell which label is which; below a separator the values do, where the words are those of
a language not in the list: a sender has an address, a date has digits, a subject comes last.
"""

import re

from complaints.evidence.dates import stated_time
from complaints.evidence.text import addresses
from complaints.formats.programs import LABELS
from complaints.formats.torn import Line

MOST_LABELS = 8

_LABEL = re.compile(
    r"^[ \t]{0,4}[*_]{0,2}([^\s:：*<>][^:：*<>]{0,24}?)[ \t\u3000]{0,9}\*{0,2}[:：][*_]{0,2}"
    r"[ \t\u3000]{0,9}(.*)$"
)
_NAMES = {word.replace(" ", ""): name for name, words in LABELS.items() for word in words}


def label_of(line: str) -> tuple[str, str]:
    """Return what a labelled line states (from, to, cc, date, subject) and its value."""
    hit = _LABEL.match(line[:2000]) if ":" in line or "：" in line else None
    if not hit:
        return "", ""
    words = hit.group(1).lower().strip()
    name = _NAMES.get("".join(words.split()), "")
    if not name and len(words) < 14:
        name = _NAMES.get(words.split(" ")[0], "")
    return (name, hit.group(2).strip().strip("*").strip()) if name else ("", "")


def box_at(lines: list[Line], at: int) -> tuple[list[tuple[str, str]], int]:
    """Return the labelled facts from this line on, (name, value), and the line behind them."""
    depth = lines[at].depth
    fields: list[tuple[str, str]] = []
    while at < len(lines) and lines[at].depth == depth and len(fields) < MOST_LABELS:
        name, value = label_of(lines[at].text)
        if not name and not (fields and _LABEL.match(lines[at].text)):
            break
        if name:
            fields.append((name, value))
        at += 1
    return fields, at


def box_of_values(lines: list[Line], at: int) -> tuple[list[tuple[str, str]], int]:
    """Return a box whose words nobody knows, told by what its values are; [] if it is none.

    For three to six labelled lines and a blank one behind: the first must hold an address, and
    another a time.
    """
    depth, values = lines[at].depth, []
    while at < len(lines) and lines[at].depth == depth and (hit := _LABEL.match(lines[at].text)):
        values.append(hit.group(2).strip())
        at += 1
    ends = at >= len(lines) or not lines[at].text.strip()
    if not ends or not 3 <= len(values) <= 6 or not addresses(values[0]):
        return [], at
    fields = [("from", values[0])]
    for value in values[1:]:
        known = {name for name, _ in fields}
        if "date" not in known and any(c.isdigit() for c in value) and stated_time(value):
            fields.append(("date", value))
        elif addresses(value) and "to" not in known:
            fields.append(("to", value))
        else:
            fields.append(("subject", value))
    return (fields, at) if any(name == "date" for name, _ in fields) else ([], at)


def is_labelled(line: str) -> bool:
    """Whether the line has the form of a label and its value."""
    return bool(_LABEL.match(line[:2000]))
