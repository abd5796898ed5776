"""What each page costs beside a trivial one, statements and size: the desk, its parts, the admin.

    MEYASU_BENCH_COMPLAINTS=100000 make bench ARGS="-k pages"
    MEYASU_BENCH_FILLED=yes DATABASE_URL=postgres://… make bench ARGS="-k pages"

Seeds invented cases (ten times as many log lines) into the database of the run, SQLite or what
DATABASE_URL names, and counts the rollups; or measures a database that is filled already, as
`manage.py seed` leaves it, and takes back what it writes there. It asks for each page in one
process by Django's test client: middle and 95th percentile in milliseconds of wall time, the
middle of the processor's, statements, kB, and the ratio to `/healthz`, which asks for nothing.
"""

import os
import time
from statistics import quantiles

import pytest
from django.conf import settings
from django.contrib.auth.models import Group, User
from django.db import connection, transaction
from django.db.models import Count
from django.test.utils import CaptureQueriesContext

from complaints import clock
from complaints.models import Complaint, Link, RelayedMessage
from incidents import seeding
from incidents.models import Incident, IncidentComplaint
from incidents.reporting import rollups

COMPLAINTS = int(os.environ.get("MEYASU_BENCH_COMPLAINTS", "5000"))
FILLED = bool(os.environ.get("MEYASU_BENCH_FILLED"))
TIMES = int(os.environ.get("MEYASU_BENCH_TIMES", "40"))
MOST_STATEMENTS = {"/admin": 30, "/": 15}
MOST_BYTES = 150_000
OF_THE_ADMIN = (
    "/admin/?period=30d",
    "/admin/?period=year",
    "/admin/complaints/complaint/",
    "/admin/complaints/complaint/?format__exact=arf",
    "/admin/complaints/relayedmessage/",
    "/admin/complaints/auditentry/",
    "/admin/incidents/incident/",
    "/admin/incidents/task/",
)


# What is filled already is no database of the tests.
pytestmark = [] if FILLED else [pytest.mark.django_db]


@pytest.fixture
def filled(django_db_blocker):
    """A database with cases; what is written to one that was filled before is taken back."""
    if not FILLED:
        seeding.seed(
            COMPLAINTS, COMPLAINTS * 10, now=clock.now(), number=1, progress=lambda *_: None
        )
        begun = time.perf_counter()
        rollups.rebuild(now=clock.now())
        print(f"\nrollups made anew in {time.perf_counter() - begun:.1f} s")
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        yield
        return
    with django_db_blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.mark.timeout(0)
def test_pages(client, filled):
    settings.ALLOWED_HOSTS = ["testserver"]
    print(
        f"\n{connection.vendor}, {Complaint.objects.count():,} complaints,"
        f" {RelayedMessage.objects.count():,} messages, {Incident.objects.count():,} incidents,"
        f" load {os.getloadavg()[0]:.1f}"
    )
    lead = User.objects.create_user("bench-lead")
    lead.groups.set(Group.objects.filter(name="lead"))
    client.force_login(lead)
    trivial = _measured(client, "/healthz", None)
    for address in _of_the_desk():
        _measured(client, address, trivial)
    client.force_login(User.objects.create_superuser("bench-root"))
    for address in OF_THE_ADMIN:
        _measured(client, address, trivial)


def _of_the_desk():
    """Every screen of everyday work, of the largest incident and a complaint that is linked."""
    largest = IncidentComplaint.objects.values("incident__reference").annotate(count=Count("pk"))
    incident = largest.order_by("-count")[0]["incident__reference"]
    link = Link.objects.filter(state__in=Link.HOLDING).select_related("complaint", "message")[0]
    complaint, message = link.complaint, link.message
    middle = Complaint.objects.order_by("-pk").values_list("pk", flat=True)
    middle = middle[Complaint.objects.count() // 2]
    yield from ("/", "/?kind=new", "/?kind=complaints", "/?mine=1", "/triage/news/")
    yield from ("/incidents/", "/incidents/?state=closed")
    for part in ("", "extent/", "complaints/", "said/", "timeline/"):
        yield f"/incidents/{incident}/{part}"
    yield from ("/complaints/", f"/complaints/?after={middle}", "/complaints/?stage=quarantined")
    yield from (f"/complaints/{complaint.reference}/", f"/complaints/{complaint.reference}/runs/")
    yield f"/maillog/?client_ip={message.client_ip}"
    yield f"/maillog/?queue_id={message.queue_id}"
    word = complaint.subject.split()[0] if complaint.subject else "mail"
    yield from (f"/search/?q={word}", f"/search/?q=from:{complaint.sender}", "/search/?q=is:open")
    yield from ("/coverage/", "/calibration/", "/notices/", "/mailboxes/", "/setup/")


def _measured(client, address, trivial):
    for _warming in range(3):
        assert client.get(address).status_code == 200, address
    with CaptureQueriesContext(connection) as asked:
        size = len(client.get(address).content)
    statements = len(asked)  # now: the next request forgets them
    wall, spent = zip(*(_seconds(client, address) for _ in range(TIMES)), strict=True)
    middle, p95 = sorted(wall)[TIMES // 2] * 1000, quantiles(wall, n=20)[-1] * 1000
    trivial, busy = trivial or middle, sorted(spent)[TIMES // 2] * 1000
    print(
        f"{address:50} {middle:8.1f} ms  p95 {p95:8.1f}  cpu {busy:6.1f}  {statements:3} statements"
        f"  {size / 1000:6.0f} kB  {middle / trivial:6.0f} x"
    )
    root = "/admin" if address.startswith("/admin") else "/"
    assert statements <= MOST_STATEMENTS[root], address
    assert size <= MOST_BYTES or root == "/admin", address
    return trivial


def _seconds(client, address):
    begun, spent = time.perf_counter(), time.process_time()
    client.get(address)
    return time.perf_counter() - begun, time.process_time() - spent
