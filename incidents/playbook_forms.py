"""A playbook as forms: one for itself, one for each task; what is wrong stands beside its field."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from incidents.models import Incident
from incidents.playbooks.compare import FIELDS
from incidents.playbooks.document import MOST_BYTES, MOST_HOURS, MOST_TASKS, hours
from incidents.playbooks.faults import Fault
from incidents.playbooks.playbook import DoneWhen, Playbook, TaskPlan

FURTHER = 1  # empty tasks at the end
PREFIX = "tasks"
TEXTS = ("kind", "title", "title_ja", "explanation", "explanation_ja", "proof", "proof_ja")
ROLES = [("agent", gettext_lazy("everybody")), ("lead", gettext_lazy("the lead"))]
FOR_EACH = [
    ("", gettext_lazy("the incident, once")),
    ("reporter", gettext_lazy("each reporter who can be answered")),
    ("threat", gettext_lazy("each threat to refuse our mail")),
    ("csirt", gettext_lazy("each report of a response team")),
]
DONE_WHEN = [
    (DoneWhen.SAID.value, gettext_lazy("a person says so")),
    (DoneWhen.LETTER.value, gettext_lazy("its letter is sent")),
    (DoneWhen.REPLY.value, gettext_lazy("its letter is answered, or its time is over")),
    (DoneWhen.NOTICE.value, gettext_lazy("the public notice is published")),
    (DoneWhen.VERIFIED.value, gettext_lazy("the verdict is “fixed”")),
]
HOURS_COUNT = [("", gettext_lazy("all hours")), ("on", gettext_lazy("hours of the desk"))]
AFTER_HELP = gettext_lazy("Names of other tasks, separated by spaces.")


def _hours(*, required: bool = False, least: float = 0) -> forms.FloatField:
    return forms.FloatField(
        required=required,
        min_value=least,
        max_value=MOST_HOURS,
        widget=forms.NumberInput(attrs={"step": "any"}),
    )


def _lines(rows: int = 3) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(required=False, max_length=2000, strip=False, widget=widget)


class PlaybookForm(forms.Form):
    """What a playbook is besides its tasks, and what was changed."""

    kind = forms.CharField(label=gettext_lazy("Name"), max_length=40)
    title = forms.CharField(label=gettext_lazy("Title"), max_length=200)
    title_ja = forms.CharField(
        label=gettext_lazy("Title in Japanese"), max_length=200, required=False
    )
    priority = forms.TypedChoiceField(
        label=gettext_lazy("Priority"), choices=Incident.Priority.choices, coerce=int
    )
    note = forms.CharField(
        label=gettext_lazy("What you changed, and why"), max_length=255, required=False
    )
    # Which version this form was opened on: of two who change one at once, the second is told.
    based_on = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, is_new: bool, **given: Any) -> None:
        """The name of a playbook is chosen once."""
        super().__init__(*args, **given)
        if not is_new:
            self.fields["kind"].widget = forms.HiddenInput()


class TaskForm(forms.Form):
    """One task of a playbook; the names of the fields are those of TaskPlan."""

    kind = forms.CharField(max_length=40)
    title = forms.CharField(max_length=200)
    title_ja = forms.CharField(max_length=200, required=False)
    explanation = _lines()
    explanation_ja = _lines()
    role = forms.ChoiceField(choices=ROLES, initial="agent")
    due = _hours(required=True)
    in_working_hours = forms.TypedChoiceField(choices=HOURS_COUNT, coerce=bool, required=False)
    from_release = forms.BooleanField(required=False)
    after = forms.CharField(max_length=1000, required=False, help_text=AFTER_HELP)
    letter = forms.ChoiceField(required=False)
    needs_second_person = forms.BooleanField(required=False)
    reply_within = _hours()
    done_when = forms.ChoiceField(choices=DONE_WHEN, initial=DoneWhen.SAID.value)
    proof = forms.CharField(max_length=1000, required=False)
    proof_ja = forms.CharField(max_length=1000, required=False)
    for_each = forms.ChoiceField(choices=FOR_EACH, required=False)
    remind_before = _hours()
    escalate_after = _hours()
    checklist = _lines()
    checklist_ja = _lines()

    def __init__(self, *args: Any, letters: Iterable[str], **given: Any) -> None:
        """Offer the letters that there are, and the one it has even if there is none."""
        super().__init__(*args, **given)
        for name, field in self.fields.items():
            field.label = _(FIELDS[name]) if name in FIELDS else field.label
        names = sorted({*letters, str(self.initial.get("letter") or "")} - {""})
        choices = [("", "–"), *((name, name) for name in names)]
        self.fields["letter"].choices = choices  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Lines that browsers end in two characters are compared with those that have one."""
        said: dict[str, Any] = super().clean() or self.cleaned_data
        for name in ("explanation", "explanation_ja"):
            said[name] = _one_ending(said.get(name, "")).strip()
        pairs = _pairs(said.get("checklist", ""), said.get("checklist_ja", ""))
        if any(japanese and not english for english, japanese in pairs):
            self.add_error("checklist_ja", _("A line has no English one beside it."))
        said["checklist"] = tuple(english for english, _ja in pairs)
        japanese = tuple(japanese for _en, japanese in pairs)
        said["checklist_ja"] = japanese if any(japanese) else ()
        return said

    def plan(self) -> TaskPlan:
        """The task as planned. Call it on a valid form."""
        said = self.cleaned_data
        return TaskPlan(
            **{name: said[name] for name in (*TEXTS, "checklist", "checklist_ja")},
            role=said["role"],
            due=timedelta(hours=said["due"]),
            in_working_hours=bool(said["in_working_hours"]),
            from_release=said["from_release"],
            after=tuple(said["after"].replace(",", " ").split()),
            letter=said["letter"],
            needs_second_person=said["needs_second_person"],
            reply_within=_span(said["reply_within"]),
            done_when=DoneWhen(said["done_when"]),
            for_each=said["for_each"],
            remind_before=_span(said["remind_before"]),
            escalate_after=_span(said["escalate_after"]),
        )


