"""A promise is watched against the mail log; broken, it brings its task back."""

from datetime import timedelta

import pytest

from complaints.models import RelayedMessage
from incidents.correspondence import outbox, promises
from incidents.models import Promise, Task
from incidents.workflow.moves import NotAllowed
from tests import make
from tests.incidents.correspondence.conftest import NOW

pytestmark = pytest.mark.django_db
PROMISED = NOW + timedelta(days=3)
AFTER = PROMISED + timedelta(days=1)
OVER = PROMISED + timedelta(days=31)


@pytest.fixture
def promise(write, provider, sink, agent):
    """The provider promises to relay no more of them, for thirty days."""
    letter = write("upstream")
    outbox.send_due(now=NOW)
    letter.refresh_from_db()
    return promises.record(letter, **terms(), by=agent, now=PROMISED)


def terms(**other):
    return {
        "who": "Slipstream Networks",
        "what": "They relay no mail of those parties.",
        "networks": ["198.51.100.0/24"],
        "domains": ["riches.example"],
        "holds_from": PROMISED,
        "until": PROMISED + timedelta(days=30),
    } | other


def test_a_promise_is_the_outcome_of_its_letter_and_finishes_the_task(promise):
    letter = promise.letter
    assert letter.outcome == "promise"
    assert Task.objects.get(kind="upstream").outcome == "promise"


@pytest.mark.parametrize(
    "seen",
    [
        lambda: make.relayed_message(queued_at=AFTER, sender="x@other.example"),
        lambda: make.relayed_message(queued_at=AFTER, client_ip="203.0.113.50"),
        lambda: make.refusal(at=AFTER),
    ],
    ids=["relayed from the network", "relayed from the domain", "refused"],
)
def test_what_the_log_shows_breaks_it_and_brings_the_task_back_once(promise, seen):
    assert promises.watch(now=AFTER) == 0
    seen()
    late = AFTER + timedelta(minutes=5)
    assert [promises.watch(now=late), promises.watch(now=late)] == [1, 0]
    promise.refresh_from_db()
    assert promise.state == Promise.State.BROKEN
    task = Task.objects.get(kind="upstream")
    assert task.is_open
    assert "Slipstream Networks did not keep the promise" in task.outcome_note


@pytest.mark.parametrize(
    "fields",
    [
        {"queued_at": PROMISED - timedelta(minutes=1)},
        {"queued_at": AFTER, "direction": RelayedMessage.Direction.IN},
        {"queued_at": AFTER, "client_ip": "203.0.113.9", "sender": "x@else.example"},
        {"queued_at": OVER},
    ],
    ids=["before", "for us", "from elsewhere", "when it was over"],
)
def test_what_it_does_not_cover_breaks_it_not(promise, fields):
    make.relayed_message(**fields)
    promises.watch(now=OVER + timedelta(days=1))
    promise.refresh_from_db()
    assert promise.state == Promise.State.KEPT


def test_lines_that_are_read_late_still_count(promise):
    promises.watch(now=AFTER + timedelta(days=2))
    make.relayed_message(queued_at=AFTER)
    assert promises.watch(now=AFTER + timedelta(days=3)) == 1


def test_one_that_is_withdrawn_is_watched_no_longer(promise, agent):
    promises.withdraw(promise, by=agent, now=AFTER)
    make.relayed_message(queued_at=AFTER)
    assert promises.watch(now=OVER) == 0
    with pytest.raises(NotAllowed):
        promises.withdraw(promise, by=agent, now=AFTER)


@pytest.mark.parametrize(
    ("other", "why"),
    [
        ({"networks": [], "domains": []}, "which networks"),
        ({"until": PROMISED}, "after it begins"),
    ],
)
def test_what_cannot_be_watched_is_no_promise(promise, agent, other, why):
    with pytest.raises(NotAllowed, match=why):
        promises.record(promise.letter, **terms(**other), by=agent, now=PROMISED)
