"""Reports as pages, PDF and Markdown: of one incident, of a month, of a year."""

import re

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import get_language

from complaints import clock
from complaints.views.access import staff
from incidents.models import Incident
from incidents.reporting.period import Period, of_month, of_year
from incidents.reports import incident as incidents
from incidents.reports import periodic
from incidents.reports.document import Document
from incidents.reports.markdown import as_markdown
from incidents.reports.paper import as_pdf
from incidents.workflow.planning import desk_zone

FORMS = ("html", "pdf", "md")
NAME_OF_PERIOD = re.compile(r"([12]\d{3})(?:-(0[1-9]|1[0-2]))?")


@staff("incidents.view_incident")
def of_incident(request: HttpRequest, reference: str, form: str = "html") -> HttpResponse:
    """The report of one incident, as `html`, `pdf` or `md`."""
    found = get_object_or_404(Incident, reference=reference)
    document = incidents.of_incident(found, language=_language(request), now=clock.now())
    address = reverse("incidents:report-of-incident", args=[reference])
    return _as(request, document, form, name=reference, address=address)


@staff("incidents.view_incident")
def of_period(request: HttpRequest, name: str, form: str = "html") -> HttpResponse:
    """The report of a year, named 2026, or of a month, named 2026-10."""
    document = periodic.of_period(_period(name), language=_language(request), now=clock.now())
    address = reverse("incidents:report-of-period", args=[name])
    return _as(request, document, form, name=f"abuse-{name}", address=address)


def _as(
    request: HttpRequest, document: Document, form: str, *, name: str, address: str
) -> HttpResponse:
    if form not in FORMS:
        raise Http404(form)
    if form == "pdf":
        answer = HttpResponse(as_pdf(document), content_type="application/pdf")
    elif form == "md":
        answer = HttpResponse(as_markdown(document), content_type="text/markdown; charset=utf-8")
    else:
        context = {
            "nav": "reports",
            "document": document,
            "address": address.removesuffix("/"),
            "languages": settings.LANGUAGES,
        }
        return render(request, "reports/report.html", context)
    answer["Content-Disposition"] = f'attachment; filename="{name}.{document.language}.{form}"'
    return answer


def _language(request: HttpRequest) -> str:
    """The language asked for, else that of the reader."""
    asked = request.GET.get("language", "")
    return asked if asked in dict(settings.LANGUAGES) else (get_language() or "en")


def _period(name: str) -> Period:
    match = NAME_OF_PERIOD.fullmatch(name)
    if match is None:
        raise Http404(name)
    year, month = match.groups()
    zone = desk_zone()
    return of_month(int(year), int(month), zone) if month else of_year(int(year), zone)
