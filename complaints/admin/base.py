"""The two kinds of table in the admin: looked at, or set up with each change recorded."""

import re
from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.http import FileResponse, HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import path
from unfold.admin import ModelAdmin

from complaints import audit, clock
from complaints.admin import sheets
from complaints.admin.lists import found_exactly

# Fields whose values are kept from the history: passwords, tokens, what they are encrypted to.
SECRET = re.compile("password|secret|token|encrypted|sha256|hash")
MOST_TEXT = 300


class ReadOnlyAdmin(ModelAdmin):
    """What the program found is looked at here, never changed; a list can be taken as a file.

    sheet           fields in the file, as `values_list` names them; those of the list if empty
    search_exactly  indexed fields that a search compares whole, where there are too many rows
                    to look into each
    """

    sheet: tuple[str, ...] = ()
    search_exactly: tuple[str, ...] = ()
    list_before_template = "admin/_list_as_file.html"
    list_per_page = 50  # of the theme's rows, which are heavy

    def get_urls(self) -> list[Any]:
        """The files, beside the addresses of the list."""
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        files = [
            path("export.csv", self.admin_site.admin_view(self.as_csv), name=f"{name}_csv"),
            path("export.xlsx", self.admin_site.admin_view(self.as_xlsx), name=f"{name}_xlsx"),
        ]
        return [*files, *super().get_urls()]

    def as_csv(self, request: HttpRequest) -> HttpResponseBase:
        """The rows of the list as it is filtered, as CSV."""
        header, rows = self._for_file(request)
        lines = sheets.csv_lines(header, rows)
        answer = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="{self.opts.model_name}.csv"'
        return answer

    def as_xlsx(self, request: HttpRequest) -> HttpResponseBase:
        """The same as XLSX; where it has no room for them, back to the list with the reason."""
        try:
            file = sheets.xlsx_file(*self._for_file(request))
        except sheets.TooManyRows as refusal:
            messages.error(request, str(refusal))
            return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")
        return FileResponse(file, as_attachment=True, filename=f"{self.opts.model_name}.xlsx")

    def get_search_results(
        self, request: HttpRequest, queryset: Any, search_term: str
    ) -> tuple[Any, bool]:
        """By whole values where the table says so, else as everywhere in the admin."""
        if self.search_exactly and search_term:
            return found_exactly(queryset, search_term, self.search_exactly), False
        found: tuple[Any, bool] = super().get_search_results(request, queryset, search_term)
        return found

    def get_search_fields(self, request: HttpRequest) -> Any:
        """Of any kind: the box is shown where there are some."""
        return self.search_exactly or super().get_search_fields(request)

    def _for_file(self, request: HttpRequest) -> tuple[list[str], Iterable[Any]]:
        if not self.has_view_permission(request):
            raise PermissionDenied
        fields = self.sheet or tuple(name for name in self.list_display if name != "__str__")
        rows = self.get_changelist_instance(request).get_queryset(request)
        plain = rows.select_related(None).values_list(*fields)
        return [field.replace("__", " ") for field in fields], plain.iterator(chunk_size=2000)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody adds evidence by hand."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody changes it."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody deletes it."""
        return False


class RecordedAdmin(ModelAdmin):
    """What a person sets up here: each change goes into the history, with before and after."""

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Save, and record it in the transaction of the page."""
        kind = type(obj)
        before = _values(kind._default_manager.filter(pk=obj.pk).first() if change else None)
        super().save_model(request, obj, form, change)
        after = _values(obj)
        audit.record(
            f"{kind._meta.model_name}-{'changed' if change else 'added'}",
            obj,
            at=clock.now(),
            by=request.user,
            named=str(obj),
            fields=sorted(form.changed_data),
            changes={
                name: {"before": before.get(name, ""), "after": value}
                for name, value in after.items()
                if value != before.get(name, "")
            },
        )

    def delete_model(self, request: HttpRequest, obj: models.Model) -> None:
        """Record it, and delete."""
        kind = str(obj._meta.model_name)
        audit.record(f"{kind}-deleted", obj, at=clock.now(), by=request.user, named=str(obj))
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: models.QuerySet[Any]) -> None:
        """Delete one by one, so that each is recorded."""
        with transaction.atomic():
            for obj in queryset:
                self.delete_model(request, obj)


def _values(obj: models.Model | None) -> dict[str, str]:
    """The fields of a row as text, those with secrets left out: their change is told by name."""
    if obj is None:
        return {}
    shown = [field for field in obj._meta.fields if not SECRET.search(field.name)]
    return {field.name: str(field.value_from_object(obj))[:MOST_TEXT] for field in shown}
