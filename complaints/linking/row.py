"""Row: what linking reads of a logged message, in statements that are written out."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from complaints.models import RelayedMessage

MESSAGES = RelayedMessage._meta.db_table


class Row(NamedTuple):
    """A row of the table of messages, as far as linking reads it."""

    id: int
    host_id: int
    queue_id: str
    queued_at: datetime
    message_id: str
    message_id_sha256: str
    client_ip: str
    sender: str
    sender_domain: str
    subject: str
    direction: str
    parent_id: int | None
    size_bytes: int | None


QUEUED_AT = Row._fields.index("queued_at")
COLUMNS = ", ".join(f"w.{name}" for name in Row._fields)


def row_of(columns: Sequence[Any]) -> Row:
    """A Row of its columns as the database gives them."""
    at = columns[QUEUED_AT]
    return Row._make((*columns[:QUEUED_AT], moment(at), *columns[QUEUED_AT + 1 :]))


def moment(value: Any) -> datetime:
    """A time as the database gives it: SQLite keeps them in UTC, without saying so."""
    at: datetime = datetime.fromisoformat(value) if isinstance(value, str) else value
    return at if at.tzinfo else at.replace(tzinfo=UTC)
