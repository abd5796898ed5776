"""The public report form, what the desk brings in by hand, and the search in the mail log."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from complaints.maillog import message_id
from complaints.querysets import SUBJECT_START_CHARS

MOST_FILES = 10
MOST_FILE_BYTES = 10 * 1024 * 1024
MOST_BYTES = 25 * 1024 * 1024
MOST_UPLOAD_BYTES = 100 * 1024 * 1024
# Comes after all that begins alike.
LAST = "\U0010ffff"


class FilesInput(forms.ClearableFileInput):
    """A place for several files, onto which they can also be dragged."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files, within bounds."""

    widget = FilesInput

    def __init__(self, *, most: int, most_bytes: int, all_bytes: int, **given: Any) -> None:
        super().__init__(**given)
        self._most, self._most_bytes, self._all_bytes = most, most_bytes, all_bytes

    def clean(self, data: Any, initial: Any = None) -> "list[UploadedFile[Any]]":
        """The files; which one is too large is said."""
        given = data if isinstance(data, list | tuple) else [data]
        files = [file for one in given if (file := super(FilesField, self).clean(one, initial))]
        if len(files) > self._most:
            raise forms.ValidationError(_("At most %(most)s files at once.") % {"most": self._most})
        for file in files:
            if file.size > self._most_bytes:
                raise forms.ValidationError(
                    _("“%(name)s” is larger than %(most)s MiB.")
                    % {"name": file.name, "most": self._most_bytes >> 20}
                )
        if sum(file.size for file in files) > self._all_bytes:
            raise forms.ValidationError(
                _("Together the files are larger than %(most)s MiB.")
                % {"most": self._all_bytes >> 20}
            )
        return files


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
    attached = FilesField(
        label=_("Files"),
        help_text=_("The mail saved as a file (.eml) is best; a picture of it helps too."),
        required=False,
        most=MOST_FILES,
        most_bytes=MOST_FILE_BYTES,
        all_bytes=MOST_BYTES,
    )
    # People do not see this field; programs fill it in.
    website = forms.CharField(required=False, widget=forms.TextInput(attrs={"tabindex": "-1"}))

    def is_trap(self) -> bool:
        """Whether a program filled the form in."""
        return bool(self.cleaned_data.get("website"))


class UploadForm(forms.Form):
    """Mails that are brought in as files."""

    attached = FilesField(
        label=_("Mails as files: .eml or mbox"),
        help_text=_("Choose many at once, or drag them here."),
        most=100,
        most_bytes=MOST_UPLOAD_BYTES,
        all_bytes=MOST_UPLOAD_BYTES,
    )


class NoteForm(forms.Form):
    """A complaint that came by telephone, fax or letter."""

    channel = forms.ChoiceField(
        label=_("It came by"),
        choices=[
            ("telephone", _("telephone")),
            ("fax", _("fax")),
            ("letter", _("post")),
            ("in-person", _("word of mouth")),
        ],
    )
    told_at = forms.DateTimeField(
        label=_("When"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    name = forms.CharField(label=_("Who complains"), max_length=200)
    address = forms.EmailField(label=_("E-mail address, if known"), required=False, max_length=320)
    subject = forms.CharField(label=_("About what, in one line"), max_length=250)
    text = forms.CharField(
        label=_("What was said or written"),
        widget=forms.Textarea(attrs={"rows": 8}),
        max_length=100_000,
    )
    attached = FilesField(
        label=_("The scan, or other files"),
        required=False,
        most=MOST_FILES,
        most_bytes=MOST_FILE_BYTES,
        all_bytes=MOST_BYTES,
    )


def _moment() -> forms.DateTimeInput:
    return forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")


class MailLogForm(forms.Form):
    """What is known of a message."""

    message_id = forms.CharField(label=_("Message-ID"), required=False, max_length=998)
    queue_id = forms.CharField(label=_("Queue ID"), required=False, max_length=100)
    client_ip = forms.GenericIPAddressField(label=_("Client address"), required=False)
    sender = forms.CharField(label=_("Envelope sender"), required=False, max_length=320)
    recipient = forms.CharField(label=_("Recipient"), required=False, max_length=320)
    subject = forms.CharField(label=_("Subject, its beginning"), required=False, max_length=998)
    since = forms.DateTimeField(label=_("Since"), required=False, widget=_moment())
    until = forms.DateTimeField(label=_("Until"), required=False, widget=_moment())

    def wanted(self) -> dict[str, Any]:
        """The filters for what was filled in; `subject_start` is the part that has an index."""
        said = self.cleaned_data
        subject = said["subject"].strip()
        is_long = len(subject) >= SUBJECT_START_CHARS
        given = {
            "message_id_sha256__in": message_id.digests(said["message_id"]),
            "queue_id": said["queue_id"].strip(),
            "client_ip": said["client_ip"],
            "sender": said["sender"].strip().lower(),
            "deliveries__recipient": said["recipient"].strip().lower(),
            "subject_start": subject[:SUBJECT_START_CHARS] if is_long else "",
            "subject_start__gte": "" if is_long else subject,
            "subject_start__lt": subject + LAST if subject and not is_long else "",
            "subject__startswith": subject,
            "queued_at__gte": said["since"],
            "queued_at__lte": said["until"],
        }
        return {name: value for name, value in given.items() if value}
