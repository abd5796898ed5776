"""Rules for what the program does by itself: written, tried on past cases, switched on and off."""

from dataclasses import asdict
from typing import Any

from django.contrib import messages
from django.db.models import Count, Max
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_POST

from complaints import audit, clock
from complaints.models import AuditEntry
from complaints.views.access import staff
from incidents.automation import conditions, document, rules, trial
from incidents.automation.rules import NotSaved
from incidents.automation.terms import TRIGGERS, Act, Terms
from incidents.models import Incident, Rule
from incidents.playbook_forms import ImportForm, with_one_more
from incidents.playbooks.document import Unreadable
from incidents.rule_forms import Conditions, RuleForm, in_words
from incidents.workflow import handling, inforce

MOST_SHOWN, MOST_RULES = 50, 200
DONE = {
    "priority": gettext_noop("raise the priority"),
    "assign": gettext_noop("assign the tasks"),
    "task": gettext_noop("add a task"),
    "tell": gettext_noop("tell somebody"),
}


@staff("incidents.view_rule")
def all_rules(request: HttpRequest) -> HttpResponse:
    """Every rule, whether it is on, and how often it ran."""
    found = Rule.objects.annotate(ran=Count("runs"), ran_at=Max("runs__at"))
    rows = [(rule, _(TRIGGERS[rule.content["trigger"]])) for rule in found[:MOST_RULES]]
    context = {"nav": "playbooks", "rows": rows, "form": ImportForm()}
    return render(request, "rules/list.html", context)


@staff("incidents.view_rule")
def rule(request: HttpRequest, name: str) -> HttpResponse:
    """One rule: what it says, what it did, and what it would have done on past cases."""
    found = get_object_or_404(Rule, name=name)
    terms = document.read(found.content)
    tried = trial.of(terms)
    runs = found.runs.select_related("incident").order_by("-pk")[:MOST_SHOWN]
    context = {
        "nav": "playbooks",
        "rule": found,
        "trigger": _(TRIGGERS[terms.trigger]),
        "said": _said(terms),
        "where": in_words(terms.where),
        "runs": [(run, ", ".join(_(DONE[what]) for what in run.did)) for run in runs],
        "tried": tried,
        "history": [(entry, _told(entry)) for entry in _history(found)],
        "rows": [(case, _in_words(acts, terms)) for case, acts in tried.rows[:MOST_SHOWN]],
    }
    return render(request, "rules/rule.html", context)


@staff("incidents.change_rule")
def edit(request: HttpRequest, name: str = "") -> HttpResponse:
    """A rule as a form; saved as a further version. A new one is switched off."""
    found = get_object_or_404(Rule, name=name) if name else None
    start: dict[str, Any] = {"task_hours": 24}
    terms = document.read(found.content) if found else None
    if found is not None and terms is not None:
        start = asdict(terms) | {"based_on": found.version}
    people = [person.get_username() for person in handling.colleagues()]
    kinds = inforce.names_of_kinds()
    posted: Any = request.POST or None
    is_more = posted is not None and "more" in posted
    if is_more:
        most = conditions.MOST_CONDITIONS
        posted = with_one_more(posted, of=Conditions.PREFIX, most=most)
    where = Conditions(terms.where if terms else (), posted=posted)
    form = RuleForm(
        posted,
        initial=start,
        kinds=kinds,
        people=sorted({*people, str(start.get("assign_to") or "")} - {""}),
        is_new=found is None,
    )
    if posted and not is_more and form.is_valid() & where.is_valid():
        try:
            said = form.terms(where.groups())
            based_on = form.cleaned_data["based_on"]
            saved = rules.save(said, based_on=based_on, by=request.user, now=clock.now())
            return redirect("incidents:rule", saved.name)
        except NotSaved as refusal:
            form.show(refusal.faults)
            if not refusal.faults:
                form.add_error(None, str(refusal))
    context = {
        "nav": "playbooks",
        "rule": found,
        "form": form,
        "where": where,
        "known_values": [*kinds, *conditions.REPORTERS, *conditions.CATEGORIES],
    }
    return render(request, "rules/edit.html", context)


