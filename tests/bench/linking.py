"""What it costs to link a complaint among many logged messages: many together, and one by one.

`make bench ARGS="-k linking"`, with DATABASE_URL for PostgreSQL. MEYASU_BENCH_MESSAGES names the
sizes, as for the look-ups. Milliseconds a complaint in this process, and its statements.
"""

import os
import random
import statistics
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection, transaction

from complaints import organisation
from complaints.linking.link import link_complaints
from complaints.models import Complaint, Link, MailHost, RelayedMessage
from incidents.pipeline import TOGETHER
from tests import make
from tests.bench.invented_log import SIZES, fill, named

# As many kinds in each batch, and enough batches for their 95th percentile.
COMPLAINTS, ALONE = 1080, 180
LATER = timedelta(hours=3)


def _shown(number, way):
    """What a complaint shows of one message, in one of the ways in which they come."""
    name = named(number)
    line = {"by": "mx1.example.org", "from_ip": name["client_ip"], "for_address": "", "raw": ""}
    line |= {"queue_id": name["queue_id"], "at": name["at"].isoformat()}
    return {
        "its ID": lambda: {"message_id": name["message_id"]},
        "our line": lambda: {"hops": [line]},
        "our line without its ID": lambda: {"hops": [line | {"queue_id": ""}]},
        "its recipient": lambda: {"recipient": name["recipient"], "date": name["at"]},
        "its source": lambda: {
            "source_ip": name["client_ip"],
            "envelope_from": name["sender"],
            "date": name["at"],
        },
        "its source, in another zone": lambda: {
            "source_ip": name["client_ip"],
            "date": name["at"] - timedelta(hours=9),
        },
        "its recipient, masked": lambda: {
            "recipient": f"xxxxx@{name['recipient'].partition('@')[2]}",
            "subject": name["subject"],
            "date": name["at"],
        },
        "its subject": lambda: {"subject": name["subject"] or f"Nothing of number {number}"},
        "nothing that is logged": lambda: {
            "message_id": f"{number}.unknown@nowhere.example",
            "recipient": f"nobody{number}@nowhere.example",
            "source_ip": "203.0.113.77",
            "date": name["at"],
        },
    }[way]()


WAYS = (
    "its ID",
    "our line",
    "our line without its ID",
    "its recipient",
    "its source",
    "its source, in another zone",
    "its recipient, masked",
    "its subject",
    "nothing that is logged",
)


def _complaints(numbers):
    return [
        make.parsed_complaint(
            arrived_at=named(number)["at"] + LATER,
            sender=f"reporter{number}@near.example",
            reported=[_shown(number, WAYS[place % len(WAYS)])],
        )
        for place, number in enumerate(numbers)
    ]


def _linked(complaints, at_once):
    """What it took, in milliseconds a complaint, and how many statements a batch."""
    taken, own, theirs, asked = [], [], [], []

    def count(execute, *given):
        asked[-1] += 1
        return execute(*given)

    server = _cpu_of_server()
    for start in range(0, len(complaints) // at_once * at_once, at_once):
        some = complaints[start : start + at_once]
        asked.append(0)
        begun, used, served = time.perf_counter(), time.process_time(), server()
        with connection.execute_wrapper(count):
            link_complaints(some, now=max(one.arrived_at for one in some))
        taken.append(1000 * (time.perf_counter() - begun) / len(some))
        own.append(1000 * (time.process_time() - used) / len(some))
        theirs.append(1000 * (server() - served) / len(some))
    both = [one + other for one, other in zip(own, theirs, strict=True)]
    told = {"by the clock": taken, "CPU of ours": own, "of the server": theirs, "of both": both}
    for what, found in told.items():
        p95 = statistics.quantiles(found, n=20)[-1]
        mean, median = statistics.fmean(found), statistics.median(found)
        print(f"  {at_once} at once, {what}: mean {mean:.2f} median {median:.2f} p95 {p95:.2f} ms")
    print(f"  {at_once} at once: {min(asked)} to {max(asked)} statements")


def _warm_up(complaints):
    """Link some and take it back: a worker does for the first time a thing once in its life."""
    some = complaints[:TOGETHER]
    with transaction.atomic():
        link_complaints(some, now=max(one.arrived_at for one in some))
        transaction.set_rollback(True)
    for one in some:
        one.refresh_from_db()


def _cpu_of_server():
    """CPU seconds of the process that serves this connection, where it runs on this machine."""
    if connection.vendor != "postgresql":
        return lambda: 0.0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        times = Path(f"/proc/{cursor.fetchone()[0]}/stat")
    if not times.is_file():
        return lambda: 0.0

    def used():
        fields = times.read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    return used


@pytest.mark.timeout(3600)
def test_what_linking_a_complaint_costs(db):
    make.organisation()
    host, _ = MailHost.objects.get_or_create(
        name="mx1", defaults={"fqdn": "mx1.example.org", "addresses": ["192.0.2.25"]}
    )
    filled = RelayedMessage.objects.count()
    for size in SIZES:
        if filled < size:
            fill(host, filled, size)
            filled = size
        print(f"\n{connection.vendor}, {size:,} messages")
        numbers = random.Random(size).sample(range(size), COMPLAINTS)
        complaints = _complaints(numbers)
        with organisation.remembered():
            _warm_up(complaints)
            _linked(complaints[:-ALONE], TOGETHER)
        _linked(complaints[-ALONE:], 1)
        _tell_what_was_found(complaints, numbers)
        Complaint.objects.filter(pk__in=[one.pk for one in complaints]).delete()


def _tell_what_was_found(complaints, numbers):
    """How many of each way are linked to the very message; those with names have to be."""
    held = Link.objects.filter(complaint__in=complaints, state=Link.State.LINKED)
    right = set(held.values_list("complaint", "message__queue_id"))
    found = Counter()
    for place, (complaint, number) in enumerate(zip(complaints, numbers, strict=True)):
        found[WAYS[place % len(WAYS)]] += (complaint.pk, named(number)["queue_id"]) in right
    each = len(complaints) // len(WAYS)
    print(
        "  of each way are linked: " + ", ".join(f"{one} {found[one] / each:.0%}" for one in WAYS)
    )
    assert found["its ID"] == found["our line"] == each
