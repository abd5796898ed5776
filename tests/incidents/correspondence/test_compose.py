"""Letters are written from facts: to whom, in whose language, and nothing that is not so."""

import pytest

from complaints.models import Delivery, RelayedMessage
from incidents.correspondence import compose, contacts, draft, facts
from incidents.correspondence.address import own_address
from incidents.models import Contact, Incident, Letter
from incidents.workflow.moves import NotAllowed
from tests import make
from tests.incidents.correspondence.conftest import NOW
from tests.make import at

pytestmark = pytest.mark.django_db
TEMPLATES = sorted(
    path.relative_to(draft.settings.BASE_DIR / "templates")
    for folder in (draft.LETTERS, "notices/texts")
    for path in (draft.settings.BASE_DIR / "templates" / folder).glob("*.txt")
)


def written(incident, kind, **to):
    return compose.draft_letter(incident, kind, by="agent", now=NOW, **to)


@pytest.mark.parametrize("path", TEMPLATES, ids=str)
def test_every_slot_of_every_text_is_a_fact(path, incident, complain):
    known = facts.facts_of(incident, complain())
    name, *about, language = path.name.removesuffix(".txt").split(".")
    text = draft.fill(name, language, known, about="".join(about), folder=path.parent)
    assert text.subject
    assert text.language == language
    assert "$" not in text.subject + text.body


def test_the_provider_is_told_of_its_own_network_only(incident, provider):
    letter = written(incident, "upstream")
    assert (letter.to_address, letter.channel) == ("abuse@slipstream.example", "mail")
    assert "2 messages" in letter.body
    assert "198.51.100.7" in letter.body
    assert "203.0.113.9" not in letter.body


@pytest.mark.parametrize("language", ["en", "ja"])
def test_recipients_are_counted_where_the_log_knows_any_and_nothing_is_called_none(
    incident, language
):
    relayed = RelayedMessage.objects.all()
    Delivery.objects.filter(message__in=relayed).delete()
    known = facts.facts_of(incident, language=language)
    assert (known["recipients"], known["counted_recipients"]) == ("", "")
    assert known["how_much"] == {"en": "3 messages", "ja": "3 通"}[language]
    Delivery.objects.create(message=relayed[0], recipient="ann@far.example", status="sent", at=NOW)
    known = facts.facts_of(incident, language=language)
    told = {"en": "3 messages for 1 recipient", "ja": "3 通（宛先 1 件）"}
    assert known["how_much"] == told[language]
    for campaign in incident.campaigns.all():
        campaign.messages.clear()
    assert facts.facts_of(incident, language=language)["how_much"] == ""


def test_log_lines_in_letters_name_no_recipient(incident, provider):
    body = written(incident, "upstream").body
    assert "from=<winner>" in body
    assert "victim@far.example" not in body


def test_a_reporter_reads_of_the_own_message_and_of_nobody_elses(incident, complain):
    mine, other = RelayedMessage.objects.order_by("pk")[:2]
    letter = written(incident, "answer", complaint=complain(mine, sender_name="Ann Quarry"))
    complain(other, sender_name="Bob Tallgrass", sender="bob@tallgrass.example")
    assert mine.queue_id in letter.body
    assert other.queue_id not in letter.body
    assert "Bob" not in letter.body
    assert letter.body.startswith("Dear Ann Quarry,")


def test_what_is_not_found_is_said_to_be_not_found(incident, complain):
    body = written(incident, "answer", complaint=complain()).body
    assert "We have not found it in our log yet" in body


@pytest.mark.parametrize(
    ("fields", "said", "unsaid"),
    [
        ({}, "working on it", "refuses mail"),
        (
            {
                "state": Incident.State.PARTIALLY_FIXED,
                "partially_fixed_at": at("1998-01-25 01:30"),
            },
            "this is not enough yet",
            "refuses mail",
        ),
        (
            {"state": Incident.State.FIXED, "fixed_at": at("1998-01-30 09:05")},
            "Since 30 January 1998, 18:05 (UTC+09:00) the server refuses",
            "working on it",
        ),
    ],
)
@pytest.mark.parametrize("kind", ["answer", "threat"])
def test_a_fix_is_claimed_only_when_it_is_verified(incident, complain, kind, fields, said, unsaid):
    for name, value in fields.items():
        setattr(incident, name, value)
    body = " ".join(written(incident, kind, complaint=complain()).body.split())
    assert said in body
    assert unsaid not in body


