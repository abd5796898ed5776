"""The admin's front page: the first figures of the desk."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from complaints import clock
from incidents.models import Incident
from incidents.playbooks import registry
from incidents.reporting import overview


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
