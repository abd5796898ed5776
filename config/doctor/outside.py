"""What lies outside of us: mailboxes, outgoing mail, mail logs, the names of our hosts."""

import smtplib
import socket
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.core import mail

from complaints.intake import imap, oauth
from complaints.intake.trouble import MailboxTrouble
from complaints.models import LogSource, Mailbox, MailHost, RelayedMessage
from complaints.secrets import NoPassword
from config.doctor.finding import Finding, advice, good, wrong

OVERDUE = timedelta(minutes=15)
QUIET = timedelta(days=1)
AHEAD = timedelta(minutes=5)
IS_IT_RUNNING = "Is the system running (make run)? Its logs are in the data folder."


def mailboxes(now: datetime) -> Iterator[Finding]:
    """Sign in to each as the poller does; nothing is fetched, nothing is marked."""
    polled = list(Mailbox.objects.filter(paused=False).order_by("name"))
    if not polled:
        remedy = "Add one in the administration, or bring mail in with ./manage.py ingest."
        yield advice("mailboxes", "None is fetched.", remedy)
    for box in polled:
        yield _mailbox(box, now)


def _mailbox(box: Mailbox, now: datetime) -> Finding:
    try:
        with imap.session(box, oauth.secret_of(box)) as session:
            for folder in box.folders:
                session.open(folder)
    except NoPassword as problem:
        return wrong("mailboxes", str(problem), "Enter the password in the administration.")
    except MailboxTrouble as problem:
        remedy = "Check its server, port, security, user name, password and folders."
        return wrong("mailboxes", str(problem), remedy)
    if box.last_contact_at and now - box.last_contact_at > OVERDUE:
        said = f"{box.name}: it answers, but was last fetched {_moment(box.last_contact_at)}."
        return wrong("mailboxes", said, IS_IT_RUNNING)
    folders = ", ".join(box.folders)
    return good("mailboxes", f"{box.name}: signed in at {box.host}:{box.port}, {folders}.")


def outgoing_mail() -> Iterator[Finding]:
    """Sign in to the server through which letters leave; nothing is sent."""
    where = f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"
    try:
        with mail.get_connection():
            pass
    except (OSError, smtplib.SMTPException, ValueError) as error:
        said = f"{where} says: {' '.join(str(error).split())[:300]}"
        yield wrong("outgoing mail", said, "Check the variables MEYASU_SMTP_….")
        return
    yield good("outgoing mail", f"{where} answers.")


def mail_logs(now: datetime) -> Iterator[Finding]:
    """Whether each log that is followed can be read, is read, and still grows."""
    followed = list(LogSource.objects.filter(paused=False).order_by("path"))
    if not followed:
        imported = RelayedMessage.objects.exists()
        said = "Logs are imported by hand only." if imported else "No mail log is known."
        remedy = "Follow one: ./manage.py maillog follow /var/log/mail.log"
        yield advice("mail logs", said, remedy)
    for source in followed:
        yield _mail_log(source, now)


def _mail_log(source: LogSource, now: datetime) -> Finding:
    try:
        with Path(source.path).open("rb"):
            pass
    except OSError as error:
        remedy = "Let the user that Meyasu runs as read it; on Debian the group adm may."
        return wrong("mail logs", f"{source.path}: {error.strerror}.", remedy)
    if source.last_error:
        remedy = "Import what is missing with ./manage.py maillog import."
        return wrong("mail logs", f"{source.path}: {source.last_error}", remedy)
    if source.last_read_at is None or now - source.last_read_at > OVERDUE:
        said = f"{source.path}: last read {_moment(source.last_read_at)}."
        return wrong("mail logs", said, IS_IT_RUNNING)
    return _age(source, now)


def _age(source: LogSource, now: datetime) -> Finding:
    said = f"{source.path}: its last line is of {_moment(source.last_line_at)}."
    if source.last_line_at is None or now - source.last_line_at > QUIET:
        remedy = "Does the mail server still write there? Pause the source if it is meant to rest."
        return wrong("mail logs", said, remedy)
    if source.last_line_at > now + AHEAD:
        remedy = "Set the UTC offset of the host's log, or that host's clock."
        return wrong("mail logs", f"{said} That is in the future.", remedy)
    return good("mail logs", said)


def host_names() -> Iterator[Finding]:
    """Whether DNS leads from each host's name to the addresses that are written down.

    For the eye only: probes go to the written address and never look up a name.
    """
    for host in MailHost.objects.order_by("name"):
        try:
            found = {str(one[4][0]) for one in socket.getaddrinfo(host.fqdn, None)}
        except (OSError, UnicodeError) as error:
            why = error.strerror if isinstance(error, OSError) else "no host name"
            remedy = f"Check the name of the host {host.name}, and this machine's resolver."
            yield advice("host names", f"{host.fqdn}: {why}.", remedy)
            continue
        if found & {str(address) for address in host.addresses}:
            yield good("host names", f"{host.fqdn} leads to an address that is written down.")
        else:
            said = f"{host.fqdn} leads to {', '.join(sorted(found))}, which is not written down."
            yield advice("host names", said, f"Check the addresses of the host {host.name}.")


def _moment(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC" if at else "never"
