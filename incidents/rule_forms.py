"""A rule as a form: when it looks, what has to hold, what it does; its fields are of Terms."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from incidents.automation import conditions
from incidents.automation.conditions import REPORTERS, Condition, Groups
from incidents.automation.terms import MOST_HOURS, TRIGGERS, Terms
from incidents.models import Incident

NOBODY = [("", "–")]
ROLES = [
    *NOBODY,
    ("agent", gettext_lazy("everybody")),
    ("lead", gettext_lazy("the lead")),
]
REPORTER_WORDS = {
    "person": gettext_lazy("a person"),
    "provider": gettext_lazy("a mailbox provider"),
    "isp": gettext_lazy("a network provider"),
    "service": gettext_lazy("a reporting service"),
    "blocklist": gettext_lazy("a blocklist"),
    "csirt": gettext_lazy("a response team"),
    "rights-holder": gettext_lazy("a rights holder"),
}


def _several(label: Any) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label,
        required=False,
        widget=forms.SelectMultiple(attrs={"size": 4}),
        help_text=gettext_lazy("None chosen: any."),
    )


class ConditionForm(forms.Form):
    """One further condition, and how it is joined to those above it."""

    joined_by = forms.ChoiceField(
        label=gettext_lazy("Joined by"),
        choices=[("and", gettext_lazy("and")), ("or", gettext_lazy("or"))],
        required=False,
    )
    asked = forms.ChoiceField(label=gettext_lazy("What is asked"), required=False)
    relation = forms.ChoiceField(label=gettext_lazy("How it is compared"), required=False)
    value = forms.CharField(
        label=gettext_lazy("With what"),
        max_length=conditions.MOST_VALUE,
        required=False,
        widget=forms.TextInput(attrs={"list": "known-values"}),
    )
    hours = forms.FloatField(
        label=gettext_lazy("within so many hours"),
        required=False,
        min_value=0,
        max_value=MOST_HOURS,
        widget=forms.NumberInput(attrs={"step": "any"}),
    )

    def __init__(self, *args: Any, **given: Any) -> None:
        """Offer what may be asked."""
        super().__init__(*args, **given)
        relations = [(name, _(words)) for name, (_kinds, words) in conditions.RELATIONS.items()]
        asked = [(name, _(words)) for name, (_kind, words) in conditions.ASKED.items()]
        for name, choices in (("asked", [*NOBODY, *asked]), ("relation", relations)):
            self.fields[name].choices = choices  # type: ignore[attr-defined]

    def condition(self) -> Condition | None:
        """What was said; None for an empty row. Call it on a valid form."""
        said = self.cleaned_data
        if not said.get("asked"):
            return None
        return Condition(said["asked"], said["relation"], said["value"].strip(), said["hours"] or 0)


class Conditions:
    """The further conditions of a rule as a set of forms."""

    PREFIX = "where"

    def __init__(self, groups: Groups, *, posted: Any = None) -> None:
        factory: Any = forms.formset_factory(
            ConditionForm,
            extra=1,
            max_num=conditions.MOST_CONDITIONS,
            validate_max=True,
        )
        initial = [
            {
                "joined_by": "or" if place else "and",
                "asked": one.asked,
                "relation": one.relation,
                "value": one.value,
                "hours": one.hours or None,
            }
            for group in groups
            for place, one in enumerate(group)
        ]
        is_posted = posted is not None and f"{self.PREFIX}-TOTAL_FORMS" in posted
        self.rows = factory(posted if is_posted else None, initial=initial, prefix=self.PREFIX)
        self._is_posted = is_posted

    def is_valid(self) -> bool:
        """Whether conditions can be made of them, each that says something beside its row."""
        if not self._is_posted:
            return True
        if not self.rows.is_valid():
            return False
        said = [form for form in self.rows if form.condition() is not None]
        found = list(conditions.faults_of(((tuple(form.condition() for form in said)),)))
        for place, words in found:
            said[place].add_error("value", _(words))
        return not found

    def groups(self) -> Groups:
        """What was said: “or” joins a condition to the one above it. Call it when valid."""
        found: list[list[Condition]] = []
        for form in self.rows if self._is_posted else ():
            one = form.condition()
            if one is None:
                continue
            if found and form.cleaned_data["joined_by"] == "or":
                found[-1].append(one)
            else:
                found.append([one])
        return tuple(map(tuple, found))


def in_words(groups: Groups) -> list[str]:
    """Each group in words, its conditions joined by “or”."""
    return [f" {_('or')} ".join(map(_one_in_words, group)) for group in groups]


def _one_in_words(one: Condition) -> str:
    asked, relation = conditions.ASKED[one.asked][1], conditions.RELATIONS[one.relation][1]
    words = f"{_(asked)} {_(relation)} {one.value}".strip()
    if one.hours:
        words += " " + _("within %(hours)g h") % {"hours": one.hours}
    return words


class RuleForm(forms.Form):
    """Everything that a rule says."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=34,
        help_text=gettext_lazy("Small letters, digits and -."),
    )
    trigger = forms.ChoiceField(label=gettext_lazy("Trigger"))
    kinds = _several(gettext_lazy("Kinds of incident"))
    reporters = _several(gettext_lazy("Kinds of reporter"))
    threatens = forms.BooleanField(
        label=gettext_lazy("Only complaints that threaten to refuse our mail"), required=False
    )
    has_deadline = forms.BooleanField(
        label=gettext_lazy("Only where an answer is wanted by a time"), required=False
    )
    complaints = forms.IntegerField(
        label=gettext_lazy("At least so many complaints in the incident"),
        required=False,
        min_value=0,
        max_value=100_000,
    )
    within_hours = forms.FloatField(
        label=gettext_lazy("within so many hours"),
        required=False,
        min_value=0,
        max_value=MOST_HOURS,
        widget=forms.NumberInput(attrs={"step": "any"}),
    )
    raise_to = forms.TypedChoiceField(
        label=gettext_lazy("Raise the priority to"),
        choices=[(0, "–"), *Incident.Priority.choices],
        coerce=int,
        initial=0,
    )
    assign_role = forms.ChoiceField(
        label=gettext_lazy("Its tasks are for"), choices=ROLES, required=False
    )
    assign_to = forms.ChoiceField(label=gettext_lazy("Its tasks go to"), required=False)
    task = forms.CharField(
        label=gettext_lazy("Add a task with this title"), max_length=200, required=False
    )
    task_ja = forms.CharField(
        label=gettext_lazy("Its title in Japanese"), max_length=200, required=False
    )
    task_role = forms.ChoiceField(
        label=gettext_lazy("The added task is for"), choices=ROLES[1:], required=False
    )
    task_hours = forms.FloatField(
        label=gettext_lazy("It is due within, hours"),
        required=False,
        min_value=0,
        widget=forms.NumberInput(attrs={"step": "any"}),
    )
    task_by_deadline = forms.BooleanField(
        label=gettext_lazy("or when the writer wants an answer"), required=False
    )
    tell = forms.ChoiceField(label=gettext_lazy("Tell"), choices=ROLES, required=False)
    # The version that is changed; empty for a new rule.
    based_on = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        *args: Any,
        kinds: dict[str, str],
        people: list[str],
        is_new: bool,
        **given: Any,
    ) -> None:
        """Offer the kinds of incident and the people that there are."""
        super().__init__(*args, **given)
        choices: dict[str, list[tuple[str, Any]]] = {
            "trigger": [(name, _(words)) for name, words in TRIGGERS.items()],
            "kinds": list(kinds.items()),
            "reporters": [(name, REPORTER_WORDS[name]) for name in REPORTERS],
            "assign_to": [*NOBODY, *((name, name) for name in people)],
        }
        for name, these in choices.items():
            self.fields[name].choices = these  # type: ignore[attr-defined]
        if not is_new:
            self.fields["name"].widget = forms.HiddenInput()

    def terms(self, where: Groups) -> Terms:
        """What was said, with its further conditions. Call it on a valid form."""
        said = dict(self.cleaned_data) | {"where": where}
        said.pop("based_on")
        start = Terms(name="", trigger="")
        for name in ("complaints", "within_hours", "task_hours"):
            said[name] = said[name] if said[name] is not None else getattr(start, name)
        return Terms(**said | {name: tuple(said[name]) for name in ("kinds", "reporters")})

    def show(self, faults: tuple[tuple[str, str], ...]) -> None:
        """Put each fault beside its field."""
        for field, words in faults:
            self.add_error(field if field in self.fields else None, _(words))
