"""Follows the history with the rules that are switched on: each runs once for each entry.

The mark is moved by a conditional UPDATE within the transaction that does what the rules say: of
two workers one does it, and one that dies has done nothing. What lies before a rule was switched
on is not done later; `trial` shows what it would have been.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Max

from complaints import audit
from complaints.models import AuditEntry
from incidents.automation import acts, cases, document
from incidents.automation.cases import Case
from incidents.automation.terms import Terms, acts_of, holds
from incidents.models import Rule, RuleMark, RuleRun

AT_ONCE = 200
MOST_READ = 20_000
MOST_RULES = 200
MOST_ROUNDS = 50
READ = ("sequence", "at", "action", "subject_kind", "subject_reference", "incident_reference")


def follow(*, now: datetime) -> int:
    """Run the rules on what the history tells since last time; how many times one ran."""
    ran = 0
    for _round in range(MOST_ROUNDS):
        count, is_more = _some(now=now)
        ran += count
        if not is_more:
            break
    return ran


def _some(*, now: datetime) -> tuple[int, bool]:
    """A part of what was not looked at: how many times a rule ran, and whether more is left."""
    rules = [(rule, document.read(rule.content)) for rule in _on()]
    head = AuditEntry.objects.aggregate(last=Max("sequence"))["last"] or 0
    mark, is_new = RuleMark.objects.get_or_create(pk=1, defaults={"sequence": head})
    if is_new or mark.sequence >= head:
        return 0, False
    upto = min(head, mark.sequence + MOST_READ)
    found = _entries(rules, after=mark.sequence, upto=upto)
    if len(found) == AT_ONCE:
        upto = found[-1].sequence
    with transaction.atomic():
        audit.keep_others_waiting()
        if not RuleMark.objects.filter(pk=1, sequence=mark.sequence).update(sequence=upto):
            return 0, False
        return _run(rules, found, now=now) if found else 0, upto < head


def _on() -> Sequence[Rule]:
    return list(Rule.objects.filter(is_on=True).order_by("pk")[:MOST_RULES])


def _entries(rules: Sequence[tuple[Rule, Terms]], *, after: int, upto: int) -> list[AuditEntry]:
    triggers = {terms.trigger for _, terms in rules}
    if not triggers:
        return []
    entries = AuditEntry.objects.filter(sequence__gt=after, sequence__lte=upto, action__in=triggers)
    return list(entries.only(*READ).order_by("sequence")[:AT_ONCE])


def _run(
    rules: Sequence[tuple[Rule, Terms]], entries: Sequence[AuditEntry], *, now: datetime
) -> int:
    action = {entry.sequence: entry.action for entry in entries}
    done = set(RuleRun.objects.filter(sequence__in=action).values_list("rule_id", "sequence"))
    ran = 0
    for case in cases.gather(entries):
        for rule, terms in rules:
            if terms.trigger != action[case.sequence] or (rule.pk, case.sequence) in done:
                continue
            if case.incident.is_open and holds(terms, case.facts):
                ran += _run_one(rule, terms, case, now=now)
    return ran


def _run_one(rule: Rule, terms: Terms, case: Case, *, now: datetime) -> bool:
    incident = case.incident
    did = [act.what for act in acts_of(terms, case.facts) if acts.do(act, terms, case, now=now)]
    if not did:
        return False
    run = RuleRun.objects.create(
        rule=rule,
        version=rule.version,
        sequence=case.sequence,
        incident=incident,
        at=now,
        did=did,
    )
    audit.record(
        "rule-ran",
        run,
        at=now,
        incident=incident.reference,
        rule=rule.name,
        version=rule.version,
        on=case.sequence,
        did=", ".join(did),
    )
    return True
