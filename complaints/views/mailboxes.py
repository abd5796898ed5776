"""The mailboxes: how fetching goes, pause, and a test that signs in and counts."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from complaints import clock
from complaints.intake import imap, mailbox, oauth
from complaints.intake.mailbox import TROUBLE
from complaints.models import Mailbox
from complaints.views.access import staff


@staff("complaints.view_mailbox")
def mailboxes(request: HttpRequest) -> HttpResponse:
    """Each mailbox with its last contact, backlog, rate, and what is wrong."""
    return _page(request)


@require_POST
@staff("complaints.change_mailbox")
def pause(request: HttpRequest, name: str) -> HttpResponse:
    """Stop fetching a mailbox, or go on with it."""
    box = get_object_or_404(Mailbox, name=name)
    mailbox.pause(box, paused="pause" in request.POST, by=request.user, now=clock.now())
    return redirect("complaints:mailboxes")


@require_POST
@staff("complaints.change_mailbox")
def test(request: HttpRequest, name: str) -> HttpResponse:
    """Sign in, and show the folders with their counts; nothing is fetched or marked."""
    box = get_object_or_404(Mailbox, name=name)
    try:
        with imap.session(box, oauth.secret_of(box)) as session:
            result: dict[str, object] = {"folders": session.folders()}
    except TROUBLE as trouble:
        words = Mailbox.Trouble(mailbox.kind_of(trouble)).label
        result = {"trouble": words, "said": str(trouble)}
    return _page(request, tested=box, result=result)


def _page(
    request: HttpRequest, tested: Mailbox | None = None, result: dict[str, object] | None = None
) -> HttpResponse:
    context = {
        "nav": "mailboxes",
        "boxes": Mailbox.objects.with_rates(clock.now()).prefetch_related("fetched_folders"),
        "tested": tested,
        "result": result,
        "now": clock.now(),
    }
    return render(request, "complaints/mailboxes.html", context)
