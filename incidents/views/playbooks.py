"""Playbooks: their versions, edited as forms, compared, put in force; out and in as JSON."""

from typing import Any

from django.contrib import messages
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from complaints import clock
from complaints.models import AuditEntry
from complaints.views.access import staff
from incidents.models import Incident, PlaybookVersion
from incidents.playbook_forms import ImportForm, PlaybookForms, with_one_more
from incidents.playbooks import document
from incidents.playbooks.compare import differences
from incidents.playbooks.playbook import NORMAL, Playbook
from incidents.workflow import inforce
from incidents.workflow.inforce import NotSaved

MOST_SHOWN = 50
RUNNING = ~Q(incidents__state=Incident.State.CLOSED) & Q(incidents__merged_into=None)


@staff("incidents.view_playbookversion")
def playbooks(request: HttpRequest) -> HttpResponse:
    """The playbook in force for each kind, and how many incidents still follow an earlier one."""
    running = dict(
        Incident.objects.open()
        .filter(playbook_version__is_current=False)
        .values_list("kind")
        .annotate(count=Count("pk"))
    )
    newest = {
        version.kind: version.number
        for version in PlaybookVersion.objects.filter(is_shipped=True).order_by("number")
    }
    rows = [
        {
            "version": version,
            "playbook": version.playbook(),
            "earlier": running.get(version.kind, 0),
            "has_newer": not version.is_shipped and newest.get(version.kind, 0) > version.number,
        }
        for version in inforce.all_current()
    ]
    context = {"nav": "playbooks", "rows": rows, "form": ImportForm()}
    return render(request, "playbooks/list.html", context)


@staff("incidents.view_playbookversion")
def playbook(request: HttpRequest, kind: str) -> HttpResponse:
    """One playbook as it is in force or was: its tasks, its versions, who follows which."""
    versions: list[Any] = list(
        PlaybookVersion.objects.filter(kind=kind)
        .annotate(running=Count("incidents", filter=RUNNING))
        .order_by("-number")[:MOST_SHOWN]
    )
    shown = _chosen(versions, request.GET.get("version", ""))
    names = [f"playbookversion-{version.pk}" for version in versions]
    history = AuditEntry.objects.filter(
        subject_kind="playbookversion", subject_reference__in=names
    ).order_by("-sequence")[:MOST_SHOWN]
    followers = Incident.objects.open().filter(playbook_version=shown)
    context = {
        "nav": "playbooks",
        "kind": kind,
        "versions": versions,
        "shown": shown,
        "playbook": shown.playbook(),
        "history": [(entry, _told(entry)) for entry in history],
        "followers": followers.order_by("-pk")[:MOST_SHOWN],
    }
    return render(request, "playbooks/playbook.html", context)


@staff("incidents.add_playbookversion")
def edit(request: HttpRequest, kind: str = "") -> HttpResponse:
    """A playbook as forms, begun from one of its versions; saved as a new one, in force."""
    is_new = not kind
    based_on, start = _start(kind, request.GET.get("version", ""))
    letters = inforce.letter_names()
    posted: Any = request.POST if request.method == "POST" else None
    forms = PlaybookForms(
        start,
        letters=letters,
        based_on=based_on,
        is_new=is_new,
        posted=with_one_more(posted) if posted and "more" in posted else posted,
    )
    if posted and "more" not in posted and forms.is_valid():
        said = forms.itself.cleaned_data
        try:
            version = inforce.save(
                forms.playbook(),
                based_on=said["based_on"],
                note=said["note"],
                by=request.user,
                now=clock.now(),
            )
            return redirect("incidents:playbook", version.kind)
        except NotSaved as refusal:
            forms.show(refusal.faults)
            if not refusal.faults:
                forms.itself.add_error(None, str(refusal))
    context = {"nav": "playbooks", "kind": kind, "is_new": is_new, "forms": forms}
    return render(request, "playbooks/edit.html", context)


