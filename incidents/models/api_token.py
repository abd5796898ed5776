"""ApiToken: by which a program signs in to the API as one of our users."""

import hashlib
import secrets
from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

PREFIX = "meyasu_"


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    """Tokens by the secret that a program shows."""

    def of_secret(self, secret: str, *, now: datetime) -> Self:
        """The token of this secret, if it holds and its user may sign in; one, or none."""
        holds = Q(expires_at=None) | Q(expires_at__gt=now)
        return self.filter(holds, secret_sha256=digest(secret), user__is_active=True)


class ApiToken(models.Model):
    """A program that may do what its user may do. The secret is shown once and never kept."""

    name = models.CharField(
        _("name"), max_length=100, unique=True, help_text=_("Which program has it.")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="api_tokens",
        verbose_name=_("user"),
        help_text=_("The program may do what this user may do, and acts in this name."),
    )
    secret_sha256 = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField(_("valid until"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("last used at"), null=True, blank=True)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")

    def __str__(self) -> str:
        return self.name

    def make_secret(self) -> str:
        """Give it a new secret, which is returned this once; the caller saves the row."""
        secret = PREFIX + secrets.token_urlsafe(32)
        self.secret_sha256 = digest(secret)
        return secret


def digest(secret: str) -> str:
    """SHA-256 of a secret of 256 random bits: nothing to guess, so no slow hash is needed."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
