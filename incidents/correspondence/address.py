"""The address we write from."""

from django.conf import settings

from complaints.models import Organisation


def own_address() -> str:
    """The address we write from: MEYASU_FROM, else the first at which complaints arrive."""
    configured = str(settings.DEFAULT_FROM_EMAIL).rpartition("<")[2].rstrip(">").strip()
    organisation = Organisation.objects.only("mailboxes").first()
    if configured.endswith("@localhost") and organisation and organisation.mailboxes:
        return str(organisation.mailboxes[0])
    return configured
