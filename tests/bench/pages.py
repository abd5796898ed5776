"""What the dashboard, the lists of the admin and the desk's pages cost, beside a trivial page.

    MEYASU_BENCH_COMPLAINTS=100000 make bench ARGS="-k pages"

Seeds invented cases (ten times as many log lines) into the database of the run, SQLite or what
DATABASE_URL names, counts the rollups, and asks for each page in one process by Django's test
client: middle and 95th percentile in milliseconds of wall time, statements, kB, and the ratio to
`/healthz`, which asks nothing of anybody.
"""

import os
import time
from statistics import quantiles

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from complaints import clock
from incidents import seeding
from incidents.models import Incident
from incidents.reporting import rollups

COMPLAINTS = int(os.environ.get("MEYASU_BENCH_COMPLAINTS", "5000"))
TIMES = 40
MOST_STATEMENTS = 30
PAGES = (
    "/healthz",
    "/admin/?period=30d",
    "/admin/?period=year",
    "/admin/complaints/complaint/",
    "/admin/complaints/complaint/?format__exact=arf",
    "/admin/complaints/relayedmessage/",
    "/admin/complaints/auditentry/",
    "/admin/incidents/incident/",
    "/admin/incidents/task/",
    "/",
    "/incidents/",
    "/complaints/",
)


@pytest.mark.timeout(0)
def test_pages(client, db):
    now = clock.now()
    seeding.seed(COMPLAINTS, COMPLAINTS * 10, now=now, number=1, progress=lambda *_: None)
    begun = time.perf_counter()
    rollups.rebuild(now=now)
    print(
        f"\n{connection.vendor}, {COMPLAINTS:,} complaints, {Incident.objects.count():,} incidents"
    )
    print(f"rollups made anew in {time.perf_counter() - begun:.1f} s")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    client.force_login(User.objects.create_superuser("bench"))
    trivial = None
    for address in PAGES:
        for _warming in range(3):
            assert client.get(address).status_code == 200
        with CaptureQueriesContext(connection) as asked:
            size = len(client.get(address).content)
        statements = len(asked)  # now: the next request forgets them
        spent = sorted(_seconds(client, address) for _ in range(TIMES))
        middle, p95 = spent[TIMES // 2] * 1000, quantiles(spent, n=20)[-1] * 1000
        trivial = trivial or middle
        print(
            f"{address:50} {middle:8.1f} ms  p95 {p95:8.1f}  {statements:3} statements"
            f"  {size / 1000:6.0f} kB  {middle / trivial:6.0f} x"
        )
        assert statements <= MOST_STATEMENTS, address


def _seconds(client, address):
    begun = time.perf_counter()
    client.get(address)
    return time.perf_counter() - begun
