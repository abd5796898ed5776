"""The public report form: no sign-in, works without scripts, walks the same path as any mail."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from complaints import clock
from complaints.forms import ReportForm
from complaints.intake import form as intake_form
from complaints.intake import limits, store


def report_form(request: HttpRequest) -> HttpResponse:
    """Take a report in, and answer with its reference."""
    form = ReportForm(request.POST or None, request.FILES or None)
    if request.method != "POST" or not form.is_valid():
        return render(request, "complaints/report_form.html", {"form": form})
    now = clock.now()
    if form.is_trap():
        return render(request, "complaints/reported.html", {"reference": ""})
    if not limits.may_send(request, now=now):
        context = {"form": form, "too_many": True}
        status = HTTPStatus.TOO_MANY_REQUESTS
        return render(request, "complaints/report_form.html", context, status=status)
    files = intake_form.files_of(form.cleaned_data["attached"])
    message = intake_form.message_of(form.cleaned_data, at=now, files=files)
    try:
        stored = store.keep_message(message, now=now)
    except store.NotStored:
        form.add_error(None, store.NOT_STORED)
        status = HTTPStatus.SERVICE_UNAVAILABLE
        return render(request, "complaints/report_form.html", {"form": form}, status=status)
    return render(request, "complaints/reported.html", {"reference": stored.complaint.reference})
