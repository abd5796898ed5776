"""What must not stand in a public notice: addresses of other people, names of reporters."""

import re

from complaints import organisation
from complaints.models import Complaint
from incidents.models import Incident

_ADDRESS = re.compile(r"[^\s<>()\[\]{}\"'“”‘’,;:|]{1,64}@[\w.-]{1,255}\w", re.ASCII)
SHORTEST_NAME = 5


def personal_data_in(text: str, incident: Incident) -> list[str]:
    """The mail addresses that are not ours, and reporters of the incident named in full."""
    us = organisation.ourselves()
    addresses = [
        address
        for address in dict.fromkeys(_ADDRESS.findall(text))
        if not _is_under(address.rpartition("@")[2].lower(), us.domains)
    ]
    people = Complaint.objects.filter(incidents=incident).exclude(sender_name="")
    names = {name for name in people.values_list("sender_name", flat=True) if _is_telling(name)}
    lowered = text.lower()
    return addresses + sorted(name for name in names if name.lower() in lowered)


def _is_telling(name: str) -> bool:
    """Whether it is long enough that its words in a text are no accident."""
    is_wide = not name.isascii()
    return len(name) >= (2 if is_wide else SHORTEST_NAME)


def _is_under(domain: str, domains: frozenset[str]) -> bool:
    return any(domain == ours or domain.endswith(f".{ours}") for ours in domains)
