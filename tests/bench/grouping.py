"""What grouping one more complaint costs, by how many were grouped before; and a large merge.

Seed two databases first, then name them: `DATABASE_URL=postgres://…/small ./manage.py seed
--complaints 10000 --log-lines 100000` and the like, then `make bench ARGS="-k grouping"` with
MEYASU_BENCH_SMALL and MEYASU_BENCH_LARGE as such URLs. Each process groups the same number of new
complaints, about campaigns of the seeded desk and about new ones, and takes them back. CPU seconds
of the process and of its PostgreSQL backend's statements, by wall time within transactions.
"""

import json
import os
import subprocess
import sys

import pytest

SMALL, LARGE = os.environ.get("MEYASU_BENCH_SMALL"), os.environ.get("MEYASU_BENCH_LARGE")
MOST_RATIO = 1.5
MOST_SECONDS = 30.0  # to merge two incidents of 50,000 complaints, and to undo it
GROUP = """
import json, resource, time, random, os
import django; django.setup()
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from complaints import clock, organisation
from complaints.models import Complaint, Link, ReportedMessage
from incidents import seeding
from incidents.grouping.assign import group_complaints
from incidents.models import Incident
now, dice = clock.now(), random.Random(5)
linked = list(Link.objects.order_by("-pk").select_related("message")[:2000:7])
costs, asked = [], 0
def one_more(number):
    link = linked[number % len(linked)]
    with transaction.atomic():
        about = ReportedMessage.objects.get(pk=link.reported_message_id)
        about.pk = None
        complaint = Complaint.objects.create(
            reference=f"B-{number}", stage="linked", arrived_at=now, recorded_at=now,
            raw_sha256=f"{number:064}", raw_bytes=1, sender=f"b{number}@bench.example",
            category="spam",
        )
        about.complaint = complaint
        about.save()
        if number % 3 == 1:
            Link.objects.create(complaint=complaint, reported_message=about, message=link.message,
                state="linked", score=1, reasons=[], linked_at=now)
        complaint.save()
        begun, spent = time.perf_counter(), time.process_time()
        with CaptureQueriesContext(connection) as queries:
            assert group_complaints([complaint], now=now)
        took = time.perf_counter() - begun
        transaction.set_rollback(True)
    return took, len(queries)
with organisation.remembered():
    for number in range(20):
        one_more(number)
    found = sorted(one_more(number) for number in range(20, 320))
print(json.dumps({"complaints": Complaint.objects.count(),
    "median_ms": found[len(found) // 2][0] * 1000,
    "mean_ms": sum(took for took, _ in found) / len(found) * 1000,
    "queries": sum(asked for _, asked in found) / len(found)}))
"""
MERGE = """
import json, time
import django; django.setup()
from django.db import transaction
from complaints import clock
from incidents.grouping import corrections
from incidents.models import Incident, IncidentComplaint
now = clock.now()
with transaction.atomic():
    one, other = Incident.objects.order_by("pk")[:2]
    Incident.objects.filter(pk__in=[one.pk, other.pk]).update(state="open")
    rows = list(IncidentComplaint.objects.order_by("pk").values_list("pk", flat=True)[:100000])
    half = len(rows) // 2
    IncidentComplaint.objects.filter(pk__in=rows[:half]).update(incident=one)
    IncidentComplaint.objects.filter(pk__in=rows[half:]).update(incident=other)
    one.refresh_from_db()
    other.refresh_from_db()
    before = one.memberships.count(), other.memberships.count()
    begun = time.perf_counter()
    made = corrections.merge(one, other, by="bench", now=now)
    merged = time.perf_counter() - begun
    assert other.memberships.count() == sum(before)
    begun = time.perf_counter()
    corrections.undo(made, by="bench", now=now)
    undone = time.perf_counter() - begun
    assert (one.memberships.count(), other.memberships.count()) == before
    transaction.set_rollback(True)
print(json.dumps({"complaints": sum(before), "merge": merged, "undo": undone}))
"""
needs_both = pytest.mark.skipif(not (SMALL and LARGE), reason="name two seeded databases")


def _run(program, database):
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | {"DATABASE_URL": database, "DJANGO_SETTINGS_MODULE": "config.settings"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@needs_both
def test_one_more_complaint_costs_the_same_however_many_came_before():
    small, large = _run(GROUP, SMALL), _run(GROUP, LARGE)
    print(small, large, sep="\n")
    assert large["median_ms"] <= MOST_RATIO * small["median_ms"]


@needs_both
def test_large_incidents_are_merged_and_parted_in_seconds():
    found = _run(MERGE, LARGE)
    print(found)
    assert max(found["merge"], found["undo"]) <= MOST_SECONDS
