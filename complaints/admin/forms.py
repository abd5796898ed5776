"""Forms of what a desk sets up: values in normal form, and what cannot be is refused by name."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminPasswordWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
)

from complaints import organisation
from complaints.intake import oauth
from complaints.intake.imap import LOOPBACK
from complaints.intake.trouble import MailboxTrouble
from complaints.maillog.dialects import DIALECTS
from complaints.models import LogSource, Mailbox, MailHost, Network, Organisation
from complaints.secrets import VARIABLE_PREFIX

# Where a stored password is sent: it goes nowhere else without being entered again.
PLACE_OF_PASSWORD = {"host", "port", "security", "username"}
PLACE_OF_TOKEN = {"sign_in", "oauth_tenant", "oauth_token_url", "oauth_client_id"}

if TYPE_CHECKING:  # Django's own class takes no type arguments
    MailboxModelForm = forms.ModelForm[Mailbox]
    OrganisationModelForm = forms.ModelForm[Organisation]
    MailHostModelForm = forms.ModelForm[MailHost]
    NetworkModelForm = forms.ModelForm[Network]
    LogSourceModelForm = forms.ModelForm[LogSource]
else:
    MailboxModelForm = OrganisationModelForm = forms.ModelForm
    MailHostModelForm = NetworkModelForm = LogSourceModelForm = forms.ModelForm


class LinesField(forms.CharField):
    """A list of short texts, one a line."""

    widget = UnfoldAdminTextareaWidget

    def __init__(self, *, normal: Callable[[str], str] = str.strip, **given: Any) -> None:
        """`normal` gives a line its normal form, or raises ValueError worded for a person."""
        super().__init__(required=False, **given)
        self._normal = normal

    def prepare_value(self, value: Any) -> Any:
        """Show a list one a line."""
        return "\n".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> Any:
        """The lines that are not empty, in normal form; what cannot be is named."""
        try:
            return [self._normal(line) for line in _lines(value)]
        except ValueError as problem:
            raise ValidationError(str(problem)) from None

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether the lines differ from the stored list."""
        return list(initial or []) != _lines(data)


def _folder(name: str) -> str:
    """A folder's name as it may be sent to a server."""
    name = name.strip()
    if len(name) > 255 or not name.isprintable():
        raise ValueError(_("“%s” is no name of a folder.") % name[:50])
    return name


class MailboxForm(MailboxModelForm):
    """A mailbox; its password is written here and never shown again."""

    password = forms.CharField(
        label=_("Password"),
        required=False,
        widget=UnfoldAdminPasswordWidget(render_value=False),
        help_text=_("Stored encrypted. Leave it empty to keep the one that is stored."),
    )
    oauth_client_secret = forms.CharField(
        label=_("Client secret"),
        required=False,
        widget=UnfoldAdminPasswordWidget(render_value=False),
        help_text=_("Stored encrypted. Leave it empty to keep the one that is stored."),
    )
    oauth_refresh_token = forms.CharField(
        label=_("Refresh token"),
        required=False,
        max_length=4000,
        widget=UnfoldAdminPasswordWidget(render_value=False),
        help_text=_("Stored encrypted. Leave it empty to keep the one that is stored."),
    )
    folders = LinesField(label=_("Folders"), normal=_folder)

    class Meta:
        model = Mailbox
        fields = (
            "name",
            "address",
            "host",
            "port",
            "security",
            "username",
            "sign_in",
            "password",
            "password_variable",
            "oauth_client_id",
            "oauth_client_secret",
            "oauth_refresh_token",
            "oauth_tenant",
            "oauth_token_url",
            "folders",
            "afterwards",
            "move_to",
            "paused",
        )

    def clean_password_variable(self) -> str:
        """No other secret of ours may be named."""
        name: str = self.cleaned_data["password_variable"]
        if name and not name.startswith(VARIABLE_PREFIX):
            raise ValidationError(_("Its name must begin with %s.") % VARIABLE_PREFIX)
        return name

    def clean_folders(self) -> list[str]:
        """At least one, each once."""
        return list(dict.fromkeys(self.cleaned_data["folders"])) or ["INBOX"]

    def clean(self) -> dict[str, Any] | None:
        """What fits together; a stored secret goes to no other server than it was given for."""
        cleaned = super().clean()
        get = self.cleaned_data.get
        if get("sign_in") == Mailbox.SignIn.PASSWORD:
            self._check_password()
        else:
            self._check_token()
        if get("security") == Mailbox.Security.NONE and get("host") not in LOOPBACK:
            self.add_error("security", _("Without TLS only this very machine is asked."))
        if get("afterwards") == Mailbox.Afterwards.MOVE and not get("move_to"):
            self.add_error("move_to", _("Name the folder to move mail to."))
        if get("move_to") and get("move_to") in (get("folders") or []):
            self.add_error("move_to", _("Mail would be fetched again from there."))
        return cleaned

    def _check_password(self) -> None:
        get = self.cleaned_data.get
        if get("password") or get("password_variable"):
            return
        if not (self.instance.pk and self.instance.password_encrypted):
            self.add_error("password", _("A password, or a variable with it, is needed."))
        elif PLACE_OF_PASSWORD & set(self.changed_data):
            self.add_error("password", _("Enter it again: it is for another server now."))

    def _check_token(self) -> None:
        get = self.cleaned_data.get
        if not get("oauth_client_id"):
            self.add_error("oauth_client_id", _("The client ID is needed."))
        if not get("oauth_refresh_token"):
            if not (self.instance.pk and self.instance.oauth_refresh_encrypted):
                self.add_error("oauth_refresh_token", _("A refresh token is needed."))
            elif (PLACE_OF_TOKEN | PLACE_OF_PASSWORD) & set(self.changed_data):
                again = _("Enter it again: it is for another server now.")
                self.add_error("oauth_refresh_token", again)
        if get("security") == Mailbox.Security.NONE:
            self.add_error("security", _("An access token is sent over TLS alone."))
        try:
            oauth.token_url(self.instance)
        except MailboxTrouble as trouble:
            self.add_error("oauth_token_url", str(trouble))


