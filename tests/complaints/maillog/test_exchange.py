"""Message tracking: quoted subjects, broken lines and columns of other versions."""

from datetime import UTC, datetime

import pytest

from complaints.maillog import dialects
from complaints.maillog.dialects import Tally
from complaints.maillog.exchange import COLUMNS
from complaints.maillog.framing import Framing


def read(line):
    tally = Tally()
    framing = Framing(zone=UTC, not_after=datetime(2026, 4, 1, tzinfo=UTC))
    return next(dialects.read_lines([line], framing=framing, tally=tally), None), tally.understood


def line(**told):
    told = {name.replace("_", "-"): value for name, value in told.items()}
    told |= {"date-time": "2026-03-02T09:00:01.200Z"}
    return ",".join(told.get(name, "") for name in COLUMNS)


RECEIVED = {"source": "SMTP", "event_id": "RECEIVE", "internal_message_id": "71"}


def test_a_subject_with_commas_and_quotes_moves_no_column():
    subject = '"a,b,""c"",203.0.113.1"'
    entry, _ = read(line(**RECEIVED, message_subject=subject, client_ip="203.0.113.9"))
    assert entry.facts["subject"] == 'a,b,"c",203.0.113.1'
    assert entry.facts["client_ip"] == "203.0.113.9"


def test_the_client_is_who_spoke_to_the_front_end():
    entry, _ = read(line(**RECEIVED, client_ip="192.0.2.1", original_client_ip="203.0.113.9"))
    assert entry.facts["client_ip"] == "203.0.113.9"


def test_a_null_return_path_is_a_null_sender():
    entry, _ = read(line(**RECEIVED, return_path="<>", sender_address="postmaster@ours.example"))
    assert entry.facts["sender"] == ""


@pytest.mark.parametrize(
    "text",
    [
        line(source="SMTP", event_id="HAREDIRECT", internal_message_id="71"),
        line(source="AGENT", event_id="AGENTINFO", internal_message_id="71"),
        line(**(RECEIVED | {"internal_message_id": ""})),
        line(**(RECEIVED | {"internal_message_id": "x" * 9})),
    ],
)
def test_events_that_tell_nothing_of_a_message_are_known(text):
    assert read(text) == (None, 1)


@pytest.mark.parametrize(
    "text",
    ["2026-03-02T09:00:01.200Z,", "2026-03-02T09:00:01.200Z,a,b,c", '2026-03-02T09:00:01Z,"a'],
)
def test_a_line_of_too_few_columns_is_not_understood(text):
    assert read(text) == (None, 0)
