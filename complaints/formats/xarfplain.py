"""X-ARF 0.1 and 0.2: the part with `Key: value` lines in YAML, to its fields.

Source: the X-ARF specification 0.2 (github.com/abusix/xarf). Its Schema-URL is never fetched.
YAML is read as texts only, without aliases, and only where plain lines do not do.
"""

import re
from collections.abc import Iterator

import yaml

MAX_CHARS = 16 * 1024
MAX_REPORTS = 100
MAX_FIELDS = 200

KEYS = frozenset(
    (
        "reported-from", "report-type", "category", "report-id", "source", "source-type",
        "schema-url", "user-agent", "attachment", "date", "version",
    )
)  # fmt: skip
LEAST_KEYS = 5

Fields = dict[str, str]

_LINE = re.compile(r"^[ \t]*(?P<name>[A-Za-z][\w-]{0,40})[ \t]?:(?:[ \t]+(?P<value>.*))?$")
_QUOTE = re.compile(r"^(?:[>|][ \t]?){1,5}")


class TextsOnly(yaml.BaseLoader):
    """YAML in which every scalar is a text, whatever its tag, and nothing stands twice."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("aliases are not read")
        node: yaml.Node | None = super().compose_node(parent, index)
        return node


def looks_like_report(text: str) -> bool:
    """Whether a text has the fields of an X-ARF report; cheap."""
    start = text.lower()
    return "report-type" in start and "source" in start and "reported-from" in start


def reports(text: str) -> Iterator[Fields]:
    """Yield the fields of each report in a text, names in lower case, values as texts.

    A report begins at a line of dashes or where a field comes again; what stands around it in
    a mail's text is left out.
    """
    if not looks_like_report(text):
        return
    for number, block in enumerate(_blocks(text)):
        if number >= MAX_REPORTS:
            return
        fields = _fields(block)
        if len(KEYS & fields.keys()) >= LEAST_KEYS and "report-type" in fields:
            yield fields


def _blocks(text: str) -> Iterator[list[str]]:
    """Yield runs of lines between lines of dashes and blank lines."""
    block: list[str] = []
    for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        plain = _QUOTE.sub("", line).rstrip().lstrip("\ufeff")
        if plain.strip() in ("---", "...", "") or plain.startswith(("%YAML", "--_", "-----")):
            if block:
                yield block
            block = []
        else:
            block.append(plain)
    if block:
        yield block


def _fields(block: list[str]) -> Fields:
    """The fields of a block: by its lines where each is one, else by YAML, else by lines."""
    if all(_LINE.match(line) for line in block):
        return by_line(block)
    source = "\n".join(block)
    return (_by_yaml(source) if len(source) <= MAX_CHARS else {}) or by_line(block)


def by_line(block: list[str]) -> Fields:
    """Return the fields of lines of `name: value`, folded or not; the first of each name."""
    found: Fields = {}
    last = ""
    for line in block:
        hit = _LINE.match(line)
        if hit and not (last and line[:1] in (" ", "\t")):
            last = hit.group("name").lower()
            if len(found) >= MAX_FIELDS:
                break
            found.setdefault(last, _bare(hit.group("value") or ""))
        elif last and line[:1] in (" ", "\t") and len(found[last]) < MAX_CHARS:
            found[last] = f"{found[last]} {_bare(line)}".strip()
    return found


def _by_yaml(source: str) -> Fields:
    try:
        found = yaml.load(source, Loader=TextsOnly)  # noqa: S506 - builds texts and lists alone
    except (yaml.YAMLError, RecursionError, ValueError):
        return {}
    if not isinstance(found, dict):
        return {}
    pairs = ((name, value) for name, value in list(found.items())[:MAX_FIELDS])
    return {str(name).lower(): _text(value) for name, value in pairs if isinstance(name, str)}


def _text(value: object) -> str:
    if isinstance(value, list):
        return "\n".join(_text(one) for one in value[:MAX_FIELDS] if isinstance(one, str))
    return " ".join(value.split()) if isinstance(value, str) else ""


def _bare(value: str) -> str:
    """A value without its tag and quotes."""
    plain = value.strip()
    if plain.startswith("!"):
        plain = plain.partition(" ")[2].strip()
    if len(plain) > 1 and plain[0] == plain[-1] and plain[0] in "\"'":
        return plain[1:-1]
    return plain
