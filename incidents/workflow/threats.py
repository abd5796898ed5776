"""Threats to refuse our mail: noted from complaints and by people, proof sent, lifted or not."""

from datetime import datetime
from typing import Any

from django.db import transaction

from complaints import audit
from complaints.audit import Actor
from complaints.cleantext import clean_line, clean_text
from complaints.models import Complaint
from incidents.models import Incident, Reply, Task, Threat
from incidents.workflow.lifting import lifting_in

State = Threat.State
MOST_WORDS = 5000
AT_ONCE = 200
# What a finished task "threat" says of the threat it answered.
OUTCOMES = {"lifted": State.LIFTED, "carried-out": State.CARRIED_OUT}


def note_from(incident: Incident, complaint: Complaint, *, now: datetime) -> None:
    """Note the threat of a complaint, once for each incident. Call it inside a transaction.

    Their deadline is by when they want an answer; their sentence is the evidence.
    """
    if Threat.objects.filter(incident=incident, complaint=complaint).exists():
        return
    sentence = str(complaint.notes[-1]) if complaint.notes else complaint.subject
    threat = Threat.objects.create(
        incident=incident,
        complaint=complaint,
        who=(complaint.sender_name or complaint.sender)[:320],
        deadline=complaint.answer_by,
        sentence=sentence[:MOST_WORDS],
        made_at=now,
        made_by=audit.MACHINE,
    )
    _tell("threat-noted", threat, by=None, now=now, why=threat.sentence[:300])


def record(
    incident: Incident,
    *,
    who: str,
    condition: str,
    deadline: datetime | None,
    sentence: str,
    by: Actor,
    now: datetime,
) -> Threat:
    """A person writes a threat down that came in no complaint: by telephone, on a page."""
    with transaction.atomic():
        threat = Threat.objects.create(
            incident=incident,
            who=clean_line(who, 320),
            condition=clean_text(condition, MOST_WORDS),
            deadline=deadline,
            sentence=clean_text(sentence, MOST_WORDS),
            made_at=now,
            made_by=audit.name_of(by),
        )
        _tell("threat-noted", threat, by=by, now=now, why=threat.sentence[:300])
    return threat


def change(
    threat: Threat, *, condition: str, deadline: datetime | None, by: Actor, now: datetime
) -> None:
    """Say on which condition and by when, as far as it is known."""
    words = clean_text(condition, MOST_WORDS)
    if (words, deadline) == (threat.condition, threat.deadline):
        return
    with transaction.atomic():
        _update(threat, condition=words, deadline=deadline)
        until = f"{deadline:%Y-%m-%d %H:%M %Z}" if deadline else ""
        _tell("threat-changed", threat, by=by, now=now, condition=words[:300], until=until)


def note_proof(threat: Threat, *, proof: str, by: Actor, now: datetime) -> None:
    """Note which proof was sent to them, and when."""
    words = clean_text(proof, MOST_WORDS)
    with transaction.atomic():
        _update(threat, proof=words, proof_at=now)
        _tell("threat-proof-sent", threat, by=by, now=now, why=words[:300])


def end(threat: Threat, *, state: str, outcome: str, by: Actor, now: datetime) -> bool:
    """Say what came of it: lifted, carried out, or that it was none. False if it has ended."""
    with transaction.atomic():
        return _end(threat, state, outcome, by=by, now=now)


def reopen(threat: Threat, *, by: Actor, now: datetime) -> None:
    """It stands again: it was not lifted after all, or they threaten anew."""
    fields = {"state": State.OPEN, "ended_at": None, "ended_by": "", "lifted_by": None}
    with transaction.atomic():
        _update(threat, **fields)
        _tell("threat-reopened", threat, by=by, now=now)


def end_by_task(task: Task, *, note: str, by: Actor, now: datetime) -> None:
    """What its finished task says of a threat. Call it inside a transaction."""
    state = OUTCOMES.get(task.outcome)
    if task.kind != "threat" or state is None or task.complaint_id is None:
        return
    for threat in Threat.objects.filter(incident=task.incident, complaint=task.complaint_id):
        _end(threat, state, note, by=by, now=now)


def read_answers(*, now: datetime) -> int:
    """Look into new answers of those who threaten whether they lift it; how many do.

    Only an answer that was filed with our letter to them counts, and only a plain sentence. The
    sentence is kept, and a person can take the threat up again.
    """
    lifted = 0
    threats: list[Any] = list(Threat.objects.with_new_answer().select_related("incident")[:AT_ONCE])
    answers = Reply.objects.in_bulk([threat.answer for threat in threats])
    for threat in threats:
        reply = answers[threat.answer]
        sentence = lifting_in(reply.text)
        with transaction.atomic():
            _update(threat, looked_at=reply.received_at)
            if sentence and _end(threat, State.LIFTED, sentence, by=None, now=now, reply=reply):
                lifted += 1
    return lifted


def _end(
    threat: Threat,
    state: str,
    outcome: str,
    *,
    by: Actor,
    now: datetime,
    reply: Reply | None = None,
) -> bool:
    """The conditional UPDATE is the claim: a threat ends once."""
    fields = {
        "state": state,
        "outcome": clean_text(outcome, MOST_WORDS),
        "ended_at": now,
        "ended_by": audit.name_of(by),
        "lifted_by": reply,
    }
    if not Threat.objects.filter(pk=threat.pk, state=State.OPEN).update(**fields):
        return False
    _set(threat, fields)
    _tell(f"threat-{state}", threat, by=by, now=now, why=outcome[:300])
    return True


def _update(threat: Threat, **fields: Any) -> None:
    Threat.objects.filter(pk=threat.pk).update(**fields)
    _set(threat, fields)


def _set(threat: Threat, fields: dict[str, Any]) -> None:
    for name, value in fields.items():
        setattr(threat, name, value)


def _tell(action: str, threat: Threat, *, by: Actor, now: datetime, **details: str) -> None:
    reference = threat.incident.reference
    audit.record(action, threat, at=now, by=by, incident=reference, who=threat.who, **details)
