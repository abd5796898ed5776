"""Refused attempts to rows: what our servers did not accept, each line once."""

from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256

from complaints.cleantext import cut
from complaints.intake import bulk
from complaints.maillog.passage import RefusedAttempt
from complaints.models import MailHost, Refusal

FACTS = (
    "host", "at", "queue_id", "client_ip", "client_name", "helo", "sender", "recipient", "reason",
    "code", "line", "line_sha256",
)  # fmt: skip


def save_refusals(
    host: MailHost, refused: Iterable[RefusedAttempt], *, until: datetime | None = None
) -> int:
    """Save refused attempts that are not stored yet; how many these are.

    An attempt is known by its line: where a program wrote the same line twice within the
    time its stamp tells, they count as one, whatever file or stretch they were read in.

    until  no line of this host that was saved is later; None if that is not known
    """
    attempts = {_digest(host, attempt): attempt for attempt in refused}
    if not attempts:
        return 0
    asked = [digest for digest, one in attempts.items() if until is None or one.at <= until]
    known = Refusal.objects.filter(line_sha256__in=bulk.among(asked))
    for digest in known.values_list("line_sha256", flat=True) if asked else ():
        del attempts[digest]
    moments = bulk.Moments()
    rows = [_row(host, attempt, digest, moments) for digest, attempt in attempts.items()]
    bulk.insert(Refusal, FACTS, rows)
    return len(rows)


def _digest(host: MailHost, attempt: RefusedAttempt) -> str:
    name = f"{host.pk}|{attempt.at.isoformat()}|{attempt.line}"
    return sha256(name.encode("utf-8", "replace")).hexdigest()


def _row(host: MailHost, attempt: RefusedAttempt, digest: str, stored: bulk.Moments) -> bulk.Row:
    """FACTS of an attempt. Log lines are clean text, and so are their parts."""
    return (
        host.pk,
        stored[attempt.at],
        cut(attempt.queue_id, 30),
        attempt.client_ip,
        cut(attempt.client_name, 255),
        cut(attempt.helo, 255),
        cut(attempt.sender.lower(), 320),
        cut(attempt.recipient.lower(), 320),
        attempt.reason,
        cut(attempt.code, 12),
        cut(attempt.line, 2000),
        digest,
    )
