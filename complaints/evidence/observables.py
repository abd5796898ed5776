"""Observable: one thing that can be looked for, in its normal form, and who says so."""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from complaints.cleantext import clean_line
from complaints.evidence.text import refang

MAX_VALUE_CHARS = 1000
MAX_OBSERVABLES = 1000

MASKS = frozenset(
    [
        "x",
        "xx",
        "xxx",
        "xxxx",
        "redacted",
        "removed",
        "masked",
        "hidden",
        "undisclosed",
        "unknown",
        "customer",
        "anonymous",
        "none",
        "n/a",
    ]
)


class Kind(StrEnum):
    """What an observable is."""

    IP = "ip"
    MESSAGE_ID = "message-id"
    QUEUE_ID = "queue-id"
    URL = "url"
    DOMAIN = "domain"
    ENVELOPE_FROM = "envelope-from"
    ENVELOPE_TO = "envelope-to"
    HEADER_FROM = "header-from"
    SUBJECT = "subject"
    DATE = "date"
    FILE_HASH = "file-hash"
    ASN = "asn"
    PHONE = "phone"


class Origin(StrEnum):
    """Who says it: the reporter, or the copy that we read ourselves."""

    REPORTED = "reported"
    INFERRED = "inferred"


@dataclass(frozen=True, slots=True)
class Observable:
    """One thing found in a complaint.

    value   in normal form, as `normal_value` makes it
    where   in words for a reader: "feedback report, Source-IP"
    """

    kind: Kind
    value: str
    where: str
    origin: Origin


def observable(kind: Kind, value: str, *, where: str, origin: Origin) -> Observable | None:
    """Return the observable in normal form; None if the value is empty, masked or no such thing."""
    normal = normal_value(kind, value) if value else ""
    if not normal or is_masked(normal):
        return None
    return Observable(kind, normal, clean_line(where, 200), origin)


def normal_value(kind: Kind, value: str) -> str:
    """Return the form in which two spellings of a thing are equal; "" if it is no such thing."""
    value = clean_line(value, MAX_VALUE_CHARS)
    match kind:
        case Kind.IP:
            return normal_ip(value)
        case Kind.URL:
            return normal_url(value)
        case Kind.DOMAIN:
            return refang(value).strip("\"'<>[]() .").lower()
        case Kind.MESSAGE_ID:
            return normal_message_id(value)
        case Kind.ENVELOPE_FROM | Kind.ENVELOPE_TO | Kind.HEADER_FROM:
            return normal_address(value)
        case _:
            return value


def normal_ip(value: str) -> str:
    """Return the compressed address, IPv4-mapped ones as IPv4; "" if it is no address."""
    return _normal_ip(value) if value else ""


@lru_cache(maxsize=1024)
def _normal_ip(value: str) -> str:
    words = refang(value).replace("IPv6:", "").replace("ipv6:", "").strip("[]()<>\"' ,;").split()
    try:
        address = ipaddress.ip_address(words[0].strip("[]()") if words else "")
    except ValueError:
        return ""
    mapped = getattr(address, "ipv4_mapped", None)
    return str(mapped or address).split("%", 1)[0]


def normal_url(value: str) -> str:
    """Return the link refanged, with scheme and host in lower case."""
    scheme, sep, rest = refang(value).strip("<>\"' ").partition("://")
    if not sep:
        return scheme
    host, slash, path = rest.partition("/")
    return f"{scheme.lower()}://{host.lower()}{slash}{path}"


def normal_message_id(value: str) -> str:
    """Return the Message-ID in angle brackets; "" if it is empty or masked."""
    bare = value.strip().strip("<>").strip()
    return f"<{bare}>" if bare and " " not in bare and not is_masked(bare) else ""


def normal_address(value: str) -> str:
    """Return the bare address, its domain in lower case; "<>" for the null sender."""
    value = value.strip()
    if value == "<>":
        return value
    if "<" in value:
        value = value.rpartition("<")[2]
    bare = value.partition(">")[0].strip().removeprefix("mailto:")
    local, sep, domain = bare.rpartition("@")
    return f"{local}@{domain.lower()}" if sep and local and domain and " " not in bare else ""


@lru_cache(maxsize=256)  # a mail has the same value in several places
def is_masked(value: str) -> bool:
    """Whether the reporter blotted this value out, so that nothing can be looked for by it."""
    bare = value.strip("<>[](){}*\"' ").lower()
    if bare in MASKS or not bare.strip("*x."):
        return bool(bare) or "*" in value
    left, sep, right = bare.partition("@")
    if sep and (left in MASKS or right in MASKS):
        return True
    return (
        "xxxxx" in bare or "*****" in bare or "munged" in bare
        or "[redacted]" in bare or "_redacted" in bare
    )  # fmt: skip


def distinct(found: Iterable[Observable | None]) -> tuple[Observable, ...]:
    """Return each observable once, in order; at most `MAX_OBSERVABLES`."""
    seen: dict[tuple[Kind, str, Origin], Observable] = {}
    for one in found:
        if one is not None and len(seen) < MAX_OBSERVABLES:
            seen.setdefault((one.kind, one.value, one.origin), one)
    return tuple(seen.values())
