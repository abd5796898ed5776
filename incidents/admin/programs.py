"""Programs that use the API, and the tokens by which they sign in."""

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest
from django.utils.translation import gettext as _

from complaints.admin import RecordedAdmin
from incidents.models import ApiToken


@admin.register(ApiToken)
class ApiTokenAdmin(RecordedAdmin):
    """Programs that use the API. The secret is shown once, after the first save."""

    fields = ("name", "user", "expires_at", "last_used_at")
    readonly_fields = ("last_used_at",)
    autocomplete_fields = ("user",)
    list_display = ("name", "user", "expires_at", "last_used_at")
    list_select_related = ("user",)
    search_fields = ("name", "user__username")

    def save_model(self, request: HttpRequest, obj: ApiToken, form: Any, change: bool) -> None:
        """Give a new token its secret, and show it."""
        secret = "" if change else obj.make_secret()
        super().save_model(request, obj, form, change)
        if secret:
            words = _("The secret of this token, shown only now: %(secret)s")
            messages.warning(request, words % {"secret": secret})
