"""The name and address by which a log names the other side of a connection."""

import ipaddress
from functools import lru_cache

OCTETS = frozenset(str(number) for number in range(256))


def address(text: str) -> str:
    """An IP address in normal form, also written `IPv6:…`; empty if it is none."""
    octets = text.split(".")
    if len(octets) == 4 and OCTETS.issuperset(octets):
        return text
    return _other_address(text)


# The same clients and servers stand in thousands of lines.
@lru_cache(maxsize=8_192)
def _other_address(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text.removeprefix("IPv6:").split("%", 1)[0]))
    except ValueError:
        return ""


@lru_cache(maxsize=8_192)
def name_and_address(text: str) -> tuple[str, str]:
    """(name, address) of `name [address]`, `[address]`, `user@name [address]` or `name`.

    Only what stands in the last pair of brackets is the address: the name is what its
    owner says it is.
    """
    head, bracket, tail = text.rpartition("[")
    if not bracket:
        return text.strip().rpartition("@")[2], ""
    name = head.strip().rpartition("@")[2]
    return ("" if name == "unknown" else name), address(tail.partition("]")[0])
