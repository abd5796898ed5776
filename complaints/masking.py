"""A mail with the personal data in it masked, so that it may be kept as a test sample. PURE.

The mail is not taken apart: a sample is wanted for what is odd in it, and a parser would put that
right. Its lines are masked where they stand, and only what is encoded (base64, quoted-printable,
encoded words) is decoded for it. One value has one mask, so what ties the parts together holds.
"""

import base64
import binascii
import ipaddress
import quopri
import re
from collections.abc import Iterator
from email.header import Header, decode_header
from email.utils import getaddresses

# A file's name ends as a host's does.
_FILE_ENDINGS = frozenset(
    [
        "arf", "asc", "bz2", "csv", "doc", "docx", "eml", "exe", "gif", "gz", "htm", "html", "jpeg",
        "jpg", "js", "json", "log", "msg", "p7s", "pdf", "php", "png", "py", "rar", "sh", "tar",
        "txt", "xls", "xlsx", "xml", "xz", "yaml", "yml", "zip", "zst",
    ]
)  # fmt: skip
_SECOND_LEVEL = frozenset(["ac", "co", "com", "edu", "go", "gov", "ne", "net", "or", "org"])
# Names that belong to a part played, not to a person.
_ROLES = frozenset(
    [
        "abuse", "account", "admin", "administrator", "alert", "antispam", "auto", "bot", "center",
        "centre", "cert", "complaint", "csirt", "customer", "daemon", "delivery", "desk", "dmarc",
        "feedback", "hostmaster", "loop", "mail", "mailer", "mailing", "message", "network", "no",
        "noc", "noreply", "notification", "notifier", "postmaster", "reply", "report", "reporter",
        "reporting", "root", "security", "sender", "server", "service", "spam", "spamcop",
        "subsystem", "support", "system", "team", "trap", "user", "webmaster",
    ]
)  # fmt: skip
_BLOCKS = ("192.0.2", "198.51.100", "203.0.113")  # RFC 5737
_TOKEN = re.compile(
    r"(?P<address>[A-Za-z0-9._+=!#$&'*-]{1,64}(?:@|%40)[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8})"
    r"|(?P<ipv4>(?<![\w.])\d{1,3}(?:\[?\.\]?\d{1,3}){3}(?![\w]))"
    r"|(?P<ipv6>(?<![\w:])[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7}(?![\w:]))"
    r"|(?P<phone>\+[1-9](?:[ ()-]?\d){7,14}(?!\d))"
    r"|(?P<query>[?&][\w.%-]{1,60}=[^\s&;<>\"'?=]{4,500}(?=[\s&<>\"']|$))"
    r"|(?P<host>(?<![\w.])[A-Za-z0-9_-]{1,63}(?:\[?\.\]?[A-Za-z0-9_-]{1,63}){1,8}(?![\w]))"
)
_ENCODED_WORD = re.compile(r"=\?[\w*-]{1,40}\?[bBqQ]\?[^?\s]{0,2000}\?=")
_BOUNDARY = re.compile(rb'boundary\s{0,5}=\s{0,5}"?([^"\s;]{1,200})', re.IGNORECASE)
_ENCODING = re.compile(rb"^content-transfer-encoding:\s{0,20}([\w-]{1,30})", re.IGNORECASE)
_NAMED = re.compile(
    rb"^(?:from|to|cc|sender|reply-to|resent-from):[^\n]*(?:\n[ \t][^\n]*)*",
    re.IGNORECASE | re.MULTILINE,
)
_SIGNATURES = re.compile(
    rb"^(?:dkim-signature|domainkey-signature|arc-[a-z-]{1,40}):[^\n]*\n(?:[ \t][^\n]*\n)*",
    re.IGNORECASE | re.MULTILINE,
)
# Encoded once more within a text, on one line or broken; hashes in hexadecimal are none.
_BASE64 = re.compile(
    r"(?:[A-Za-z0-9+/]{60,76}\r?\n){2,}[A-Za-z0-9+/]{0,76}={0,2}|[A-Za-z0-9+/]{40,}={0,2}"
)
_HEXADECIMAL = re.compile(r"[0-9a-fA-F]+")
_KEPT_OF_A_FILE = 8  # enough for its type to be told
_MOST_NAMES, _MOST_NAME_CHARS, _MOST_FIELD_BYTES = 200, 60, 4000
_MOST_LEVELS = 4


