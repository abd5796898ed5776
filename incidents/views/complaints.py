"""What a person may do to a complaint's walk: try again, or say that it is a complaint."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from complaints import clock
from complaints.models import Complaint
from complaints.views.access import staff
from incidents import pipeline


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
def take_up(request: HttpRequest, reference: str) -> HttpResponse:
    """Say that a mail which was set aside is a complaint."""
    found = get_object_or_404(Complaint, reference=reference)
    if pipeline.call_a_complaint(found, by=request.user, now=clock.now()):
        messages.success(request, _("It is on its walk now."), extra_tags="good")
    return redirect("complaints:complaint", reference)
