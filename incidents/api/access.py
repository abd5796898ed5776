"""Who may use the API: a program with a token, and only what its user may do."""

from datetime import timedelta

from django.http import HttpRequest
from ninja.errors import HttpError
from ninja.security import HttpBearer

from complaints import clock
from incidents.models import ApiToken

NOTED_EVERY = timedelta(minutes=1)


class TokenAuth(HttpBearer):
    """`Authorization: Bearer meyasu_…` (RFC 6750, section 2.1)."""

    def authenticate(self, request: HttpRequest, token: str) -> ApiToken | None:
        """Sign the program in as the user of its token; None refuses it with 401."""
        now = clock.now()
        found = ApiToken.objects.of_secret(token, now=now).select_related("user").first()
        if found is None:
            return None
        if found.last_used_at is None or found.last_used_at < now - NOTED_EVERY:
            ApiToken.objects.filter(pk=found.pk).update(last_used_at=now)
        request.user = found.user
        return found


def require(request: HttpRequest, permission: str) -> None:
    """Go on only where the token's user has this permission.

    raises   HttpError 403, which names it
    """
    if not request.user.has_perm(permission):
        raise HttpError(403, f"The user of this token lacks the permission {permission}.")