@require_POST
@staff("incidents.change_rule")
def switch(request: HttpRequest, name: str) -> HttpResponse:
    """Switch a rule on or off."""
    found = get_object_or_404(Rule, name=name)
    rules.switch(found, is_on="on" in request.POST, by=request.user, now=clock.now())
    return redirect("incidents:rule", name)


@staff("incidents.view_rule")
def as_json(_request: HttpRequest) -> HttpResponse:
    """All rules as a file, to be taken in by another desk."""
    content = document.dumps(rule.content for rule in Rule.objects.all()[:MOST_RULES])
    answer = HttpResponse(content, content_type="application/json")
    answer["Content-Disposition"] = 'attachment; filename="rules.json"'
    return answer


@require_POST
@staff("incidents.change_rule")
def take_in(request: HttpRequest) -> HttpResponse:
    """Rules from a file; those that are new are switched off."""
    form = ImportForm(request.POST, request.FILES)
    if not form.is_valid():
        messages.error(request, _("Choose a JSON file."), extra_tags="bad")
        return redirect("incidents:rules")
    try:
        found = document.loads(form.cleaned_data["file"])
        rules.take_in(found, by=request.user, now=clock.now())
    except Unreadable as fault:
        messages.error(request, _(fault.words) % fault.values, extra_tags="bad")
    except NotSaved as refusal:
        messages.error(request, str(refusal), extra_tags="bad")
    return redirect("incidents:rules")


def _history(found: Rule) -> list[AuditEntry]:
    return list(audit.entries_of(found).order_by("-sequence")[:MOST_SHOWN])


def _told(entry: AuditEntry) -> str:
    """An entry of the history about a rule, in words."""
    words = {
        "rule-saved": _("Version %(version)s saved: %(changed)s"),
        "rule-on": _("Version %(version)s switched on."),
        "rule-off": _("Version %(version)s switched off."),
    }
    changes = entry.details.get("changes") or {}
    changed = ", ".join(f"{name} = {_shown(name, value)}" for name, value in changes.items())
    named = {"version": entry.details.get("version", ""), "changed": changed}
    return words[entry.action] % named if entry.action in words else entry.action


def _shown(name: str, value: Any) -> Any:
    if name != document.WHERE:
        return value
    return f" {_('and')} ".join(f"({words})" for words in in_words(conditions.read(value))) or "–"


def _said(terms: Terms) -> list[tuple[str, str]]:
    """What a rule says, as pairs of a label and a value; what is empty is left out."""
    form = RuleForm(kinds=inforce.names_of_kinds(), people=[terms.assign_to], is_new=True)
    pairs = []
    for name, value in asdict(terms).items():
        if not value or name in ("name", "trigger", document.WHERE):
            continue
        field = form.fields[name]
        if name in ("task_role", "task_hours") and not terms.task:
            continue
        known = {str(key): str(words) for key, words in getattr(field, "choices", ())}
        values = value if isinstance(value, tuple) else (value,)
        words = ", ".join("✓" if one is True else known.get(str(one), str(one)) for one in values)
        pairs.append((str(field.label), words))
    return pairs


def _in_words(acts: tuple[Act, ...], terms: Terms) -> list[str]:
    """What a rule would have done, in words."""
    found = []
    for act in acts:
        words = _(DONE[act.what])
        if act.what == "priority":
            words = f"{words}: {Incident.Priority(act.values['to']).label}"
        elif act.what == "task":
            words = f"{words}: {terms.task}, {act.values['due_at']:%Y-%m-%d %H:%M %Z}"
        elif act.what == "assign":
            words = f"{words}: {act.values['person'] or act.values['role']}"
        found.append(words)
    return found
