"""Jobs of intake: started by the clock, each one call. They may run twice; the rows see to it."""

from celery import shared_task
from django.conf import settings

from complaints import clock
from complaints.intake import mailbox, maillog, retention
from complaints.linking import link
from complaints.models import LogSource


@shared_task(ignore_result=True, acks_late=True)
def fetch_mailboxes() -> None:
    """Bring in new mail from every mailbox that no poller has in hand."""
    mailbox.fetch_all(now=clock.now())


@shared_task(ignore_result=True, acks_late=True)
def read_mail_logs() -> None:
    """Read what was added to every followed log, and link complaints that waited for it."""
    read = 0
    for source in LogSource.objects.filter(paused=False).select_related("host"):
        read += maillog.read_new_lines(source, now=clock.now()).tally.read
    if read:
        link.relink_waiting(now=clock.now())


@shared_task(ignore_result=True, acks_late=True)
def forget_old_mail_log() -> None:
    """Delete what the mail logs said longer ago than it is kept."""
    retention.forget_old(keep=settings.MEYASU_KEEP_MAIL_LOG, now=clock.now())
