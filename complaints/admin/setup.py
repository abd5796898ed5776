"""What a desk sets up: mailboxes, logs, and who we are."""

from typing import Any

from django.contrib import admin, messages
from django.db import models, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action

from complaints import audit, clock
from complaints.admin.base import RecordedAdmin
from complaints.admin.forms import (
    LogSourceForm,
    MailboxForm,
    MailHostForm,
    NetworkForm,
    OrganisationForm,
)
from complaints.intake import logtrial
from complaints.maillog.archive import UnreadableLog
from complaints.maillog.dialects import NotAMailLog
from complaints.models import Customer, LogSource, Mailbox, MailHost, Network, Organisation
from complaints.secrets import set_oauth_secrets, set_password

LEAST_UNDERSTOOD = 0.9


@admin.register(Mailbox)
class MailboxAdmin(RecordedAdmin):
    """Where mail is fetched, and how that goes."""

    form = MailboxForm
    list_display = ("name", "host", "folders", "paused", "last_contact_at", "last_error")
    readonly_fields = ("last_contact_at", "last_error")
    actions_detail = ("test_connection",)

    def save_model(
        self, request: HttpRequest, obj: Mailbox, form: MailboxForm, change: bool
    ) -> None:
        """Encrypt a password that was entered, and try again at once."""
        if password := form.cleaned_data.get("password"):
            set_password(obj, password)
        set_oauth_secrets(
            obj,
            client_secret=form.cleaned_data.get("oauth_client_secret", ""),
            refresh_token=form.cleaned_data.get("oauth_refresh_token", ""),
        )
        obj.next_attempt_at, obj.failures_in_a_row = None, 0
        super().save_model(request, obj, form, change)

    @action(description=_("How it goes, and Test connection"))  # type: ignore[untyped-decorator]
    def test_connection(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """To the page where the button is: signing in is no act for a link."""
        name = get_object_or_404(Mailbox, pk=object_id).name
        return redirect(f"{reverse('complaints:mailboxes')}#mailbox-{name}")


@admin.register(LogSource)
class LogSourceAdmin(RecordedAdmin):
    """Which logs are followed, and how far they have been read."""

    form = LogSourceForm
    actions_detail = ("try_it",)
    list_display = ("path", "host", "paused", "last_read_at", "last_line_at", "last_error")
    list_select_related = ("host",)
    readonly_fields = (
        "last_read_at",
        "last_line_at",
        "last_error",
        "lines_read",
        "lines_unknown",
    )

    @action(description=_("Try it: read its newest lines"))  # type: ignore[untyped-decorator]
    def try_it(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Say what is understood of it; reading changes nothing, so a link may do it."""
        source = get_object_or_404(LogSource.objects.select_related("host"), pk=object_id)
        try:
            tried = logtrial.try_source(source, now=clock.now())
        except (UnreadableLog, NotAMailLog) as problem:
            messages.error(request, str(problem))
        else:
            _tell(request, tried)
        return redirect("admin:complaints_logsource_change", object_id)


def _tell(request: HttpRequest, tried: logtrial.LogTrial) -> None:
    """The result of a trial as a message; a warning where much is not understood."""
    said = gettext(
        "Of its newest %(read)s lines %(understood)s are understood; the last is of %(last)s."
    ) % {
        "read": tried.read,
        "understood": tried.understood,
        "last": f"{tried.last_at:%Y-%m-%d %H:%M:%S} UTC" if tried.last_at else "–",
    }
    shapes = ", ".join(f"{shape} ({count})" for shape, count in tried.unknown)
    if shapes:
        said = f"{said} {gettext('Not understood: %s') % shapes}"
    good = tried.read and tried.understood >= tried.read * LEAST_UNDERSTOOD
    (messages.success if good else messages.warning)(request, said)


@admin.register(Organisation)
class OrganisationAdmin(RecordedAdmin):
    """Who we are."""

    form = OrganisationForm
    list_display = ("name", "utc_offset")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """There is one."""
        return super().has_add_permission(request) and not Organisation.objects.exists()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Without it nothing would be ours."""
        return False


@admin.register(MailHost)
class MailHostAdmin(RecordedAdmin):
    """Our mail servers. Probes go only to those that somebody confirmed here."""

    form = MailHostForm
    list_display = ("name", "fqdn", "mta", "probe_confirmed_at", "probe_confirmed_by")
    readonly_fields = ("probe_confirmed_at", "probe_confirmed_by")
    actions = ("confirm_probing",)

    def save_model(
        self, request: HttpRequest, obj: MailHost, form: MailHostForm, change: bool
    ) -> None:
        """Another address is another machine: it has to be confirmed anew."""
        if {"addresses", "fqdn", "probe_port"} & set(form.changed_data):
            obj.probe_confirmed_at, obj.probe_confirmed_by = None, ""
        super().save_model(request, obj, form, change)

    @admin.action(
        description=_("Confirm that these hosts are ours and may be probed"),
        permissions=["change"],
    )
    def confirm_probing(self, request: HttpRequest, hosts: models.QuerySet[MailHost]) -> None:
        """Record who said so, and when."""
        now = clock.now()
        with transaction.atomic():
            for host in hosts:
                host.probe_confirmed_at = now
                host.probe_confirmed_by = request.user.get_username()
                host.probe_confirmed_addresses = host.addresses
                host.save(
                    update_fields=[
                        "probe_confirmed_at", "probe_confirmed_by", "probe_confirmed_addresses",
                    ]
                )  # fmt: skip
                audit.record(
                    "probing-confirmed",
                    host,
                    at=now,
                    by=request.user,
                    addresses=host.probe_confirmed_addresses,
                )


@admin.register(Network)
class NetworkAdmin(RecordedAdmin):
    """Networks from which mail may be relayed."""

    form = NetworkForm
    list_display = ("prefix", "customer")
    list_select_related = ("customer",)


@admin.register(Customer)
class CustomerAdmin(RecordedAdmin):
    """Whose machines or domains we carry."""

    list_display = ("identifier", "name", "domain")
    search_fields = ("identifier", "name", "domain")
