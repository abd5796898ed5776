"""What waits for a person: its order, its pages, and that a page costs the same whatever waits."""

from datetime import timedelta

import pytest

from complaints.models import Complaint
from incidents.correspondence import outbox
from incidents.desk import counts, sources, waiting
from incidents.desk.item import Filters
from incidents.models import Letter, Reply
from incidents.workflow import moves
from tests import make

NOW = make.at("1998-02-01 12:00")
HOUR = timedelta(hours=1)
Stage = Complaint.Stage


@pytest.fixture
def incident(db):
    make.organisation()
    return make.incident(priority=1)


def titles(found):
    return [(one.rank, one.title) for one in found.items]


def _something_of_each(incident, number):
    later = timedelta(minutes=number)
    make.task(incident, f"late {number}", due_at=NOW - timedelta(days=1) + later)
    make.task(incident, f"soon {number}", due_at=NOW + timedelta(hours=1) + later)
    make.task(incident, f"next week {number}", due_at=NOW + timedelta(days=7) + later)
    make.task(incident, f"undated {number}")
    make.complaint(stage=Stage.QUARANTINED, subject=f"unread {number}", problem="broken")
    make.complaint(stage=Stage.OPEN, subject=f"open {number}")
    make.joined(incident, subject=f"placed {number}")
    for state in (Letter.State.UNSURE, Letter.State.DRAFT):
        Letter.objects.create(
            incident=incident,
            kind="provider",
            state=state,
            subject=f"{state} {number}",
            drafted_at=NOW + later,
            token=f"{state}{number}",
            message_id=f"{state}{number}",
        )


def test_the_most_urgent_comes_first(incident):
    _something_of_each(incident, 1)
    assert titles(waiting.page(NOW, Filters())) == [
        (1, "late 1"),
        (1, "unsure 1"),
        (2, "unread 1"),
        (2, "soon 1"),
        (3, "open 1"),
        (3, "draft 1"),
        (4, "next week 1"),
        (4, "undated 1"),
        (5, "placed 1"),
    ]


def test_pages_show_everything_once_in_the_same_order(incident, monkeypatch):
    for number in range(7):
        _something_of_each(incident, number)
    everything = waiting.page(NOW, Filters())
    assert len(everything.items) == waiting.A_PAGE
    whole = [*everything.items, *waiting.page(NOW, Filters(), after=everything.after).items]

    for size in (1, 4, 5):
        monkeypatch.setattr(waiting, "A_PAGE", size)
        seen, after = [], ""
        while page := waiting.page(NOW, Filters(), after=after):
            seen += page.items
            if not (after := page.after):
                break
        assert seen == whole
    assert len(whole) == 7 * 9


def test_a_page_asks_one_query_a_source_however_much_waits(incident, django_assert_max_num_queries):
    for number in range(9):
        _something_of_each(incident, number)
    with django_assert_max_num_queries(len(sources.ALL)):
        page = waiting.page(NOW, Filters())
    with django_assert_max_num_queries(len(sources.ALL)):
        waiting.page(NOW, Filters(), after=page.after)


def test_a_filter_shows_its_kind_alone_and_its_count_says_how_many(incident):
    for number in range(3):
        _something_of_each(incident, number)
    user = make.user("lead", role="lead")
    counted = counts.counts(user, NOW)
    for kind in ("tasks", "new", "complaints", "quarantine", "letters", "replies"):
        page = waiting.page(NOW, Filters(kind=kind))
        assert len(page.items) == counted[kind]
    assert counted["tasks"] == 12


def test_what_a_person_has_looked_at_waits_no_more(incident):
    make.joined(incident, reviewed_at=NOW)
    assert titles(waiting.page(NOW, Filters())) == []


def test_what_came_since_a_moment_is_counted(incident):
    user = make.user("lead", role="lead")
    make.complaint(stage=Stage.OPEN, recorded_at=NOW - timedelta(minutes=5))
    make.complaint(stage=Stage.OPEN, recorded_at=NOW)
    assert counts.new_since(user, NOW - timedelta(minutes=1)) == 1


@pytest.mark.parametrize("after", ["", "x", "1_2_3", "9_99999999999999999999_open_1"])
def test_a_place_that_nobody_wrote_is_the_beginning(incident, after):
    make.complaint(stage=Stage.OPEN, subject="here")
    assert titles(waiting.page(NOW, Filters(), after=after)) == [(3, "here")]


def test_an_answer_waits_until_somebody_says_what_it_comes_to(incident):
    def answer(number):
        mail = make.complaint(stage=Stage.FILED, subject=f"answer {number}", arrived_at=NOW)
        kinds = {"letter": letter, "complaint": mail, "received_at": NOW + number * HOUR}
        return Reply.objects.create(kind=Reply.Kind.ANSWER, text="Thank you.", **kinds)

    task = make.task(incident, "upstream", due_at=NOW + timedelta(days=9))
    letter = Letter.objects.create(
        incident=incident,
        task=task,
        kind="provider",
        state=Letter.State.SENT,
        drafted_at=NOW,
        token="sent",
        message_id="sent",
        outcome="answered",  # as filing an answer notes it
        outcome_at=NOW,
    )
    answer(0)
    assert titles(waiting.page(NOW, Filters(kind="replies"))) == [(2, "answer 0")]
    outbox.record_outcome(letter, outcome="answered", note="They look.", by="x", now=NOW + HOUR)
    assert titles(waiting.page(NOW, Filters(kind="replies"))) == []
    answer(2)
    assert titles(waiting.page(NOW, Filters(kind="replies"))) == [(2, "answer 2")]
    moves.reopen(task, note="More came.", by="x", now=NOW + 2 * HOUR)
    moves.settle(task, outcome="answered", note="It is over.", by="x", now=NOW + 3 * HOUR)
    assert titles(waiting.page(NOW, Filters(kind="replies"))) == []
