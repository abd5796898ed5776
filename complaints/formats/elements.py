"""An XML document as a tree of elements, well-formed or not, within bounds; names in lower case.

Namespaces and prefixes go: reports of one format differ in nothing more. Entities are never
declared, nothing is fetched. A document that is not well-formed is read by its tags.
"""

import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser, ParseError

from complaints.formats import charset

MAX_BYTES = 8 * 1024 * 1024
MAX_ELEMENTS = 150_000
MAX_DEPTH = 60

_NOT_READ = f"Other documents have {MAX_ELEMENTS} elements already; it was not read."

# What pyexpat and defusedxml raise beside their own errors on odd declarations of the encoding.
_DEFECTS = (ParseError, DefusedXmlException, LookupError, ValueError)
_ENCODING = re.compile(rb"encoding\s{0,3}=\s{0,3}[\"']([A-Za-z0-9._-]{1,40})[\"']")
_TAG = re.compile(
    r"<(?:(?P<special>!--|!\[CDATA\[|[!?])"
    r"|(?P<slash>/?)(?P<name>[A-Za-z_][\w.:-]{0,100})(?P<inside>[^<>]{0,8192})>)"
)
_CLOSED_BY = {"!--": "-->", "![CDATA[": "]]>", "?": "?>", "!": ">"}
_ATTRIBUTE = re.compile(r"([\w.:-]{1,100})\s{0,9}=\s{0,9}(?:\"([^\"]*)\"|'([^']*)')")


@dataclass(slots=True)
class Element:
    """An element. `text` is what stands directly in it, without the blanks around it."""

    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    text: str = ""
    children: list["Element"] = field(default_factory=list)

    def inside(self, *, but_not_in: str = "") -> Iterator["Element"]:
        """Yield the elements inside, at whatever depth, in order.

        but_not_in  the name of elements that are yielded and not looked into
        """
        waiting = list(reversed(self.children))
        while waiting:
            one = waiting.pop()
            yield one
            if one.name != but_not_in:
                waiting.extend(reversed(one.children))

    def all(self, name: str) -> Iterator["Element"]:
        """Yield the elements of this name inside, in order."""
        return (one for one in self.inside() if one.name == name)

    def outermost(self, name: str) -> Iterator["Element"]:
        """Yield the elements of this name inside that lie in no other of this name."""
        return (one for one in self.inside(but_not_in=name) if one.name == name)

    def first(self, name: str) -> "Element":
        """The first such element inside; an empty one where there is none."""
        return next(self.all(name), Element(name))

    def child(self, name: str) -> "Element":
        """The first such element directly in it; an empty one where there is none."""
        return next((one for one in self.children if one.name == name), Element(name))

    def said(self, *names: str) -> str:
        """The text of the first element inside that has one of these names and says something."""
        return next((one.text for name in names for one in self.all(name) if one.text), "")


def parse(content: bytes, *, most: int = MAX_ELEMENTS) -> tuple[Element, str]:
    """Return the root element of a document, and what was wrong with it in a sentence, or "".

    most  how many elements are read
    Never raises; where there is no element at all, the root has no name.
    """
    tree, note = _Tree(most), ""
    source = content[:MAX_BYTES].lstrip()
    try:
        try:
            parser = DefusedXMLParser(target=tree)
            parser.feed(source)
            parser.close()
        except _DEFECTS as defect:
            tree = _Tree(most)
            note = f"The XML is not well-formed ({defect}); it was read by its tags."
            _read_tags(_decoded(source), tree)
    except _TooLargeError:
        note = (
            f"The XML has more than {MAX_ELEMENTS} elements, or some {MAX_DEPTH} deep; cut there."
        )
    if len(content) > MAX_BYTES:
        note = f"The XML has {len(content)} bytes; {MAX_BYTES} were read."
    return tree.close(), note


def parse_all(contents: Iterable[bytes]) -> Iterator[tuple[Element, str]]:
    """Yield what `parse` returns for each document; together they have as many elements as one."""
    left = MAX_ELEMENTS
    for content in contents:
        root, note = parse(content, most=left) if left > 0 else (Element(""), _NOT_READ)
        left -= sum(1 for _ in root.inside()) + 1
        yield root, note


def document_in(content: bytes, root: str) -> bytes:
    """Return the document with this root that stands in a text, from its first tag to its last.

    The content itself, if it has no such tag, or in UTF-16.
    """
    name = re.escape(root.encode("ascii"))
    first = re.search(rb"<(?:[\w.-]{1,40}:)?" + name + rb"[\s>/]", content, re.IGNORECASE)
    if first is None:
        return content
    ends = re.finditer(rb"</(?:[\w.-]{1,40}:)?" + name + rb"\s{0,9}>", content, re.IGNORECASE)
    end = max((hit.end() for hit in ends), default=len(content))
    return content[first.start() : max(end, first.end())]


class _TooLargeError(Exception):
    """There are more elements than may be."""


class _Tree:
    """Builds the tree; the target of both readers (as of xml.etree.ElementTree.XMLParser)."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._open = [Element("")]
        self._texts: list[list[str]] = [[]]
        self._count = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._count_one()
        element = Element(_local(tag), {_local(name): attributes[name] for name in attributes})
        self._open[-1].children.append(element)
        self._open.append(element)
        self._texts.append([])

    def data(self, text: str) -> None:
        self._texts[-1].append(text)

    def end(self, tag: str) -> None:
        """Close the element of this name and those that were left open in it."""
        self._count_one()
        name = _local(tag)
        if self._open[-1].name == name:
            self._close_last()
        elif name in [element.name for element in self._open[1:]]:
            while self._close_last() != name:
                pass

    def close(self) -> Element:
        while len(self._open) > 1:
            self._close_last()
        roots = self._open[0].children
        return roots[0] if len(roots) == 1 else self._open[0]

    def _count_one(self) -> None:
        self._count += 1
        if self._count > 2 * self._most or len(self._open) > MAX_DEPTH:
            raise _TooLargeError

    def _close_last(self) -> str:
        element = self._open.pop()
        element.text = "".join(self._texts.pop()).strip()
        return element.name


@lru_cache(maxsize=4096)
def _local(tag: str) -> str:
    return tag.rpartition("}")[2].rpartition(":")[2].lower()


def _decoded(content: bytes) -> str:
    named = _ENCODING.search(content[:200])
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16", "replace")
    return charset.decode(content, named.group(1).decode("ascii") if named else "utf-8")


def _read_tags(source: str, tree: _Tree) -> None:
    """Read a document by its tags alone: one pass, whatever is between them is text."""
    position = 0
    while hit := _TAG.search(source, position):
        tree.data(html.unescape(source[position : hit.start()]))
        position = hit.end()
        if closing := _CLOSED_BY.get(hit.group("special") or ""):
            end = source.find(closing, position)
            end = len(source) if end < 0 else end
            if closing == "]]>":
                tree.data(source[position:end])
            position = end + len(closing)
        elif hit.group("slash"):
            tree.end(hit.group("name"))
        else:
            tree.start(hit.group("name"), _attributes(hit.group("inside")))
            if hit.group("inside").endswith("/"):
                tree.end(hit.group("name"))


def _attributes(inside: str) -> dict[str, str]:
    hits = _ATTRIBUTE.finditer(inside) if "=" in inside else ()
    return {hit.group(1): html.unescape(hit.group(2) or hit.group(3) or "") for hit in hits}
