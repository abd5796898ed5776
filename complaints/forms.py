"""The public report form, and the search in the mail log."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from complaints.maillog import message_id


class ReportForm(forms.Form):
    """What somebody reports through the web site."""

    name = forms.CharField(label=_("Your name"), required=False, max_length=200)
    address = forms.EmailField(label=_("Your e-mail address"), max_length=320)
    subject = forms.CharField(
        label=_("Subject of the mail you received"), required=False, max_length=250
    )
    text = forms.CharField(
        label=_("What happened"),
        widget=forms.Textarea(attrs={"rows": 8}),
        max_length=100_000,
    )
    headers = forms.CharField(
        label=_("The mail itself, with all headers"),
        help_text=_("Paste it here if you can: it lets us find the message in our log."),
        widget=forms.Textarea(attrs={"rows": 8}),
        required=False,
        max_length=200_000,
    )
    # People do not see this field; programs fill it in.
    website = forms.CharField(required=False, widget=forms.TextInput(attrs={"tabindex": "-1"}))

    def is_trap(self) -> bool:
        """Whether a program filled the form in."""
        return bool(self.cleaned_data.get("website"))


class MailLogForm(forms.Form):
    """What is known of a message."""

    message_id = forms.CharField(label=_("Message-ID"), required=False, max_length=998)
    queue_id = forms.CharField(label=_("Queue ID"), required=False, max_length=100)
    client_ip = forms.GenericIPAddressField(label=_("Client address"), required=False)
    sender = forms.CharField(label=_("Envelope sender"), required=False, max_length=320)
    recipient = forms.CharField(label=_("Recipient"), required=False, max_length=320)

    def wanted(self) -> dict[str, Any]:
        """The filters for what was filled in."""
        said = self.cleaned_data
        given = {
            "message_id_sha256": said["message_id"] and message_id.digest(said["message_id"]),
            "queue_id": said["queue_id"].strip(),
            "client_ip": said["client_ip"],
            "sender": said["sender"].strip().lower(),
            "deliveries__recipient": said["recipient"].strip().lower(),
        }
        return {name: value for name, value in given.items() if value}
