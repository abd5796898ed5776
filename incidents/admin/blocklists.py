"""Which blocklists are asked about our own hosts, and what they said."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminURLInputWidget

from complaints import organisation
from complaints.admin import ReadOnlyAdmin, RecordedAdmin
from incidents.models import Listing, ListZone

if TYPE_CHECKING:  # Django's own class takes no type arguments
    ListZoneModelForm = forms.ModelForm[ListZone]
else:
    ListZoneModelForm = forms.ModelForm

LEAST_MINUTES = 15


class ListZoneForm(ListZoneModelForm):
    """A blocklist by its zone."""

    removal = forms.URLField(
        label=gettext_lazy("Where one asks to be taken off"),
        required=False,
        assume_scheme="https",
        widget=UnfoldAdminURLInputWidget,
        help_text=gettext_lazy("Shown with a listing."),
    )

    class Meta:
        model = ListZone
        fields = ("name", "zone", "removal", "every_minutes", "is_on")

    def clean_zone(self) -> str:
        """The zone in lower case, without a dot at its end."""
        try:
            return organisation.normal_domain(self.cleaned_data["zone"])
        except ValueError as wrong:
            raise ValidationError(str(wrong)) from None

    def clean_every_minutes(self) -> int:
        """No list is asked more often than it can be asked with respect."""
        minutes: int = self.cleaned_data["every_minutes"]
        if minutes < LEAST_MINUTES:
            raise ValidationError(
                _("Lists are asked every %(least)s minutes at most.") % {"least": LEAST_MINUTES}
            )
        return minutes


@admin.register(ListZone)
class ListZoneAdmin(RecordedAdmin):
    """None is asked until it stands here; a change has it tried anew."""

    form = ListZoneForm
    list_display = ("name", "zone", "every_minutes", "is_on", "tried_at", "problem")

    def save_model(self, request: HttpRequest, obj: ListZone, form: Any, change: bool) -> None:
        """Save, and have it tried anew by the next round."""
        obj.tried_at, obj.problem = None, ""
        super().save_model(request, obj, form, change)


@admin.register(Listing)
class ListingAdmin(ReadOnlyAdmin):
    """Each time in which a host of ours was in a list."""

    list_display = ("address", "host", "zone", "listed_at", "cleared_at", "reason")
    list_filter = ("zone",)
    list_select_related = ("host", "zone")
    ordering = ("-pk",)
