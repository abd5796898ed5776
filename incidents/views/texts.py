"""The texts of letters: which there are, the owner's own, seen on real data, and restored."""

import json

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from complaints import clock
from complaints.views.access import staff
from incidents.correspondence import draft, texts
from incidents.correspondence.draft import Draft
from incidents.correspondence.facts import SLOTS
from incidents.forms import TextForm
from incidents.models import Incident, LetterText
from incidents.workflow.moves import NotAllowed

MOST_OFFERED = 50


@staff("incidents.view_letter")
def letter_texts(request: HttpRequest) -> HttpResponse:
    """Every text, and whether it is the owner's own."""
    own = {(row.name, row.about, row.language): row for row in LetterText.objects.all()}
    rows = [(*name, own.get(name)) for name in draft.shipped_names()]
    return render(request, "correspondence/texts.html", {"nav": "incidents", "rows": rows})


@staff("incidents.view_letter")
def letter_text(request: HttpRequest, file: str) -> HttpResponse:
    """One text, to be changed, and as it would be in the latest incident of its kind."""
    name, about, language = _parts(file)
    own = LetterText.objects.filter(name=name, about=about, language=language).first()
    shipped = draft.shipped(name, language, about=about)
    current = Draft(own.subject, own.body, language) if own else shipped
    form = TextForm(
        request.POST or None, initial={"subject": current.subject, "body": current.body}
    )
    may_change = request.user.has_perm("incidents.change_lettertext")
    if request.method == "POST" and may_change and form.is_valid():
        try:
            said = form.cleaned_data
            texts.change(name, about, language, **said, by=request.user, now=clock.now())
            return redirect("incidents:letter-text", file)
        except NotAllowed as refusal:
            form.add_error(None, str(refusal))
    incidents = Incident.objects.select_related("host").order_by("-pk")
    fitting = incidents.filter(kind=about) if about else incidents
    asked = request.GET.get("incident", "").strip()
    incident = incidents.filter(reference=asked).first() if asked else fitting.first()
    context = {
        "nav": "incidents",
        "file": file,
        "own": own,
        "form": form,
        "slots": sorted(SLOTS),
        "language": language,
        "incident": incident,
        "asked": asked,
        "others": fitting.values_list("reference", "title")[:MOST_OFFERED],
        "preview": texts.preview(current, incident) if incident else None,
    }
    return render(request, "correspondence/text.html", context)


@staff("incidents.view_letter")
def export(request: HttpRequest) -> HttpResponse:
    """The owner's own texts as a file."""
    words = json.dumps(texts.export(), indent=2, ensure_ascii=False)
    response = HttpResponse(words, content_type="application/json")
    response.headers["Content-Disposition"] = 'attachment; filename="letter-texts.json"'
    return response


@require_POST
@staff("incidents.change_lettertext")
def bring_in(request: HttpRequest) -> HttpResponse:
    """Put the texts of a file in force."""
    given = request.FILES.get("file")
    try:
        document = json.loads(given.read(texts.MOST_BYTES)) if given else None
    except (ValueError, RecursionError):
        document = None
    try:
        count = texts.bring_in(document, by=request.user, now=clock.now())
        said = ngettext("%(count)s text is in force.", "%(count)s texts are in force.", count)
        messages.success(request, said % {"count": count}, extra_tags="good")
    except NotAllowed as refusal:
        messages.error(request, str(refusal), extra_tags="bad")
    return redirect("incidents:letter-texts")


@require_POST
@staff("incidents.change_lettertext")
def restore(request: HttpRequest, file: str) -> HttpResponse:
    """Put the shipped text back in force."""
    texts.restore(*_parts(file), by=request.user, now=clock.now())
    messages.success(request, file, extra_tags="good")
    return redirect("incidents:letter-text", file)


def _parts(file: str) -> tuple[str, str, str]:
    parts = file.split(".")
    known = (parts[0], parts[1] if len(parts) == 3 else "", parts[-1])
    if len(parts) not in (2, 3) or known not in draft.shipped_names():
        raise Http404
    return known
