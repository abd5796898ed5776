"""A reply joins its letter by token, thread or signed tag; all else is proposed, not joined."""

import os
import random
from datetime import timedelta

import pytest

from complaints.models import Complaint
from incidents.correspondence import compose, outbox, replies, tokens
from incidents.correspondence.replies import file_reply
from incidents.models import Contact, Letter, Reply, ReplyProposal
from incidents.workflow.moves import NotAllowed
from tests.incidents.correspondence.conftest import NOW
from tests.incidents.correspondence.test_replies import LATER, bounce_of, receive, reply_to

pytestmark = pytest.mark.django_db


@pytest.fixture
def letter(write, provider, sink, data_dir):
    """A letter to the provider, sent."""
    made = write("upstream")
    outbox.send_due(now=NOW)
    made.refresh_from_db()
    return made


def tag_of(letter):
    return tokens.subject_tag(letter.incident.reference, letter.token)


def subject_of(raw, subject):
    return raw.replace("Subject: Re: Bulk mail", f"Subject: {subject}")


def stripped(letter, sender="abuse@slipstream.example", *, subject, number=1):
    """A reply of a system that keeps the subject and no other trace of our letter."""
    return subject_of(reply_to(letter, sender, number=number, X_Mailer="desk"), subject)


def test_our_tag_is_in_the_subject_that_is_sent(letter, sink):
    assert tag_of(letter) in sink.mails[0].raw.decode()
    assert tag_of(letter) not in letter.subject


def test_a_known_participant_joins_by_the_signed_tag_alone(letter):
    mail = receive(stripped(letter, subject=f"[#77] Re: Bulk mail {tag_of(letter)}"))
    assert file_reply(mail, now=LATER)
    reply = Reply.objects.get()
    assert (reply.letter, reply.joined_by, reply.their_ticket) == (letter, "tag", "[#77]")


@pytest.mark.parametrize(
    ("sender", "subject"),
    [
        ("mallory@evil.example", "Re: Bulk mail {tag}"),
        ("sales@slipstream.example", "Re: Bulk mail {tag}"),
        ("abuse@slipstream.example", "About your {number}"),
        ("mallory@evil.example", "{number}: we sue"),
        ("abuse@slipstream.example", "Fwd: Bulk mail {tag}"),
        ("abuse@slipstream.example", "Re: [{number}:0123456789abcd]"),
    ],
)
def test_what_only_may_be_a_reply_is_proposed_once_and_walks_on(letter, sender, subject):
    words = subject.format(tag=tag_of(letter), number=letter.incident.reference)
    mail = receive(stripped(letter, sender, subject=words))
    assert not file_reply(mail, now=LATER)
    assert not file_reply(mail, now=LATER)
    assert ReplyProposal.objects.get().letter == letter
    assert mail.stage == Complaint.Stage.RECEIVED
    assert not Reply.objects.exists()


def test_a_forward_that_carries_our_message_id_is_proposed(letter):
    raw = subject_of(reply_to(letter), "FW: Bulk mail")
    assert not file_reply(receive(raw), now=LATER)
    assert ReplyProposal.objects.get().why == "token"


def test_they_write_on_in_their_own_thread(letter):
    file_reply(receive(reply_to(letter)), now=LATER)
    more = reply_to(letter, number=2, References="<1@slipstream.example>")
    assert file_reply(receive(more), now=LATER)
    assert Reply.objects.order_by("pk").last().joined_by == "thread"
    stranger = reply_to(letter, "x@evil.example", number=3, References="<1@slipstream.example>")
    assert not file_reply(receive(stranger), now=LATER)


def test_a_proposal_is_accepted_or_refused_once(letter, agent):
    words = f"about {letter.incident.reference}"
    for number in (1, 2):
        mail = stripped(letter, "x@far.example", subject=words, number=number)
        file_reply(receive(mail), now=LATER)
    first, second = ReplyProposal.objects.order_by("pk")
    replies.accept(first, by=agent, now=LATER)
    replies.refuse(second, by=agent, now=LATER)
    assert Reply.objects.get().complaint == first.complaint
    first.complaint.refresh_from_db()
    assert first.complaint.stage == Complaint.Stage.FILED
    letter.refresh_from_db()
    assert letter.outcome == Letter.Outcome.ANSWERED
    with pytest.raises(NotAllowed, match="decided already"):
        replies.accept(second, by=agent, now=LATER)


def test_two_copies_read_at_the_same_instant_are_one_reply(letter, monkeypatch):
    one = receive(reply_to(letter))
    other = receive(reply_to(letter) + "\nfooter")
    text_of = replies._text_of

    def meanwhile(complaint):
        monkeypatch.setattr(replies, "_text_of", text_of)
        assert file_reply(other, now=LATER)
        return text_of(complaint)

    monkeypatch.setattr(replies, "_text_of", meanwhile)
    assert file_reply(one, now=LATER)
    assert Reply.objects.get().complaint == other
    one.refresh_from_db()
    assert (one.stage, one.duplicate_of) == (Complaint.Stage.DUPLICATE, other)


