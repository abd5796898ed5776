"""Who may see a screen: staff who have signed in and have the permission."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpResponseBase

View = Callable[..., HttpResponseBase]


def staff(permission: str) -> Callable[[View], Any]:
    """Let in who has signed in and has this permission; others are asked to, or refused."""

    def protect(view: View) -> Any:
        return login_required(permission_required(permission, raise_exception=True)(view))

    return protect
