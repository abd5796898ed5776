"""Acknowledgements: one word to a reporter that his mail arrived, never the start of a loop.

Source: RFC 3834. Off until the desk sets it up. Each complaint is decided once; a word is claimed
by its row before it leaves, so that it is sent at most once, and brakes count those rows.
"""

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from complaints import audit, rawstore
from complaints.formats.bounds import bounded
from complaints.formats.head import Head, read_head
from complaints.models import Complaint, Organisation
from incidents.correspondence import delivery, draft, tokens, wire
from incidents.correspondence.address import own_address
from incidents.models import Acknowledgement, Acknowledging
from incidents.workflow import planning
from incidents.workflow.answerable import why_no_acknowledgement

State = Acknowledgement.State
PEEKED_BYTES = 256 * 1024
AT_ONCE = 50
NOT_OLDER_THAN = timedelta(days=2)
LEASE = timedelta(minutes=10)
MOST_TO_A_DOMAIN = 20  # within the hours between two to one address
ON_THE_WIRE = (State.SENDING, State.SENT, State.UNSURE)
STAGES = (Complaint.Stage.LINKED, Complaint.Stage.GROUPED, Complaint.Stage.OPEN)


def acknowledge_waiting(*, now: datetime) -> int:
    """Decide on every complaint that waits for a word, and send it; how many left."""
    rule = Acknowledging.objects.filter(enabled=True).first()
    if rule is None or rule.enabled_at is None:
        return 0
    _mark_unsure(now)
    waiting = (
        Complaint.objects.filter(stage__in=STAGES, acknowledgement=None)
        .filter(arrived_at__gte=max(rule.enabled_at, now - NOT_OLDER_THAN))
        .order_by("arrived_at", "pk")
    )
    left = 0
    for complaint in waiting[:AT_ONCE]:
        try:
            left += _acknowledge(complaint, rule, now=now)
        except delivery.Unreachable:
            break
    return left


def _acknowledge(complaint: Complaint, rule: Acknowledging, *, now: datetime) -> bool:
    try:
        raw = rawstore.read(complaint.raw_sha256)
    except rawstore.RawMessageMissing as missing:
        return _withhold(complaint, str(missing), now=now)
    head = read_head(bounded(raw[:PEEKED_BYTES]).head)
    reason = _why_not(complaint, head)
    if reason:
        return _withhold(complaint, reason, now=now)
    row = _claim(complaint, _address(complaint), rule, now=now)
    return row is not None and _send(row, complaint, now=now)


def _why_not(complaint: Complaint, head: Head) -> str:
    way = complaint.arrivals.order_by("pk").values_list("way", "source_file").first()
    if way is None or not (way[0] in ("imap", "lmtp") or way == ("file", "-")):
        return "it did not come by mail"
    return why_no_acknowledgement(
        head,
        sender=complaint.sender,
        return_path=complaint.return_path,
        complaint_format=complaint.format,
        ours=planning.own_addresses(),
    )


def _address(complaint: Complaint) -> str:
    """The envelope sender of the mail, where it is known (RFC 3834, section 4)."""
    return (complaint.return_path.strip("<>") or complaint.sender).lower()


def _claim(
    complaint: Complaint, address: str, rule: Acknowledging, *, now: datetime
) -> Acknowledgement | None:
    """The row of a word that may leave; None if a brake holds it, or it is decided already."""
    token = tokens.new_token()
    domain = own_address().rpartition("@")[2]
    try:
        with transaction.atomic():
            audit.keep_others_waiting()  # so that no two pass a brake together
            braked = _brake(address, rule, now=now)
            row = Acknowledgement.objects.create(
                complaint=complaint,
                state=State.WITHHELD if braked else State.SENDING,
                to_address=address,
                to_domain=address.rpartition("@")[2],
                message_id=f"<received.{token}@{domain or 'localhost'}>",
                decided_at=now,
                note=braked,
            )
            if braked:
                audit.record("acknowledgement-withheld", complaint, at=now, reason=braked)
    except IntegrityError:  # another worker decided it
        return None
    return None if braked else row


def _brake(address: str, rule: Acknowledging, *, now: datetime) -> str:
    """Which brake holds an acknowledgement to this address, "" for none."""
    sent = Acknowledgement.objects.filter(state__in=ON_THE_WIRE)
    recent = sent.filter(decided_at__gt=now - timedelta(hours=rule.hours_between))
    if recent.filter(to_address=address).exists():
        return f"this address got one within {rule.hours_between} hours"
    if recent.filter(to_domain=address.rpartition("@")[2]).count() >= MOST_TO_A_DOMAIN:
        return f"its domain got {MOST_TO_A_DOMAIN} within {rule.hours_between} hours"
    if sent.filter(decided_at__gt=now - timedelta(hours=1)).count() >= rule.most_an_hour:
        return f"{rule.most_an_hour} were sent within an hour"
    return ""


def _send(row: Acknowledgement, complaint: Complaint, *, now: datetime) -> bool:
    """Outside of any transaction; a crash in between leaves the row `sending`."""
    try:
        answer = delivery.hand_over(_mail(row, complaint, now), sender="", recipient=row.to_address)
    except delivery.PerhapsSent as doubt:
        return _settle(row, complaint, State.UNSURE, str(doubt), now=now)
    except delivery.Unreachable:
        row.delete()  # nothing left: it is decided anew when the server is back
        raise
    except delivery.NotSent as failure:
        return _settle(row, complaint, State.FAILED, str(failure), now=now)
    return _settle(row, complaint, State.SENT, answer, now=now)


def _mail(row: Acknowledgement, complaint: Complaint, now: datetime) -> bytes:
    organisation = Organisation.objects.only("name").first()
    facts = {
        "complaint": complaint.reference,
        "organisation": organisation.name if organisation else own_address(),
    }
    text = draft.fill("acknowledgement", complaint.language or "en", facts)
    fields = {
        "Date": wire.date_field(now.astimezone(planning.desk_zone())),
        "From": wire.mailbox(facts["organisation"], own_address()),
        "To": wire.mailbox("", row.to_address),
        "Subject": wire.words(f"Auto: {text.subject}"),
        "Message-ID": row.message_id,
        "Auto-Submitted": "auto-replied",
        "X-Loop": own_address(),
    } | wire.thread_fields(complaint)
    return wire.wire_bytes(fields, text.body)


def _settle(
    row: Acknowledgement, complaint: Complaint, state: str, note: str, *, now: datetime
) -> bool:
    with transaction.atomic():
        Acknowledgement.objects.filter(pk=row.pk).update(state=state, note=note[:500])
        audit.record(f"acknowledgement-{state}", complaint, at=now)
    return state == State.SENT


def _withhold(complaint: Complaint, reason: str, *, now: datetime) -> bool:
    """Note why there is none; False, as nothing left."""
    Acknowledgement.objects.get_or_create(
        complaint=complaint,
        defaults={"state": State.WITHHELD, "decided_at": now, "note": reason[:500]},
    )
    return False


def _mark_unsure(now: datetime) -> None:
    """One whose sender died may or may not have left: it is never sent again."""
    words = _("The program was stopped while it was being sent.")
    dead = Acknowledgement.objects.filter(state=State.SENDING, decided_at__lte=now - LEASE)
    dead.update(state=State.UNSURE, note=words)