def test_the_next_letter_bears_their_number_and_answers_their_last_mail(letter, agent):
    raw = subject_of(reply_to(letter), "[slipstream.example #4711] Re: Bulk mail")
    file_reply(receive(raw), now=LATER)
    letter.refresh_from_db()
    further = compose.draft_follow_up(letter, by=agent, now=LATER)
    assert further.subject.endswith("[slipstream.example #4711]")
    assert "[slipstream.example #4711]" in further.body
    assert further.answers.message_id.strip("<>") == "1@slipstream.example"
    assert further.to_address == letter.to_address


def test_the_next_letter_keeps_the_tag_of_another_desk_and_not_ours_before(letter, agent):
    foreign = "[I-1998-0007:0123456789abcd]"
    raw = subject_of(reply_to(letter), f"Re: Bulk mail {tag_of(letter)} {foreign}")
    file_reply(receive(raw), now=LATER)
    letter.refresh_from_db()
    further = compose.draft_follow_up(letter, by=agent, now=LATER)
    assert further.subject.endswith(foreign)
    assert tag_of(letter) not in further.subject


def test_of_several_tags_of_ours_the_last_is_that_of_the_latest_letter(letter, agent):
    file_reply(receive(reply_to(letter)), now=LATER)
    letter.refresh_from_db()
    further = compose.draft_follow_up(letter, by=agent, now=LATER)
    Letter.objects.filter(pk=further.pk).update(state=Letter.State.SENT, sent_at=LATER)
    words = f"Re: Bulk mail {tag_of(letter)} [I-1998-0007:0123456789abcd] {tag_of(further)}"
    assert file_reply(receive(stripped(letter, subject=words, number=2)), now=LATER)
    assert Reply.objects.latest("pk").letter == further


def test_a_contact_whose_letter_came_back_is_doubtful_until_it_answers(letter):
    file_reply(receive(bounce_of(letter)), now=LATER)
    contact = Contact.objects.get()
    assert contact.doubtful_since == LATER
    assert "550 5.1.1" in contact.doubtful_why
    file_reply(receive(reply_to(letter)), now=LATER)
    contact.refresh_from_db()
    assert contact.doubtful_since is None


# Twenty letters of the thousand of the acceptance. The whole: MEYASU_TEST_LETTERS=1000
def test_shuffled_mail_of_friends_machines_and_strangers_is_never_misjoined(
    incident, provider, agent, sink, data_dir
):
    world = replied_world(incident, letters=int(os.environ.get("MEYASU_TEST_LETTERS", "20")))
    assert_none_misjoined(world)


def replied_world(incident, *, letters, seed=1998):
    """(mail, the letter it must join or None) in random order: all that happens to letters."""
    chance = random.Random(seed)
    sent = [_sent_letter(incident, number) for number in range(letters)]
    world = []
    for number, letter in enumerate(sent):
        own = letter.to_address
        other = chance.choice(sent)
        joined = [
            reply_to(letter, own, number=f"a{number}"),
            reply_to(letter, own, number=f"b{number}", References=f"<x@y> {letter.message_id}"),
            stripped(
                letter, own, subject=f"[#{number}] Re: x {tag_of(letter)}", number=f"c{number}"
            ),
        ]
        proposed = [
            stripped(letter, own, subject=f"Re: {incident.reference}", number=f"d{number}"),
            stripped(letter, "m@evil.example", subject=tag_of(letter), number=f"e{number}"),
            reply_to(letter, "m@evil.example", number=f"f{number}"),
            stripped(
                letter, own, subject=f"[{incident.reference}:{number:014x}] x", number=f"g{number}"
            ),
        ]
        if other.to_address != own:  # who got another letter quotes this one
            proposed.append(reply_to(letter, other.to_address, number=f"h{number}"))
        world += [(mail, letter) for mail in joined] + [(mail, None) for mail in proposed]
        world += [(joined[number % 3] + "\n-- \nfooter of a list", letter)]  # comes twice
    chance.shuffle(world)
    return world


def _sent_letter(incident, number):
    token = tokens.new_token()
    return Letter.objects.create(
        incident=incident,
        kind="upstream",
        state=Letter.State.SENT,
        to_name=f"Desk {number}",
        to_address=f"abuse@desk{number}.example",
        subject="Bulk mail",
        body="…",
        token=token,
        message_id=tokens.message_id(token, "example.org"),
        drafted_at=NOW,
        drafted_by="agent",
        sent_at=NOW + timedelta(seconds=number),
    )


def assert_none_misjoined(world):
    joined = wrong = 0
    for mail, letter in world:
        complaint = receive(mail)
        filed = file_reply(complaint, now=LATER)
        complaint.refresh_from_db()
        original = complaint.duplicate_of or complaint
        reply = Reply.objects.filter(complaint=original).first()
        wrong += (reply.letter if filed and reply else None) != letter
        joined += filed
    assert wrong == 0
    assert joined == sum(letter is not None for _, letter in world)
    assert Reply.objects.count() == 3 * len({letter.pk for _, letter in world if letter})
