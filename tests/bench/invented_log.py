"""A log of millions of messages for measuring: the number of a message tells all about it.

One message in twenty is of one of four busy clients, as those of an abuser are; the others come
from many clients and senders, and some recipients get much. On PostgreSQL a statement a table
writes them, without its indexes, which are made anew behind it: ten millions take minutes.
"""

import hashlib
import os
from datetime import UTC, datetime, timedelta

from django.db import connection

from complaints.intake import bulk
from complaints.models import Delivery, RelayedMessage

SIZES = [int(size) for size in os.environ.get("MEYASU_BENCH_MESSAGES", "100000,1000000").split(",")]
BEGUN = datetime(2025, 12, 1, tzinfo=UTC)
MESSAGE = (
    "id", "host", "queue_id", "queued_at", "message_id", "message_id_sha256", "client_ip",
    "client_name", "helo", "authenticated_user", "sender", "sender_domain", "subject",
    "size_bytes", "recipient_count", "direction", "log_lines", "log_places",
)  # fmt: skip
DELIVERY = (
    "message", "recipient", "recipient_domain", "original_recipient", "relay", "relay_ip",
    "status", "dsn", "reply", "next_queue_id", "at", "attempts",
)  # fmt: skip
# What `named` says, in SQL, of the number `n` of a series; `s` is the number scattered.
NUMBERS = (
    "FROM (SELECT n, (n * 2654435761) %% 4294967296 AS s, n %% 20 = 0 AS busy, n %% 4 AS which, "
    "%s::timestamptz + (n / 5) * interval '1 second' AS at FROM generate_series(%s, %s) n) AS given"
)
CLIENT = (
    "CASE WHEN busy THEN '198.19.255.' || (n / 20 %% 4) ELSE '198.18.' || (s %% 251) || '.' "
    "|| (s / 251 %% 250) END"
)
SENDER = (
    "CASE WHEN busy THEN 'offers' || (n / 20 %% 4) || '@busy.example' "
    "ELSE 'user' || (s %% 50000) || '@far' || (n %% 997) || '.example' END"
)
MESSAGE_ID = "to_hex(s) || '.' || n || '@far' || (n %% 997) || '.example'"
DOMAIN = "'near' || (n %% 499) || '.example'"
SUBJECT = (
    "CASE WHEN n %% 30 = 0 THEN 'Your invoice number ' || (s %% 300000) "
    "WHEN n %% 3 = 0 THEN 'Offer ' || (s %% 300000) || ' of many' ELSE '' END"
)
DIRECTION = "CASE WHEN busy THEN 'stranger' ELSE 'out' END"


def named(number):
    """What message `number` is looked up by."""
    scattered = (number * 2_654_435_761) % 2**32
    busy, which = number % 20 == 0, number // 20 % 4
    return {
        "at": BEGUN + timedelta(seconds=number // 5),
        "queue_id": f"{scattered:010X}",
        "message_id": f"{scattered:x}.{number}@far{number % 997}.example",
        "client_ip": f"198.19.255.{which}"
        if busy
        else f"198.18.{scattered % 251}.{scattered // 251 % 250}",
        "sender": f"offers{which}@busy.example"
        if busy
        else f"user{scattered % 50_000}@far{number % 997}.example",
        "recipient": f"reader{scattered % 70_000}@near{number % 499}.example",
        "subject": _subject(number, scattered),
        "size_bytes": 900 + scattered % 40_000,
        "direction": "stranger" if busy else "out",
    }


def _subject(number, scattered):
    """A third is logged with a subject; many subjects begin alike."""
    if number % 30 == 0:
        return f"Your invoice number {scattered % 300_000}"
    return "" if number % 3 else f"Offer {scattered % 300_000} of many"


def fill(host, first, last):
    """Write the messages of these numbers, each with its delivery."""
    if connection.vendor != "postgresql":
        _fill_in_rows(host, first, last)
        return
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL maintenance_work_mem = '512MB'")
        for table, columns, values in (_messages(host), _deliveries()):
            made = _without_indexes(cursor, table)
            cursor.execute(
                f"INSERT INTO {table} ({columns}) SELECT {values} {NUMBERS}",
                [BEGUN, first, last - 1],
            )
            for statement in made:
                cursor.execute(statement)
        cursor.execute("ANALYZE")


def _messages(host):
    table = RelayedMessage._meta.db_table
    columns = ", ".join(("host_id" if one == "host" else one) for one in MESSAGE)
    values = (
        f"n + 1, {host.pk}, upper(lpad(to_hex(s), 10, '0')), at, {MESSAGE_ID}, "
        f"encode(sha256(convert_to({MESSAGE_ID}, 'UTF8')), 'hex'), {CLIENT}, 'client.example', "
        f"'', '', {SENDER}, 'far.example', {SUBJECT}, 900 + s %% 40000, 1, {DIRECTION}, "
        "repeat(n || ' ', 60), ''"
    )
    return table, columns, values


def _deliveries():
    columns = ", ".join(("message_id" if one == "message" else one) for one in DELIVERY)
    values = (
        f"n + 1, 'reader' || (s %% 70000) || '@' || {DOMAIN}, {DOMAIN}, '', 'mx.' || {DOMAIN}, "
        "'203.0.113.9', 'sent', '2.0.0', '250 ok', '', at, 1"
    )
    return Delivery._meta.db_table, columns, values


def _without_indexes(cursor, table):
    """Drop the indexes, and the constraints that need or check much; returns what makes them."""
    cursor.execute(
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint "
        "WHERE conrelid = %s::regclass AND contype IN ('u', 'f')",
        [table],
    )
    again = []
    for name, said in cursor.fetchall():
        cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
        again.append(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {said}')
    cursor.execute(
        "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = %s AND indexname NOT LIKE %s",
        [table, "%pkey"],
    )
    for name, said in cursor.fetchall():
        cursor.execute(f'DROP INDEX "{name}"')
        again.append(said)
    return again


def _fill_in_rows(host, first, last):
    bulk.expect_many()
    stored = bulk.Moments()
    for start in range(first, last, 10_000):
        messages, deliveries = [], []
        for number in range(start, min(start + 10_000, last)):
            name, key = named(number), number + 1
            at, domain = stored[name["at"]], name["recipient"].partition("@")[2]
            digest = hashlib.sha256(name["message_id"].encode()).hexdigest()
            found_by = (name["queue_id"], at, name["message_id"], digest, name["client_ip"])
            rest = ("client.example", "", "", name["sender"], "far.example", name["subject"])
            end = (name["size_bytes"], 1, name["direction"], f"{number} " * 60, "")
            messages.append((key, host.pk, *found_by, *rest, *end))
            to = (name["recipient"], domain, "", f"mx.{domain}", "203.0.113.9")
            deliveries.append((key, *to, "sent", "2.0.0", "250 ok", "", at, 1))
        bulk.insert(RelayedMessage, MESSAGE, messages)
        bulk.insert(Delivery, DELIVERY, deliveries)
