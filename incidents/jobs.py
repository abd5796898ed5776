"""Jobs of the walk, the letters and the verification: started by the clock, each one call."""

from celery import current_app, shared_task

from complaints import clock
from complaints.models import Complaint
from incidents import pipeline
from incidents.automation import follow
from incidents.correspondence import acknowledge as acknowledgements
from incidents.correspondence import nudgemail, outbox, promises, reportmail
from incidents.correspondence.lookup import ask
from incidents.finding import index
from incidents.grouping import detect, priorities, rebuild, transfers
from incidents.listings import watch as listings
from incidents.reporting import checking, rollups
from incidents.verification import run
from incidents.workflow import reminders, threats

AT_ONCE = 200


@shared_task(ignore_result=True, acks_late=True)
def advance_waiting() -> None:
    """Ring for the complaints that are due, some at a time, so that all workers share them."""
    due = list(Complaint.objects.due(clock.now()).values_list("pk", flat=True)[:AT_ONCE])
    for start in range(0, len(due), pipeline.TOGETHER):
        current_app.send_task(
            "incidents.jobs.advance_complaints",
            kwargs={"complaint_ids": due[start : start + pipeline.TOGETHER]},
            expires=60,
        )


@shared_task(ignore_result=True, acks_late=True)
def advance_complaints(*, complaint_ids: list[int]) -> None:
    """Take complaints as far as they go."""
    now = clock.now()
    pipeline.advance_these(Complaint.objects.due(now).filter(pk__in=complaint_ids), now=now)


@shared_task(ignore_result=True, acks_late=True)
def detect_abuse() -> None:
    """Open incidents from the log alone, and keep open ones up to date."""
    detect.detect_abuse(now=clock.now())


@shared_task(ignore_result=True, acks_late=True)
def send_letters() -> None:
    """Send approved letters, each at most once."""
    outbox.send_due(now=clock.now())


@shared_task(ignore_result=True, acks_late=True)
def acknowledge() -> None:
    """Send reporters a word that their mail arrived, where the desk wants that."""
    acknowledgements.acknowledge_waiting(now=clock.now())


@shared_task(ignore_result=True, acks_late=True)
def verify_due() -> None:
    """Verify fixes whose time has come, and watch those that held."""
    run.verify_due(now=clock.now())


@shared_task(ignore_result=True, acks_late=True)
def index_search() -> None:
    """Let the search know what the history tells of since last time."""
    index.follow()


@shared_task(ignore_result=True, acks_late=True)
def remind() -> None:
    """Remind of tasks before they are due, and tell the lead of late ones."""
    reminders.remind_due(now=clock.now())


@shared_task(ignore_result=True, acks_late=True)
def chase() -> None:
    """Note answers that are overdue."""
    outbox.chase(now=clock.now())


@shared_task(ignore_result=True, acks_late=True)
def keep_rollups() -> None:
    """Count what has changed, for the reports."""
    rollups.keep(now=clock.now())


@shared_task(ignore_result=True, acks_late=True)
def keep_priorities() -> None:
    """Weigh what is known of open incidents."""
    priorities.keep(now=clock.now())


@shared_task(ignore_result=True, acks_late=True)
def rebuild_campaigns() -> None:
    """Count anew the cases of campaigns whose counts are of an earlier version."""
    while rebuild.rebuild_some(now=clock.now()):
        pass


@shared_task(ignore_result=True, acks_late=True)
def finish_corrections() -> None:
    """Take up large merges and splits that a worker died over."""
    transfers.finish_waiting(now=clock.now())


@shared_task(ignore_result=True, acks_late=True)
def mail_reports() -> None:
    """Send the reports of months and years that are over to those who read them."""
    reportmail.mail_reports(now=clock.now())


@shared_task(ignore_result=True, acks_late=True)
def check_rollups() -> None:
    """Compare the rollups with a plain count; a difference is a finding of `doctor`."""
    rollups.keep(now=clock.now())
    checking.check(now=clock.now())


@shared_task(ignore_result=True, acks_late=True)
def watch_promises() -> None:
    """Hold what correspondents promised against the mail log."""
    promises.watch(now=clock.now())


@shared_task(ignore_result=True, acks_late=True)
def look_up() -> None:
    """Ask registries and zones what people want to know."""
    ask.look_up_wanted(now=clock.now())


@shared_task(ignore_result=True, acks_late=True)
def watch_listings() -> None:
    """Ask blocklists about the hosts of open incidents, where the desk has set some up."""
    listings.watch(now=clock.now())


@shared_task(ignore_result=True, acks_late=True)
def read_answers_to_threats() -> None:
    """See whether answers say that our mail is accepted again."""
    threats.read_answers(now=clock.now())


@shared_task(ignore_result=True, acks_late=True)
def follow_rules() -> None:
    """Do what the desk's rules say about what the history tells since last time."""
    follow.follow(now=clock.now())


@shared_task(ignore_result=True, acks_late=True)
def mail_nudges() -> None:
    """Mail reminders to those who want them."""
    nudgemail.mail_nudges(now=clock.now())
