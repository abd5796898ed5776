"""A rule as a form: when it looks, what has to hold, what it does; its fields are of Terms."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from incidents.automation.terms import MOST_HOURS, REPORTERS, TRIGGERS, Terms
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

    def terms(self) -> Terms:
        """What was said. Call it on a valid form."""
        said = dict(self.cleaned_data)
        said.pop("based_on")
        start = Terms(name="", trigger="")
        for name in ("complaints", "within_hours", "task_hours"):
            said[name] = said[name] if said[name] is not None else getattr(start, name)
        return Terms(**said | {name: tuple(said[name]) for name in ("kinds", "reporters")})

    def show(self, faults: tuple[tuple[str, str], ...]) -> None:
        """Put each fault beside its field."""
        for field, words in faults:
            self.add_error(field, _(words))
