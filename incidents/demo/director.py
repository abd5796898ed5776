"""Plays the case: sets its clock, grows its log, delivers its mail, and acts as its people.

What the program does by itself is done by the same jobs as in everyday work; only what the
people of 1998 decided is called from here, through the same doors as the screens use.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from django.contrib.auth.models import User

from complaints import clock
from complaints import jobs as complaint_jobs
from complaints.models import Arrival, Complaint, LogSource, MailHost
from incidents import jobs as incident_jobs
from incidents import pipeline
from incidents.correspondence import compose, outbox
from incidents.demo import cast, mails
from incidents.demo.cast import tokyo
from incidents.demo.imap_server import MailboxServer
from incidents.demo.mails import CaseMail
from incidents.demo.relay_server import RelayServer
from incidents.demo.traffic import FIRST_DAY, Traffic
from incidents.models import Contact, Fix, Incident, Letter, Task
from incidents.notices import publish
from incidents.verification import record, run
from incidents.verification.fixes import record_fix
from incidents.workflow import moves

SETTLES_WITHIN_SECONDS = 60
# A host rests between two rounds of probes, and the clock of the case goes on meanwhile.
PROBED_AGAIN = record.PAUSE + timedelta(minutes=10)


class NotSettled(RuntimeError):
    """The system has not digested what it was given within a minute; says what is left."""


@dataclass(slots=True)
class Stage:
    """What the case is played on: servers, files, people, and how far it has come."""

    clock_file: Path
    log_file: Path
    mailbox: MailboxServer
    relay: RelayServer
    traffic: Traffic
    agent: User
    lead: User
    say: Callable[[str], None]
    now: datetime = FIRST_DAY
    delivered: int = 0
    to_deliver: list[CaseMail] = field(default_factory=list)

    def advance_to(self, text: str) -> None:
        """Let the case's time pass until this moment in Tokyo, and the system work."""
        self.pass_time(tokyo(text) - self.now)

    def pass_time(self, span: timedelta) -> None:
        """Let so much of the case's time pass; each mail arrives at its own moment."""
        moment = self.now + span
        for at in [mail.arrives_at for mail in self.to_deliver if mail.arrives_at < moment]:
            self._move_to(at)
        self._move_to(moment)

    def deliver(self, mail: CaseMail) -> None:
        """Put one more mail on its way; it arrives when its time has come."""
        self.to_deliver = sorted([*self.to_deliver, mail], key=lambda mail: mail.arrives_at)

    def _move_to(self, moment: datetime) -> None:
        with self.log_file.open("a", encoding="ascii") as log:
            log.writelines(f"{line}\n" for line in self.traffic.between(self.now, moment))
        while self.to_deliver and self.to_deliver[0].arrives_at <= moment:
            self.mailbox.deliver(self.to_deliver.pop(0))
            self.delivered += 1
        self.now = moment
        clock.play(self.clock_file, moment)
        self._settle()

    def _settle(self) -> None:
        """Run the jobs until nothing waits; the real workers may be doing the same."""
        give_up_at = time.monotonic() + SETTLES_WITHIN_SECONDS
        while True:
            complaint_jobs.read_mail_logs()
            complaint_jobs.fetch_mailboxes()
            incident_jobs.detect_abuse()
            pipeline.advance_waiting(now=self.now)
            left = self._left()
            if not left:
                break
            if time.monotonic() > give_up_at:
                raise NotSettled(f"After a minute there is still work left: {left}.")
            time.sleep(0.05)
        incident_jobs.send_letters()
        incident_jobs.verify_due()
        incident_jobs.chase()
        incident_jobs.remind()

    def _left(self) -> str:
        arrived = Arrival.objects.filter(mailbox__isnull=False).count()
        if arrived < self.delivered:
            return f"{self.delivered - arrived} mails are still in the mailbox"
        waiting = Complaint.objects.filter(stage__in=Complaint.WAITING).count()
        if waiting:
            return f"{waiting} complaints are on their way"
        source = LogSource.objects.get(path=str(self.log_file))
        unread = self.log_file.stat().st_size - source.offset
        return f"{unread} bytes of the log are unread" if unread else ""


def play(stage: Stage) -> None:
    """The whole case, from the ordinary days before it to the end of February."""
    stage.to_deliver = mails.complaints(stage.traffic)
    for act in (
        the_flood,
        the_complaints,
        the_notice,
        the_letters,
        the_partial_fix,
        the_protest,
        the_real_fix,
        february,
    ):
        stage.say(act.__doc__ or "")
        act(stage)


def the_flood(stage: Stage) -> None:
    """Tuesday 20 January: the queue fills; the incident opens from the log alone."""
    for day in range(13, 21):
        stage.advance_to(f"1998-01-{day} 00:00")
    for hour in range(13, 21):
        stage.advance_to(f"1998-01-20 {hour}:30")
    moves.take(_task("assess"), by=stage.lead, now=stage.now)
    run.run_verification(
        _incident(), host=MailHost.objects.get(), by=stage.lead.get_username(), now=stage.now
    )
    moves.complete(
        _task("assess"),
        outcome="done",
        note="Nobody among senders or recipients has to do with us: our host relays for anybody.",
        by=stage.lead,
        now=stage.now,
    )


def the_complaints(stage: Stage) -> None:
    """Wednesday and Thursday: complaints from abroad, a threat, a letter in Japanese."""
    stage.advance_to("1998-01-21 18:00")
    stage.advance_to("1998-01-22 17:00")
    threat = _task("threat")
    moves.take(threat, by=stage.lead, now=stage.now)


