"""A mail costs few statements, asked by the batch: storing, reading, linking, grouping."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from complaints import audit
from complaints.intake.raw import RawMessage
from complaints.intake.store import keep_messages
from complaints.models import Complaint, Mailbox, MailFolder
from incidents import pipeline
from incidents.models import IncidentComplaint
from tests import make
from tests.bench.intake import ARRIVED, mail
from tests.make import at

NOW = at("1998-01-20 16:05")
AT_ONCE = 50


@pytest.fixture
def portions(db, data_dir):
    """Three portions of the mails of the benchmark; of half of them our log knows the original."""
    make.organisation()
    for number in range(0, 3 * AT_ONCE, 2):
        make.relayed_message(
            queue_id=f"AAA{number:05}",
            message_id=f"spam-{number}@riches.example",
            recipients=[f"friend{number}@far.example"],
        )
    box = Mailbox.objects.create(name="abuse", host="localhost")
    folder = MailFolder.objects.create(mailbox=box, name="INBOX", uid_validity=1)
    where = {"mailbox": box, "folder": folder, "uid_validity": 1}
    return [
        [
            RawMessage(mail(number), "imap", ARRIVED, uid=number + 1, **where)
            for number in range(start, start + AT_ONCE)
        ]
        for start in range(0, 3 * AT_ONCE, AT_ONCE)
    ]


def walk(*portions) -> tuple[int, int]:
    """How many statements it takes to store some portions, and to walk them to their end."""
    with CaptureQueriesContext(connection) as stored:
        for portion in portions:
            keep_messages(portion, now=NOW)
    with CaptureQueriesContext(connection) as walked:
        while pipeline.advance_waiting(now=NOW):
            continue
    return len(stored), len(walked)


def test_a_hundred_mails_take_twice_the_statements_of_fifty_and_these_are_few(portions):
    first, second, third = portions
    walk(first)  # opens the incident, once

    stored, walked = walk(second)
    assert stored < 20
    assert walked < 3 * AT_ONCE

    more_stored, more_walked = walk(third)
    assert more_stored <= stored
    assert more_walked <= walked + 5
    assert not Complaint.objects.filter(stage__in=pipeline.STEPS)
    assert IncidentComplaint.objects.count() > AT_ONCE
    assert list(audit.verify()) == []
