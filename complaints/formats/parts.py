"""Part and Mail: what a mail is made of. What many formats ask of it is found out once."""

from dataclasses import dataclass
from functools import cached_property

from complaints.formats import charset, html, unpack
from complaints.formats.head import Head

MAX_TEXT_CHARS = 1024 * 1024
MIN_WORDS = 20  # a plain text with fewer may be but a notice that there is HTML
BEGINNING_BYTES = 16 * 1024


@dataclass(frozen=True, eq=False)
class Part:
    """A leaf of the MIME tree.

    content_type  as declared, lower case
    content       decoded from its transfer encoding
    mail          the mail inside, if the part is one (by its type or its content)
    """

    content_type: str
    content: bytes
    charset: str = ""
    name: str = ""
    is_attachment: bool = False
    mail: "Mail | None" = None
    content_id: str = ""

    @property
    def is_text(self) -> bool:
        """Whether this part is meant to be read by a person."""
        return self.content_type in ("text/plain", "text/html") and not self.is_attachment

    @cached_property
    def text(self) -> str:
        """The content as text, at most `MAX_TEXT_CHARS`."""
        return charset.decode(self.content[: 4 * MAX_TEXT_CHARS], self.charset)[:MAX_TEXT_CHARS]

    @cached_property
    def beginnings(self) -> tuple[bytes, ...]:
        """How the files in it begin, unpacked where it is an archive: `BEGINNING_BYTES` of each."""
        files = unpack.unpack(self.content, self.name, member_bytes=BEGINNING_BYTES)
        return tuple(one.content[:BEGINNING_BYTES] for one in files)


@dataclass(frozen=True, eq=False)
class Mail:
    """A mail, flat: its head and its leaf parts in order; mails inside are such leaves too.

    source_bytes  the size of a mail inside another one, as it is there; 0 where it is not known
    """

    head: Head
    content_type: str
    report_type: str
    parts: tuple[Part, ...]
    notes: tuple[str, ...] = ()
    has_only_headers: bool = False
    source_bytes: int = 0

    def first_part(self, content_type: str) -> Part | None:
        """The first leaf of this type, or None."""
        return next((part for part in self.parts if part.content_type == content_type), None)

    @cached_property
    def mails(self) -> tuple["Mail", ...]:
        """The mails inside, in order."""
        return tuple(part.mail for part in self.parts if part.mail)

    @cached_property
    def text(self) -> str:
        """What a reader sees: the plain texts, or the HTML where no plain text says anything."""
        texts = [part.text for part in self.parts if part.is_text and _is_plain(part)]
        plain = "\n".join(html.to_text(one) if html.looks_like_html(one) else one for one in texts)
        sources = self.html_sources
        if sources and len(plain.split()) < MIN_WORDS:
            # "This message needs a reader of HTML" says less than what it stands for.
            rich = "\n".join(map(html.to_text, sources))
            plain = rich if len(rich) > 2 * len(plain) else plain
        return plain.replace("\r\n", "\n").replace("\r", "\n")[:MAX_TEXT_CHARS]

    @cached_property
    def html_sources(self) -> tuple[str, ...]:
        """The HTML parts as they came."""
        return tuple(part.text for part in self.parts if part.is_text and not _is_plain(part))


def _is_plain(part: Part) -> bool:
    return part.content_type == "text/plain"
