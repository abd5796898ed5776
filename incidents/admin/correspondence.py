"""Letters, acknowledgements and notices, to be looked at; whether reporters get a word at once."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from complaints import clock
from complaints.admin import ReadOnlyAdmin, RecordedAdmin
from incidents.models import Acknowledgement, Acknowledging, Consent, Letter, Notice


@admin.register(Letter)
class LetterAdmin(ReadOnlyAdmin):
    """Letters, and what came of them."""

    list_display = ("subject", "incident", "kind", "to_address", "state", "sent_at", "outcome")
    list_filter = ("state", "kind", "channel", "outcome", "language")
    list_select_related = ("incident",)
    search_fields = ("subject", "to_address", "incident__reference")
    ordering = ("-pk",)


@admin.register(Acknowledging)
class AcknowledgingAdmin(RecordedAdmin):
    """Whether reporters get a word at once."""

    list_display = ("__str__", "enabled_at", "hours_between", "most_an_hour")
    readonly_fields = ("enabled_at",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """There is one."""
        return super().has_add_permission(request) and not Acknowledging.objects.exists()

    def save_model(self, request: HttpRequest, obj: Acknowledging, form: Any, change: bool) -> None:
        """Only what comes from now on is acknowledged, never what has long been waiting."""
        obj.pk = 1
        if not obj.enabled:
            obj.enabled_at = None
        elif obj.enabled_at is None:
            obj.enabled_at = clock.now()
        super().save_model(request, obj, form, change)


@admin.register(Acknowledgement)
class AcknowledgementAdmin(ReadOnlyAdmin):
    """What each complaint was told at once, or why nothing."""

    list_display = ("complaint", "state", "to_address", "decided_at", "note")
    list_filter = ("state",)
    list_select_related = ("complaint",)
    search_fields = ("complaint__reference", "to_address")
    ordering = ("-pk",)

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """By the arrival of their complaints too, as the dashboard counts them."""
        of_complaint = lookup.startswith(("complaint__arrived_at__", "complaint__stage__"))
        return of_complaint or super().lookup_allowed(lookup, value, request)


@admin.register(Notice)
class NoticeAdmin(ReadOnlyAdmin):
    """Public notices, drafts too."""

    list_display = ("reference", "title", "incident", "language", "state", "published_at")
    list_filter = ("state", "language")
    list_select_related = ("incident",)
    search_fields = ("reference", "title", "incident__reference")
    ordering = ("-pk",)


@admin.register(Consent)
class ConsentAdmin(RecordedAdmin):
    """Reporters who agreed to be named to those we write to; without a row here, none is."""

    fields = ("complaint", "given_at", "how")
    raw_id_fields = ("complaint",)
    list_display = ("complaint", "given_at", "how", "noted_by")
    list_select_related = ("complaint",)
    search_fields = ("complaint__reference",)

    def save_model(self, request: HttpRequest, obj: Consent, form: Any, change: bool) -> None:
        """Note who says so."""
        obj.noted_by = request.user.get_username()
        super().save_model(request, obj, form, change)