@staff("incidents.view_playbookversion")
def compare(request: HttpRequest, kind: str) -> HttpResponse:
    """What differs between two versions."""
    versions = list(PlaybookVersion.objects.filter(kind=kind).order_by("-number")[:MOST_SHOWN])
    after = _chosen(versions, request.GET.get("after", ""))
    earlier = [version for version in versions if version.number < after.number]
    asked = request.GET.get("before", "")
    before = _chosen(versions, asked) if asked else (earlier or versions)[0]
    context = {
        "nav": "playbooks",
        "kind": kind,
        "versions": versions,
        "before": before,
        "after": after,
        "differences": differences(before.playbook(), after.playbook()),
    }
    return render(request, "playbooks/compare.html", context)


@require_POST
@staff("incidents.add_playbookversion")
def use(request: HttpRequest, kind: str, number: int) -> HttpResponse:
    """Put a version in force."""
    version = get_object_or_404(PlaybookVersion, kind=kind, number=number)
    try:
        inforce.put_in_force(version, by=request.user, now=clock.now())
    except NotSaved as refusal:
        reasons = [_(fault.words) % fault.values for fault in refusal.faults]
        messages.error(request, " ".join(reasons) or str(refusal), extra_tags="bad")
    return redirect("incidents:playbook", kind)


@staff("incidents.view_playbookversion")
def as_json(_request: HttpRequest, kind: str, number: int) -> HttpResponse:
    """A version as a file, to be taken in by another desk."""
    version = get_object_or_404(PlaybookVersion, kind=kind, number=number)
    answer = HttpResponse(document.dumps(version.content), content_type="application/json")
    answer["Content-Disposition"] = f'attachment; filename="{kind}-{number}.json"'
    return answer


@require_POST
@staff("incidents.add_playbookversion")
def take_in(request: HttpRequest) -> HttpResponse:
    """A playbook from a file, as a new version in force."""
    form = ImportForm(request.POST, request.FILES)
    if not form.is_valid():
        messages.error(request, _("Choose a JSON file."), extra_tags="bad")
        return redirect("incidents:playbooks")
    try:
        read = document.loads(form.cleaned_data["file"])
        now_in_force = PlaybookVersion.objects.filter(kind=read.kind, is_current=True).first()
        based_on = now_in_force.number if now_in_force else None
        inforce.save(
            read, based_on=based_on, note=_("from a file"), by=request.user, now=clock.now()
        )
    except document.Unreadable as unreadable:
        messages.error(request, _(unreadable.words) % unreadable.values, extra_tags="bad")
        return redirect("incidents:playbooks")
    except NotSaved as refusal:
        for fault in refusal.faults:
            messages.error(request, _(fault.words) % fault.values, extra_tags="bad")
        if not refusal.faults:
            messages.error(request, str(refusal), extra_tags="bad")
        return redirect("incidents:playbooks")
    return redirect("incidents:playbook", read.kind)


def _chosen(versions: list[PlaybookVersion], number: str) -> PlaybookVersion:
    """The version of this number; without one that in force, else the newest."""
    if number:
        found = [version for version in versions if str(version.number) == number]
    else:
        found = [version for version in versions if version.is_current] or versions
    if not found:
        raise Http404
    return found[0]


def _start(kind: str, number: str) -> tuple[int | None, Playbook]:
    """The number of the version in force, and the playbook that the forms begin with."""
    if not kind:
        other = inforce.playbook_for("other")
        return None, Playbook(kind="", title="", priority=NORMAL, tasks=other.tasks)
    versions = list(PlaybookVersion.objects.filter(kind=kind).order_by("-number"))
    in_force = next((version.number for version in versions if version.is_current), None)
    return in_force, _chosen(versions, number).playbook()


def _told(entry: AuditEntry) -> str:
    """An entry of the history about a playbook, in words."""
    words = {
        "playbook-saved": _("Version %(version)s saved and put in force. %(note)s"),
        "playbook-in-force": _("Version %(version)s put in force."),
    }
    details: dict[str, Any] = {"version": "", "note": ""} | entry.details
    return words[entry.action] % details if entry.action in words else entry.action
