"""PURE: the abuse contacts in an RDAP answer about a network. Sources: RFC 9083, RFC 7095."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from ipaddress import ip_address, ip_network, summarize_address_range
from itertools import islice
from typing import Any

DEEPEST, MOST_ENTITIES, MOST_ANSWERS, MOST_NETWORKS = 6, 200, 10, 8
WEAK_ROLES = ("noc", "technical", "administrative", "registrant")  # in this order, after "abuse"
# What registries put where there is no mailbox, and addresses that nobody reads.
PLACEHOLDERS = ("no-email@", "noemail@", "nobody@", "none@", "unread@", "unknown@", "not-valid@")
GONE = ("removed", "obscured", "private")


@dataclass(frozen=True, slots=True)
class Found:
    """An address to write to, and how it was come by.

    role     abuse, or the role of whoever else is named; is_weak for those
    where    the network it is given for, in words
    networks its prefixes
    """

    address: str
    name: str
    role: str
    is_weak: bool
    where: str
    networks: tuple[str, ...] = ()

    def as_row(self) -> dict[str, Any]:
        """As it is kept in LookUp.answers."""
        return asdict(self) | {"networks": list(self.networks)}


def contacts_in(data: Any) -> list[Found]:
    """The addresses an answer names, those for abuse first; [] for what is no answer."""
    if not isinstance(data, dict):
        return []
    networks = _networks_of(data)
    where = " ".join(filter(None, (_text(data.get("handle")), _text(data.get("name")))))
    best: dict[str, Found] = {}
    for entity in _entities(data):
        role = _role_of(entity)
        if not role:
            continue
        name, addresses = _card_of(entity)
        for address in addresses:
            found = Found(address, name, role, role != "abuse", where[:200], networks)
            known = best.get(address)
            if known is None or _rank(found) < _rank(known):
                best[address] = found
    return sorted(best.values(), key=_rank)[:MOST_ANSWERS]


def _rank(found: Found) -> int:
    return 0 if found.role == "abuse" else 1 + WEAK_ROLES.index(found.role)


def _entities(data: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """All entities of an answer, those within others too, without recursion."""
    waiting = [(entity, 1) for entity in _list(data.get("entities"))]
    seen = 0
    while waiting and seen < MOST_ENTITIES:
        entity, depth = waiting.pop(0)
        if not isinstance(entity, dict):
            continue
        seen += 1
        if not any(status in GONE for status in _list(entity.get("status"))):
            yield entity
        if depth < DEEPEST:
            waiting.extend((inner, depth + 1) for inner in _list(entity.get("entities")))


def _role_of(entity: dict[str, Any]) -> str:
    roles = [role for role in _list(entity.get("roles")) if isinstance(role, str)]
    return next((role for role in ("abuse", *WEAK_ROLES) if role in roles), "")


def _card_of(entity: dict[str, Any]) -> tuple[str, list[str]]:
    """Name and mail addresses in a jCard: ["vcard", [[name, parameters, type, value], …]]."""
    card = _list(entity.get("vcardArray"))
    name, addresses = "", []
    for item in _list(card[1] if len(card) > 1 else None):
        if not isinstance(item, list) or len(item) < 4 or not isinstance(item[3], str):
            continue
        if item[0] == "fn":
            name = _text(item[3])[:200]
        elif item[0] == "email" and is_address(item[3].strip().lower()):
            addresses.append(item[3].strip().lower())
    return name, addresses


def is_address(text: str) -> bool:
    """A plain mail address that is not a registry's word for none."""
    local, at, domain = text.rpartition("@")
    plain = text.isascii() and text.isprintable() and not set(text) & set(' <>,;:"()[]\\')
    return (
        bool(plain and at and local and "." in domain.strip("."))
        and len(text) <= 254
        and "@" not in local
        and not text.startswith(PLACEHOLDERS)
    )


def _networks_of(data: dict[str, Any]) -> tuple[str, ...]:
    """The network as prefixes: as it is given (cidr0), else from its first and last address."""
    given = [
        f"{one.get('v4prefix') or one.get('v6prefix')}/{one.get('length')}"
        for one in _list(data.get("cidr0_cidrs"))[:MOST_NETWORKS]
        if isinstance(one, dict)
    ]
    try:
        if given:
            return tuple(str(ip_network(prefix)) for prefix in given)
        first, last = ip_address(data["startAddress"]), ip_address(data["endAddress"])
        return tuple(map(str, islice(_span(first, last), MOST_NETWORKS)))
    except (KeyError, TypeError, ValueError):
        return ()


def _span(first: Any, last: Any) -> Iterator[Any]:
    return iter(summarize_address_range(first, last))


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: Any) -> str:
    words = value if isinstance(value, str) else ""
    return " ".join("".join(c if c.isprintable() else " " for c in words).split())[:200]
