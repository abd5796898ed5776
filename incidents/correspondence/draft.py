"""Draft: the text of a letter from its template and the facts of its incident.

A template is a file of ours: its first line the subject, a blank line, the text. Only named
slots are filled; nothing that a mail contains is ever taken for a template.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Template

from django.conf import settings

FOLDER = Path("correspondence") / "letters"


class NoTemplate(LookupError):
    """There is no letter of this kind; says which there are."""


@dataclass(frozen=True, slots=True)
class Draft:
    """Subject and text, filled in."""

    subject: str
    body: str


def fill(kind: str, language: str, facts: Mapping[str, str]) -> Draft:
    """The letter of this kind in this language, else in English.

    raises   NoTemplate for an unknown kind, KeyError for a slot without a fact
    """
    subject, _, body = _text(kind, language).partition("\n\n")
    return Draft(_filled(subject, facts).strip(), _filled(body, facts).strip() + "\n")


def _filled(text: str, facts: Mapping[str, str]) -> str:
    return Template(text).substitute(facts)


def _text(kind: str, language: str) -> str:
    folder = settings.BASE_DIR / "templates" / FOLDER
    for name in (f"{kind}.{language}.txt", f"{kind}.en.txt"):
        path = folder / name
        if path.is_file():
            return path.read_text(encoding="utf-8")
    known = sorted({path.name.partition(".")[0] for path in folder.glob("*.txt")})
    raise NoTemplate(f"There is no letter “{kind}”. There are: {', '.join(known)}.")
