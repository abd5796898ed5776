"""One mailbox: lease, fetch, store, and only then mark as seen."""

import os
import random
import socket
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import DateTimeField, ExpressionWrapper, F, Q
from django.db.models.functions import Now

from complaints import audit
from complaints.audit import Actor
from complaints.intake import imap, oauth, store
from complaints.intake.imap import Announced, FolderRefused, Session
from complaints.intake.raw import RawMessage
from complaints.intake.store import NotStored
from complaints.intake.trouble import Kind, MailboxTrouble
from complaints.models import Mailbox, MailFolder
from complaints.secrets import NoPassword

SHORTEST_PAUSE, LONGEST_PAUSE = timedelta(seconds=15), timedelta(minutes=30)
# Why a mailbox cannot be read now, worded for a person; it is tried again after a pause.
TROUBLE = (MailboxTrouble, NoPassword, NotStored)
# A later INTERNALDATE is not believed.
CLOCKS_DIFFER_BY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a fetch went.

    stored   mails that were new to us
    problem  why it failed, or what the server kept back, in words
    kind     of which kind that is
    busy     another process has the mailbox, or it waits after trouble
    """

    stored: int = 0
    problem: str = ""
    kind: str = Kind.NONE
    busy: bool = False


def fetch_mailbox(
    mailbox: Mailbox, *, now: datetime, holder: str = "", at_once: bool = False
) -> Outcome:
    """Bring in what is new; trouble is noted on the row and delays the next attempt.

    at_once  ask now, though the mailbox waits after trouble: somebody is looking on
    """
    if not lease(mailbox, now=now, holder=holder, at_once=at_once):
        return Outcome(busy=True)
    try:
        with imap.session(mailbox, oauth.secret_of(mailbox)) as session:
            outcome = fetch_new(session, mailbox, now=now)
    except TROUBLE as trouble:
        release_after(trouble, mailbox, now=now)
        return Outcome(problem=str(trouble), kind=kind_of(trouble))
    release(mailbox, now=now, remark=outcome.problem, kind=outcome.kind)
    return outcome


def release_after(trouble: Exception, mailbox: Mailbox, *, now: datetime) -> None:
    """Give the mailbox back after one of TROUBLE, to be tried again after a pause."""
    if kind_of(trouble) == Kind.REFUSED:
        oauth.forget(mailbox)
    release(mailbox, now=now, failure=str(trouble), kind=kind_of(trouble))


def kind_of(trouble: Exception) -> Kind:
    """Of which kind one of TROUBLE is."""
    match trouble:
        case MailboxTrouble():
            return trouble.kind
        case NoPassword():
            return Kind.SECRET
        case _:
            return Kind.DISK


def fetch_all(*, now: datetime) -> int:
    """Bring in what is new in every mailbox that nobody has in hand; how many mails were new.

    Those that have waited longest come first, so that one that breaks off hinders no other.
    """
    mailboxes = Mailbox.objects.filter(paused=False).order_by(
        F("last_contact_at").asc(nulls_first=True)
    )
    return sum(fetch_mailbox(mailbox, now=now).stored for mailbox in mailboxes)


def fetch_new(session: Session, mailbox: Mailbox, *, now: datetime) -> Outcome:
    """Store what is new in each folder, the last of them first, so that the first stays open.

    A folder that the server does not open hinders no other. Stops early when the session is
    spent or another process has taken the mailbox over; the rest is fetched next time.
    raises   MailboxTrouble, NotStored
    """
    fresh = 0
    problems: list[str] = []
    kind: str = Kind.NONE
    for name in reversed(mailbox.folders):
        try:
            session.open(name)
            outcome = _fetch_folder(session, _folder(mailbox, name), now=now)
        except FolderRefused as refused:
            outcome = Outcome(problem=str(refused), kind=refused.kind)
        fresh += outcome.stored
        if outcome.problem:
            problems.append(outcome.problem)
            kind = outcome.kind
    return Outcome(stored=fresh, problem=" ".join(problems), kind=kind)


def _fetch_folder(session: Session, folder: MailFolder, *, now: datetime) -> Outcome:
    """Store the messages above the last UID, a portion at a time, and mark each portion.

    A changed UIDVALIDITY means that all UIDs are new: everything is read again, and the
    SHA-256 of each message makes that harmless.
    """
    if session.uid_validity != folder.uid_validity:
        folder.uid_validity, folder.last_uid = session.uid_validity, 0
    uids = session.new_uids(after=folder.last_uid)
    known = store.known_uids(folder, above=folder.last_uid)
    wanted = [uid for uid in uids if uid not in known]
    folder.messages, folder.backlog = session.messages, len(wanted)
    folder.save()
    unmarked = session.mark([uid for uid in uids if uid in known])  # stored, then interrupted
    fresh = 0
    for portion in session.portions(wanted):
        if session.is_spent or not _renew(folder.mailbox):
            return Outcome(stored=fresh)
        kept, new = _keep_portion(session, folder, portion, now=now)
        fresh += new
        MailFolder.objects.filter(pk=folder.pk).update(backlog=F("backlog") - len(kept))
        unmarked = session.mark(kept) or unmarked
    if problem := _remember_how_far(session, folder, uids):
        return Outcome(stored=fresh, problem=problem, kind=Kind.KEPT_BACK)
    return Outcome(stored=fresh, problem=unmarked, kind=Kind.UNMARKED if unmarked else Kind.NONE)


def _keep_portion(
    session: Session, folder: MailFolder, portion: list[Announced], *, now: datetime
) -> tuple[list[int], int]:
    """Store one portion; the UIDs that are safe now, and how many messages were new to us."""
    messages = [
        RawMessage(
            raw=fetched.raw,
            way="imap",
            arrived_at=_believed(fetched.arrived_at, now),
            mailbox=folder.mailbox,
            folder=folder,
            uid_validity=session.uid_validity,
            uid=fetched.uid,
        )
        for fetched in session.fetch(portion)
    ]
    kept = store.keep_messages(messages, now=now)
    return [message.uid for message in messages if message.uid], sum(one.is_new for one in kept)


def _believed(told: datetime | None, now: datetime) -> datetime:
    return told if told and told <= now + CLOCKS_DIFFER_BY else now


def _remember_how_far(session: Session, folder: MailFolder, uids: list[int]) -> str:
    """Go on behind the last UID that is stored or has gone; what the server keeps back, in words.

    A message that is shown but not handed over is asked for again each time, and holds up
    no other.
    """
    if not uids:
        return ""
    known = store.known_uids(folder, above=folder.last_uid)
    unanswered = [uid for uid in uids if uid not in known]
    waiting = session.still_there(unanswered) if unanswered else []
    last = min(waiting) - 1 if waiting else uids[-1]
    unchanged = MailFolder.objects.filter(pk=folder.pk, uid_validity=session.uid_validity)
    unchanged.update(last_uid=last, backlog=len(waiting))
    folder.last_uid = last
    if not waiting:
        return ""
    return (
        f"{folder}: the server shows {len(waiting)} messages that it does not hand over "
        f"whole, the first with UID {min(waiting)}; they are asked for again."
    )


def _folder(mailbox: Mailbox, name: str) -> MailFolder:
    folder, _ = MailFolder.objects.get_or_create(mailbox=mailbox, name=name)
    folder.mailbox = mailbox
    return folder


def lease(mailbox: Mailbox, *, now: datetime, holder: str = "", at_once: bool = False) -> bool:
    """Take the mailbox for this process; False if another has it, or it waits after trouble."""
    holder = holder or own_name()
    free = Q(lease_until=None) | Q(lease_until__lte=Now()) | Q(lease_holder=holder)
    may_try = Q() if at_once else Q(next_attempt_at=None) | Q(next_attempt_at__lte=now)
    wanted = Mailbox.objects.filter(free, may_try, pk=mailbox.pk, paused=False)
    taken = wanted.update(lease_until=_lease_end(), lease_holder=holder)
    if taken:
        mailbox.refresh_from_db()
    return bool(taken)


def release(
    mailbox: Mailbox,
    *,
    now: datetime,
    failure: str = "",
    remark: str = "",
    kind: str = Kind.NONE,
) -> None:
    """Give the mailbox back, with how it went.

    failure  why it could not be read: each pause is longer than the last, with jitter
    remark   what was odd though it could be read
    """
    changes: dict[str, object] = {"lease_until": None, "lease_holder": "", "trouble": kind}
    if failure:
        pause = min(SHORTEST_PAUSE * 2 ** min(mailbox.failures_in_a_row, 10), LONGEST_PAUSE)
        jitter = random.uniform(0.75, 1.25)  # noqa: S311 (spreads load, guards nothing)
        changes |= {
            "last_error": failure[:500],
            "failures_in_a_row": F("failures_in_a_row") + 1,
            "next_attempt_at": now + pause * jitter,
        }
    else:
        changes |= {
            "last_error": remark[:500],
            "failures_in_a_row": 0,
            "next_attempt_at": None,
            "last_contact_at": now,
        }
    held = Mailbox.objects.filter(pk=mailbox.pk, lease_holder=mailbox.lease_holder)
    held.update(**changes)
    mailbox.refresh_from_db()


def pause(mailbox: Mailbox, *, paused: bool, by: Actor, now: datetime) -> None:
    """Stop fetching a mailbox, or go on; a fetch under way ends with its portion."""
    with transaction.atomic():
        changed = Mailbox.objects.filter(pk=mailbox.pk, paused=not paused)
        if changed.update(paused=paused, next_attempt_at=None):
            act = "mailbox-paused" if paused else "mailbox-resumed"
            audit.record(act, mailbox, at=now, by=by, named=mailbox.name)


def release_all(*, holder: str) -> None:
    """Give back what a process still holds when it is told to end."""
    Mailbox.objects.filter(lease_holder=holder).update(lease_until=None, lease_holder="")


def own_name() -> str:
    """The name under which this process takes a mailbox."""
    return f"{socket.gethostname()[:60]}:{os.getpid()}"


def _renew(mailbox: Mailbox) -> bool:
    """Hold the mailbox on; False if somebody else has taken it meanwhile, or it was paused."""
    held = Mailbox.objects.filter(pk=mailbox.pk, lease_holder=mailbox.lease_holder, paused=False)
    return bool(held.update(lease_until=_lease_end()))


def _lease_end() -> "ExpressionWrapper[Any]":
    # By the clock of the database, so that pollers on several machines agree.
    return ExpressionWrapper(Now() + settings.MEYASU_POLL_LEASE, output_field=DateTimeField())
