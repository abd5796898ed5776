"""The HTML of a mail in a frame of its own: nothing in it runs, fetches, or leads anywhere."""

import base64
import hashlib

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.html import format_html
from django.utils.safestring import mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_sameorigin

from complaints import rawstore
from complaints.models import Complaint
from complaints.reading import showing
from complaints.views.access import staff

STYLE = (
    ":root{color-scheme:light dark}body{font:15px/1.5 system-ui,sans-serif;margin:1rem;"
    "overflow-wrap:anywhere}table{border-collapse:collapse;max-width:100%}"
    "td,th{padding:.2rem .4rem}img{max-width:100%}*{unicode-bidi:isolate}"
)
_DIGEST = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
POLICY = (
    f"default-src 'none'; img-src data:; style-src 'sha256-{_DIGEST}'; frame-ancestors 'self'; "
    "base-uri 'none'; form-action 'none'; sandbox"
)
PAGE = '<!doctype html><html lang="{}"><meta charset="utf-8"><title>{}</title><style>{}</style>{}'


@xframe_options_sameorigin
@staff("complaints.read_raw")
def shown(request: HttpRequest, reference: str) -> HttpResponse:
    """The mail as its sender laid it out, cleaned; `pictures` lets attached pictures in."""
    found = get_object_or_404(Complaint.objects.defer("text"), reference=reference)
    try:
        raw = rawstore.read(found.raw_sha256)
        body = showing.shown(raw, with_pictures=bool(request.GET.get("pictures")))
    except (rawstore.RawMessageMissing, showing.NotShown) as trouble:
        body = format_html("<p>{}</p>", str(trouble))
    if not body:
        body = format_html("<p>{}</p>", _("The mail has no HTML."))
    # What comes from the mail was cleaned by nh3, in a process of its own.
    page = format_html(PAGE, get_language(), reference, mark_safe(STYLE), mark_safe(body))  # noqa: S308
    response = HttpResponse(page)
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
