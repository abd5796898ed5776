"""A mail's HTML made harmless to look at: run as a process of its own, one mail on standard input.

What comes out is one page without scripts, styles, links, forms or remote content; pictures are
those attached to the mail, and only where they are asked for. Two further walls stand around it:
the frame it is shown in is sandboxed, and its own policy allows nothing to be fetched.
"""

import base64
import contextlib
import html
import os
import resource
import sys
from collections.abc import Iterator

import nh3

from complaints.evidence.marked import plainly
from complaints.formats import mime
from complaints.formats.parts import Mail

MEMORY_BYTES = 512 * 1024 * 1024
CPU_SECONDS = 5
MOST_HTML_CHARS = 500_000
MOST_MAILS = 20
MOST_PICTURE_BYTES = 2 * 1024 * 1024
MOST_PICTURES = 30

TAGS = {
    "p", "br", "hr", "div", "span", "b", "strong", "i", "em", "u", "s", "small", "sub", "sup",
    "pre", "code", "blockquote", "ul", "ol", "li", "dl", "dt", "dd", "h1", "h2", "h3", "h4", "h5",
    "h6", "table", "thead", "tbody", "tfoot", "tr", "td", "th", "caption", "center", "img",
}  # fmt: skip
ATTRIBUTES = {
    "*": {"dir", "lang"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
    "img": {"src", "alt"},
}
EMPTY_WITH_CONTENT = {"script", "style", "svg", "math", "title", "template", "noscript", "object"}
PICTURES = {b"\x89PNG\r\n\x1a\n": "png", b"\xff\xd8\xff": "jpeg", b"GIF8": "gif"}


def shown(raw: bytes, *, with_pictures: bool) -> str:
    """The HTML of a mail and of the mails in it, cleaned; "" where there is none."""
    mail = mime.read(raw)
    pictures = dict(_pictures(mail)) if with_pictures else {}
    left, parts = MOST_HTML_CHARS, []
    for source in _sources(mail):
        parts.append(cleaned(source[:left], pictures))
        left -= len(source)
        if left <= 0:
            break
    return "<hr>".join(parts)


def cleaned(source: str, pictures: dict[str, str]) -> str:
    """One HTML text, with nothing in it that acts, fetches or leads anywhere."""

    def keep(tag: str, name: str, value: str) -> str | None:
        if (tag, name) == ("img", "src"):
            return pictures.get(value.removeprefix("cid:").strip().lower())
        if name in ("colspan", "rowspan"):
            return value if value.isdecimal() and len(value) < 3 else None
        return value[:200]

    return plainly(
        nh3.clean(
            source,
            tags=TAGS,
            clean_content_tags=EMPTY_WITH_CONTENT,
            attributes=ATTRIBUTES,
            attribute_filter=keep,
            url_schemes={"cid", "data"},
            link_rel=None,
            strip_comments=True,
        )
    )


def _sources(mail: Mail) -> Iterator[str]:
    yield from mail.html_sources
    for inner in mail.mails[:MOST_MAILS]:
        for source in inner.html_sources:
            yield f"<h2>{html.escape(inner.head.first('subject'))}</h2>{source}"


def _pictures(mail: Mail) -> Iterator[tuple[str, str]]:
    """Content-ID to picture, of attached files that are pictures by their content."""
    parts = [part for one in (mail, *mail.mails[:MOST_MAILS]) for part in one.parts]
    for part in parts[: MOST_PICTURES * 10]:
        kind = next((kind for head, kind in PICTURES.items() if part.content.startswith(head)), "")
        if kind and part.content_id and len(part.content) <= MOST_PICTURE_BYTES:
            packed = base64.b64encode(part.content).decode("ascii")
            yield part.content_id.lower(), f"data:image/{kind};base64,{packed}"


def main() -> None:
    """Clean the mail on standard input; `pictures` as the only argument lets attached ones in."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    page = shown(sys.stdin.buffer.read(), with_pictures="pictures" in sys.argv[1:])
    sys.stdout.buffer.write(page.encode("utf-8", "replace"))
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    with contextlib.suppress(BrokenPipeError, KeyboardInterrupt):
        main()
    os._exit(0)
