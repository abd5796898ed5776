"""Mailboxes, log sources, the organisation; evidence and history are read-only."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from complaints import audit, clock
from complaints.models import (
    AuditEntry,
    Complaint,
    Customer,
    LogSource,
    Mailbox,
    MailHost,
    Network,
    Organisation,
    Refusal,
    RelayedMessage,
)
from complaints.secrets import set_password

if TYPE_CHECKING:  # Django's own class takes no type arguments
    MailboxModelForm = forms.ModelForm[Mailbox]
else:
    MailboxModelForm = forms.ModelForm


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


class MailboxForm(MailboxModelForm):
    """A mailbox; its password is written here and never shown again."""

    password = forms.CharField(
        label=_("Password"),
        required=False,
        widget=forms.PasswordInput(render_value=False),
        help_text=_("Stored encrypted. Leave it empty to keep the one that is stored."),
    )

    class Meta:
        model = Mailbox
        fields = (
            "name",
            "address",
            "host",
            "port",
            "security",
            "username",
            "password",
            "password_variable",
            "folder",
            "afterwards",
            "move_to",
            "paused",
        )


@admin.register(Mailbox)
class MailboxAdmin(ModelAdmin):
    """Where mail is fetched, and how that goes."""

    form = MailboxForm
    list_display = ("name", "host", "folder", "paused", "last_contact_at", "last_error")
    readonly_fields = ("last_contact_at", "last_error", "last_uid", "uid_validity")

    def save_model(
        self, request: HttpRequest, obj: Mailbox, form: MailboxForm, change: bool
    ) -> None:
        """Encrypt a password that was entered, then save."""
        if password := form.cleaned_data.get("password"):
            set_password(obj, password)
        super().save_model(request, obj, form, change)


@admin.register(LogSource)
class LogSourceAdmin(ModelAdmin):
    """Which logs are followed, and how far they have been read."""

    list_display = ("path", "host", "paused", "last_read_at", "last_line_at", "last_error")
    readonly_fields = (
        "last_read_at",
        "last_line_at",
        "last_error",
        "lines_read",
        "lines_unknown",
    )


@admin.register(Organisation)
class OrganisationAdmin(ModelAdmin):
    """Who we are."""

    list_display = ("name", "utc_offset")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """There is one."""
        return not Organisation.objects.exists()


@admin.register(MailHost)
class MailHostAdmin(ModelAdmin):
    """Our mail servers. Probes go only to those that somebody confirmed here."""

    list_display = ("name", "fqdn", "mta", "probe_confirmed_at", "probe_confirmed_by")
    readonly_fields = ("probe_confirmed_at", "probe_confirmed_by")
    actions = ("confirm_probing",)

    @admin.action(description=_("Confirm that these hosts are ours and may be probed"))
    def confirm_probing(self, request: HttpRequest, hosts: models.QuerySet[MailHost]) -> None:
        """Record who said so, and when."""
        now = clock.now()
        for host in hosts:
            host.probe_confirmed_at = now
            host.probe_confirmed_by = request.user.get_username()
            host.save(update_fields=["probe_confirmed_at", "probe_confirmed_by"])
            audit.record("probing-confirmed", host, at=now, by=request.user)


@admin.register(Network)
class NetworkAdmin(ModelAdmin):
    """Networks from which mail may be relayed."""

    list_display = ("prefix", "customer")


@admin.register(Customer)
class CustomerAdmin(ModelAdmin):
    """Whose machines or domains we carry."""

    list_display = ("identifier", "name", "domain")


@admin.register(Complaint)
class ComplaintAdmin(ReadOnlyAdmin):
    """Every received mail."""

    list_display = ("reference", "arrived_at", "stage", "format", "sender", "subject")
    list_filter = ("stage", "format", "category", "language", "threatens_block")
    search_fields = ("reference", "sender", "subject")
    date_hierarchy = "arrived_at"


@admin.register(RelayedMessage)
class RelayedMessageAdmin(ReadOnlyAdmin):
    """What our servers handled."""

    list_display = ("queue_id", "host", "queued_at", "direction", "sender", "client_ip")
    list_filter = ("direction", "host")
    list_select_related = ("host",)
    show_full_result_count = False


@admin.register(Refusal)
class RefusalAdmin(ReadOnlyAdmin):
    """What they refused."""

    list_display = ("at", "host", "reason", "client_ip", "sender", "recipient")
    list_filter = ("reason", "host")
    list_select_related = ("host",)
    show_full_result_count = False


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    """Who did what. `audit verify` checks that nobody changed it."""

    list_display = ("sequence", "at", "actor", "action", "subject_reference", "incident_reference")
    list_filter = ("action",)
    search_fields = ("subject_reference", "incident_reference", "actor")
    ordering = ("-sequence",)
    show_full_result_count = False
