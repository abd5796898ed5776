"""What a person may do to a complaint's walk: try again, call it a complaint, let it join."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from complaints import clock
from complaints.models import Complaint
from complaints.views.access import staff
from incidents import pipeline
from incidents.grouping import belonging, repetitions
from incidents.workflow.moves import NotAllowed


@require_POST
@staff("complaints.change_complaint")
def retry(request: HttpRequest, reference: str) -> HttpResponse:
    """Take a quarantined mail up again."""
    found = get_object_or_404(Complaint, reference=reference)
    if pipeline.retry(found, by=request.user, now=clock.now()):
        messages.success(request, _("It is read again within seconds."), extra_tags="good")
    return redirect("complaints:complaint", reference)


@require_POST
@staff("complaints.change_complaint")
def retry_all(request: HttpRequest) -> HttpResponse:
    """Take up all that is quarantined for one reason, as after a new version."""
    # A form field comes back with the line ends of a browser.
    reason = request.POST.get("reason", "").replace("\r\n", "\n")
    count = pipeline.retry_all(reason, by=request.user, now=clock.now())
    words = ngettext("%(count)s mail is read again.", "%(count)s mails are read again.", count)
    messages.success(request, words % {"count": count}, extra_tags="good")
    return redirect(f"{reverse('complaints:complaints')}?stage={Complaint.Stage.QUARANTINED}")


@require_POST
@staff("complaints.change_complaint")
def take_up(request: HttpRequest, reference: str) -> HttpResponse:
    """Say that a mail which was set aside is a complaint."""
    found = get_object_or_404(Complaint, reference=reference)
    if pipeline.call_a_complaint(found, by=request.user, now=clock.now()):
        messages.success(request, _("It is on its walk now."), extra_tags="good")
    return redirect("complaints:complaint", reference)


@require_POST
@staff("complaints.change_complaint")
def join(request: HttpRequest, reference: str) -> HttpResponse:
    """Say that a complaint belongs to the incident that it may belong to."""
    found = get_object_or_404(Complaint, reference=reference, stage=Complaint.Stage.OPEN)
    try:
        belonging.join(found, by=request.user, now=clock.now())
        messages.success(request, _("It has joined the incident."), extra_tags="good")
    except NotAllowed as refusal:
        messages.error(request, str(refusal), extra_tags="bad")
    return redirect("complaints:complaint", reference)


@require_POST
@staff("complaints.change_complaint")
def its_own(request: HttpRequest, reference: str) -> HttpResponse:
    """Say that what stands as a repetition is a complaint of its own."""
    return _ruled(request, reference, repetitions.call_its_own)


@require_POST
@staff("complaints.change_complaint")
def a_repetition(request: HttpRequest, reference: str) -> HttpResponse:
    """Say that it repeats the other after all."""
    return _ruled(request, reference, repetitions.call_a_repetition)


def _ruled(request: HttpRequest, reference: str, rule: Callable[..., None]) -> HttpResponse:
    rows = Complaint.objects.select_related("duplicate_of", "not_a_repeat_of")
    try:
        rule(get_object_or_404(rows, reference=reference), by=request.user, now=clock.now())
        messages.success(request, _("Done. It can be undone at any time, here."), extra_tags="good")
    except NotAllowed as refusal:
        messages.error(request, str(refusal), extra_tags="bad")
    return redirect("complaints:complaint", reference)
