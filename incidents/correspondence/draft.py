"""Draft: the text of a letter or notice from its template and the facts of its incident.

A template is a file of ours, or the owner's own text in its place: its first line the subject, a
blank line, the text. Only named slots are filled; nothing that a mail contains is ever taken for a
template, and no template can do more than name a slot.
"""

import re
import textwrap
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from string import Template

from django.conf import settings

from incidents.models import LetterText

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
    return filled(source(name, language, about=about, folder=folder), facts)


def source(name: str, language: str, *, about: str = "", folder: Path = LETTERS) -> Draft:
    """The text of this name with its slots: the owner's own, else the one that is shipped.

    raises   NoTemplate for an unknown name
    """
    own = _own_texts(name) if folder == LETTERS else {}
    for kind, tongue in _candidates(language, about):
        if (kind, tongue) in own:
            return own[kind, tongue]
        path = _place(name, kind, tongue, folder)
        if path.is_file():
            return _read(path, tongue)
    raise _unknown(name, settings.BASE_DIR / "templates" / folder)


def shipped(name: str, language: str, *, about: str = "") -> Draft:
    """The text that came with the program, with its slots; raises NoTemplate."""
    path = _place(name, about, language, LETTERS)
    if not path.is_file():
        raise _unknown(name, path.parent)
    return _read(path, language)


def shipped_names() -> list[tuple[str, str, str]]:
    """(name, kind of incident, language) of every letter that came with the program."""
    files = sorted((settings.BASE_DIR / "templates" / LETTERS).glob("*.txt"))
    parts = [path.name.removesuffix(".txt").split(".") for path in files]
    return [(part[0], part[1] if len(part) == 3 else "", part[-1]) for part in parts]


def filled(text: Draft, facts: Mapping[str, str]) -> Draft:
    """A text with its slots filled in; raises KeyError for a slot that no fact has."""
    shown = {key: value or f"[{key}?]" for key, value in facts.items()}
    return Draft(
        subject=" ".join(Template(text.subject).substitute(shown).split()),
        body=_wrapped(Template(text.body).substitute(shown)).strip() + "\n",
        language=text.language,
    )


def flowing(text: Draft) -> Draft:
    """A text whose paragraphs are a line each, for pages that wrap lines themselves."""
    paragraphs = (block.splitlines() for block in text.body.strip().split("\n\n"))
    return Draft(text.subject, "\n\n".join(map(joined, paragraphs)) + "\n", text.language)


def joined(lines: Sequence[str]) -> str:
    """Lines as one: with a blank between those that end and begin in Latin, Japanese without."""
    whole = ""
    for line in lines:
        needs_blank = whole[-1:].isascii() and line[:1].isascii() and whole
        whole += f" {line.strip()}" if needs_blank else line.strip()
    return whole


def wrong_slots(text: str, known: Collection[str]) -> list[str]:
    """What in a text looks like a slot and is none: unknown names, and lone dollar signs."""
    found = Template.pattern.finditer(text)
    wrong = [
        match.group()
        for match in found
        if not match["escaped"] and (match["named"] or match["braced"]) not in known
    ]
    return list(dict.fromkeys(wrong))


def _own_texts(name: str) -> dict[tuple[str, str], Draft]:
    return {
        (row.about, row.language): Draft(row.subject, row.body, row.language)
        for row in LetterText.objects.filter(name=name)
    }


def _read(path: Path, language: str) -> Draft:
    subject, _, body = path.read_text(encoding="utf-8").partition("\n\n")
    return Draft(subject, body, language)


def _candidates(language: str, about: str) -> list[tuple[str, str]]:
    """(kind of incident, language), the most fitting first."""
    plain = [("", language), ("", SHIPPED_IN)]
    return [(about, language), (about, SHIPPED_IN), *plain] if about else plain


def _place(name: str, about: str, language: str, folder: Path) -> Path:
    stem = ".".join(filter(None, (name, about, language)))
    place: Path = settings.BASE_DIR / "templates" / folder / f"{stem}.txt"
    return place


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
    for kind, tongue in _candidates(language, about):
        path = _place(name, kind, tongue, folder)
        if path.is_file():
            return path
    raise _unknown(name, settings.BASE_DIR / "templates" / folder)


def _unknown(name: str, place: Path) -> NoTemplate:
    known = sorted({path.name.partition(".")[0] for path in place.glob("*.txt")})
    return NoTemplate(f"There is no text “{name}”. There are: {', '.join(known)}.")
