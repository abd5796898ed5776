"""PURE: abuse@ at the domain of a host, as RFC 2142 has it. A guess, and shown as one."""

from incidents.correspondence.lookup.rdap import Found, is_address

# Below country codes these hold names of others, so that three labels name one domain.
SHARED = frozenset(
    ("ac", "ad", "co", "com", "edu", "go", "gov", "gr", "lg", "ne", "net", "or", "org")
)


def guess(client_name: str) -> list[Found]:
    """abuse@ the domain that a host's name is under; nothing where there is no name."""
    labels = client_name.lower().strip(".").split(".")
    if len(labels) < 2 or labels[-1].isdigit():
        return []
    is_shared = len(labels[-1]) == 2 and labels[-2] in SHARED and len(labels) > 2
    domain = ".".join(labels[-3 if is_shared else -2 :])
    address = f"abuse@{domain}"
    if not is_address(address):
        return []
    return [Found(address, domain, "abuse", is_weak=True, where="RFC 2142")]
