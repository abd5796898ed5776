"""Incidents and what was done about them, to be looked at; contacts, to be kept; first figures."""

import ipaddress
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminTextareaWidget

from complaints import clock
from complaints.admin import ReadOnlyAdmin, RecordedAdmin
from incidents.models import (
    Acknowledgement,
    Acknowledging,
    ApiToken,
    Contact,
    Incident,
    Letter,
    Notice,
    ProbeRun,
    Task,
)
from incidents.playbooks import registry
from incidents.reporting import overview

if TYPE_CHECKING:  # Django's own class takes no type arguments
    ContactModelForm = forms.ModelForm[Contact]
else:
    ContactModelForm = forms.ModelForm


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


@admin.register(Notice)
class NoticeAdmin(ReadOnlyAdmin):
    """Public notices, drafts too."""

    list_display = ("reference", "title", "incident", "language", "state", "published_at")
    list_filter = ("state", "language")
    list_select_related = ("incident",)
    search_fields = ("reference", "title", "incident__reference")
    ordering = ("-pk",)


@admin.register(ProbeRun)
class ProbeRunAdmin(ReadOnlyAdmin):
    """Verifications of fixes."""

    list_display = ("started_at", "host", "incident", "verdict", "started_by", "finished_at")
    list_filter = ("verdict", "host")
    list_select_related = ("host", "incident")
    ordering = ("-started_at",)


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
class ContactAdmin(ModelAdmin):
    """Our own list of whom to write to: it goes before any look-up."""

    form = ContactForm
    list_display = ("name", "kind", "email", "fax", "language")
    list_filter = ("kind", "language")
    search_fields = ("name", "email")


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


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Add the first figures of the desk to the admin's front page (unfold's callback)."""
    if request.user.has_perm("incidents.view_incident"):
        states = dict(Incident.State.choices)
        context["overview"] = overview.overview(clock.now())
        context["kinds"] = [
            (_(registry.playbook(kind).title), states.get(state, state), count)
            for kind, state, count in overview.by_kind_and_state()
        ]
    return context
