"""How long it takes to find a logged message by each index, among few and among many.

`make bench ARGS="-k lookup"`, with DATABASE_URL for PostgreSQL. MEYASU_BENCH_MESSAGES names the
sizes, `100000,1000000` by default. Milliseconds of 500 look-ups each, in this process.
"""

import hashlib
import os
import random
import statistics
import time
from datetime import UTC, datetime, timedelta

import pytest

from complaints.intake import bulk
from complaints.models import Delivery, MailHost, RelayedMessage

SIZES = [int(size) for size in os.environ.get("MEYASU_BENCH_MESSAGES", "100000,1000000").split(",")]
LOOK_UPS = 500
BEGUN = datetime(2025, 12, 1, tzinfo=UTC)
AROUND = timedelta(minutes=15)
MESSAGE = (
    "id", "host", "queue_id", "queued_at", "message_id", "message_id_sha256", "client_ip",
    "client_name", "helo", "authenticated_user", "sender", "sender_domain", "subject",
    "recipient_count", "direction", "log_lines",
)  # fmt: skip
DELIVERY = (
    "message", "recipient", "recipient_domain", "original_recipient", "relay", "relay_ip",
    "status", "dsn", "reply", "next_queue_id", "at", "attempts",
)  # fmt: skip


def _names(number):
    """What message `number` is looked up by; mail of one client and one sender comes again."""
    scattered = (number * 2_654_435_761) % 2**32
    return {
        "at": BEGUN + timedelta(seconds=number // 5),
        "queue_id": f"{scattered:010X}",
        "message_id": f"{scattered:x}.{number}@far{number % 997}.example",
        "client_ip": f"100.{64 + number % 63}.{scattered % 251}.{scattered // 251 % 250}",
        "sender": f"user{scattered % 50_000}@far{number % 997}.example",
        "recipient": f"reader{scattered % 70_000}@near{number % 499}.example",
    }


def _fill(host, first, last):
    stored = bulk.Moments()
    for start in range(first, last, 10_000):
        numbers = range(start, min(start + 10_000, last))
        names = {number: _names(number) for number in numbers}
        messages, deliveries = [], []
        for key, (number, name) in zip(
            bulk.next_keys(RelayedMessage, len(numbers)), names.items(), strict=True
        ):
            at = stored[name["at"]]
            digest = hashlib.sha256(name["message_id"].encode()).hexdigest()
            found_by = (name["queue_id"], at, name["message_id"], digest, name["client_ip"])
            rest = ("client.example", "", "", name["sender"], "far.example", "", 1, "in")
            messages.append((key, host.pk, *found_by, *rest, f"{number} " * 60))
            to = (name["recipient"], "near.example", "", "mx.near.example", "203.0.113.9")
            deliveries.append((key, *to, "sent", "2.0.0", "250 ok", "", at, 1))
        bulk.insert(RelayedMessage, MESSAGE, messages)
        bulk.insert(Delivery, DELIVERY, deliveries)


def _look_ups(host):
    messages = RelayedMessage.objects

    def around(name):
        return {"start": name["at"] - AROUND, "end": name["at"] + AROUND}

    return {
        "Message-ID": lambda name: messages.filter(
            message_id_sha256=hashlib.sha256(name["message_id"].encode()).hexdigest()
        ),
        "queue ID, host, time": lambda name: messages.seen_as(
            name["queue_id"], at=name["at"], within=AROUND
        ).filter(host=host),
        "client, time": lambda name: messages.from_client(name["client_ip"], **around(name)),
        "sender, time": lambda name: messages.from_sender(name["sender"], **around(name)),
        "recipient, time": lambda name: messages.to_recipient(name["recipient"], **around(name)),
    }


@pytest.mark.timeout(3600)
def test_look_ups_do_not_slow_down_with_the_table(db):
    host = MailHost.objects.create(name="mx1", fqdn="mx1.example.org")
    bulk.expect_many()
    filled = 0
    for size in SIZES:
        _fill(host, filled, size)
        filled = size
        dice = random.Random(size)
        print(f"\n{size:,} messages")
        for what, look_up in _look_ups(host).items():
            taken = []
            for _ in range(LOOK_UPS):
                name = _names(dice.randrange(size))
                begun = time.perf_counter()
                assert list(look_up(name)[:50])
                taken.append(1000 * (time.perf_counter() - begun))
            p50, p95 = statistics.median(taken), statistics.quantiles(taken, n=20)[-1]
            print(f"  {what}: median {p50:.2f} ms, p95 {p95:.2f} ms")
