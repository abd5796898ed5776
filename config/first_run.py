"""/setup/: what an empty system still needs, step by step, and what the doctor finds."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from complaints import clock
from complaints.models import LogSource, Mailbox, MailHost, Organisation, RelayedMessage
from complaints.views.access import staff
from config.doctor.examine import examine
from incidents.models import Letter

ENOUGH_PEOPLE = 2  # who writes a notice never approves it


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to set up: whether it is done, what it is for, and where it is done."""

    is_done: bool
    title: str
    why: str
    address: str


@staff("complaints.view_mailbox")
def setup(request: HttpRequest) -> HttpResponse:
    """The steps; the doctor looks at everything only when asked, for it signs in everywhere."""
    steps = _steps()
    context: dict[str, Any] = {
        "nav": "setup",
        "steps": steps,
        "done": sum(step.is_done for step in steps),
        "findings": list(examine(now=clock.now())) if request.GET.get("look") else None,
    }
    return render(request, "setup.html", context)


def _steps() -> list[Step]:
    return [
        Step(
            Organisation.objects.exists() and MailHost.objects.exists(),
            _("Who we are"),
            _("Our name, domains, networks and mail hosts: by them we know what is ours."),
            reverse("admin:complaints_organisation_changelist"),
        ),
        Step(
            Mailbox.objects.exclude(last_contact_at=None).exists(),
            _("The mailbox of complaints"),
            _("Where abuse@ and postmaster@ arrive; the connection can be tested there."),
            reverse("complaints:mailboxes")
            if Mailbox.objects.exists()
            else reverse("admin:complaints_mailbox_add"),
        ),
        Step(
            LogSource.objects.exists() or RelayedMessage.objects.exists(),
            _("The mail logs"),
            _("With them a complaint finds the very message that it is about."),
            reverse("admin:complaints_logsource_changelist"),
        ),
        Step(
            settings.EMAIL_HOST != "localhost" or Letter.objects.that_left().exists(),
            _("Outgoing mail"),
            _("Letters go through our own server; MEYASU_SMTP_HOST names it."),
            f"{reverse('setup')}?look=yes",
        ),
        Step(
            User.objects.filter(is_active=True).count() >= ENOUGH_PEOPLE,
            _("The people of the desk"),
            _("Each with a sign-in and a role; two at least, for one approves what another wrote."),
            reverse("admin:auth_user_changelist"),
        ),
    ]
