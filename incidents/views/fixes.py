"""What was done to close the hole of an incident, recorded by a person."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from complaints import clock
from complaints.views.access import staff
from incidents.forms import FixForm
from incidents.models import Incident
from incidents.verification.fixes import record_fix as record
from incidents.workflow.moves import NotAllowed


@require_POST
@staff("incidents.change_task")
def record_fix(request: HttpRequest, reference: str) -> HttpResponse:
    """Record a fix; its verification follows by itself."""
    found = get_object_or_404(Incident, reference=reference)
    form = FixForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Say what was done, and by whom."), extra_tags="bad")
        return redirect("incidents:incident", reference)
    now = clock.now()
    said = form.cleaned_data | {"done_at": form.cleaned_data["done_at"] or now}
    try:
        record(found, **said, by=request.user, now=now)
        words = _("The fix is recorded; whether it holds is verified by itself.")
        messages.success(request, words, extra_tags="good")
    except NotAllowed as refusal:
        messages.error(request, str(refusal), extra_tags="bad")
    return redirect("incidents:incident", reference)
