"""Every look-up of a logged message goes through an index, on either database."""

from datetime import timedelta

import pytest
from django.db import connection

from complaints.maillog import message_id
from complaints.models import Refusal, RelayedMessage
from tests.make import at

DAY = at("2026-03-02 09:00")
SPAN = {"start": DAY - timedelta(hours=1), "end": DAY + timedelta(hours=1)}
AROUND = (SPAN["start"], SPAN["end"])
MESSAGES = RelayedMessage.objects
LOOK_UPS = {
    "Message-ID": lambda: MESSAGES.filter(
        message_id_sha256__in=message_id.digests("<a@b.example>")
    ),
    "queue ID": lambda: MESSAGES.seen_as("3C1F2A8B04", at=DAY, within=timedelta(hours=1)),
    "client": lambda: MESSAGES.from_client("198.51.100.7", **SPAN),
    "sender": lambda: MESSAGES.from_sender("a@far.example", **SPAN),
    "recipient": lambda: MESSAGES.to_recipient("b@ours.example", **SPAN),
    "strangers": lambda: MESSAGES.relayed_for_strangers().filter(queued_at__range=AROUND),
    "time": lambda: MESSAGES.filter(queued_at__range=AROUND),
    "children": lambda: MESSAGES.filter(parent=1),
    "refusals": lambda: Refusal.objects.of_relaying().filter(at__range=AROUND),
}


@pytest.mark.parametrize("name", LOOK_UPS)
def test_a_look_up_reads_no_whole_table(db, name):
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:  # of an empty table, reading all of it is cheapest
            cursor.execute("SET LOCAL enable_seqscan = off")
    plan = LOOK_UPS[name]().explain()
    assert "INDEX" in plan.upper(), plan
    assert "Seq Scan" not in plan
    assert "SCAN complaints" not in plan
