"""Facts in a tree of names and values, whoever named them: JSON, XML or YAML to Events.

A name tells what a value is by the words it is made of: "source_ip", "attackerAddress". Values
of targets, owners and contacts accuse nobody.
"""

import re
from collections.abc import Iterator

from complaints.evidence.dates import stated_time
from complaints.evidence.observables import normal_ip
from complaints.evidence.text import refang
from complaints.formats import jsontext
from complaints.formats.elements import Element
from complaints.formats.event import MAX_EVENTS, Event

MAX_DEPTH = 12
MAX_VALUES = 5000
MAX_VALUE_CHARS = 2000

IP_WORDS = frozenset(("ip", "ipv4", "ipv6", "address", "addr", "host", "source", "src", "attacker"))
URL_WORDS = frozenset(("url", "uri", "link", "indicator", "page"))
TIME_WORDS = frozenset(
    ("timestamp", "time", "date", "datetime", "seen", "on", "at", "when", "start", "detected")
)
HOST_WORDS = frozenset(("domain", "host", "hostname", "fqdn", "dns"))
HASH_WORDS = frozenset(("md5", "sha1", "sha256", "hash"))
# Words of names whose values are not whom a report accuses, or not when it happened.
OTHERS = frozenset(
    (
        "dst", "dest", "destination", "target", "victim", "reporter", "owner", "contact", "sensor",
        "email", "mail", "sender", "recipient", "org", "organisation", "organization", "whois",
        "registrar", "nameserver", "resolver", "proxy", "gateway", "customer", "c2", "cc", "local",
        "our", "schema", "help", "info", "updated", "expires", "assignment", "created", "published",
        "generated", "cctld", "prefix", "region", "reference", "more", "details", "report",
    )
)  # fmt: skip

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+\d*|\d+")
_LINK = re.compile(
    r"(?:(?:https?|ftp)://\S{3,1900}|(?:[\w-]{1,63}\.){1,9}[A-Za-z][A-Za-z0-9-]{1,62}/\S{0,1900})",
    re.IGNORECASE,
)
_HOST = re.compile(r"(?:[\w-]{1,63}\.){1,9}[A-Za-z][A-Za-z0-9-]{1,62}")
_HASH = re.compile(r"[0-9a-fA-F]{32,64}")

Tree = object


def of_element(element: Element, depth: int = 0) -> Tree:
    """Return an XML element as a tree: attributes and children by name, else its text."""
    if depth > MAX_DEPTH:
        return element.text
    tree: dict[str, object] = {**element.attributes}
    for child in element.children:
        inside = of_element(child, depth + 1)
        known = tree.get(child.name)
        if isinstance(known, list):
            known.append(inside)  # never copied: of a name there may be very many
        else:
            tree[child.name] = inside if known is None else [known, inside]
    if tree and element.text:
        tree["text"] = element.text
    return tree or element.text


def events(tree: Tree, where: str) -> tuple[Event, ...]:
    """Return the events of a tree: each member of its list of records, or the tree itself."""
    rows = _rows(tree)
    found = (
        _event(row, f"{where}, record {number}" if len(rows) > 1 else where)
        for number, row in enumerate(rows[:MAX_EVENTS], start=1)
    )
    return tuple(one for one in found if one.source_ip or one.urls or one.domains or one.file_hash)


def _rows(tree: Tree) -> list[Tree]:
    """The records of a tree: the members of all its lists that go by the name which has most.

    Of a tree without lists, the tree alone.
    """
    lists: dict[str, list[Tree]] = {}
    waiting: list[tuple[str, Tree, int]] = [("", tree, 0)]
    seen = 0
    while waiting and seen < MAX_VALUES:
        name, one, depth = waiting.pop()
        seen += 1
        if depth > MAX_DEPTH:
            continue
        if isinstance(one, dict):
            waiting += [(key, value, depth + 1) for key, value in reversed(list(one.items()))]
        elif isinstance(one, list):
            records = [each for each in one[:MAX_EVENTS] if isinstance(each, dict)]
            lists.setdefault(name, []).extend(records)
            waiting += [(name, value, depth + 1) for value in records[:50]]
    return max(lists.values(), key=len, default=[]) or [tree]


def _event(row: Tree, where: str) -> Event:
    values = list(_values(row))
    times = [value for words, value in values if words & TIME_WORDS and not words & OTHERS]
    at = next(filter(None, (stated_time(value) for value in times if value[:1].isalnum())), None)
    return Event(
        where=where[:100],
        source_ip=_address(values),
        at=at,
        urls=tuple(dict.fromkeys(_links(values)))[:50],
        domains=tuple(dict.fromkeys(_hosts(values)))[:50],
        asn=next((value for words, value in values if "asn" in words), ""),
        file_hash=next((v for words, v in values if words & HASH_WORDS and _HASH.fullmatch(v)), ""),
        record=jsontext.record(row) if isinstance(row, dict) else str(row)[:2000],
    )


def _values(tree: Tree) -> Iterator[tuple[frozenset[str], str]]:
    """Yield each value with the words of the names on its way, in order."""
    waiting: list[tuple[Tree, frozenset[str], int]] = [(tree, frozenset(), 0)]
    count = 0
    while waiting and count < MAX_VALUES:
        one, words, depth = waiting.pop()
        count += 1
        if isinstance(one, dict) and depth < MAX_DEPTH:
            waiting += [
                (value, _named(name, words), depth + 1)
                for name, value in reversed(list(one.items())[:MAX_VALUES])
            ]
        elif isinstance(one, list) and depth < MAX_DEPTH:
            waiting += [(value, words, depth + 1) for value in reversed(one[:MAX_VALUES])]
        elif text := jsontext.words(one)[:MAX_VALUE_CHARS]:
            yield words, text


def _named(name: str, above: frozenset[str]) -> frozenset[str]:
    """The words of a name, and those above it that say that it is somebody else's."""
    own = frozenset(word.lower() for word in _WORDS.findall(name[:100]))
    return own | (above & OTHERS)


def _address(values: list[tuple[frozenset[str], str]]) -> str:
    found = [
        (bool(words & {"source", "src", "attacker", "offender"}), address)
        for words, value in values
        if words & IP_WORDS and not words & OTHERS and (address := normal_ip(value))
    ]
    # The one called a source goes before one that is merely called an address.
    return next((a for is_source, a in found if is_source), found[0][1] if found else "")


def _links(values: list[tuple[frozenset[str], str]]) -> Iterator[str]:
    for words, value in values:
        if words & URL_WORDS and not words & OTHERS and _LINK.fullmatch(plain := refang(value)):
            yield plain


def _hosts(values: list[tuple[frozenset[str], str]]) -> Iterator[str]:
    for words, value in values:
        if words & HOST_WORDS and not words & OTHERS and _HOST.fullmatch(plain := refang(value)):
            yield plain.lower()
