"""The report of a month or year by mail, to those who are to read it, once it is over."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from hashlib import sha256

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from complaints import audit
from complaints.models import Organisation
from incidents.correspondence import delivery, tokens, wire
from incidents.correspondence.address import own_address
from incidents.models import Enclosure, ReportMailing, ReportReader
from incidents.reporting.period import Period, day_of, of_month, of_year
from incidents.reports import paper, periodic
from incidents.workflow.planning import desk_zone

LEASE = timedelta(minutes=10)
State = ReportMailing.State


def mail_reports(*, now: datetime) -> int:
    """Send each reader the report that is due and was not sent; returns how many left.

    Where the mail server cannot be used they stay due. One that may have left already is not
    sent again: its row says so.
    """
    _mark_unsure(now)
    left = 0
    for reader, period in _due(now):
        try:
            left += _mail(reader, period, now=now)
        except delivery.Unreachable:
            break
    return left


def _due(now: datetime) -> Iterator[tuple[ReportReader, Period]]:
    zone = desk_zone()
    today = day_of(now, zone)
    ended = {
        ReportReader.Every.MONTH: of_month(today.year, today.month, zone).before,
        ReportReader.Every.YEAR: of_year(today.year, zone).before,
    }
    for reader in ReportReader.objects.order_by("pk"):
        period = ended[ReportReader.Every(reader.every)]
        sent = reader.mailings.filter(period=_name(reader, period)).exists()
        if period.last >= reader.since and not sent:
            yield reader, period


def _name(reader: ReportReader, period: Period) -> str:
    is_month = reader.every == ReportReader.Every.MONTH
    return f"{period.first:%Y-%m}" if is_month else f"{period.first:%Y}"


def _mail(reader: ReportReader, period: Period, *, now: datetime) -> bool:
    """Make the report, claim its row, and send it outside of any transaction."""
    raw = _raw(reader, period, now=now)
    row = _claim(reader, _name(reader, period), now=now)
    if row is None:
        return False
    try:
        answer = delivery.hand_over(raw, sender=own_address(), recipient=reader.email)
    except delivery.PerhapsSent as doubt:
        return _settle(row, State.UNSURE, str(doubt), now=now)
    except delivery.Unreachable:
        row.delete()  # nothing left: it is due again when the server is back
        raise
    except delivery.NotSent as failure:
        return _settle(row, State.FAILED, str(failure), now=now)
    return _settle(row, State.SENT, answer, now=now)


def _claim(reader: ReportReader, period: str, *, now: datetime) -> ReportMailing | None:
    try:
        with transaction.atomic():
            return ReportMailing.objects.create(reader=reader, period=period, claimed_at=now)
    except IntegrityError:  # another worker sends it
        return None


def _settle(row: ReportMailing, state: str, note: str, *, now: datetime) -> bool:
    with transaction.atomic():
        ReportMailing.objects.filter(pk=row.pk).update(state=state, note=note[:500])
        audit.record(f"report-{state}", row, at=now, period=row.period, reader=row.reader.name)
    return state == State.SENT


def _raw(reader: ReportReader, period: Period, *, now: datetime) -> bytes:
    document = periodic.of_period(period, language=reader.language, now=now)
    content = paper.as_pdf(document)
    report = Enclosure(
        name=f"abuse-{_name(reader, period)}.pdf",
        content_type="application/pdf",
        content=content,
        sha256=sha256(content).hexdigest(),
    )
    organisation = Organisation.objects.only("name").first()
    with override(reader.language):
        body = _("The report is enclosed as PDF. Whoever keeps the desk can change who gets it.")
    address = own_address()
    fields = {
        "Date": wire.date_field(now.astimezone(desk_zone())),
        "From": wire.mailbox(organisation.name if organisation else address, address),
        "To": wire.mailbox(reader.name, reader.email),
        "Subject": wire.words(document.title),
        "Message-ID": tokens.message_id(tokens.new_token(), address.rpartition("@")[2]),
        "Auto-Submitted": "auto-generated",
    }
    return wire.wire_bytes(fields, f"{document.title}\n\n{body}", [report])


def _mark_unsure(now: datetime) -> None:
    """One whose sender died may or may not have left."""
    dead = ReportMailing.objects.filter(state=State.SENDING, claimed_at__lte=now - LEASE)
    dead.update(state=State.UNSURE, note=_("The program was stopped while it was being sent."))
