"""What people say: how a task ended, the text of a letter or a notice, what came of it."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.auth.models import User
from django.utils.translation import gettext_lazy as _

from complaints import organisation
from complaints.forms import MOST_BYTES, MOST_FILE_BYTES, MOST_FILES, FilesField
from incidents.models import Fix, Incident, Letter, Notice
from incidents.workflow import handling

if TYPE_CHECKING:  # Django's own class takes no type arguments
    LetterModelForm = forms.ModelForm[Letter]
    NoticeModelForm = forms.ModelForm[Notice]
else:
    LetterModelForm = NoticeModelForm = forms.ModelForm


def moment_input() -> forms.DateTimeInput:
    """A field for a time, in the zone of the screen."""
    return forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")


class WordsField(forms.CharField):
    """Words, one a line, each put into its normal form; what has none is named."""

    def __init__(self, *, reads: Callable[[str], list[str]], **given: Any) -> None:
        given.setdefault("widget", forms.Textarea(attrs={"rows": 3}))
        super().__init__(max_length=10_000, **given)
        self._reads = reads

    def clean(self, value: Any) -> list[str]:
        """The words."""
        return self._reads(super().clean(value))


def networks_in(text: str) -> list[str]:
    """Networks in normal form; raises ValidationError for what is none."""
    return [_normal(word, organisation.normal_prefix) for word in text.split()]


def domains_in(text: str) -> list[str]:
    """Domains in lower case; raises ValidationError for what is none."""
    return [_normal(word, organisation.normal_domain) for word in text.split()]


def _normal(word: str, form_of: Callable[[str], str]) -> str:
    try:
        return form_of(word)
    except ValueError as wrong:
        raise forms.ValidationError(str(wrong)) from None


OUTCOMES = [
    ("done", _("done")),
    ("sent", _("sent")),
    ("answered", _("answered")),
    ("promise", _("a promise was made")),
    ("lifted", _("the threat is lifted")),
    ("carried-out", _("the threat was carried out")),
    ("no-reply", _("no reply")),
]


class CompleteForm(forms.Form):
    """How a task ended."""

    outcome = forms.ChoiceField(label=_("Outcome"), choices=OUTCOMES)
    note = forms.CharField(label=_("Note"), required=False, max_length=5000)


class SavedViewForm(forms.Form):
    """A view of the triage list by a name."""

    name = forms.CharField(label=_("Name"), max_length=60)
    is_shared = forms.BooleanField(label=_("for everybody at the desk"), required=False)


class HandOverForm(forms.Form):
    """Who goes on with a task, and what they should know."""

    to = forms.ModelChoiceField(
        label=_("To"), queryset=User.objects.none(), to_field_name="username"
    )
    note = forms.CharField(label=_("What they should know"), required=False, max_length=255)

    def __init__(self, *args: Any, **given: Any) -> None:
        """Offer everybody who may work on tasks."""
        super().__init__(*args, **given)
        self.fields["to"].queryset = handling.colleagues()  # type: ignore[attr-defined]


class SnoozeForm(forms.Form):
    """Until when a task is put off, and why."""

    until = forms.DateTimeField(
        label=_("Until"), input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%d"]
    )
    reason = forms.CharField(label=_("Why"), max_length=255)


class CommentForm(forms.Form):
    """A word for colleagues under a task."""

    text = forms.CharField(label=_("Comment"), max_length=5000)


class LineForm(forms.Form):
    """A line of one's own in a task's checklist."""

    words = forms.CharField(label=_("New line"), max_length=255)


class ReplyForm(forms.Form):
    """What a correspondent answers on the page of our letter."""

    text = forms.CharField(
        label=_("Your answer"), widget=forms.Textarea(attrs={"rows": 10}), max_length=100_000
    )
    attached = FilesField(
        label=_("Files"),
        required=False,
        most=MOST_FILES,
        most_bytes=MOST_FILE_BYTES,
        all_bytes=MOST_BYTES,
    )


class FixForm(forms.Form):
    """What was done to close the hole."""

    kind = forms.ChoiceField(label=_("Kind"), choices=Fix.Kind.choices)
    what = forms.CharField(
        label=_("What was done"), widget=forms.Textarea(attrs={"rows": 3}), max_length=5000
    )
    done_by = forms.CharField(label=_("Done by"), max_length=150)
    done_at = forms.DateTimeField(
        label=_("Done at"),
        required=False,
        widget=moment_input(),
        help_text=_("Empty: now. The log counts from then."),
    )


class ReasonForm(forms.Form):
    """Why a task is not needed, or taken up again."""

    note = forms.CharField(label=_("Why"), max_length=5000)


class MoveForm(forms.Form):
    """Where a complaint belongs; nowhere is an answer too."""

    into = forms.CharField(
        label=_("Incident it belongs to"),
        required=False,
        max_length=20,
        help_text=_("As I-2026-0042. Empty: it only does not belong to this one."),
    )


class MergeForm(forms.Form):
    """The incident that takes in another."""

    into = forms.CharField(
        label=_("Incident that takes it in"), max_length=20, help_text=_("As I-2026-0042.")
    )


class SplitForm(forms.Form):
    """How an incident is called that is split off another."""

    title = forms.CharField(label=_("Title of the new incident"), max_length=200)


class PriorityForm(forms.Form):
    """How urgent an incident is: as a person says, or as the facts have it."""

    BY_FACTS = 0
    priority = forms.TypedChoiceField(
        label=_("Priority"),
        choices=[(BY_FACTS, _("as the facts have it")), *Incident.Priority.choices],
        coerce=int,
    )


class RenameForm(forms.Form):
    """How an incident is called."""

    title = forms.CharField(label=_("Title"), max_length=200)


class LetterForm(LetterModelForm):
    """A letter that is still a draft."""

    class Meta:
        model = Letter
        fields = ["to_address", "subject", "body"]
        widgets = {"body": forms.Textarea(attrs={"rows": 20})}


class TextForm(forms.Form):
    """A text with slots."""

    subject = forms.CharField(label=_("Subject"), max_length=255)
    body = forms.CharField(
        label=_("Text"), max_length=50_000, widget=forms.Textarea(attrs={"rows": 16})
    )


class LetterOutcomeForm(forms.Form):
    """What came of a letter."""

    outcome = forms.ChoiceField(
        label=_("Outcome"),
        choices=[choice for choice in Letter.Outcome.choices if choice[0]],
    )
    note = forms.CharField(label=_("Note"), required=False, max_length=5000)


class PromiseForm(forms.Form):
    """What a correspondent undertook, and how it can be seen in the log whether it is kept."""

    who = forms.CharField(label=_("Who promises"), max_length=200)
    what = forms.CharField(
        label=_("What they promise"), max_length=5000, widget=forms.Textarea(attrs={"rows": 3})
    )
    networks = WordsField(
        label=_("Networks from which no more mail shall come"), reads=networks_in, required=False
    )
    domains = WordsField(
        label=_("Domains from which no more mail shall come"), reads=domains_in, required=False
    )
    holds_from = forms.DateTimeField(label=_("It holds from"), widget=moment_input())
    until = forms.DateTimeField(label=_("It is watched until"), widget=moment_input())


class PostedForm(forms.Form):
    """How a letter went by fax or post."""

    how = forms.CharField(
        label=_("How it went"),
        max_length=255,
        help_text=_("By fax to …, two pages; by registered mail, receipt number …"),
    )


class ReadForm(forms.Form):
    """Which text was read before it is approved: that of this time."""

    as_of = forms.DateTimeField(required=False, widget=forms.HiddenInput)


class ArrivedForm(forms.Form):
    """How it is known that a letter which was perhaps sent has arrived."""

    note = forms.CharField(
        label=_("How you know that it has arrived"),
        max_length=255,
        help_text=_("They answered; the mail server's log says so."),
    )


class NoticeForm(NoticeModelForm):
    """The text of a public notice."""

    class Meta:
        model = Notice
        fields = ["title", "body"]
        widgets = {"body": forms.Textarea(attrs={"rows": 16})}


class CorrectionForm(NoticeForm):
    """A new text for a published notice, and what was corrected."""

    correction = forms.CharField(
        label=_("What was corrected"), help_text=_("Readers see this sentence.")
    )


class WithdrawForm(forms.Form):
    """Why a notice is withdrawn."""

    reason = forms.CharField(
        label=_("Why it is withdrawn"), help_text=_("Readers see this sentence.")
    )
