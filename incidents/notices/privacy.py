"""What must not stand in a public notice: addresses of other people, names of reporters."""

import re
from ipaddress import ip_address
from unicodedata import normalize

from complaints import organisation
from complaints.models import Complaint
from incidents.models import Incident

_ADDRESS = re.compile(r"[^\s<>()\[\]{}\"'“”‘’,;:|]{1,64}@[\w.-]{1,255}\w", re.ASCII)
# Four numbers with dots, or groups of hexadecimal digits with colons: whether it is one is asked.
_IP = re.compile(
    r"(?<![\w.:])(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7})(?![\w:])",
    re.IGNORECASE,
)
SHORTEST_NAME = 5


def personal_data_in(text: str, incident: Incident) -> list[str]:
    """The mail and IP addresses that are not ours, and reporters of the incident named in full.

    Full-width characters count as what they show: ann＠far.example is an address.
    """
    us = organisation.ourselves()
    text = normalize("NFKC", text)
    addresses = [
        address
        for address in dict.fromkeys(_ADDRESS.findall(text))
        if not _is_under(address.rpartition("@")[2].lower(), us.domains)
    ]
    people = Complaint.objects.filter(incidents=incident).exclude(sender_name="")
    names = {name for name in people.values_list("sender_name", flat=True) if _is_telling(name)}
    addresses += [
        found
        for found in dict.fromkeys(_IP.findall(text))
        if _is_ip(found) and not us.has_address(found)
    ]
    lowered = text.lower()
    return addresses + sorted(name for name in names if normalize("NFKC", name).lower() in lowered)


def _is_ip(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _is_telling(name: str) -> bool:
    """Whether it is long enough that its words in a text are no accident."""
    is_wide = not name.isascii()
    return len(name) >= (2 if is_wide else SHORTEST_NAME)


def _is_under(domain: str, domains: frozenset[str]) -> bool:
    return any(domain == ours or domain.endswith(f".{ours}") for ours in domains)
