"""One complaint: everything it says, what it is about, and its links with two buttons."""

import io
import zipfile

from django.contrib.auth.models import User
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop
from django.views.decorators.http import require_POST

from complaints import audit, clock, organisation, paging, rawstore
from complaints.evidence import marked
from complaints.linking import link as linking
from complaints.linking.runs import runs_of
from complaints.models import Complaint, Link, RelayedMessage, ReportedMessage
from complaints.samples import sample_of
from complaints.views.access import person, staff

# What a row of the list shows; the texts of mails are long.
LISTED = (
    "reference", "stage", "arrived_at", "subject", "sender", "sender_name", "threatens_block",
    "format", "language", "set_aside_reason", "problem",
)  # fmt: skip
NEWEST = ("-arrived_at", "-pk")
MOST_RUNS = 3
SHOWN_RAW_BYTES = 200_000
MOST_REASONS = 20
# What a complaint lacks, by the words of complaints.formats.missing.
WORDS = {
    "headers": noop("the full headers, or the mail itself"),
    "address": noop("the address it came from"),
    "time": noop("when it happened"),
    "zone": noop("the time zone of the time it names"),
    "recipient": noop("who received it"),
    "link": noop("the link"),
}


@staff("complaints.view_complaint")
def complaints(request: HttpRequest) -> HttpResponse:
    """All received mail, newest first, by stage."""
    stage = request.GET.get("stage", "")
    found = Complaint.objects.only(*LISTED)
    if stage in Complaint.Stage.values:
        found = found.filter(stage=stage)
    context = {
        "nav": "complaints",
        "page": paging.page(found, NEWEST, after=request.GET.get("after", "")),
        "stage": stage,
        "reasons": Complaint.objects.quarantine_by_reason(MOST_REASONS)
        if stage == Complaint.Stage.QUARANTINED
        else [],
        "chips": _stages(person(request), stage),
        "most": paging.MOST_COUNTED,
    }
    return render(request, "complaints/list.html", context)


@staff("complaints.view_complaint")
def complaint(request: HttpRequest, reference: str) -> HttpResponse:
    """What the person wrote, and beside it what it means."""
    found = get_object_or_404(
        Complaint.objects.select_related("duplicate_of", "follows", "not_a_repeat_of"),
        reference=reference,
    )
    linked = found.links.select_related("message__host", "reported_message")
    links = list(linked.prefetch_related("message__log_block").order_by("-score"))
    observables = list(found.observables.order_by("origin", "kind", "pk"))
    text = marked.spans(found.text, sorted({(one.kind, one.value) for one in observables}))
    head, _blank, body = _source(request, found).replace("\r\n", "\n").partition("\n\n")
    reported = list(found.reported_messages.all())
    not_ours = ReportedMessage.Verdict.NOT_OURS
    context = {
        "nav": "complaints",
        "complaint": found,
        "text": text,
        "marks": {span.value: span.number for span in text if span.first},
        "head": head,
        "body": body,
        "links": links,
        "has_run": any(link.state in Link.HOLDING for link in links),
        "memberships": found.memberships.select_related("incident").prefetch_related("campaigns"),
        "reported": reported,
        "is_not_ours": bool(reported) and all(one.verdict == not_ours for one in reported),
        "observables": observables,
        "attachments": found.attachments.all(),
        "arrivals": found.arrivals.select_related("mailbox", "folder").order_by("pk"),
        "duplicates": found.duplicates.all(),
        "same_id": Complaint.objects.with_the_message_id_of(found)[:20],
        "missing": [_(WORDS[word]) for word in found.missing if word in WORDS],
    }
    return render(request, "complaints/complaint.html", context)


@staff("complaints.view_complaint")
def runs(request: HttpRequest, reference: str) -> HttpResponse:
    """How much the sources of its messages sent in the same burst: a part that comes later."""
    found = get_object_or_404(Complaint, reference=reference)
    held = found.links.filter(state__in=Link.HOLDING).select_related("message__host")
    messages = [link.message for link in held.order_by("-score")[:MOST_RUNS]]
    context = {
        "nav": "complaints",
        "complaint": found,
        "runs": runs_of(messages, organisation.ourselves()),
    }
    is_part = getattr(request, "htmx", False)
    template = "complaints/_runs.html" if is_part else "complaints/runs.html"
    return render(request, template, context)


@staff("complaints.read_raw")
def raw(request: HttpRequest, reference: str) -> HttpResponse:
    """The raw mail as a file; noted in the history."""
    found = get_object_or_404(Complaint, reference=reference)
    content = rawstore.read(found.raw_sha256)
    with transaction.atomic():
        audit.record("raw-downloaded", found, at=clock.now(), by=request.user)
    response = HttpResponse(content, content_type="application/octet-stream")
    response.headers["Content-Disposition"] = f'attachment; filename="{found.reference}.eml"'
    response.headers["Content-Security-Policy"] = "sandbox"
    return response


@staff("complaints.read_raw")
def sample(request: HttpRequest, reference: str) -> HttpResponse:
    """The mail as a test sample, masked, with what is read in it; noted in the history."""
    found = get_object_or_404(Complaint, reference=reference)
    made = sample_of(found)
    with transaction.atomic():
        audit.record("sample-downloaded", found, at=clock.now(), by=request.user)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{found.reference}.eml", made.mail)
        archive.writestr(f"{found.reference}.json", made.expected)
    response = HttpResponse(packed.getvalue(), content_type="application/zip")
    response.headers["Content-Disposition"] = f'attachment; filename="{found.reference}-sample.zip"'
    return response


@require_POST
@staff("complaints.change_link")
def decide_link(request: HttpRequest, link_id: int) -> HttpResponse:
    """A person says whether this message is meant."""
    found = get_object_or_404(Link.objects.select_related("complaint", "message__host"), pk=link_id)
    decide = linking.reject_link if "reject" in request.POST else linking.confirm_link
    decide(found, by=request.user, now=clock.now())
    if getattr(request, "htmx", False):
        return render(request, "complaints/_link.html", {"link": found})
    return redirect("complaints:complaint", found.complaint.reference)


@require_POST
@staff("complaints.change_link")
def link_by_hand(request: HttpRequest, reference: str, message_id: int) -> HttpResponse:
    """A person found in the mail log which message is meant."""
    found = get_object_or_404(Complaint, reference=reference)
    message = get_object_or_404(RelayedMessage, pk=message_id)
    linking.link_by_hand(found, message, by=request.user, now=clock.now())
    return redirect("complaints:complaint", found.reference)


def _source(request: HttpRequest, found: Complaint) -> str:
    """The beginning of the raw mail as text, for those who may read it."""
    if not request.user.has_perm("complaints.read_raw"):
        return ""
    try:
        content = rawstore.read(found.raw_sha256)
    except rawstore.RawMessageMissing as missing:
        return str(missing)
    return content[:SHOWN_RAW_BYTES].decode("utf-8", "backslashreplace").replace("\x00", "\\x00")


def _stages(user: User, chosen: str) -> list[tuple[str, str, int]]:
    """The stages that have any mail, and the chosen one, each with how much, by one query."""
    rows = {
        f"count_{number}": paging.Counted.up_to(
            paging.MOST_COUNTED, Complaint.objects.filter(stage=stage)
        )
        for number, stage in enumerate(Complaint.Stage.values)
    }
    counted = User.objects.filter(pk=user.pk).values_list(*rows.values())[0]
    stages = zip(Complaint.Stage.choices, counted, strict=True)
    return [
        (value, str(label), count) for (value, label), count in stages if count or value == chosen
    ]
