"""Reports of machines that no other format knows: lists, JSON, XML and YAML, attached or as text.

So that nothing which a program can read is dropped. Recognised only where a file or the whole text
is data that names an address, a link or a hash; what a person wrote around it stays his words.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

import yaml

from complaints.cleantext import clean_line
from complaints.formats import (
    csirt,
    csvlist,
    elements,
    enclosed,
    event,
    facts,
    jsontext,
    xarfplain,
)
from complaints.formats.enclosed import Enclosed
from complaints.formats.event import Event
from complaints.formats.opened import Opened
from complaints.formats.report import Report

NAME = "plain"  # a word of the formats list; what it is made of, its version says
MAX_TEXT_CHARS = 256 * 1024
MAX_WORDS_AROUND = 400

_DATA = (".json", ".csv", ".xml", ".yaml", ".yml", ".tsv", ".txt", ".log")
_JSON = re.compile(rb"\s{0,99}[{\[]\s{0,99}[\"{\[]")
_XML = re.compile(rb"\s{0,99}<(?:\?xml|[A-Za-z][\w:.-]{0,60}[\s>])")
_PAGE = re.compile(rb"<(?:!doctype|html|svg|rss|feed|wsdl|xhtml|body|table|div|p)\b", re.IGNORECASE)
_YAML = re.compile(rb"(?:---\s{0,9}\n|[A-Za-z][\w-]{0,40}:[ \t]{0,9}\S{0,200}\r?\n[A-Za-z -])")


def recognises(opened: Opened) -> bool:
    """Whether a file, or the text as a whole, is data that accuses somebody."""
    if opened.mail.mails or opened.shown.samples or opened.headers.in_reply_to:
        return False
    return next(_found(opened), None) is not None


def read(opened: Opened) -> Report:
    """Return the report: one original for each record."""
    kinds: dict[str, None] = {}
    events: dict[tuple[object, ...], Event] = {}
    for kind, one in _found(opened):
        kinds[kind] = None
        key = (one.source_ip, one.at, one.urls, one.domains, one.file_hash)
        events.setdefault(key, one)
        if len(events) >= event.MAX_EVENTS:
            break
    name = csirt.NAME if csirt.recognises(opened) else NAME
    found = event.report_of(opened, name, events.values())
    return replace(
        found,
        format_version=", ".join(kinds),
        category="",
        reporter_kind="csirt" if name == csirt.NAME else found.reporter_kind,
    )


def _found(opened: Opened) -> Iterator[tuple[str, Event]]:
    """Yield what the files tell, else what the text tells, each with what kind of data it is."""
    in_files = False
    for file in enclosed.files_like(opened.mail, _is_data):
        if file.content_type in ("text/plain", "text/html") and not _is_named(file):
            continue
        for found in _of_content(file.content, clean_line(file.name, 60) or "file", opened):
            in_files = True
            yield found
    if not in_files:
        yield from _of_text(opened)


def _is_named(file: Enclosed) -> bool:
    return file.name.lower().endswith(_DATA)


def _is_data(start: bytes) -> bool:
    plain = start.removeprefix(b"\xef\xbb\xbf")
    if _PAGE.search(plain[:500]):
        return False
    is_tree = bool(_JSON.match(plain) or _XML.match(plain) or _YAML.match(plain))
    return is_tree or _is_list(plain)


def _is_list(start: bytes) -> bool:
    line = start.lstrip().partition(b"\n")[0].decode("utf-8", "replace").rstrip("\r")
    return csvlist.is_list(csvlist.header_of(line)[0])


def _of_text(opened: Opened) -> Iterator[tuple[str, Event]]:
    """The text itself, where it is JSON or XML with few words around it, or holds a list."""
    text = next((part.text for part in opened.mail.parts if part.content_type == "text/plain"), "")
    text = text[:MAX_TEXT_CHARS].strip()
    if table := csvlist.in_text(text, "the list in the text"):
        for one in csvlist.events(table, zone=opened.zone):
            if one.source_ip or one.urls:
                yield "csv", one
        return
    starts = (text.find("{"), text.find("<?xml"), 0 if text.startswith("<") else -1)
    mark = min((at for at in starts if at >= 0), default=-1)
    if 0 <= mark <= MAX_WORDS_AROUND and text[-1:] in "}]>":
        content = text[mark:].encode("utf-8", "replace")
        yield from _of_content(content, "the text", opened) if _is_data(content[:1000]) else ()


def _of_content(content: bytes, name: str, opened: Opened) -> Iterator[tuple[str, Event]]:
    """Yield what a file tells, by what its first bytes are."""
    plain = content[: jsontext.MAX_CHARS].removeprefix(b"\xef\xbb\xbf")
    trees: tuple[facts.Tree, ...] = ()
    kind = "csv"
    if _JSON.match(plain):
        kind, trees = "json", tuple(jsontext.documents(plain.decode("utf-8", "replace")))
    elif _XML.match(plain):
        kind, trees = "xml", (facts.of_element(elements.parse(plain)[0]),)
    elif _YAML.match(plain) and len(plain) <= xarfplain.MAX_CHARS and not _is_list(plain):
        kind, trees = "yaml", (_yaml(plain.decode("utf-8", "replace")),)
    elif table := csvlist.read(plain, name):
        for row in csvlist.events(table, zone=opened.zone):
            if row.source_ip or row.urls:
                yield kind, row
    for tree in trees:
        for one in facts.events(tree, name):
            yield kind, one


def _yaml(source: str) -> facts.Tree:
    """The tree of YAML, or of lines of "name: value" that are none."""
    try:
        found = yaml.load(source, Loader=xarfplain.TextsOnly)  # noqa: S506 - texts and lists alone
    except (yaml.YAMLError, RecursionError, ValueError):
        found = None
    return found if isinstance(found, dict | list) else xarfplain.by_line(source.splitlines())
