"""Opens an incident: its row, the key that keeps a second one away, and its tasks."""

from datetime import datetime

from complaints import audit
from complaints.models import MailHost
from complaints.references import next_reference
from incidents.grouping.keys import GroupKey
from incidents.models import Incident, IncidentKey
from incidents.playbooks import registry
from incidents.workflow import planning


def open_incident(
    key: GroupKey,
    *,
    origin: str,
    why: str,
    host: MailHost | None,
    now: datetime,
    about: str = "",
) -> Incident:
    """Open the incident that this key names. Call it inside a transaction.

    about    what it is called after where neither a host nor a readable key names it
    raises   django.db.IntegrityError if another worker has just opened it
    """
    playbook = registry.playbook(key.playbook)
    incident = Incident.objects.create(
        reference=next_reference("I", now.year, digits=4),
        title=f"{playbook.title}: {_called(key, host, about)}"[:200],
        kind=playbook.kind,
        priority=playbook.priority,
        origin=origin,
        why_opened=why,
        host=host,
        discovered_at=now,
    )
    IncidentKey.objects.create(
        incident=incident, kind=key.kind, value=key.value, reason=key.reason[:255]
    )
    audit.record(
        "incident-opened", incident, at=now, incident=incident.reference, why=why, key=key.value
    )
    planning.plan_incident(incident, now=now)
    return incident


def _called(key: GroupKey, host: MailHost | None, about: str) -> str:
    if host is not None:
        return host.fqdn
    return about if key.kind == "content" and about else key.value
