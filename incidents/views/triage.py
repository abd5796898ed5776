"""What needs a person now: the list, what is done with it, and the views of it that are kept."""

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from complaints import clock
from complaints.models import Complaint
from complaints.views.access import person, staff
from incidents.desk import acts, counts, presence, waiting
from incidents.desk.item import KINDS, Filters, Waiting
from incidents.forms import SavedViewForm
from incidents.models import IncidentComplaint, SavedView, TriageAct
from incidents.workflow.moves import NotAllowed

# What of an address says which things are shown; everything else in it is left behind.
NAMES = ("kind", "mine", "threats", "language", "category")


@staff("incidents.view_incident")
def triage(request: HttpRequest) -> HttpResponse:
    """The list that a day begins with."""
    now = clock.now()
    page = waiting.page(now, _filters(request), after=request.GET.get("after", ""))
    context = {
        "nav": "triage",
        "page": page,
        "rows": _rows(request, page.items),
        "here": presence.others(person(request), [one.subject for one in page.items], now=now),
        "kind": request.GET.get("kind", ""),
        "filters": [(name, request.GET[name]) for name in NAMES if request.GET.get(name)],
        "form": SavedViewForm(),
        "done": _done(request),
        "is_new": not page.items and not Complaint.objects.exists(),
        "may_act": request.user.has_perm("complaints.change_complaint"),
        **_live(request, since=now.isoformat(), counted=None),
    }
    return render(request, "incidents/triage.html", context)


@staff("incidents.view_incident")
def news(request: HttpRequest) -> HttpResponse:
    """How much waits, and what is new since the list was shown: it is asked again and again."""
    told = request.GET.get("since", "").replace(" ", "+")
    try:
        since = parse_datetime(told)
    except ValueError:
        since = None
    user = person(request)
    context = _live(request, since=told, counted=counts.counts(user, clock.now()))
    context["new"] = counts.new_since(user, since) if since and since.tzinfo else 0
    return render(request, "incidents/_live.html", context)


@require_POST
@staff("complaints.change_complaint")
def act(request: HttpRequest) -> HttpResponse:
    """Do something to one thing of the list, or to all that are chosen."""
    kind = request.POST.get("act", "")
    handles = request.POST.getlist("item")
    for name in TriageAct.Kind.values:
        if name in request.POST:
            kind, handles = name, [request.POST[name]]
    if not request.user.has_perm("incidents.change_incident"):
        handles = [one for one in handles if not one.startswith("merge-")]
        if kind == TriageAct.Kind.REFUSE:
            handles = _without_members(handles)
    if kind not in TriageAct.Kind.values or not handles:
        messages.warning(request, _("Nothing was chosen."), extra_tags="warn")
        return _list(request)
    done = acts.do(kind, handles, by=person(request), now=clock.now())
    return _list(request, done=done.pk)


@require_POST
@staff("complaints.change_complaint")
def undo(request: HttpRequest, act_id: int) -> HttpResponse:
    """Take an act of one's own back."""
    found = get_object_or_404(TriageAct, pk=act_id, by=request.user.pk)
    try:
        acts.undo(found, by=person(request), now=clock.now())
        messages.success(request, _("It is as it was."), extra_tags="good")
    except NotAllowed as refusal:
        messages.error(request, str(refusal), extra_tags="bad")
    return _list(request)


@require_POST
@staff("incidents.view_incident")
def save_view(request: HttpRequest) -> HttpResponse:
    """Keep the filters by a name; one's own of the same name is replaced."""
    form = SavedViewForm(request.POST)
    if form.is_valid():
        SavedView.objects.update_or_create(
            owner=person(request),
            name=form.cleaned_data["name"],
            defaults={
                "query": _query(request.POST),
                "is_shared": form.cleaned_data["is_shared"],
            },
        )
    return _list(request)


@require_POST
@staff("incidents.view_incident")
def forget_view(request: HttpRequest, view_id: int) -> HttpResponse:
    """Forget a view of one's own."""
    get_object_or_404(SavedView, pk=view_id, owner=request.user.pk).delete()
    return redirect("incidents:triage")


@require_POST
@staff("incidents.view_incident")
def be_here(request: HttpRequest, about: str) -> HttpResponse:
    """The page of a complaint or an incident is open; who else has it open."""
    names = presence.come(person(request), about[:20], now=clock.now())
    return render(request, "components/_here.html", {"names": names})


