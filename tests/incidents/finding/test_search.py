"""Search across all: words of any language, phrases, fields, states, days; kept by the history."""

from datetime import date

import pytest
from django.core.management import call_command

from complaints import audit
from complaints.models import ComplaintObservable
from incidents.finding import index, look, terms
from tests import make


def found(asked):
    return [one.reference for one in look.look(terms.asked(asked)).found]


@pytest.fixture
def things(db):
    make.organisation()
    incident = make.incident(title="Mail relayed for strangers: mail.example.org")
    quarry = make.joined(
        incident,
        subject="Unwanted advertising",
        text="You sold me a KETTLE I never wanted, through 198.51.100.7.",
        sender="ann@quarry.example",
    )
    ComplaintObservable.objects.create(
        complaint=quarry, kind="ip", value="198.51.100.7", value_sha256="0", where="text",
        origin="reported",
    )  # fmt: skip
    japanese = make.complaint(
        stage="open",
        subject="迷惑メールについて",
        text="貴社のサーバーから迷惑な広告メールが届きました。",
        sender="tanaka@kaisha.example",
        arrived_at=make.at("1998-03-01 00:00"),
    )
    index.rebuild(lambda _kind, _total: None)
    return incident, quarry, japanese


@pytest.mark.parametrize(
    "asked",
    [
        "kettle",
        "KETT",
        '"kettle i never"',
        "198.51.100.7",
        "ip:198.51.100.7",
        "from:ann@quarry.example",
        "from:quarry advertising",
        "kettle is:open",
        "in:complaints kettle before:1998-02-01",
    ],
)
def test_a_complaint_is_found_by(things, asked):
    assert found(asked) == [things[1].reference]


@pytest.mark.parametrize(
    "asked",
    ['"never kettle"', "ip:198.51.100.77", "from:kettle", "kettle is:closed", "kettle in:letters",
     "kettle after:1998-02-01"],
)  # fmt: skip
def test_a_complaint_is_not_found_by(things, asked):
    assert found(asked) == []


@pytest.mark.parametrize("asked", ["迷惑", "広告メール", "サーバー", "迷", "after:1998-02-15"])
def test_japanese_is_found_by_any_two_characters(things, asked):
    assert found(asked) == [things[2].reference]


def test_incidents_are_found_and_the_place_is_shown(things):
    assert found("strangers in:incidents") == [things[0].reference]
    shown = look.look(terms.asked("kettle")).found[0].context
    assert [span.text for span in shown if span.kind] == ["KETTLE"]


def test_the_index_follows_the_history(things):
    late = make.complaint(text="A bakery nobody asked for", subject="late")
    audit.record("complaint-read", late, at=late.arrived_at)
    assert found("bakery") == []
    assert index.follow() == 1
    assert found("bakery") == [late.reference]
    late.text = "A violin"
    late.save()
    audit.record("complaint-read", late, at=late.arrived_at)
    index.follow()
    assert (found("bakery"), found("violin")) == ([], [late.reference])
    assert index.follow() == 0


def test_the_command_makes_it_anew(things, capsys):
    call_command("search", "rebuild")
    assert "3 things can be found." in capsys.readouterr().out
    assert found("kettle") == [things[1].reference]


@pytest.mark.parametrize(
    "asked",
    [
        "'",
        '"',
        "a:b:c",
        "from:",
        "((",
        "kettle' OR 1=1 --",
        ":*",
        "before:x",
        "\x00",
        "é ' & | !",
        "AND",
    ],
)
def test_whatever_is_typed_is_no_error(things, asked):
    found(asked)


def test_what_is_asked_for_is_taken_apart():
    assert terms.asked('from:ann "two words" is:open before:1998-01-02 x') == terms.Asked(
        phrases=(("qf0ann",), ("two", "words"), ("x",)),
        shown=("ann", "two words", "x"),
        last_is_begun=True,
        state="open",
        before=date(1998, 1, 2),
    )


def test_what_is_found_only_in_the_subject_is_marked_there(things):
    (one,) = look.look(terms.asked("advertising from:quarry")).found
    assert [span.text for span in one.title if span.kind] == ["advertising"]


def test_more_than_a_page_is_found_a_page_at_a_time(db):
    make.organisation()
    for hour in range(3):
        for minute in range(20):
            make.complaint(text="kettle", arrived_at=make.at(f"1998-03-01 0{hour}:{minute:02}"))
    index.rebuild(lambda _kind, _total: None)

    first = look.look(terms.asked("kettle"))
    second = look.look(terms.asked("kettle"), after=str(first.after))

    assert (len(first.found), len(second.found), second.after) == (50, 10, None)
    times = [one.at for one in first.found + second.found]
    assert times == sorted(times, reverse=True)
    assert len(set(times)) == 60