class OrganisationForm(OrganisationModelForm):
    """Who we are; lists are written one a line."""

    domains = LinesField(label=_("Domains"), normal=organisation.normal_domain)
    mailboxes = LinesField(label=_("Mailboxes"))

    class Meta:
        model = Organisation
        fields = (
            "name",
            "domains",
            "mailboxes",
            "utc_offset",
            "ticket_example",
            "logs_taken_at",
        )

    def clean_utc_offset(self) -> str:
        """As +09:00."""
        return _cleaned(organisation.normal_offset, self.cleaned_data["utc_offset"])


class MailHostForm(MailHostModelForm):
    """A mail host; its addresses are written one a line."""

    addresses = LinesField(label=_("Addresses"), normal=organisation.normal_address)

    class Meta:
        model = MailHost
        fields = (
            "name",
            "fqdn",
            "addresses",
            "mta",
            "log_files",
            "log_utc_offset",
            "probe_port",
        )

    def clean_log_utc_offset(self) -> str:
        """As +09:00."""
        return _cleaned(organisation.normal_offset, self.cleaned_data["log_utc_offset"])


class LogSourceForm(LogSourceModelForm):
    """A log that is followed: a file that can be read, in a dialect that we know."""

    dialect = forms.ChoiceField(
        label=_("Dialect"),
        choices=[("auto", _("recognised by its lines")), *((name, name) for name in DIALECTS)],
        initial="auto",
        widget=UnfoldAdminSelectWidget,
    )

    class Meta:
        model = LogSource
        fields = ("path", "host", "dialect", "paused")

    def clean(self) -> dict[str, Any] | None:
        """What is followed has to be readable now; what is paused may come later."""
        cleaned = super().clean()
        path = self.cleaned_data.get("path")
        if path and not Path(path).is_absolute():
            self.add_error("path", _("Give the whole path, from / on."))
        elif path and not self.cleaned_data.get("paused"):
            try:
                with Path(path).open("rb"):
                    pass
            except OSError as error:
                self.add_error("path", _("It cannot be read: %s") % (error.strerror or error))
        return cleaned


class NetworkForm(NetworkModelForm):
    """A network; what is none is refused, for every step asks whether an address is in it."""

    class Meta:
        model = Network
        fields = ("prefix", "customer")

    def clean_prefix(self) -> str:
        """In normal form."""
        return _cleaned(organisation.normal_prefix, self.cleaned_data["prefix"])


def _lines(value: Any) -> list[str]:
    return [line.strip() for line in str(value or "").splitlines() if line.strip()]


def _cleaned(normal: Callable[[str], str], value: str) -> str:
    """The value in normal form, or why it cannot be, for the person at the form."""
    try:
        return normal(value)
    except ValueError as problem:
        raise ValidationError(str(problem)) from None
