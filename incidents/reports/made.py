"""By whom a report was made, and when: the line under its title."""

from datetime import datetime, tzinfo

from django.utils.translation import gettext as _

from complaints.models import Organisation
from incidents.reporting import words


def made_words(now: datetime, zone: tzinfo) -> str:
    """The organisation, and as of when, in the language that is active."""
    organisation = Organisation.objects.only("name").first()
    when = _("As of %(when)s") % {"when": words.moment(now, zone)}
    return f"{organisation.name}. {when}" if organisation else when
