"""Incidents, their tasks and verifications, to be looked at."""

from django.contrib import admin

from complaints.admin import ReadOnlyAdmin
from incidents.models import Incident, ProbeRun, Task


@admin.register(Incident)
class IncidentAdmin(ReadOnlyAdmin):
    """Every incident; it is worked on from its own page, where each act is recorded."""

    list_display = (
        "reference",
        "title",
        "state",
        "priority",
        "discovered_at",
        "notice_published_at",
        "partially_fixed_at",
        "fixed_at",
    )
    list_filter = ("state", "kind", "priority", "origin")
    search_fields = ("reference", "title")
    date_hierarchy = "discovered_at"


@admin.register(Task)
class TaskAdmin(ReadOnlyAdmin):
    """What is to be done, and what was."""

    list_display = ("title", "incident", "state", "due_at", "taken_by", "outcome", "finished_at")
    list_filter = ("state", "kind", "role")
    list_select_related = ("incident", "taken_by")
    search_fields = ("title", "incident__reference")
    ordering = ("-pk",)


@admin.register(ProbeRun)
class ProbeRunAdmin(ReadOnlyAdmin):
    """Verifications of fixes."""

    list_display = ("started_at", "host", "incident", "verdict", "started_by", "finished_at")
    list_filter = ("verdict", "host")
    list_select_related = ("host", "incident")
    ordering = ("-started_at",)
