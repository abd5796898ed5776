"""The public report form: no sign-in, works without scripts, walks the same path as any mail."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from complaints import clock
from complaints.forms import ReportForm
from complaints.intake import form as intake_form
from complaints.intake import store


def report_form(request: HttpRequest) -> HttpResponse:
    """Take a report in, and answer with its reference."""
    form = ReportForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        now = clock.now()
        if form.is_trap():
            return render(request, "complaints/reported.html", {"reference": ""})
        message = intake_form.message_of(form.cleaned_data, at=now)
        stored = store.keep_message(message, now=now)
        return render(
            request, "complaints/reported.html", {"reference": stored.complaint.reference}
        )
    return render(request, "complaints/report_form.html", {"form": form})
