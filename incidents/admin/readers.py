"""Who gets reports by mail; the reports and reminders that left."""

from django.contrib import admin

from complaints.admin import ReadOnlyAdmin, RecordedAdmin
from incidents.models import NudgeMailing, ReportMailing, ReportReader


@admin.register(ReportReader)
class ReportReaderAdmin(RecordedAdmin):
    """Somebody who gets a report when its month or year is over."""

    list_display = ("name", "email", "every", "language", "since")
    list_filter = ("every", "language")
    search_fields = ("name", "email")


@admin.register(ReportMailing)
class ReportMailingAdmin(ReadOnlyAdmin):
    """What became of each report that was sent."""

    list_display = ("reader", "period", "state", "claimed_at", "note")
    list_filter = ("state",)
    list_select_related = ("reader",)
    ordering = ("-pk",)


@admin.register(NudgeMailing)
class NudgeMailingAdmin(ReadOnlyAdmin):
    """What became of each reminder that was mailed to somebody of the desk."""

    list_display = ("nudge", "user", "state", "claimed_at", "note")
    list_filter = ("state",)
    list_select_related = ("nudge", "user")
    ordering = ("-pk",)
