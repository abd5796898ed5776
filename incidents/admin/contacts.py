"""Our own list of whom to write to."""

import ipaddress
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminTextareaWidget

from complaints.admin import RecordedAdmin
from incidents.models import Contact

if TYPE_CHECKING:  # Django's own class takes no type arguments
    ContactModelForm = forms.ModelForm[Contact]
else:
    ContactModelForm = forms.ModelForm


class ContactForm(ContactModelForm):
    """Somebody to write to; networks and domains are lists, one a line."""

    domains = forms.CharField(
        label=gettext_lazy("Domains"),
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
    )
    networks = forms.CharField(
        label=gettext_lazy("Networks"),
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
    )

    class Meta:
        model = Contact
        fields = (
            "name",
            "kind",
            "email",
            "fax",
            "postal_address",
            "domains",
            "networks",
            "language",
        )

    def __init__(self, *args: Any, **given: Any) -> None:
        """Show the lists one a line."""
        super().__init__(*args, **given)
        for name in ("domains", "networks"):
            self.initial[name] = "\n".join(getattr(self.instance, name) or [])

    def clean_domains(self) -> list[str]:
        """Domains in lower case, without a dot at the end."""
        return [word.lower().rstrip(".") for word in self.cleaned_data["domains"].split()]

    def clean_networks(self) -> list[str]:
        """Networks in normal form; what is none is named."""
        networks = []
        for word in self.cleaned_data["networks"].split():
            try:
                networks.append(str(ipaddress.ip_network(word, strict=False)))
            except ValueError:
                wrong = _("“%(word)s” is no network, as 192.0.2.0/24 is.")
                raise ValidationError(wrong % {"word": word[:50]}) from None
        return networks

    def clean(self) -> dict[str, Any] | None:
        """There must be some way to reach them."""
        cleaned = super().clean()
        ways = ("email", "fax", "postal_address")
        if not any(self.cleaned_data.get(name) for name in ways):
            raise ValidationError(_("Give an e-mail address, a fax number or a postal address."))
        return cleaned


@admin.register(Contact)
class ContactAdmin(RecordedAdmin):
    """Our own list of whom to write to: it goes before any look-up."""

    form = ContactForm
    list_display = ("name", "kind", "email", "fax", "language")
    list_filter = ("kind", "language")
    search_fields = ("name", "email")
