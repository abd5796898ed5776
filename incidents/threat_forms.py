"""What people say of a threat to refuse our mail: who, on which condition, by when, the end."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from incidents.forms import moment_input
from incidents.models import Threat


def _lines(label: Any, *, required: bool = False, rows: int = 2) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, required=required, max_length=5000, widget=widget)


def _moment(label: Any) -> forms.DateTimeField:
    return forms.DateTimeField(label=label, required=False, widget=moment_input())


class ThreatForm(forms.Form):
    """A threat that came in no complaint."""

    who = forms.CharField(label=_("Who threatens"), max_length=320)
    sentence = _lines(_("In their words"), required=True)
    condition = _lines(_("On which condition"))
    deadline = _moment(_("By when"))


class ConditionForm(forms.Form):
    """On which condition and by when they will do it."""

    condition = _lines(_("On which condition"))
    deadline = _moment(_("By when"))


class ProofForm(forms.Form):
    """Which proof they got."""

    proof = _lines(_("Which proof was sent, and how"), required=True)


class EndForm(forms.Form):
    """What came of it."""

    state = forms.ChoiceField(
        label=_("What came of it"),
        choices=[choice for choice in Threat.State.choices if choice[0] != Threat.State.OPEN],
    )
    outcome = _lines(_("How it is known"), required=True)
