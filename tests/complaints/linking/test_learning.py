"""Learning: weights move towards what people decided, and a contradiction stays one."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from complaints.linking import weighing
from complaints.linking.learning import Example, learn, loss
from complaints.linking.link import confirm_link, link_complaint
from complaints.linking.weights import NOTHING_FITS, VERSION, WEIGHTS
from complaints.models import Complaint, LearnedWeights
from tests import make
from tests.make import at

START = {NOTHING_FITS: 2.0, "client": 1.0, "recipient": 1.0, "sender differs": -1.0}
BY_RECIPIENT = Example((("client",), ("client", "recipient")), frozenset({1}))
NOTHING_MEANT = Example((("client",),), frozenset())


def test_what_tells_the_meant_message_apart_gains_weight():
    learned = learn([BY_RECIPIENT] * 200 + [NOTHING_MEANT] * 50, START)
    assert learned["recipient"] > START["recipient"] + 1
    assert learned[NOTHING_FITS] > learned["client"]


def test_the_surprise_is_less_after_learning():
    examples = [BY_RECIPIENT] * 100 + [NOTHING_MEANT] * 30
    assert loss(examples, learn(examples, START)) < loss(examples, START)


def test_few_examples_move_little():
    learned = learn([BY_RECIPIENT], START)
    assert abs(learned["recipient"] - START["recipient"]) < 0.3


def test_a_contradiction_never_comes_to_speak_for_a_link():
    odd = Example((("client",), ("client", "sender differs")), frozenset({1}))
    assert learn([odd] * 500, START)["sender differs"] < 0


@pytest.fixture
def linked(db):
    make.organisation()
    make.mail_host()
    made = []
    for number in range(30):
        message = make.relayed_message(
            message_id=f"{number}@riches.example", recipients=[f"reader{number}@far.example"]
        )
        complaint = make.parsed_complaint(
            sender=f"reader{number}@far.example",
            reported=[{"message_id": message.message_id}],
        )
        link_complaint(complaint, now=at("1998-01-20 17:00"))
        made.append(complaint)
    return made


def test_the_decisions_of_people_become_a_table_in_force(linked):
    for complaint in linked:
        confirm_link(complaint.links.get(), by="agent", now=at("1998-01-20 18:00"))
    out = StringIO()
    call_command("linking", "learn", "--save", stdout=out)
    assert "30 examples" in out.getvalue()
    table = weighing.in_force()
    assert table.version == f"{VERSION}.{LearnedWeights.objects.get().pk}"
    assert table.weights.keys() == WEIGHTS.keys()

    again = make.parsed_complaint(reported=[{"message_id": "1@riches.example"}])
    link_complaint(again, now=at("1998-01-20 19:00"))
    assert again.links.get().weighed_by == table.version


def test_too_few_decisions_are_refused_in_words(db):
    with pytest.raises(CommandError, match="0 examples are too few: 30 decisions"):
        call_command("linking", "learn", stdout=StringIO())


@pytest.fixture
def truth(linked, tmp_path):
    """What a world would say of these complaints."""
    truth = tmp_path / "truth.jsonl"
    with truth.open("w") as lines:
        for complaint in linked:
            message = complaint.links.get().message
            complaint.arrivals.create(
                arrived_at=complaint.arrived_at,
                recorded_at=complaint.arrived_at,
                source_file=f"mailbox/{complaint.pk}.eml",
                way="file",
            )
            relayed = [{"host": "mail", "queue_id": message.queue_id}]
            about = {"file": f"{complaint.pk}.eml", "is_complaint": True, "relayed": relayed}
            lines.write(json.dumps(about) + "\n")
    return truth


def test_a_labelled_world_teaches_too(truth):
    out = StringIO()
    call_command("linking", "learn", "--truth", str(truth), stdout=out)
    assert "30 examples" in out.getvalue()
    assert not LearnedWeights.objects.exists()


def test_examples_of_one_desk_teach_another(truth, tmp_path):
    file = tmp_path / "examples.jsonl"
    with file.open("w") as lines:
        call_command("linking", "examples", "--truth", str(truth), stdout=lines)
    assert "riches.example" not in file.read_text()
    Complaint.objects.all().delete()

    out = StringIO()
    call_command("linking", "learn", "--examples", str(file), stdout=out)
    assert "30 examples" in out.getvalue()

    file.write_text("no example\n")
    with pytest.raises(CommandError, match=r"examples.jsonl, line 1 is no example"):
        call_command("linking", "learn", "--examples", str(file), stdout=StringIO())


def test_how_often_links_were_right_is_told_by_a_world_and_by_people(linked, truth):
    out = StringIO()
    call_command("linking", "calibration", "--truth", str(truth), stdout=out)
    assert "90% – 100%      30" in out.getvalue()
    assert "100.0%" in out.getvalue()

    with pytest.raises(CommandError, match="No link was confirmed or rejected"):
        call_command("linking", "calibration", stdout=StringIO())
    confirm_link(linked[0].links.get(), by="agent", now=at("1998-01-20 18:00"))
    out = StringIO()
    call_command("linking", "calibration", stdout=out)
    assert "90% – 100%       1" in out.getvalue()


def test_the_table_is_shown_with_its_version(db):
    out = StringIO()
    call_command("linking", "weights", stdout=out)
    assert out.getvalue().startswith(f"version {VERSION}\n")
    assert "+10.0  queue-id\n" in out.getvalue()
