"""Write and approve a notice; the public pages, which need no sign-in."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from complaints import clock
from complaints.views.access import staff
from incidents.forms import CorrectionForm, NoticeForm, ReadForm, WithdrawForm
from incidents.models import Notice
from incidents.notices import publish as notices
from incidents.workflow.moves import NotAllowed

A_PAGE = 20


@staff("incidents.view_notice")
def notice(request: HttpRequest, reference: str) -> HttpResponse:
    """A notice as staff see it; a draft can be changed here."""
    found = _notice(reference)
    form = NoticeForm(request.POST or None, instance=found)
    if request.method == "POST" and request.user.has_perm("incidents.change_notice"):
        if form.is_valid():
            return _act(request, reference, notices.edit, **form.cleaned_data)
        found = _notice(reference)
    context = {
        "nav": "notices",
        "notice": found,
        "form": form,
        "correction_form": CorrectionForm(instance=_notice(reference)),
        "withdraw_form": WithdrawForm(),
        "is_own": found.written_by_id == request.user.pk,
    }
    return render(request, "notices/edit.html", context)


@require_POST
@staff("incidents.approve_notice")
def approve(request: HttpRequest, reference: str) -> HttpResponse:
    """A second person lets it go out, in the text that was on the screen."""
    form = ReadForm(request.POST)
    if form.is_valid():
        return _act(request, reference, notices.approve, **form.cleaned_data)
    return redirect("incidents:notice", reference)


@require_POST
@staff("incidents.publish_notice")
def publish(request: HttpRequest, reference: str) -> HttpResponse:
    """Show it to the public."""
    return _act(request, reference, notices.publish)


@require_POST
@staff("incidents.publish_notice")
def correct(request: HttpRequest, reference: str) -> HttpResponse:
    """Replace the text the public sees."""
    form = CorrectionForm(request.POST)
    if form.is_valid():
        return _act(request, reference, notices.correct, **form.cleaned_data)
    messages.error(request, form.errors.as_text(), extra_tags="bad")
    return redirect("incidents:notice", reference)


@require_POST
@staff("incidents.publish_notice")
def withdraw(request: HttpRequest, reference: str) -> HttpResponse:
    """Take it back."""
    form = WithdrawForm(request.POST)
    if form.is_valid():
        return _act(request, reference, notices.withdraw, **form.cleaned_data)
    messages.error(request, form.errors.as_text(), extra_tags="bad")
    return redirect("incidents:notice", reference)


@require_safe
def public_notices(request: HttpRequest) -> HttpResponse:
    """All notices, for anybody."""
    page = Paginator(Notice.objects.public(), A_PAGE).get_page(request.GET.get("page"))
    return render(request, "notices/list.html", {"nav": "notices", "page": page})


@require_safe
def public_notice(request: HttpRequest, reference: str) -> HttpResponse:
    """One notice, for anybody, with what was corrected in it."""
    found = get_object_or_404(
        Notice.objects.public()
        .select_related("pair", "paired_with")
        .prefetch_related("versions", "pair__versions", "paired_with__versions"),
        reference=reference,
    )
    context = {"nav": "notices", "notice": found, "other": found.other_language()}
    return render(request, "notices/notice.html", context)


def _notice(reference: str) -> Notice:
    known = Notice.objects.select_related("incident", "written_by", "approved_by")
    return get_object_or_404(known, reference=reference)


def _act(request: HttpRequest, reference: str, move: Any, **said: Any) -> HttpResponse:
    try:
        move(_notice(reference), **said, by=request.user, now=clock.now())
    except NotAllowed as refusal:
        messages.error(request, str(refusal), extra_tags="bad")
    return redirect("incidents:notice", reference)
