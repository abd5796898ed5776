"""Refused attempts to rows: what our servers did not accept, each line once."""

from collections.abc import Iterable
from hashlib import sha256

from complaints.cleantext import clean_text
from complaints.maillog.passage import RefusedAttempt
from complaints.models import MailHost, Refusal

ROWS_AT_ONCE = 2_000
IDS_AT_ONCE = 500


def save_refusals(host: MailHost, refused: Iterable[RefusedAttempt]) -> int:
    """Save refused attempts that are not stored yet; how many these are.

    An attempt is known by its line: where a program wrote the same line twice within the
    time its stamp tells, they count as one, whatever file or stretch they were read in.
    """
    rows = {row.line_sha256: row for row in (_row(host, attempt) for attempt in refused)}
    digests = sorted(rows)
    for start in range(0, len(digests), IDS_AT_ONCE):
        stored = Refusal.objects.filter(line_sha256__in=digests[start : start + IDS_AT_ONCE])
        for digest in stored.values_list("line_sha256", flat=True):
            del rows[digest]
    Refusal.objects.bulk_create(rows.values(), batch_size=ROWS_AT_ONCE)
    return len(rows)


def _row(host: MailHost, attempt: RefusedAttempt) -> Refusal:
    name = f"{host.pk}|{attempt.at.isoformat()}|{attempt.line}"
    return Refusal(
        host=host,
        at=attempt.at,
        queue_id=attempt.queue_id,
        client_ip=attempt.client_ip,
        client_name=clean_text(attempt.client_name, 255),
        helo=clean_text(attempt.helo, 255),
        sender=clean_text(attempt.sender.lower(), 320),
        recipient=clean_text(attempt.recipient.lower(), 320),
        reason=attempt.reason,
        code=clean_text(attempt.code, 12),
        line=clean_text(attempt.line, 2000),
        line_sha256=sha256(name.encode("utf-8", "replace")).hexdigest(),
    )
