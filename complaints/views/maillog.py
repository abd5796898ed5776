"""Find messages in the log index, with the raw lines they came from."""

from django.db.models.functions import Substr
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from complaints.forms import MailLogForm
from complaints.models import Complaint, LogSource, RelayedMessage
from complaints.querysets import SUBJECT_START_CHARS
from complaints.views.access import staff

MOST = 25  # each with its log lines: more would be slow to read and to send


@staff("complaints.view_relayedmessage")
def maillog(request: HttpRequest) -> HttpResponse:
    """Search by what is known of a message; every field is an index.

    Where it is searched for a complaint, what is found can be linked to it.
    """
    form = MailLogForm(request.GET or None)
    found = None
    if form.is_valid() and (wanted := form.wanted()):
        start = Substr("subject", 1, SUBJECT_START_CHARS)
        matched = RelayedMessage.objects.alias(subject_start=start).filter(**wanted)
        if "subject__startswith" in wanted:
            matched = matched.exclude(subject="")  # the index has only those with a subject
        if "deliveries__recipient" in wanted:
            matched = matched.distinct()  # a message may have one recipient twice
        rows = matched.order_by("-queued_at")
        found = rows.select_related("host").prefetch_related("deliveries", "log_block")[:MOST]
    context = {
        "nav": "maillog",
        "complaint": Complaint.objects.filter(reference=request.GET.get("complaint", "")).first()
        if request.user.has_perm("complaints.change_link")
        else None,
        "form": form,
        "found": found,
        "most": MOST,
        "sources": LogSource.objects.select_related("host").order_by("path"),
    }
    return render(request, "complaints/maillog.html", context)
