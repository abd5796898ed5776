"""/setup/: what an empty system still needs, step by step, and what the doctor finds."""

import json
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from complaints import clock
from complaints.models import LogSource, Mailbox, MailHost, Organisation, RelayedMessage
from complaints.views.access import person, staff
from config.configuration import document
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


@staff("auth.change_user")
def export(_request: HttpRequest) -> HttpResponse:
    """All that is set up as a file, without secrets; for whoever may change people, for it says
    what they may do."""
    words = json.dumps(document.export(), indent=1, ensure_ascii=False)
    answer = HttpResponse(words, content_type="application/json")
    answer["Content-Disposition"] = 'attachment; filename="configuration.json"'
    return answer


@require_POST
@staff("auth.change_user")
def take_in(request: HttpRequest) -> HttpResponse:
    """Put a file in force, all of it or none: a superuser alone, for it says what people may do."""
    if not person(request).is_superuser:
        raise PermissionDenied
    given = request.FILES.get("file")
    try:
        read = json.loads(given.read(document.MOST_BYTES)) if given else None
        changed = document.take_in(read, by=request.user, now=clock.now())
    except (ValueError, RecursionError) as problem:
        messages.error(request, str(problem)[:1000], extra_tags="bad")
    else:
        told = ", ".join(f"{section} {count}" for section, count in changed.items() if count)
        said = _("The configuration is in force. New or changed: %(told)s.")
        messages.success(request, said % {"told": told or "–"}, extra_tags="good")
    return redirect("setup")


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
