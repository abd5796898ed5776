"""Incidents, their tasks and verifications, to be looked at."""

from typing import Any

from django.contrib import admin
from django.db.models import F, Q
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from complaints import clock
from complaints.admin import ReadOnlyAdmin
from incidents.models import Incident, ProbeRun, Task

# What the dashboard links to, beside the filters that are shown.
FIGURES = ("first_action_at", "first_letter_at", "as_number", "country", "verdict", "relapses")


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

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """The figures of incidents too, by which the dashboard counts them."""
        by_figure = lookup.startswith(tuple(f"figure__{name}__" for name in FIGURES))
        named = lookup in ("figure__customer__name__exact", "host__name__exact")
        return by_figure or named or super().lookup_allowed(lookup, value, request)


class InTimeFilter(admin.SimpleListFilter):
    """Tasks that were done, by their time or after it."""

    title = _("in time")
    parameter_name = "in_time"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Both."""
        return [("yes", _("done in time")), ("no", _("done late"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Finished tasks that had a time."""
        if not self.value():
            return queryset
        done = queryset.filter(state=Task.State.DONE, due_at__isnull=False)
        late = Q(finished_at__gt=F("due_at"))
        return done.filter(~late if self.value() == "yes" else late)


class OverdueFilter(admin.SimpleListFilter):
    """Tasks that could be done now and should have been."""

    title = _("overdue")
    parameter_name = "overdue"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Only these."""
        return [("yes", _("overdue"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Open tasks that wait for nothing and whose time has passed."""
        return queryset.ready().filter(due_at__lt=clock.now()) if self.value() else queryset


class OpenIncidentFilter(admin.SimpleListFilter):
    """Tasks of incidents that are still open."""

    title = _("incident")
    parameter_name = "of_open_incidents"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Only these."""
        return [("yes", _("open incidents only"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Tasks of open incidents."""
        return queryset.filter(incident__in=Incident.objects.open()) if self.value() else queryset


@admin.register(Task)
class TaskAdmin(ReadOnlyAdmin):
    """What is to be done, and what was."""

    list_display = ("title", "incident", "state", "due_at", "taken_by", "outcome", "finished_at")
    list_filter = ("state", OverdueFilter, InTimeFilter, OpenIncidentFilter, "kind", "role")
    list_select_related = ("incident", "taken_by")
    search_fields = ("title", "incident__reference")
    ordering = ("-pk",)

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """By the time of their incident too, as the dashboard counts them."""
        of_incident = lookup.startswith(("incident__discovered_at__", "incident__merged_into__"))
        return of_incident or super().lookup_allowed(lookup, value, request)


@admin.register(ProbeRun)
class ProbeRunAdmin(ReadOnlyAdmin):
    """Verifications of fixes."""

    list_display = ("started_at", "host", "incident", "verdict", "started_by", "finished_at")
    list_filter = ("verdict", "host")
    list_select_related = ("host", "incident")
    ordering = ("-started_at",)
