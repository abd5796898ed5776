"""One mailbox: lease, fetch, store, and only then mark as seen."""

import os
import random
import socket
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F, Q

from complaints import secrets
from complaints.intake import imap, store
from complaints.intake.imap import MailboxTrouble, Session
from complaints.intake.raw import RawMessage
from complaints.models import Mailbox
from complaints.secrets import NoPassword

LEASE = timedelta(minutes=10)
SHORTEST_PAUSE, LONGEST_PAUSE = timedelta(seconds=15), timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a fetch went: mails stored, or the problem in words, or that another has the mailbox."""

    stored: int = 0
    problem: str = ""
    busy: bool = False


def fetch_mailbox(mailbox: Mailbox, *, now: datetime, holder: str = "") -> Outcome:
    """Bring in what is new; trouble is noted on the row and delays the next attempt."""
    if not lease(mailbox, now=now, holder=holder):
        return Outcome(busy=True)
    try:
        with imap.session(mailbox, secrets.password_of(mailbox)) as session:
            outcome = Outcome(stored=fetch_new(session, mailbox, now=now))
    except (MailboxTrouble, NoPassword) as trouble:
        outcome = Outcome(problem=str(trouble))
    release(mailbox, outcome.problem, now=now)
    return outcome


def fetch_new(session: Session, mailbox: Mailbox, *, now: datetime) -> int:
    """Store the messages above the last UID, a batch at a time; how many were new to us.

    A changed UIDVALIDITY means that all UIDs are new: everything is read again, and the
    SHA-256 of each message makes that harmless.
    """
    if session.uid_validity != mailbox.uid_validity:
        mailbox.uid_validity, mailbox.last_uid = session.uid_validity, 0
        mailbox.save(update_fields=["uid_validity", "last_uid"])
    uids = session.new_uids(after=mailbox.last_uid)
    known = store.known_uids(mailbox, session.uid_validity, above=mailbox.last_uid)
    missing = [uid for uid in uids if uid not in known]
    fresh = 0
    for start in range(0, len(missing), imap.MOST_AT_ONCE):
        batch = missing[start : start + imap.MOST_AT_ONCE]
        kept, new = _keep_batch(session, mailbox, batch, now=now)
        fresh += new
        session.mark(kept)
    _remember_how_far(session, mailbox, uids)
    return fresh


def _keep_batch(
    session: Session, mailbox: Mailbox, batch: list[int], *, now: datetime
) -> tuple[list[int], int]:
    """Store one batch; the UIDs that are safe now, and how many messages were new to us."""
    kept: list[int] = []
    new = 0
    for fetched in session.fetch(batch):
        message = RawMessage(
            raw=fetched.raw,
            way="imap",
            arrived_at=fetched.arrived_at,
            mailbox=mailbox,
            uid_validity=session.uid_validity,
            uid=fetched.uid,
        )
        new += store.keep_message(message, now=now).is_new
        kept.append(fetched.uid)
    return kept, new


def _remember_how_far(session: Session, mailbox: Mailbox, uids: list[int]) -> None:
    """Go on behind the last UID that is stored or has gone; a server may answer with nothing."""
    known = store.known_uids(mailbox, session.uid_validity, above=mailbox.last_uid)
    unanswered = [uid for uid in uids if uid not in known]
    waiting = session.still_there(unanswered) if unanswered else []
    if uids:
        mailbox.last_uid = min(waiting) - 1 if waiting else uids[-1]
        mailbox.save(update_fields=["last_uid"])
    if waiting:
        raise MailboxTrouble(
            f"{mailbox.name}: the server shows {len(waiting)} messages that it does not hand "
            f"over, the first with UID {min(waiting)}; they are asked for again."
        )


def lease(mailbox: Mailbox, *, now: datetime, holder: str = "") -> bool:
    """Take the mailbox for this process; False if another has it, or it waits after trouble."""
    holder = holder or f"{socket.gethostname()}:{os.getpid()}"
    free = Q(lease_until=None) | Q(lease_until__lte=now) | Q(lease_holder=holder)
    may_try = Q(next_attempt_at=None) | Q(next_attempt_at__lte=now)
    taken = Mailbox.objects.filter(free, may_try, pk=mailbox.pk, paused=False).update(
        lease_until=now + LEASE, lease_holder=holder
    )
    if taken:
        mailbox.refresh_from_db()
    return bool(taken)


def release(mailbox: Mailbox, problem: str, *, now: datetime) -> None:
    """Give the mailbox back, with how it went; after trouble each pause is longer, with jitter."""
    changes: dict[str, object] = {"lease_until": None, "lease_holder": ""}
    if problem:
        pause = min(SHORTEST_PAUSE * 2 ** min(mailbox.failures_in_a_row, 10), LONGEST_PAUSE)
        jitter = random.uniform(0.75, 1.25)  # noqa: S311 (spreads load, guards nothing)
        changes |= {
            "last_error": problem[:500],
            "failures_in_a_row": F("failures_in_a_row") + 1,
            "next_attempt_at": now + pause * jitter,
        }
    else:
        changes |= {
            "last_error": "",
            "failures_in_a_row": 0,
            "next_attempt_at": None,
            "last_contact_at": now,
        }
    Mailbox.objects.filter(pk=mailbox.pk).update(**changes)
    mailbox.refresh_from_db()
