"""MailboxTrouble: why a mailbox cannot be read now, in words, and of which kind it is."""

import imaplib
import socket
import ssl

from imapclient.exceptions import IMAPClientError, LoginError

from complaints.models import Mailbox

Kind = Mailbox.Trouble

# What IMAPClient raises on a server that breaks off, refuses, or does not keep to the protocol.
FAULTS = (
    IMAPClientError, OSError, ValueError, LookupError, TypeError, AttributeError, ArithmeticError,
    AssertionError, RecursionError, MemoryError,
)  # fmt: skip


class MailboxTrouble(Exception):
    """The mailbox could not be read now; worded for the one who set it up."""

    def __init__(self, words: str, kind: Kind = Kind.PROTOCOL) -> None:
        super().__init__(words)
        self.kind = kind


def of_fault(mailbox: Mailbox, fault: BaseException) -> MailboxTrouble:
    """A fault of the server or the network as trouble of this mailbox."""
    said = " ".join((str(fault) or type(fault).__name__).split())
    where = f"{mailbox.name}: {mailbox.host}:{mailbox.port}"
    return MailboxTrouble(f"{where} says: {said[:300]}", kind_of(fault))


def kind_of(fault: BaseException) -> Kind:
    """Which kind of trouble a fault is, for the words of the page."""
    match fault:
        case LoginError():
            return Kind.REFUSED
        case socket.gaierror():
            return Kind.NAME
        case ssl.SSLCertVerificationError():
            return Kind.UNTRUSTED
        case imaplib.IMAP4.abort():
            return Kind.PROTOCOL
        case ssl.SSLError():
            return Kind.PROTOCOL
        case OSError():
            return Kind.AWAY
        case _:
            return Kind.PROTOCOL


def is_refusal(fault: BaseException) -> bool:
    """Whether the server said no, and goes on listening."""
    return isinstance(fault, imaplib.IMAP4.error) and not isinstance(fault, imaplib.IMAP4.abort)