def masked(raw: bytes) -> bytes:
    """Return the mail with addresses, names, host names, telephone numbers and link tokens masked.

    raw      a mail as it came, whatever its defects; all time is linear in its length
    returns  the same lines with values of the documentation ranges (RFC 2606, RFC 5737, RFC 3849);
             files are cut after their first bytes, signatures over the old values left out
    A person must still look: a name in the text that no header field gives stays.
    """
    source = _SIGNATURES.sub(b"", raw.replace(b"\r\n", b"\n"))
    return _masked(source, _Masks(), 1)


def _masked(source: bytes, masks: "_Masks", level: int) -> bytes:
    masks.learn(_names(source))
    return b"".join(_masked_section(each, masks, level) for each in _sections(source))


class _Masks:
    """The masks given so far: one value, one mask."""

    def __init__(self) -> None:
        self._given: dict[str, dict[str, str]] = {}
        self._names: dict[str, str] = {}
        self._people = 0

    def learn(self, names: list[str]) -> None:
        """Mask these names from now on, at most `_MOST_NAMES` in all; the longest come first."""
        for name in names[: _MOST_NAMES - self._people]:
            if not any(form in self._names for form in _written_forms(name)):
                self._people += 1
                mask = f"Person {self._people}"
                self._names.update(dict.fromkeys(_written_forms(name), mask))
        self._names = dict(sorted(self._names.items(), key=lambda pair: -len(pair[0])))

    def text(self, text: str) -> str:
        """Mask a text in which each character stands for one byte."""
        for name, mask in self._names.items():
            text = text.replace(name, mask)
        return _TOKEN.sub(self._mask, text)

    def _mask(self, found: re.Match[str]) -> str:
        value = found.group()
        match found.lastgroup:
            case "address":
                local, sep, host = value.rpartition("@" if "@" in value else "%40")
                kept = _is_role(local)
                return f"{local if kept else self._person(local)}{sep}{self._host(host)}"
            case "ipv4" | "ipv6":
                return self._ip(value)
            case "phone":
                return f"+1555{int(self._numbered('', value, 'phone')):07}"
            case "query":
                return f"{value.partition('=')[0]}={self._numbered('token', value)}"
            case _:
                return self._host(value)

    def _person(self, local: str) -> str:
        return self._numbered("person", local.lower())

    def _numbered(self, word: str, value: str, kind: str = "") -> str:
        of_kind = self._given.setdefault(kind or word, {})
        return of_kind.setdefault(value, f"{word}{len(of_kind) + 1}")

    def _host(self, value: str) -> str:
        """Mask a host name: its registered domain by a number, what stands before it too."""
        labels = value.replace("[.]", ".").lower().split(".")
        last = labels[-1]
        if not last.isalpha() or len(last) < 2 or last in _FILE_ENDINGS or "example" in labels:
            return value
        size = 3 if len(labels) > 2 and len(last) == 2 and labels[-2] in _SECOND_LEVEL else 2
        domain = self._numbered("domain", ".".join(labels[-size:])) + ".example"
        before = ".".join(labels[:-size])
        return f"{self._numbered('host', before)}.{domain}" if before else domain

    def _ip(self, value: str) -> str:
        try:
            address = ipaddress.ip_address(value.replace("[.]", "."))
        except ValueError:
            return value
        if not address.is_global:
            return value
        number = int(self._numbered("", str(address), f"ipv{address.version}"))
        if address.version == 6:
            return f"2001:db8::{number:x}"
        return f"{_BLOCKS[number // 254 % 3]}.{number % 254 or 254}"


def _names(source: bytes) -> list[str]:
    """The names of people in the header fields of all mails that are in it, longest first."""
    fields = [
        _decoded_words(field.partition(b":")[2][:_MOST_FIELD_BYTES].decode("utf-8", "replace"))
        for field in _NAMED.findall(source)[:_MOST_NAMES]
    ]
    found = {name.strip("\"' ") for name, _ in getaddresses(fields)}
    people = {name[:_MOST_NAME_CHARS] for name in found if len(name) >= 2 and "@" not in name}
    people = {name for name in people if not _is_role(name)}
    words = {word for name in people for word in name.split() if _is_name(word)}
    return sorted(people | words, key=lambda name: (-len(name), name))[:_MOST_NAMES]


def _is_name(word: str) -> bool:
    return len(word) >= 3 and word[0].isupper() and not _is_role(word)


