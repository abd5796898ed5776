"""Letters leave within bounds: an hour to everybody, a day to one address; none is lost."""

from datetime import timedelta

import pytest

from incidents.correspondence import outbox
from incidents.models import Letter
from tests.incidents.correspondence.conftest import NOW

pytestmark = pytest.mark.django_db


def approved(write, provider, count):
    for _ in range(count):
        write("upstream", task=None, contact=provider)
        Letter.objects.update(task=None)
    return NOW


def test_no_more_leave_within_an_hour_than_may(write, provider, sink, settings):
    settings.MEYASU_LETTERS_AN_HOUR = 2
    now = approved(write, provider, 3)
    assert [outbox.send_due(now=now), outbox.send_due(now=now)] == [2, 0]
    assert outbox.send_due(now=now + timedelta(hours=1)) == 1
    assert len(sink.mails) == 3


def test_one_address_gets_no_more_within_a_day_than_it_may(write, provider, sink, settings):
    settings.MEYASU_LETTERS_TO_ONE_A_DAY = 1
    now = approved(write, provider, 2)
    assert outbox.send_due(now=now) == 1
    held = Letter.objects.get(state=Letter.State.APPROVED)
    assert "Held back" in held.problem
    assert outbox.send_due(now=now + timedelta(hours=23)) == 0
    assert outbox.send_due(now=now + timedelta(hours=24)) == 1