def _rows(request: HttpRequest, items: list[Waiting]) -> list[dict[str, Any]]:
    """The things that wait, as a template finds what they have fastest: by name, in a dict."""
    if not request.user.has_perm("incidents.change_incident"):
        items = [
            replace(one, accept="", refuse="", handle="") if one.source == "merge" else one
            for one in items
        ]
    return [vars(one) for one in items]


def _filters(request: HttpRequest) -> Filters:
    asked = request.GET
    return Filters(
        kind=asked.get("kind", "") if asked.get("kind") in KINDS else "",
        who=request.user.pk if asked.get("mine") else None,
        threats=bool(asked.get("threats")),
        language=asked.get("language", "")[:8],
        category=asked.get("category", "")[:30],
    )


def _live(request: HttpRequest, *, since: str, counted: dict[str, int] | None) -> dict[str, Any]:
    """What stands above the list and follows what happens; without counts at first."""
    return {
        "since": since,
        "counts": counted,
        "most": counts.MOST,
        "query": _query(request.GET),
        "chips": _chips(counted or {}),
        "views": SavedView.objects.filter(Q(owner=request.user.pk) | Q(is_shared=True)),
    }


def _chips(counted: dict[str, int]) -> list[dict[str, Any]]:
    """The filters that are always there, each with how much it would show."""
    words = {
        "mine": ("mine=1", _("Mine")),
        "tasks": ("kind=tasks", _("Tasks")),
        "threats": ("threats=1", _("Threats")),
        "replies": ("kind=replies", _("Answers")),
        "letters": ("kind=letters", _("Letters and notices")),
        "complaints": ("kind=complaints", _("In no incident")),
        "merges": ("kind=merges", _("Perhaps one")),
        "quarantine": ("kind=quarantine", _("Quarantined")),
        "new": ("kind=new", _("Newly placed")),
    }
    return [
        {"name": name, "query": query, "word": word, "count": counted.get(name)}
        for name, (query, word) in words.items()
    ]


def _query(asked: Any) -> str:
    """The filters in an address, without anything else that stands there."""
    return urlencode({name: asked[name][:40] for name in NAMES if asked.get(name)})


def _list(request: HttpRequest, **more: Any) -> HttpResponse:
    """Back to the list as it was filtered."""
    query = "&".join(part for part in (_query(request.POST), urlencode(more)) if part)
    return redirect(f"{reverse('incidents:triage')}{'?' if query else ''}{query}")


def _done(request: HttpRequest) -> dict[str, Any] | None:
    """The act that was just done, in words, for the note that takes it back."""
    number = request.GET.get("done", "")
    found = (
        TriageAct.objects.filter(pk=number, by=request.user.pk, undone_at=None).first()
        if (number.isdecimal())
        else None
    )
    if found is None:
        return None
    return {"act": found, "words": _words(found), "can_undo": _can_undo(found)}


def _words(found: TriageAct) -> str:
    count = len(found.changed)
    said = {
        TriageAct.Kind.ACCEPT: ngettext("%(count)s accepted.", "%(count)s accepted.", count),
        TriageAct.Kind.LEAVE: ngettext("%(count)s seen.", "%(count)s seen.", count),
        TriageAct.Kind.REFUSE: ngettext("%(count)s refused.", "%(count)s refused.", count),
        TriageAct.Kind.TAKE: ngettext("%(count)s taken.", "%(count)s taken.", count),
    }[TriageAct.Kind(found.kind)] % {"count": count}
    if found.missed:
        missed = ngettext(
            "%(count)s was left out: somebody was faster, or it cannot be done to it.",
            "%(count)s were left out: somebody was faster, or it cannot be done to them.",
            found.missed,
        )
        said = f"{said} {missed % {'count': found.missed}}"
    return said


def _can_undo(found: TriageAct) -> bool:
    return any(not one.get("again") for one in found.changed)


def _without_members(handles: list[str]) -> list[str]:
    """Those that are in no incident: taking one out of its incident is for who may change those."""
    keys = [int(one.partition("-")[2]) for one in handles if one.partition("-")[2].isdecimal()]
    members = IncidentComplaint.objects.filter(complaint__in=keys)
    inside = {f"complaint-{key}" for key in members.values_list("complaint_id", flat=True)}
    return [one for one in handles if one not in inside]
