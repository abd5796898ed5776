"""Mailboxes, log sources, the organisation; evidence and history are read-only."""

from complaints.admin.base import ReadOnlyAdmin, RecordedAdmin
from complaints.admin.evidence import ComplaintAdmin
from complaints.admin.setup import MailboxAdmin

__all__ = ["ComplaintAdmin", "MailboxAdmin", "ReadOnlyAdmin", "RecordedAdmin"]
