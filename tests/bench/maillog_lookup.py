"""How long it takes to find a logged message by each index, among few and among many.

`make bench ARGS="-k lookup"`, with DATABASE_URL for PostgreSQL. MEYASU_BENCH_MESSAGES names the
sizes, `100000,1000000` by default. Milliseconds of 500 look-ups each, in this process.
"""

import hashlib
import random
import statistics
import time
from datetime import timedelta

import pytest

from complaints.models import MailHost, RelayedMessage
from tests.bench.invented_log import SIZES, fill, named

LOOK_UPS = 500
AROUND = timedelta(minutes=15)


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
    filled = 0
    for size in SIZES:
        fill(host, filled, size)
        filled = size
        dice = random.Random(size)
        print(f"\n{size:,} messages")
        for what, look_up in _look_ups(host).items():
            taken = []
            for _ in range(LOOK_UPS):
                name = named(dice.randrange(size))
                begun = time.perf_counter()
                assert list(look_up(name)[:50])
                taken.append(1000 * (time.perf_counter() - begun))
            p50, p95 = statistics.median(taken), statistics.quantiles(taken, n=20)[-1]
            print(f"  {what}: median {p50:.2f} ms, p95 {p95:.2f} ms")