def test_a_japanese_complaint_is_answered_in_japanese_and_a_german_one_in_english(
    incident, complain
):
    japanese = written(incident, "answer", complaint=complain(language="ja", sender_name="山田"))
    assert japanese.language == "ja"
    assert "山田 様" in japanese.body
    assert written(incident, "answer", complaint=complain(language="de")).language == "en"


def test_an_answer_keeps_the_subject_of_its_thread(incident, complain):
    first = written(incident, "answer", complaint=complain(subject="spam!"))
    assert first.subject == "Re: spam!"
    assert written(incident, "answer", complaint=complain(subject="RE: spam!")).subject == (
        "RE: spam!"
    )


def test_what_a_mail_contains_is_never_a_template(incident, complain):
    letter = written(incident, "answer", complaint=complain(sender_name="$host {{ 7 }} ${x"))
    assert letter.body.startswith("Dear $host {{ 7 }} ${x,")


def test_an_unknown_fact_is_a_mark_to_be_filled_in(complain, incident):
    incident.host = None
    assert "[host?]" in written(incident, "answer", complaint=complain()).body


def test_other_incidents_are_not_told_of_a_relay(db):
    make.organisation()
    incident = make.incident(kind="compromised_account")
    letter = written(incident, "answer", complaint=make.joined(incident))
    assert "Strangers used our server" not in letter.body


def test_an_originator_without_mail_is_written_to_by_fax(incident):
    broker = Contact.objects.create(
        name="Meridian", kind=Contact.Kind.ORIGINATOR, fax="555-0142", domains=["riches.example"]
    )
    letter = written(incident, "protest")
    assert (letter.channel, letter.to_address) == (Letter.Channel.FAX, "555-0142")
    assert contacts.suggest(incident, "protest") == [broker]


def test_contacts_that_most_messages_fit_come_first(incident, provider):
    small = Contact.objects.create(
        name="A small one", kind="provider", email="x@small.example", networks=["203.0.113.0/24"]
    )
    Contact.objects.create(name="Unfit", kind="provider", networks=["192.0.2.0/24", "nonsense"])
    assert contacts.suggest(incident) == [provider, small]


def test_one_letter_a_task_is_on_its_way(incident, provider):
    task = incident.tasks.get(kind="upstream")
    written(incident, "upstream", task=task)
    with pytest.raises(NotAllowed, match="already"):
        written(incident, "upstream", task=task)


def test_an_unknown_kind_is_refused_with_those_there_are(incident):
    with pytest.raises(NotAllowed, match="There are: acknowledgement, answer, "):
        written(incident, "love")


def test_answers_are_drafted_for_all_reporters_at_once_and_for_none_twice(incident, complain):
    for _ in range(3):
        complain()
    assert len(compose.draft_answers(incident, by="agent", now=NOW)) == 3
    assert compose.draft_answers(incident, by="agent", now=NOW) == []


def test_the_sender_is_the_configured_address_else_where_complaints_arrive(settings, incident):
    settings.DEFAULT_FROM_EMAIL = "abuse@localhost"
    assert own_address() == "abuse@example.org"
    settings.DEFAULT_FROM_EMAIL = "Desk <desk@example.org>"
    assert own_address() == "desk@example.org"


def test_prose_is_wrapped_when_its_slots_are_filled_and_evidence_is_not(incident, provider):
    make.campaign(
        incident,
        make.relayed_message(client_ip="198.51.100.9", log_lines="Jan 20 " + "x" * 200),
        number=9,
    )
    lines = written(incident, "upstream").body.split("\n")
    assert max(len(line) for line in lines if not line.startswith("  ")) <= draft.COLUMNS
    assert f"  Jan 20 {'x' * 200}" in lines
