"""The desk's own playbooks, rules and letter texts as parts of a configuration."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from complaints.audit import Actor
from incidents.automation import document as rule_document
from incidents.automation import rules
from incidents.correspondence import texts
from incidents.models import PlaybookVersion, Rule
from incidents.playbooks import document as playbook_document
from incidents.playbooks.document import Unreadable
from incidents.workflow import inforce
from incidents.workflow.moves import NotAllowed

SECTIONS = ("playbooks", "rules", "letter_texts")


def export() -> dict[str, Any]:
    """Playbooks that are not as they came, every rule, the desk's own texts."""
    own = PlaybookVersion.objects.filter(is_current=True, is_shipped=False).order_by("kind")
    return {
        "playbooks": [version.content for version in own],
        "rules": [rule.content for rule in Rule.objects.order_by("name")],
        "letter_texts": texts.export()["texts"],
    }


def take_in(document: dict[str, Any], *, by: Actor, now: datetime) -> dict[str, int]:
    """Put them in force; new rules are switched off. How many of each are new or changed.

    Call it inside a transaction.
    raises   ValueError, worded for a person
    """
    lists = {name: document.get(name, []) for name in SECTIONS}
    for name, found in lists.items():
        if not isinstance(found, list):
            raise ValueError(f"{name}: a list was expected.")
    before = export()
    fresh = [text for text in lists["letter_texts"] if text not in before["letter_texts"]]
    try:
        texts.bring_in({"meyasu": texts.FORMAT, "texts": fresh}, by=by, now=now)
        for content in lists["playbooks"]:
            playbook = playbook_document.read(content)
            current = inforce.current(playbook.kind)
            based_on = current.number if current else None
            inforce.save(playbook, based_on=based_on, note=_("from a file"), by=by, now=now)
        rules.take_in(map(rule_document.read, lists["rules"]), by=by, now=now)
    except Unreadable as fault:
        raise ValueError(_(fault.words) % fault.values) from None
    except inforce.NotSaved as refusal:
        reasons = [_(fault.words) % fault.values for fault in refusal.faults]
        raise ValueError(" ".join(reasons) or str(refusal)) from None
    except (NotAllowed, rules.NotSaved) as refusal:
        raise ValueError(str(refusal)) from None
    return {name: sum(one not in before[name] for one in found) for name, found in export().items()}
