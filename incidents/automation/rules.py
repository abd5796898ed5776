"""Rules as rows: saved as a further version, switched on and off; each change in the history."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from complaints import audit
from complaints.audit import Actor
from incidents.automation import document
from incidents.automation.terms import Terms, faults_of
from incidents.models import Rule, RuleMark


class NotSaved(Exception):
    """The rule was not kept; says why. `faults` are pairs of a field and words."""

    def __init__(self, words: str, faults: tuple[tuple[str, str], ...] = ()) -> None:
        super().__init__(words)
        self.faults = faults


def save(terms: Terms, *, based_on: int | None, by: Actor, now: datetime) -> Rule:
    """Keep a rule: a new one is switched off, a changed one stays as it is, a version further.

    based_on  version that was changed; None for a new rule
    raises    NotSaved with what is wrong, or if somebody else has changed it meanwhile
    """
    if faults := tuple(faults_of(terms)):
        raise NotSaved(_(faults[0][1]), faults)
    content = document.write(terms)
    with transaction.atomic():
        audit.keep_others_waiting()
        rule = Rule.objects.filter(name=terms.name).first()
        if (rule.version if rule else None) != based_on:
            raise NotSaved(_("A rule with this name exists, or somebody else has just changed it."))
        kept = document.NOTHING_FURTHER | rule.content if rule else {}
        if rule is not None and kept == content:
            return rule
        rule = rule or Rule(name=terms.name, version=0, is_on=False)
        before = kept if rule.pk else document.write(Terms(terms.name, trigger=""))
        rule.version += 1
        rule.content, rule.changed_at, rule.changed_by = content, now, audit.name_of(by)
        rule.save()
        changed = {name: value for name, value in content.items() if before.get(name) != value}
        audit.record(
            "rule-saved", rule, at=now, by=by, rule=rule.name, version=rule.version, changes=changed
        )
    return rule


def switch(rule: Rule, *, is_on: bool, by: Actor, now: datetime) -> None:
    """Switch a rule on, for what happens from now on; or off."""
    with transaction.atomic():
        audit.keep_others_waiting()
        if not Rule.objects.filter(pk=rule.pk, is_on=not is_on).update(is_on=is_on):
            return
        rule.is_on = is_on
        action = "rule-on" if is_on else "rule-off"
        entry = audit.record(action, rule, at=now, by=by, rule=rule.name, version=rule.version)
        if is_on and not Rule.objects.filter(is_on=True).exclude(pk=rule.pk).exists():
            # No rule has looked meanwhile: what lies behind is not this one's business.
            RuleMark.objects.update_or_create(pk=1, defaults={"sequence": entry.sequence})


def take_in(found: Iterable[Terms], *, by: Actor, now: datetime) -> list[Rule]:
    """Keep rules from a file, all or none; those that are new are switched off.

    raises   NotSaved if one of them cannot run
    """
    kept = []
    with transaction.atomic():
        for terms in found:
            known = Rule.objects.filter(name=terms.name).first()
            kept.append(save(terms, based_on=known.version if known else None, by=by, now=now))
    return kept