class ImportForm(forms.Form):
    """A playbook or rules in a file."""

    file = forms.FileField(label=gettext_lazy("JSON file"))

    def clean_file(self) -> bytes:
        """Its bytes; a larger one is cut, and refused by who reads it."""
        content: bytes = self.cleaned_data["file"].read(MOST_BYTES + 1)
        return content


class PlaybookForms:
    """All forms of one playbook together."""

    def __init__(
        self,
        playbook: Playbook,
        *,
        letters: Iterable[str],
        based_on: int | None,
        is_new: bool = False,
        posted: Mapping[str, Any] | None = None,
    ) -> None:
        factory: Any = forms.formset_factory(
            TaskForm,
            extra=FURTHER,
            can_delete=True,
            can_order=True,
            max_num=MOST_TASKS,
            validate_max=True,
        )
        start = {name: getattr(playbook, name) for name in ("kind", "title", "title_ja")}
        start |= {"priority": playbook.priority, "based_on": based_on}
        self.itself = PlaybookForm(posted, initial=start, is_new=is_new)
        self.tasks = factory(
            posted,
            initial=[_initial(plan) for plan in playbook.tasks],
            prefix=PREFIX,
            form_kwargs={"letters": list(letters)},
        )

    def is_valid(self) -> bool:
        """Whether a playbook can be made of them; whether it can be followed, `show` says."""
        return bool(self.itself.is_valid() & self.tasks.is_valid())

    def playbook(self) -> Playbook:
        """What was said. Call it on valid forms."""
        said = self.itself.cleaned_data
        return Playbook(
            kind=said["kind"],
            title=said["title"],
            title_ja=said["title_ja"],
            priority=said["priority"],
            tasks=tuple(form.plan() for form in self._in_order()),
        )

    def show(self, faults: Sequence[Fault]) -> None:
        """Put each fault beside the field that has to be put right."""
        planned = self._in_order()
        for fault in faults:
            words = _(fault.words) % fault.values
            form = self.itself if fault.task is None else planned[fault.task]
            form.add_error(fault.field if fault.field in form.fields else None, words)

    def _in_order(self) -> list[Any]:
        return [form for form in self.tasks.ordered_forms if form.cleaned_data.get("kind")]


def with_one_more(posted: Any, *, of: str = PREFIX, most: int = MOST_TASKS) -> Any:
    """What was posted, with one more empty form of a set."""
    more = posted.copy()
    name = f"{of}-TOTAL_FORMS"
    count = posted.get(name, "")
    more[name] = str(min(int(count) + 1, most)) if count.isdecimal() else count
    return more


def _initial(plan: TaskPlan) -> dict[str, Any]:
    facts = {
        name: getattr(plan, name)
        for name in (*TEXTS, "role", "from_release", "letter", "needs_second_person", "for_each")
    }
    times = ("due", "reply_within", "remind_before", "escalate_after")
    return facts | {
        **{name: hours(getattr(plan, name)) for name in times},
        "in_working_hours": "on" if plan.in_working_hours else "",
        "after": " ".join(plan.after),
        "done_when": plan.done_when.value,
        "checklist": "\n".join(plan.checklist),
        "checklist_ja": "\n".join(plan.checklist_ja),
    }


def _pairs(english: str, japanese: str) -> list[tuple[str, str]]:
    """The lines of both side by side, those without a word left out."""
    left, right = _one_ending(english).split("\n"), _one_ending(japanese).split("\n")
    longest = max(len(left), len(right))
    left, right = ([*side, *[""] * (longest - len(side))] for side in (left, right))
    pairs = [(one.strip(), other.strip()) for one, other in zip(left, right, strict=True)]
    return [pair for pair in pairs if any(pair)]


def _one_ending(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _span(number: float | None) -> timedelta | None:
    return None if number is None else timedelta(hours=number)
