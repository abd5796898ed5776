"""Whom to write to about an incident: looked up, confirmed, and written to, one letter each."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from complaints import clock
from complaints.views.access import staff
from incidents.correspondence import compose
from incidents.correspondence.lookup import ask, offers
from incidents.models import Contact, Incident, LookUp
from incidents.workflow.moves import NotAllowed

SOURCES = (Contact.Source.RDAP, Contact.Source.DNS, Contact.Source.GUESS)


@staff("incidents.view_contact")
def contacts(request: HttpRequest, reference: str) -> HttpResponse:
    """Whom one could write to, by where the mail came from."""
    incident = get_object_or_404(Incident, reference=reference)
    found = offers.offers(incident)
    context = {
        "nav": "incidents",
        "incident": incident,
        "offers": found,
        "sources": ask.sources(),
        "is_anybody_known": any(offer.contacts for offer in found),
        "is_waiting": any(
            row.state == LookUp.State.WANTED for offer in found for row in offer.asked
        ),
    }
    return render(request, "correspondence/contacts.html", context)


@require_POST
@staff("incidents.add_contact")
def look_up(request: HttpRequest, reference: str) -> HttpResponse:
    """Ask the sources that are set up about each address that may be asked about."""
    incident = get_object_or_404(Incident, reference=reference)
    addresses = [offer.address for offer in offers.offers(incident)]
    wanted = ask.want(addresses, by=request.user, now=clock.now())
    said = ngettext(
        "%(count)s question is on its way; the answer appears here within a minute.",
        "%(count)s questions are on their way; the answers appear here within a minute.",
        wanted,
    )
    messages.success(request, said % {"count": wanted}, extra_tags="good")
    return redirect("incidents:contacts", reference)


@require_POST
@staff("incidents.add_contact")
def confirm(request: HttpRequest, reference: str) -> HttpResponse:
    """Take an address that is offered into our own list."""
    incident = get_object_or_404(Incident, reference=reference)
    about, address = request.POST.get("about", ""), request.POST.get("address", "")
    source = request.POST.get("source", "")
    now = clock.now()
    try:
        if source not in SOURCES:
            raise NotAllowed(_("This is not offered any more: look again."))
        found, found_at = offers.offered(incident, about, source, address)
        offers.confirm(
            found, source=source, found_at=found_at or now, about=about, by=request.user, now=now
        )
    except NotAllowed as refusal:
        messages.error(request, str(refusal), extra_tags="bad")
    return redirect("incidents:contacts", reference)


@require_POST
@staff("incidents.add_letter")
def write_to_each(request: HttpRequest, reference: str) -> HttpResponse:
    """Draft one letter for each provider, with all that came from its networks."""
    incident = get_object_or_404(Incident, reference=reference)
    task = incident.tasks.filter(kind="upstream", state="open").first()
    try:
        drafted = compose.draft_to_each(
            incident, "upstream", task=task, by=request.user, now=clock.now()
        )
    except NotAllowed as refusal:
        messages.error(request, str(refusal), extra_tags="bad")
        return redirect("incidents:contacts", reference)
    said = ngettext("%(count)s letter is drafted.", "%(count)s letters are drafted.", len(drafted))
    messages.success(request, said % {"count": len(drafted)}, extra_tags="good")
    return redirect("incidents:incident", reference)
