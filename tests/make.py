"""Builders with defaults: each makes one row, and what it cannot be without."""

import hashlib
import itertools
from datetime import UTC, datetime
from typing import Any

from django.contrib.auth.models import Group, User

from complaints.maillog import message_id
from complaints.models import (
    Complaint,
    Delivery,
    MailHost,
    Network,
    Organisation,
    Refusal,
    RelayedMessage,
    ReportedMessage,
)
from incidents.models import Campaign, Incident, IncidentComplaint, Task

_numbers = itertools.count(1)


def at(text: str) -> datetime:
    """`1998-01-25 10:24` as a time in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def organisation(**fields: Any) -> Organisation:
    """The one organisation, example.org, with the network 192.0.2.0/24."""
    facts = {"name": "Example", "domains": ["example.org"], "mailboxes": ["abuse@example.org"]}
    Network.objects.get_or_create(prefix="192.0.2.0/24")
    return Organisation.objects.update_or_create(pk=1, defaults=facts | fields)[0]


def mail_host(**fields: Any) -> MailHost:
    """A mail host of ours, confirmed for probing; `mail` unless named otherwise."""
    name = fields.pop("name", "mail")
    facts = {
        "fqdn": f"{name}.example.org",
        "addresses": ["192.0.2.25"],
        "mta": "sendmail",
        "probe_confirmed_at": at("1998-01-01 00:00"),
        "probe_confirmed_by": "lead",
    }
    return MailHost.objects.get_or_create(name=name, defaults=facts | fields)[0]


def relayed_message(**fields: Any) -> RelayedMessage:
    """A message that the host `mail` relayed for a stranger, unless told otherwise."""
    number = next(_numbers)
    facts = {
        "queue_id": f"AAA{number:05}",
        "queued_at": at("1998-01-20 04:00"),
        "message_id": f"{number}@client.example",
        "client_ip": "198.51.100.7",
        "sender": "winner@riches.example",
        "direction": RelayedMessage.Direction.STRANGER,
        "recipient_count": 1,
    } | fields
    facts["host"] = facts.get("host") or mail_host()
    facts["sender_domain"] = facts["sender"].rpartition("@")[2]
    facts["message_id_sha256"] = message_id.digest(facts["message_id"])
    recipients = facts.pop("recipients", ())
    message = RelayedMessage.objects.create(**facts)
    for recipient in recipients:
        delivery(message, recipient)
    return message


def delivery(message: RelayedMessage, recipient: str, **fields: Any) -> Delivery:
    """A recipient of a message, reached at once unless told otherwise."""
    facts = {
        "recipient_domain": recipient.rpartition("@")[2],
        "status": "sent",
        "at": message.queued_at,
    }
    return Delivery.objects.create(message=message, recipient=recipient, **facts | fields)


def parsed_complaint(**fields: Any) -> Complaint:
    """A complaint that has been read and waits to be linked; `reported` are its messages."""
    number = next(_numbers)
    reported = fields.pop("reported", ())
    facts = {
        "reference": f"C-1998-{number:06}",
        "stage": Complaint.Stage.PARSED,
        "arrived_at": at("1998-01-20 16:00"),
        "recorded_at": at("1998-01-20 16:00"),
        "raw_sha256": hashlib.sha256(str(number).encode()).hexdigest(),
        "raw_bytes": 1000,
        "sender": f"reporter{number}@far.example",
    }
    made = Complaint.objects.create(**facts | fields)
    for place, message in enumerate(reported, start=1):
        ReportedMessage.objects.create(complaint=made, number=place, where="test", **message)
    return made


def refusal(**fields: Any) -> Refusal:
    """An attempt of a stranger that the host `mail` refused to relay."""
    number = next(_numbers)
    facts = {
        "at": at("1998-02-01 04:00"),
        "client_ip": "198.51.100.7",
        "recipient": "someone@far.example",
        "reason": Refusal.Reason.RELAY,
        "code": "550",
        "line_sha256": hashlib.sha256(str(number).encode()).hexdigest(),
    } | fields
    facts["host"] = facts.get("host") or mail_host()
    return Refusal.objects.create(**facts)


def incident(**fields: Any) -> Incident:
    """An open incident of relay abuse through the host `mail`."""
    number = next(_numbers)
    facts = {
        "reference": f"I-1998-{number:04}",
        "title": "mail relays for strangers",
        "kind": "relay_abuse",
        "origin": Incident.Origin.LOG,
        "why_opened": "more than 20 messages relayed for strangers within an hour",
        "discovered_at": at("1998-01-20 05:00"),
    } | fields
    facts["host"] = facts.get("host") or mail_host()
    return Incident.objects.create(**facts)


def campaign(incident: Incident, *messages: RelayedMessage, number: int = 1) -> Campaign:
    """A campaign of this incident that holds these messages."""
    made = Campaign.objects.create(incident=incident, number=number, title=f"campaign {number}")
    made.messages.add(*messages)
    return made


def task(incident: Incident, kind: str, **fields: Any) -> Task:
    """An open task of this incident."""
    facts = {
        "title": kind,
        "number": next(_numbers),
        "created_at": incident.discovered_at,
    } | fields
    return Task.objects.create(incident=incident, kind=kind, **facts)


def complaint(**fields: Any) -> Complaint:
    """A complaint of a person, grouped; its raw mail is not stored."""
    number = next(_numbers)
    facts = {
        "reference": f"C-1998-{number:06}",
        "stage": Complaint.Stage.GROUPED,
        "arrived_at": at("1998-01-21 02:00"),
        "recorded_at": at("1998-01-21 02:01"),
        "raw_sha256": hashlib.sha256(f"complaint {number}".encode()).hexdigest(),
        "raw_bytes": 1000,
        "message_id": f"{number}@complaint.example",
        "sender": f"ann{number}@quarry.example",
        "sender_name": "Ann Quarry",
        "subject": "Unwanted mail from your server",
        "language": "en",
        "reporter_kind": "person",
        "format": "plain",
    } | fields
    return Complaint.objects.create(**facts)


def joined(incident: Incident, **fields: Any) -> Complaint:
    """A complaint that belongs to this incident."""
    made = complaint(**fields)
    IncidentComplaint.objects.create(incident=incident, complaint=made, joined_at=made.recorded_at)
    return made


def user(name: str, role: str = "agent") -> User:
    """Somebody at the desk, with a role."""
    made = User.objects.get_or_create(username=name)[0]
    made.groups.add(Group.objects.get(name=role))
    return made
