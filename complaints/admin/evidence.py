"""What the program found, to be looked at: complaints, relayed messages, refusals, history."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from complaints.admin.base import ReadOnlyAdmin
from complaints.admin.lists import BoundedPaginator, LatelyFilter
from complaints.models import AuditEntry, Complaint, Refusal, RelayedMessage, ReportedMessage


class FoundFilter(admin.SimpleListFilter):
    """What the mail log had of a complaint: the strongest verdict on what it shows."""

    title = _("what the log had")
    parameter_name = "found"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Each verdict, and complaints that show no message."""
        nothing = (ReportedMessage.NOTHING_SHOWN, _("no message shown"))
        return [*ReportedMessage.Verdict.choices, nothing]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Complaints with this verdict."""
        return queryset.with_found().filter(found=self.value()) if self.value() else queryset


@admin.register(Complaint)
class ComplaintAdmin(ReadOnlyAdmin):
    """Every received mail."""

    list_display = ("reference", "arrived_at", "stage", "format", "sender", "subject")
    list_filter = (
        "stage",
        ("format", LatelyFilter),
        ("category", LatelyFilter),
        ("language", LatelyFilter),
        ("reporter_kind", LatelyFilter),
        FoundFilter,
        "threatens_block",
    )
    ordering = ("-arrived_at", "-id")
    search_exactly = ("reference", "sender")
    search_help_text = _("A whole reference or address; the desk's own search looks into texts.")
    sheet = (
        "reference",
        "arrived_at",
        "stage",
        "format",
        "category",
        "language",
        "reporter_kind",
        "sender",
        "subject",
        "threatens_block",
        "answer_by",
    )
    # Counting a million rows, and their years for a hierarchy of dates, is what would be slow.
    show_full_result_count = False
    paginator = BoundedPaginator


@admin.register(RelayedMessage)
class RelayedMessageAdmin(ReadOnlyAdmin):
    """What our servers handled."""

    list_display = ("queue_id", "host", "queued_at", "direction", "sender", "client_ip")
    list_filter = ("direction", "host")
    list_select_related = ("host",)
    search_exactly = ("sender", "client_ip")
    search_help_text = _("A whole sender or client address; /maillog/ finds by all other fields.")
    sheet = (
        "queue_id",
        "host__name",
        "queued_at",
        "direction",
        "sender",
        "client_ip",
        "helo",
        "message_id",
        "size_bytes",
        "recipient_count",
    )
    show_full_result_count = False
    paginator = BoundedPaginator


@admin.register(Refusal)
class RefusalAdmin(ReadOnlyAdmin):
    """What they refused."""

    list_display = ("at", "host", "reason", "client_ip", "sender", "recipient")
    list_filter = ("reason", "host")
    list_select_related = ("host",)
    search_exactly = ("client_ip",)
    search_help_text = _("A whole client address.")
    sheet = ("at", "host__name", "reason", "client_ip", "sender", "recipient", "code")
    show_full_result_count = False
    paginator = BoundedPaginator


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    """Who did what. `audit verify` checks that nobody changed it."""

    list_display = ("sequence", "at", "actor", "action", "subject_reference", "incident_reference")
    list_filter = (("action", LatelyFilter),)
    search_exactly = ("subject_reference", "incident_reference")
    search_help_text = _("A whole reference, as I-2026-0042.")
    ordering = ("-sequence",)
    show_full_result_count = False
    paginator = BoundedPaginator
