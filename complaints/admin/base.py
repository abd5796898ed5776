"""The two kinds of table in the admin: looked at, or set up with each change recorded."""

from typing import Any

from django.db import models, transaction
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from complaints import audit, clock


class ReadOnlyAdmin(ModelAdmin):
    """What the program found is looked at here, never changed."""

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
    """What a person sets up here: each change goes into the history, by the names of its fields."""

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Save, and record it in the transaction of the page."""
        super().save_model(request, obj, form, change)
        kind = str(obj._meta.model_name)
        audit.record(
            f"{kind}-changed" if change else f"{kind}-added",
            obj,
            at=clock.now(),
            by=request.user,
            named=str(obj),
            fields=sorted(form.changed_data),
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
