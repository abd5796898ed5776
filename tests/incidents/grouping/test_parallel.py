"""Workers as processes of their own group at the same moment: no incident is opened twice."""

import subprocess
import sys

import pytest
from django.conf import settings

from complaints import audit
from complaints.linking.link import link_complaint
from complaints.models import Complaint
from incidents.models import Campaign, Incident, Placement
from tests import make, servers
from tests.make import at

WORKERS = 3
EACH = 4
NOW = at("1998-01-21 09:00")
# Every worker is given all complaints, in an order of its own, and says when it is ready.
WORKER = """
import random, sys
import django
django.setup()
from django.utils import timezone
from complaints.models import Complaint
from incidents.grouping.assign import group_complaint
keys = list(Complaint.objects.order_by("pk").values_list("pk", flat=True))
random.Random(int(sys.argv[1])).shuffle(keys)
print("ready", flush=True)
sys.stdin.readline()
for key in keys:
    complaint = Complaint.objects.get(pk=key)
    if complaint.stage == Complaint.Stage.LINKED:
        print(group_complaint(complaint, now=timezone.now()), flush=True)
"""


SUBJECTS = {
    "mail": "Riches for everybody by Friday",
    "relay": "Diplomas without any exam",
    "smtp": "Cheap pills discreetly sent",
}


def linked(host, number, **message):
    """A linked complaint about a message of one of three holes, each with a spam of its own."""
    place = list(SUBJECTS).index(host)
    facts = {
        "message_id": f"{number}@{host}-spam.example",
        "sender": f"sender@{host}-spam.example",
        "client_ip": f"198.18.{place}.7",
    }
    make.relayed_message(host=make.mail_host(name=host), recipient_count=9, **facts | message)
    shown = {
        "message_id": facts["message_id"],
        "subject": SUBJECTS[host],
        "header_from": facts["sender"],
    }
    complaint = make.parsed_complaint(reported=[shown])
    link_complaint(complaint, now=NOW)


@pytest.mark.django_db(transaction=True)
def test_workers_that_group_at_once_open_each_incident_once():
    make.organisation()
    account = {"authenticated_user": "ann", "direction": "out", "client_ip": "203.0.113.9"}
    for number in range(EACH):
        linked("mail", number)
        linked("relay", number)
        linked("smtp", number, **account)

    workers = [
        subprocess.Popen(
            [sys.executable, "-c", WORKER, str(number)],
            env=servers.environment_of_this_test(),
            cwd=settings.BASE_DIR,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(WORKERS)
    ]
    for worker in workers:
        assert worker.stdout.readline() == "ready\n"
    said = []
    for worker in workers:
        worker.stdin.write("\n")
        worker.stdin.flush()
    for worker in workers:
        out, _ = worker.communicate(timeout=120)
        assert worker.returncode == 0
        said += out.split()

    assert said.count("True") == 3 * EACH  # each by exactly one of them
    assert Complaint.objects.filter(stage=Complaint.Stage.GROUPED).count() == 3 * EACH
    assert sorted(one.memberships.count() for one in Incident.objects.all()) == [EACH] * 3
    assert Placement.objects.count() == 3 * EACH
    assert Campaign.objects.filter(merged_into=None).count() == 3
    assert list(audit.verify()) == []
