"""A correspondent's page: who got a letter of ours answers it by the address in the letter."""

from http import HTTPStatus

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation

from complaints import clock
from complaints.intake import form as intake_form
from complaints.intake import limits, store
from incidents.correspondence import tokens
from incidents.forms import ReplyForm
from incidents.models import Letter


def reply(request: HttpRequest, opener: str) -> HttpResponse:
    """Take an answer in as the mail it might have been; it is filed with its letter like one.

    The page says no more than whoever has the letter knows: its subject, and when it was sent.
    """
    token = tokens.letter_of_page(opener)
    letter = Letter.objects.that_left().filter(token=token).first() if token else None
    if letter is None:
        raise Http404
    with translation.override(letter.language):
        response = _answered(request, letter)
    response.headers["X-Robots-Tag"] = "noindex"
    # The address is the key to the page: it must not travel on to where a link leads.
    response.headers["Referrer-Policy"] = "same-origin"
    return response


def _answered(request: HttpRequest, letter: Letter) -> HttpResponse:
    form = ReplyForm(request.POST or None, request.FILES or None)
    context = {"letter": letter, "form": form}
    if request.method != "POST" or not form.is_valid():
        return render(request, "correspondence/reply.html", context)
    now = clock.now()
    if not limits.may_send(request, now=now):
        status = HTTPStatus.TOO_MANY_REQUESTS
        return render(
            request, "correspondence/reply.html", context | {"too_many": True}, status=status
        )
    message = intake_form.answer_of(
        form.cleaned_data["text"],
        name=letter.to_name,
        address=letter.to_address,
        subject=letter.subject,
        in_reply_to=letter.message_id,
        at=now,
        files=intake_form.files_of(form.cleaned_data["attached"]),
    )
    try:
        store.keep_message(message, now=now)
    except store.NotStored:
        form.add_error(None, store.NOT_STORED)
        status = HTTPStatus.SERVICE_UNAVAILABLE
        return render(request, "correspondence/reply.html", context, status=status)
    return render(request, "correspondence/reply.html", context | {"is_stored": True})
