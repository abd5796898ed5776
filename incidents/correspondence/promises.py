"""Promises: what a correspondent undertook, held against the mail log until its time is over.

A promise is broken by mail of a stranger that our servers relayed or refused after it began to
hold, from one of its networks or under one of its domains. Mail for us and from us breaks none.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from complaints import audit
from complaints.audit import Actor
from complaints.cleantext import clean_line, clean_text
from complaints.models import Refusal, RelayedMessage
from incidents.correspondence import contacts, outbox
from incidents.correspondence.facts import when
from incidents.models import Letter, Promise, Reply
from incidents.workflow import moves
from incidents.workflow.moves import NotAllowed

State = Promise.State
MOST_READ = 50_000  # attempts of strangers at one look
READ_LATE = timedelta(days=2)  # how old a line may be when it is read
MOST_SHOWN = 5

Attempt = tuple[str, str, str, datetime]


def record(
    letter: Letter,
    *,
    who: str,
    what: str,
    networks: list[str],
    domains: list[str],
    holds_from: datetime,
    until: datetime,
    reply: Reply | None = None,
    by: Actor,
    now: datetime,
) -> Promise:
    """Note what they promised; it is the outcome of the letter, and is watched from now on.

    raises   NotAllowed without anything that could be watched, or for a time that is no time
    """
    if not (networks or domains):
        raise NotAllowed(_("Say from which networks or domains no more mail shall come."))
    if until <= holds_from:
        raise NotAllowed(_("It is watched until a time after it begins to hold."))
    with transaction.atomic():
        promise = Promise.objects.create(
            letter=letter,
            reply=reply,
            who=clean_line(who, 200),
            what=clean_text(what, 5000),
            networks=networks,
            domains=domains,
            holds_from=holds_from,
            until=until,
            recorded_at=now,
            recorded_by=audit.name_of(by),
        )
        _tell("promise-recorded", promise, by=by, now=now, until=until.date().isoformat())
        outcome = Letter.Outcome.PROMISE
        outbox.record_outcome(letter, outcome=outcome, note=promise.what, by=by, now=now)
    return promise


def withdraw(promise: Promise, *, by: Actor, now: datetime) -> None:
    """Watch it no longer."""
    with transaction.atomic():
        if not _settle(promise, State.WITHDRAWN, "", now=now):
            raise NotAllowed(_("The promise is not watched any more."))
        _tell("promise-withdrawn", promise, by=by, now=now)


def watch(*, now: datetime) -> int:
    """Hold every watched promise against the log; how many were broken."""
    watched = Promise.objects.filter(state=State.WATCHED, holds_from__lte=now)
    known = watched.select_related("letter__incident", "letter__task__incident")
    return sum(_check(promise, now=now) for promise in known)


def _check(promise: Promise, *, now: datetime) -> bool:
    checked = promise.checked_at
    is_last = promise.until <= now
    since = None if checked is None or is_last else checked - READ_LATE
    relayed, refused = attempts_against(promise, since=since)
    if relayed or refused:
        return _break(promise, relayed, refused, now=now)
    Promise.objects.filter(pk=promise.pk).update(checked_at=now)
    if is_last:
        with transaction.atomic():
            if _settle(promise, State.KEPT, "", now=now):
                _tell("promise-kept", promise, by=None, now=now)
    return False


def attempts_against(
    promise: Promise, *, since: datetime | None = None
) -> tuple[list[Attempt], list[Attempt]]:
    """What our servers relayed and what they refused of those who were to send no more."""
    span = (max(promise.holds_from, since or promise.holds_from), promise.until)
    relayed = RelayedMessage.objects.relayed_for_strangers().filter(queued_at__range=span)
    refused = Refusal.objects.of_relaying().filter(at__range=span)
    of_relayed = relayed.values_list("client_ip", "client_name", "sender_domain", "queued_at")
    of_refused = refused.values_list("client_ip", "client_name", "sender", "at")
    return (
        _against(promise, of_relayed.order_by("queued_at")[:MOST_READ].iterator()),
        _against(promise, of_refused.order_by("at")[:MOST_READ].iterator()),
    )


def _against(promise: Promise, rows: Iterable[Attempt]) -> list[Attempt]:
    covers = contacts.Reach(promise.networks, promise.domains)
    return [row for row in rows if covers.has(row[0], row[1], row[2].rpartition("@")[2])]


def _break(
    promise: Promise, relayed: list[Attempt], refused: list[Attempt], *, now: datetime
) -> bool:
    evidence = _evidence(relayed, refused)
    with transaction.atomic():
        if not _settle(promise, State.BROKEN, evidence, now=now):
            return False
        _tell("promise-broken", promise, by=None, now=now, why=evidence)
        why = _("%(who)s did not keep the promise: %(evidence)s") % {
            "who": promise.who,
            "evidence": evidence,
        }
        task = promise.letter.task
        if task is not None and task.is_open:
            moves.bring_up(task, why, now=now)
        elif task is not None:
            moves.reopen(task, note=why, by=None, now=now)
    return True


def _evidence(relayed: list[Attempt], refused: list[Attempt]) -> str:
    """How much came and when it began, with some of the clients."""
    seen = sorted([*relayed, *refused], key=lambda attempt: attempt[3])
    clients = list(dict.fromkeys(attempt[0] for attempt in seen))[:MOST_SHOWN]
    return _("%(relayed)s relayed, %(refused)s refused since %(first)s, from %(clients)s") % {
        "relayed": len(relayed),
        "refused": len(refused),
        "first": when(seen[0][3]),
        "clients": ", ".join(clients),
    }


def _settle(promise: Promise, state: str, evidence: str, *, now: datetime) -> bool:
    fields = {"state": state, "evidence": evidence, "settled_at": now, "checked_at": now}
    watched = Promise.objects.filter(pk=promise.pk, state=State.WATCHED)
    if not watched.update(**fields):
        return False
    for name, value in fields.items():
        setattr(promise, name, value)
    return True


def _tell(action: str, promise: Promise, *, by: Actor, now: datetime, **details: str) -> None:
    audit.record(
        action,
        promise.letter,
        at=now,
        by=by,
        incident=promise.letter.incident.reference,
        who=promise.who,
        **details,
    )
