"""Why an incident is as urgent as it is, in words."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from incidents.models import Incident

WORDS = {
    "kind": gettext_noop("this kind of abuse"),
    "threat": gettext_noop("threats to refuse our mail: %(count)s"),
    "listed": gettext_noop("blocklists that have its host: %(count)s"),
    "response-team": gettext_noop("complaints by response teams: %(count)s"),
    "blocklist": gettext_noop("complaints by blocklists: %(count)s"),
    "provider": gettext_noop("complaints by other providers: %(count)s"),
    "proven-reporter": gettext_noop("reporters who were often right: %(count)s"),
    "earlier": gettext_noop("earlier incidents with the same source: %(count)s"),
    "recipients": gettext_noop("recipients: %(count)s"),
    "complaints": gettext_noop("many complaints: %(count)s"),
    "fixed": gettext_noop("the hole is closed"),
    "going-on": gettext_noop("it went on within the last day"),
}


def facts_in_words(incident: Incident) -> list[dict[str, Any]]:
    """Rows {words, points} of what was weighed, the weightiest first; points with their sign."""
    return [
        {"words": _(WORDS[one["fact"]]) % one, "points": f"{one['points']:+d}"}
        for one in incident.priority_facts
        if one["fact"] in WORDS
    ]


def first_fact(incident: Incident) -> str:
    """Who said it, or the weightiest fact beside the kind of abuse; "" for neither."""
    return _first(incident.priority_facts, incident.priority_by)


def in_words(priority: int, facts: list[dict[str, Any]], by: str) -> str:
    """A priority, and what it mainly comes from; as the fields of an incident have them."""
    named = {"priority": Incident.Priority(priority).label, "why": _first(facts, by)}
    if named["why"]:
        return _("Priority: %(priority)s (%(why)s).") % named
    return _("Priority: %(priority)s.") % named


def _first(facts: list[dict[str, Any]], by: str) -> str:
    if by:
        return _("said by %(who)s") % {"who": by}
    for one in facts:
        if one["fact"] in WORDS and one["fact"] != "kind":
            return str(_(WORDS[one["fact"]]) % one)
    return ""
