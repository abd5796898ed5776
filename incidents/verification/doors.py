"""PURE: Door, one way into a mail host: an address, a port, and when encryption begins."""

from dataclasses import dataclass
from enum import StrEnum

MOST_DOORS = 8


class Tls(StrEnum):
    """When encryption begins (RFC 3207, RFC 8314)."""

    NONE = ""
    STARTTLS = "starttls"
    IMPLICIT = "implicit"


@dataclass(frozen=True, slots=True)
class Door:
    """One way in. `name` is unique among those of a host; "" is the main one."""

    name: str = ""
    address: str = ""
    port: int = 25
    tls: Tls = Tls.NONE

    @property
    def is_for_submission(self) -> bool:
        """Whether users sign in here."""
        return self.port in (465, 587)


def others(addresses: tuple[str, ...], main_port: int) -> tuple[Door, ...]:
    """All doors of these addresses but the main one (the first address, in plain text).

    addresses  that may be probed, the main one first
    """
    doors = []
    for number, address in enumerate(addresses[:2]):
        ways = [
            (main_port, Tls.NONE), (main_port, Tls.STARTTLS), (587, Tls.STARTTLS),
            (465, Tls.IMPLICIT), (25, Tls.NONE), (587, Tls.NONE),
        ]  # fmt: skip
        for port, tls in dict.fromkeys(ways if number == 0 else ways[:4]):
            if (number, port, tls) != (0, main_port, Tls.NONE):
                doors.append(Door(_name(address, port, tls, number), address, port, tls))
    return tuple(doors[:MOST_DOORS])


def _name(address: str, port: int, tls: Tls, number: int) -> str:
    words = [str(port), tls.upper() if tls is Tls.STARTTLS else ("TLS" if tls else "")]
    if number:
        words.append("IPv6" if ":" in address else address)
    return " ".join(word for word in words if word)
