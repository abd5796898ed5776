"""The shipped playbooks: complete, without cycles, and each done with letters that exist."""

import json
from pathlib import Path

import pytest
from django.conf import settings

from incidents.playbooks import document, registry
from incidents.playbooks.faults import faults_of
from incidents.workflow.inforce import letter_names

PLANS = [
    pytest.param(playbook, plan, id=f"{playbook.kind}-{plan.kind}")
    for playbook in registry.PLAYBOOKS.values()
    for plan in playbook.tasks
]


@pytest.mark.parametrize(("playbook", "plan"), PLANS)
def test_a_task_waits_only_for_tasks_planned_before_it(playbook, plan):
    before = [other.kind for other in playbook.tasks[: playbook.tasks.index(plan)]]
    assert set(plan.after) <= set(before)


@pytest.mark.parametrize(("playbook", "plan"), PLANS)
def test_a_task_says_what_to_do_and_what_proves_it_done(playbook, plan):
    assert plan.title
    assert plan.explanation
    assert plan.proof
    assert plan.due.total_seconds() > 0


@pytest.mark.parametrize(("playbook", "plan"), PLANS)
def test_every_letter_of_a_task_has_its_text(playbook, plan):
    letters = settings.BASE_DIR / "templates" / "correspondence" / "letters"
    if plan.letter:
        assert list(letters.glob(f"{plan.letter}.*en.txt"))


@pytest.mark.parametrize("playbook", registry.PLAYBOOKS.values(), ids=lambda one: one.kind)
def test_kinds_of_tasks_are_unique_and_every_incident_is_fixed_and_closed(playbook):
    kinds = [plan.kind for plan in playbook.tasks]
    assert len(kinds) == len(set(kinds))
    nothing_to_fix = {"fix"} if playbook.kind == "false_report" else set()
    assert {"assess", "fix", "close", "answer", "threat"} - nothing_to_fix <= set(kinds)


@pytest.mark.django_db
@pytest.mark.parametrize("playbook", registry.PLAYBOOKS.values(), ids=lambda one: one.kind)
def test_a_shipped_playbook_has_no_faults_and_survives_its_document(playbook):
    assert faults_of(playbook, letters=letter_names()) == []
    through_json = json.loads(json.dumps(document.write(playbook)))
    assert document.read(through_json) == playbook


def test_an_unknown_kind_is_handled_as_any_other():
    assert registry.playbook("never heard of").kind == "other"


def test_the_table_in_the_docs_says_what_the_playbook_of_the_open_relay_says():
    text = (Path(__file__).parents[3] / "docs/workflow.md").read_text(encoding="utf-8")
    start = text.index("| task | owner |")
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in text[start : text.index("\n\n", start)].splitlines()[2:]
    ]
    told = {row[0].partition(",")[0]: (row[1], row[3]) for row in rows}
    plans = registry.PLAYBOOKS["relay_abuse"].tasks
    assert told == {plan.kind: (plan.role, ", ".join(plan.after)) for plan in plans}
    assert all(row[2] and row[5] for row in rows)
