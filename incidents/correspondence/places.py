"""What complaints say is on machines of ours: links without what names a person, made harmless."""

from urllib.parse import urlsplit

from complaints.cleantext import clean_line
from complaints.models import ComplaintObservable
from incidents.models import Incident

MOST_READ, MOST_SHOWN = 500, 12
LONGEST = 200


def reported_places(incident: Incident) -> list[str]:
    """The links that the complaints of an incident name, as `hxxp://host[.]example/path`.

    What stands behind a ? or # may name who was written to, and so may a part with an @.
    """
    found = ComplaintObservable.objects.filter(
        complaint__incidents=incident, kind="url", origin="reported"
    ).order_by("pk")
    places = dict.fromkeys(map(_harmless, found.values_list("value", flat=True)[:MOST_READ]))
    return [place for place in places if place][:MOST_SHOWN]


def _harmless(url: str) -> str:
    try:
        parts = urlsplit(clean_line(url, 2000))
        host = parts.hostname or ""
    except ValueError:
        return ""
    if not host or "@" in parts.path or parts.scheme not in ("http", "https"):
        return ""
    scheme = parts.scheme.replace("tt", "xx", 1)
    return f"{scheme}://{host.replace('.', '[.]')}{parts.path}"[:LONGEST]