def _is_role(name: str) -> bool:
    """Whether every word of it names a part that is played: "Mail Delivery Subsystem"."""
    words = re.findall(r"[a-z]+", name.lower())
    return bool(words) and all(word.removesuffix("s") in _ROLES for word in words)


def _written_forms(name: str) -> Iterator[str]:
    """The name as the bytes of a mail may have it, one character for a byte."""
    for charset in ("utf-8", "iso2022_jp", "euc_jp", "cp932", "latin-1"):
        try:
            yield name.encode(charset).decode("latin-1")
        except UnicodeEncodeError:
            continue


def _sections(source: bytes) -> Iterator[tuple[str, list[bytes]]]:
    """Yield (transfer encoding, lines): what is encoded apart from what stands there as text."""
    boundaries: set[bytes] = set()
    lines: list[bytes] = []
    announced, encoding = "", ""
    for line in source.splitlines(keepends=True):
        if encoding and _is_boundary(line, boundaries):
            yield encoding, lines
            encoding, lines = "", []
        if not encoding:
            boundaries.update(_BOUNDARY.findall(line))
            if says := _ENCODING.match(line):
                announced = says.group(1).decode("ascii", "replace").lower()
        lines.append(line)
        if not encoding and announced in ("base64", "quoted-printable") and not line.strip():
            yield "", lines
            encoding, announced, lines = announced, "", []
    yield encoding, lines


def _is_boundary(line: bytes, boundaries: set[bytes]) -> bool:
    return line.startswith(b"--") and line.strip()[2:].removesuffix(b"--") in boundaries


def _masked_section(section: tuple[str, list[bytes]], masks: _Masks, level: int) -> bytes:
    encoding, lines = section
    content = b"".join(lines)
    decoded = _decoded(content, encoding) if encoding else None
    if decoded is None:
        return _masked_text(content, masks, level)
    plain = _masked_file(decoded, masks, level)
    return base64.encodebytes(plain) if encoding == "base64" else quopri.encodestring(plain) + b"\n"


def _masked_file(decoded: bytes, masks: _Masks, level: int) -> bytes:
    """What was encoded: a text masked, which may be a mail again; of any other file its start."""
    is_text = b"\0" not in decoded[:4096] and decoded[:2] not in (b"\x1f\x8b", b"PK", b"%P")
    if not is_text or level >= _MOST_LEVELS:
        return decoded[:_KEPT_OF_A_FILE]
    return _masked(decoded, masks, level + 1)


def _masked_text(content: bytes, masks: _Masks, level: int) -> bytes:
    text = _ENCODED_WORD.sub(lambda word: _masked_word(word.group(), masks), _latin(content))
    pieces, end = [], 0
    for run in _BASE64.finditer(text):
        pieces += [masks.text(text[end : run.start()]), _masked_run(run.group(), masks, level)]
        end = run.end()
    return "".join([*pieces, masks.text(text[end:])]).encode("latin-1")


def _masked_run(run: str, masks: _Masks, level: int) -> str:
    """Base64 in the middle of a text, as JSON reports carry their samples; masked, on one line."""
    decoded = None if _HEXADECIMAL.fullmatch(run) else _decoded(run.encode("ascii"), "base64")
    if decoded is None:
        return run
    return base64.b64encode(_masked_file(decoded, masks, level)).decode("ascii")


def _decoded(content: bytes, encoding: str) -> bytes | None:
    try:
        return base64.b64decode(content) if encoding == "base64" else quopri.decodestring(content)
    except (binascii.Error, ValueError):
        return None


def _latin(content: bytes) -> str:
    """One character for a byte: a charset decides nothing here, what is looked for is ASCII."""
    return content.decode("latin-1")


def _decoded_words(field: str) -> str:
    try:
        pieces = decode_header(" ".join(field.split()))
        return "".join(
            piece if isinstance(piece, str) else piece.decode(charset or "latin-1", "replace")
            for piece, charset in pieces
        )
    except (LookupError, ValueError):
        return field


def _masked_word(word: str, masks: _Masks) -> str:
    """An encoded word (RFC 2047) again, masked; as it was where nothing in it is."""
    text = _decoded_words(word)
    bytes_of_it = text.encode("utf-8")
    plain = masks.text(_latin(bytes_of_it)).encode("latin-1")
    if plain == bytes_of_it:
        return word
    return Header(plain.decode("utf-8", "replace"), "utf-8", maxlinelen=10_000).encode()
