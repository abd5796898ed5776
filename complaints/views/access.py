"""Who may see a screen: staff who have signed in and have the permission."""

from collections.abc import Callable
from typing import Any, cast

from django.contrib.auth.decorators import login_required, permission_required
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.cache import never_cache

View = Callable[..., HttpResponseBase]


def staff(permission: str) -> Callable[[View], Any]:
    """Let in who has signed in and has this permission; others are asked to, or refused.

    What they see is kept by no cache, wherever its address lies: `/notices/` is public but for
    the pages on which a notice is written.
    """

    def protect(view: View) -> Any:
        allowed = permission_required(permission, raise_exception=True)(view)
        return never_cache(login_required(allowed))

    return protect


def person(request: HttpRequest) -> User:
    """Who asks for a screen that is protected as above: somebody who has signed in."""
    return cast(User, request.user)
