"""The tables of what came in: who we are, complaints, mail logs, links, history."""

from complaints.models.audit import AuditEntry
from complaints.models.complaint import (
    Arrival,
    Attachment,
    Complaint,
    ComplaintObservable,
    ReportedMessage,
)
from complaints.models.form_use import FormUse
from complaints.models.link import LearnedWeights, Link
from complaints.models.logblock import LogBlock
from complaints.models.mailbox import Mailbox, MailFolder
from complaints.models.organisation import Customer, LogSource, MailHost, Network, Organisation
from complaints.models.reference import ReferenceCounter
from complaints.models.relayed import Delivery, Refusal, RelayedMessage

__all__ = [
    "Arrival",
    "Attachment",
    "AuditEntry",
    "Complaint",
    "ComplaintObservable",
    "Customer",
    "Delivery",
    "FormUse",
    "LearnedWeights",
    "Link",
    "LogBlock",
    "LogSource",
    "MailFolder",
    "MailHost",
    "Mailbox",
    "Network",
    "Organisation",
    "ReferenceCounter",
    "Refusal",
    "RelayedMessage",
    "ReportedMessage",
]
