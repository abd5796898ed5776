"""What it costs to link a complaint among many logged messages: many together, and one by one.

`make bench ARGS="-k linking"`, with DATABASE_URL for PostgreSQL. MEYASU_BENCH_MESSAGES names the
sizes, as for the look-ups. Milliseconds a complaint in this process, and its statements.
"""

import random
import statistics
import time
from datetime import timedelta

import pytest
from django.db import connection

from complaints.intake import bulk
from complaints.linking.link import link_complaints
from complaints.models import Complaint, Link, MailHost
from incidents.pipeline import TOGETHER
from tests import make
from tests.bench.maillog_lookup import SIZES, _fill, _names

COMPLAINTS = 400
LATER = timedelta(hours=3)


def _shown(number):
    """What a complaint shows of one message: its ID, our line, its recipient, or its source."""
    name = _names(number)
    line = {"by": "mx1.example.org", "from_ip": name["client_ip"], "for_address": "", "raw": ""}
    line |= {"queue_id": name["queue_id"], "at": name["at"].isoformat()}
    return [
        {"message_id": name["message_id"]},
        {"hops": [line]},
        {"recipient": name["recipient"], "date": name["at"]},
        {"source_ip": name["client_ip"], "envelope_from": name["sender"], "date": name["at"]},
    ][number % 4]


def _complaints(numbers):
    return [
        make.parsed_complaint(
            arrived_at=_names(number)["at"] + LATER,
            sender=f"reporter{number}@near.example",
            reported=[_shown(number)],
        )
        for number in numbers
    ]


def _linked(complaints, at_once):
    taken, own, asked = [], [], []

    def count(execute, *given):
        asked[-1] += 1
        return execute(*given)

    for start in range(0, len(complaints), at_once):
        some = complaints[start : start + at_once]
        asked.append(0)
        begun, used = time.perf_counter(), time.process_time()
        with connection.execute_wrapper(count):
            link_complaints(some, now=max(one.arrived_at for one in some))
        taken.append(1000 * (time.perf_counter() - begun) / len(some))
        own.append(1000 * (time.process_time() - used) / len(some))
    p95 = statistics.quantiles(taken, n=20)[-1]
    print(
        f"  {at_once} at once: median {statistics.median(taken):.2f} ms, p95 {p95:.2f} ms, of it "
        f"CPU of ours {statistics.median(own):.2f} ms; {max(asked)} statements"
    )


@pytest.mark.timeout(3600)
def test_what_linking_a_complaint_costs(db):
    make.organisation()
    host = MailHost.objects.create(name="mx1", fqdn="mx1.example.org", addresses=["192.0.2.25"])
    bulk.expect_many()
    filled = 0
    for size in SIZES:
        _fill(host, filled, size)
        filled = size
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("ANALYZE")
        print(f"\n{connection.vendor}, {size:,} messages")
        complaints = _complaints(random.Random(size).sample(range(size), COMPLAINTS))
        _linked(complaints[: COMPLAINTS // 2], TOGETHER)
        _linked(complaints[COMPLAINTS // 2 :], 1)
        found = Link.objects.filter(complaint__in=complaints).values("complaint").distinct()
        assert found.count() > COMPLAINTS * 0.7
        Complaint.objects.filter(pk__in=[one.pk for one in complaints]).delete()
