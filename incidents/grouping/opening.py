"""Opens an incident: its row, the key that keeps a second one away, and its tasks."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from complaints import audit
from complaints.audit import Actor
from complaints.models import MailHost, RelayedMessage
from complaints.references import next_reference
from incidents.grouping.keys import GroupKey
from incidents.models import Campaign, Incident, IncidentKey
from incidents.workflow import inforce, planning
from incidents.workflow.moves import NotAllowed


def open_incident(
    key: GroupKey,
    *,
    origin: str,
    why: str,
    host: MailHost | None,
    now: datetime,
    about: str = "",
    follows: Incident | None = None,
) -> Incident:
    """Open the incident that this key names. Call it inside a transaction.

    about    what it is called after where neither a host nor a readable key names it
    follows  the one that had ended, if it is the same abuse again
    raises   django.db.IntegrityError if another worker has just opened it
    """
    version = inforce.current(key.playbook)
    playbook = version.playbook() if version else inforce.playbook_for(key.playbook)
    incident = Incident.objects.create(
        reference=next_reference("I", now.year, digits=4),
        title=f"{playbook.title}: {_called(key, host, about)}"[:200],
        kind=playbook.kind,
        playbook_version=version,
        priority=playbook.priority,
        origin=origin,
        why_opened=why,
        host=host,
        discovered_at=now,
        follow_up_of=follows,
    )
    IncidentKey.objects.create(
        incident=incident, kind=key.kind, value=key.value, reason=key.reason[:255]
    )
    audit.record(
        "incident-opened", incident, at=now, incident=incident.reference, why=why, key=key.value
    )
    planning.plan_incident(incident, now=now)
    return incident


def open_with(
    messages: Sequence[RelayedMessage], title: str, *, by: Actor, now: datetime
) -> Incident:
    """A person opens an incident with messages found in the log, as its first campaign.

    raises   NotAllowed without messages, or where one of them is in an incident already
    """
    if not messages:
        raise NotAllowed(_("Choose the messages first."))
    with transaction.atomic():
        audit.keep_others_waiting()
        taken = Campaign.objects.filter(messages__in=messages).exclude(incident=None).first()
        if taken is not None and taken.incident is not None:
            raise NotAllowed(
                _("A message is in %(incident)s already.") % {"incident": taken.incident.reference}
            )
        times = [message.queued_at for message in messages]
        strangers = any(message.direction == "stranger" for message in messages)
        key = GroupKey(
            "by-hand",
            f"{now.isoformat()} {messages[0].pk}",
            reason="a person opened it",
            by="relay_abuse" if strangers else "other",
        )
        incident = open_incident(
            key,
            origin=Incident.Origin.PERSON,
            why=f"{audit.name_of(by)}: {len(messages)} messages found in the log",
            host=messages[0].host,
            now=now,
        )
        incident.title = title
        incident.first_seen_at, incident.last_seen_at = min(times), max(times)
        incident.save(update_fields=["title", "first_seen_at", "last_seen_at"])
        campaign = Campaign.objects.create(incident=incident, number=1, title=title)
        campaign.messages.set(messages)
    return incident


def _called(key: GroupKey, host: MailHost | None, about: str) -> str:
    if key.kind in ("account", "script"):
        return key.value.partition(":")[2]
    if host is not None:
        return host.fqdn
    return about if key.kind == "content" and about else key.value
