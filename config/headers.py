"""Response headers that Django does not set: caching, isolation, and the admin's own CSP."""

from collections.abc import Callable

from csp.constants import SELF
from django.http import HttpRequest, HttpResponse

UNSAFE_INLINE, UNSAFE_EVAL = "'unsafe-inline'", "'unsafe-eval'"
PUBLIC = ("/notices/", "/static/")


def security_headers(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: nothing staff see is cached, no other site may embed or script us."""

    def respond(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        if not request.path.startswith(PUBLIC):
            response.headers.setdefault("Cache-Control", "no-store")
        if request.path.startswith("/admin/"):
            _relax_for_the_admin_theme(response)
        return response

    return respond


def _relax_for_the_admin_theme(response: HttpResponse) -> None:
    """The admin's theme (django-unfold) has Alpine expressions and inline style in its pages.

    Alpine turns the expressions of its attributes into functions, hence eval. Scripts written
    into a page stay forbidden: what a stranger's text could bring in does not run here either.
    """
    response._csp_update = {  # type: ignore[attr-defined]
        "script-src": [SELF, UNSAFE_EVAL],
        "style-src": [SELF, UNSAFE_INLINE],
    }