def the_notice(stage: Stage) -> None:
    """Friday 23 January: the ministry says on its web site what happened."""
    incident = _incident()
    notice = publish.draft_notice(incident, language="en", by=stage.agent, now=stage.now)
    stage.advance_to("1998-01-23 10:40")
    publish.approve(notice, by=stage.lead, now=stage.now)
    stage.advance_to("1998-01-23 11:00")
    publish.publish(notice, by=stage.lead, now=stage.now)


def the_letters(stage: Stage) -> None:
    """The same day: to the provider next to the origin, the response team, the reporters."""
    stage.advance_to("1998-01-23 11:30")
    upstream = Contact.objects.get(email=cast.UPSTREAM_ABUSE)
    _write(stage, "upstream", task=_task("upstream"), contact=upstream)
    team = Contact.objects.get(kind=Contact.Kind.CSIRT)
    _write(stage, "csirt", task=_task("csirt"), contact=team)
    moves.complete(_task("csirt"), outcome="sent", note="", by=stage.agent, now=stage.now)
    _answer_reporters(stage)
    stage.advance_to("1998-01-23 12:00")
    _reply_comes(stage, "reply-upstream", kind="upstream")


def the_partial_fix(stage: Stage) -> None:
    """Sunday 25 January: the vendor blocks three senders, and says that it is done."""
    stage.advance_to("1998-01-24 10:00")
    stage.advance_to("1998-01-25 10:30")
    stage.relay.behave("blocks-senders")
    _fix(stage, Fix.Kind.BLOCK_LIST, "The vendor refuses mail of the three senders that were used.")
    _verify(stage)
    stage.advance_to("1998-01-26 18:00")
    letter = Letter.objects.get(kind="upstream")
    outbox.record_outcome(
        letter,
        outcome=Letter.Outcome.PROMISE,
        note="They will no longer relay mail of the parties who sent it.",
        by=stage.agent,
        now=stage.now,
    )


def the_protest(stage: Stage) -> None:
    """Wednesday 28 January: a letter of protest to the broker, by fax."""
    stage.advance_to("1998-01-28 15:00")
    broker = Contact.objects.get(kind=Contact.Kind.ORIGINATOR)
    letter = _write(stage, "protest", task=_task("protest"), contact=broker)
    outbox.record_posted(
        letter, how=f"Fax to {cast.BROKER_FAX}, with the log", by=stage.agent, now=stage.now
    )


def the_real_fix(stage: Stage) -> None:
    """Friday 30 January: sendmail is renewed; nobody from outside may relay any more."""
    stage.advance_to("1998-01-30 09:00")
    stage.advance_to("1998-01-30 18:05")
    stage.relay.behave("relay-denied")
    _fix(
        stage,
        Fix.Kind.UPGRADE,
        "sendmail is upgraded; relaying is refused unless one side is ours.",
    )
    _verify(stage)
    stage.advance_to("1998-01-31 09:00")
    threat = _task("threat")
    _write(stage, "threat", task=threat)
    stage.advance_to("1998-01-31 09:30")
    _reply_comes(stage, "reply-northlight", kind="threat")
    stage.advance_to("1998-02-02 10:00")
    moves.complete(
        threat,
        outcome="lifted",
        note="They have tried it themselves and will not refuse our mail.",
        by=stage.lead,
        now=stage.now,
    )
    _answer_reporters(stage)


def february(stage: Stage) -> None:
    """February: several hundred attempts are refused; the fax is never answered."""
    for day in range(3, 28):
        stage.advance_to(f"1998-02-{day:02} 09:00")
        protest = Letter.objects.get(kind="protest")
        overdue = protest.reply_due_at and protest.reply_due_at <= stage.now
        if overdue and not protest.outcome:
            outbox.record_outcome(
                protest,
                outcome=Letter.Outcome.NO_REPLY,
                note="No answer to the fax, nor to a second call of the number.",
                by=stage.agent,
                now=stage.now,
            )
    stage.advance_to("1998-02-27 17:00")


def _write(stage: Stage, kind: str, *, task: Task, contact: Contact | None = None) -> Letter:
    """Draft a letter as the agent, approve it as the lead; the outbox sends it."""
    letter = compose.draft_letter(
        _incident(), kind, task=task, contact=contact, by=stage.agent, now=stage.now
    )
    outbox.approve(letter, by=stage.lead, now=stage.now)
    return letter


def _answer_reporters(stage: Stage) -> None:
    """Everybody who has written gets an answer of their own."""
    answers = Task.objects.open().filter(kind__in=["answer", "csirt-answer"])
    for task in answers.order_by("number"):
        _write(stage, task.kind, task=task)
        moves.complete(task, outcome="sent", note="", by=stage.agent, now=stage.now)


def _reply_comes(stage: Stage, name: str, *, kind: str) -> None:
    letter = Letter.objects.get(kind=kind)
    reply = mails.reply(name, letter_subject=letter.subject, letter_message_id=letter.message_id)
    stage.deliver(reply)


def _fix(stage: Stage, kind: str, what: str) -> None:
    record_fix(
        _incident(),
        kind=kind,
        what=what,
        done_by="the vendor in charge",
        done_at=stage.now,
        by=stage.lead,
        now=stage.now,
    )


def _verify(stage: Stage) -> None:
    stage.pass_time(PROBED_AGAIN)


def _incident() -> Incident:
    return Incident.objects.get(merged_into=None)


def _task(kind: str) -> Task:
    return Task.objects.open().filter(incident=_incident(), kind=kind).earliest("number")
