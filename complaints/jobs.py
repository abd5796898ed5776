"""Jobs of intake: started by the clock, each one call. They may run twice; the rows see to it."""

from celery import shared_task

from complaints import clock
from complaints.intake import mailbox, maillog
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
