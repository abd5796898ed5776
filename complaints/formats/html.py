"""HTML to the text a reader sees; linear, bounded, and no parser of tags or styles."""

import html
import re

MAX_CHARS = 1024 * 1024
MAX_TAGS = 20_000

_HIDDEN = re.compile(r"<(script|style|head|title)\b[^<>]{0,2000}>", re.IGNORECASE)
_COMMENT_START, _COMMENT_END = "<!--", "-->"
_BREAK = re.compile(r"<br\b[^<>]{0,200}>[ \t]{0,9}\n?", re.IGNORECASE)
_BLOCK = re.compile(
    r"</?(?:p|div|tr|table|h[1-6]|ul|ol|li|blockquote|pre|hr|section)\b[^<>]{0,4000}>",
    re.IGNORECASE,
)
_LINK = re.compile(
    r"<a\b[^<>]{0,1000}?\bhref\s{0,9}=\s{0,9}[\"']?(https?:[^\"'\s<>]{1,2000})", re.IGNORECASE
)
_TAG = re.compile(r"</?[A-Za-z!?][^<>]{0,4000}>")
_LONG_NUMBER = re.compile(r"&#[xX]?[0-9A-Fa-f]{8,}")


def to_text(source: str) -> str:
    """Return the text of an HTML part, with line breaks where blocks end."""
    source = _without_hidden(source[:MAX_CHARS].replace("\r\n", "\n"))
    source = _BLOCK.sub("\n", _BREAK.sub("\n", source))
    text = html.unescape(_LONG_NUMBER.sub("&", _TAG.sub("", source)))
    return _few_blank_lines(text.replace("\xa0", " "))


def link_targets(source: str) -> tuple[str, ...]:
    """Return where the links of an HTML part lead, each once."""
    hits = (html.unescape(hit.group(1)) for hit in _LINK.finditer(source[:MAX_CHARS]))
    return tuple(dict.fromkeys(target for _, target in zip(range(MAX_TAGS), hits, strict=False)))


def looks_like_html(text: str) -> bool:
    """Whether a text that says it is plain is HTML all the same."""
    start = text[:2000].lstrip().lower()
    return start.startswith(("<html", "<!doctype html", "<body", "<div", "<p>", "<table"))


def _without_hidden(source: str) -> str:
    kept, position = [], 0
    for _ in range(MAX_TAGS):
        hit = _HIDDEN.search(source, position)
        if not hit:
            break
        kept.append(source[position : hit.start()])
        end = re.compile(f"</{hit.group(1)}", re.IGNORECASE).search(source, hit.end())
        if not end:
            position = len(source)
            break
        position = source.find(">", end.end()) + 1 or len(source)
    kept.append(source[position:])
    return _without_comments("".join(kept))


def _without_comments(source: str) -> str:
    pieces = source.split(_COMMENT_START)
    return pieces[0] + "".join(piece.partition(_COMMENT_END)[2] for piece in pieces[1:])


def _few_blank_lines(text: str) -> str:
    lines = [line.rstrip() for line in text.split("\n")]
    kept = [line for n, line in enumerate(lines) if line or (n and lines[n - 1])]
    return "\n".join(kept).strip("\n")
