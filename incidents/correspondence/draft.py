"""Draft: the text of a letter or notice from its template and the facts of its incident.

A template is a file of ours: its first line the subject, a blank line, the text. Only named
slots are filled; nothing that a mail contains is ever taken for a template.
"""

import re
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from string import Template

from django.conf import settings

LETTERS = Path("correspondence") / "letters"
SHIPPED_IN = "en"
COLUMNS = 76
# What stands in the text where a fact is not known, for a person to fill in.
_MISSING = re.compile(r"\[[a-z_]{1,40}\?\]")


class NoTemplate(LookupError):
    """There is no text of this name; says which there are."""


@dataclass(frozen=True, slots=True)
class Draft:
    """Subject and text, filled in, and the language they are in."""

    subject: str
    body: str
    language: str


def fill(
    name: str, language: str, facts: Mapping[str, str], *, about: str = "", folder: Path = LETTERS
) -> Draft:
    """The text of this name, filled in; a fact that is empty shows as `[its_name?]`.

    about    kind of the incident: NAME.ABOUT.LANGUAGE.txt goes before NAME.LANGUAGE.txt
    language the one wanted; English where there is no text in it
    raises   NoTemplate for an unknown name, KeyError for a slot that no fact has
    """
    path = _file(name, language, about, folder)
    subject, _, body = path.read_text(encoding="utf-8").partition("\n\n")
    shown = {key: value or f"[{key}?]" for key, value in facts.items()}
    return Draft(
        subject=" ".join(Template(subject).substitute(shown).split()),
        body=_wrapped(Template(body).substitute(shown)).strip() + "\n",
        language=path.name.split(".")[-2],
    )


def phrase(
    name: str,
    language: str,
    facts: Mapping[str, str],
    *,
    about: str = "",
    folder: Path = LETTERS / "phrases",
) -> str:
    """A sentence that letters and notices have in common, from its own file under `phrases`."""
    path = _file(name, language, about, folder)
    return Template(path.read_text(encoding="utf-8").rstrip()).substitute(facts)


def missing(text: str) -> list[str]:
    """The marks in a text that a person still has to fill in, each once."""
    return list(dict.fromkeys(_MISSING.findall(text)))


def _wrapped(text: str) -> str:
    """Prose wrapped anew, now that its slots are filled; lines that are set in stay as they are.

    So does what has blanks in no place where it could be wrapped, as Japanese.
    """
    runs = groupby(text.split("\n"), key=lambda line: bool(line) and not line.startswith(" "))
    return "\n".join(
        _paragraph(list(lines)) if is_prose else "\n".join(lines) for is_prose, lines in runs
    )


def _paragraph(lines: list[str]) -> str:
    if not all(line.isascii() for line in lines):
        return "\n".join(lines)
    return textwrap.fill(" ".join(lines), COLUMNS, break_long_words=False, break_on_hyphens=False)


def _file(name: str, language: str, about: str, folder: Path) -> Path:
    place = settings.BASE_DIR / "templates" / folder
    names = (
        f"{name}.{about}.{language}.txt",
        f"{name}.{about}.{SHIPPED_IN}.txt",
        f"{name}.{language}.txt",
        f"{name}.{SHIPPED_IN}.txt",
    )
    for candidate in names if about else names[2:]:
        path: Path = place / candidate
        if path.is_file():
            return path
    known = sorted({path.name.partition(".")[0] for path in place.glob("*.txt")})
    raise NoTemplate(f"There is no text “{name}”. There are: {', '.join(known)}.")
