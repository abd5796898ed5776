"""OpenSMTPD's lines: client and user come from the session, whatever a command pretends."""

from datetime import UTC, datetime, timedelta

from complaints.maillog import dialects
from complaints.maillog.assemble import MOST_SESSIONS, Assembler, joined
from complaints.maillog.dialects import Tally
from complaints.maillog.direction import Ourselves, told_apart
from complaints.maillog.entry import Event
from complaints.maillog.framing import Framing
from complaints.maillog.passage import RefusedAttempt

AT = datetime(2026, 3, 2, 10, tzinfo=UTC)
US = Ourselves(domains=frozenset({"ours.example"}))


def entries(*texts):
    lines = [
        f"{(AT + timedelta(seconds=place)).isoformat()} mx smtpd[1]: {text}"
        for place, text in enumerate(texts)
    ]
    framing = Framing(zone=UTC, not_after=AT + timedelta(days=1))
    return list(dialects.read_lines(lines, framing=framing, tally=Tally()))


def passages(*texts):
    assembler = Assembler()
    assembler.feed(entries(*texts))
    return assembler.take()


SESSION = "1a2b3c4d5e6f7081"
CONNECTED = f"{SESSION} smtp connected address=203.0.113.9 host=line9.dial.example"
MESSAGE = f"{SESSION} smtp message msgid=0a1b2c3d size=1 nrcpt=1 proto=ESMTP"
ENVELOPE = f"{SESSION} smtp envelope evpid=0a1b2c3d00000001 from=<a@b.example> to=<list@c.example>"
DELIVERY = (
    "1a2b3c4d5e6f7091 mta delivery evpid=0a1b2c3d00000001 from=<a@b.example> to=<d@e.example> "
    'rcpt=<list@c.example> source="-" relay="198.51.100.7 (mx.e.example)" delay=1s result="Ok" '
    'stat="250 OK"'
)


def test_a_message_keeps_the_lines_that_tell_its_client():
    (passage,), _ = passages(CONNECTED, f"{SESSION} smtp authentication user=u result=ok", MESSAGE)
    assert (passage.client_ip, passage.authenticated_user) == ("203.0.113.9", "u")
    assert [line.rpartition("]: ")[2].split()[2] for line in passage.lines] == [
        "connected", "authentication", "message",
    ]  # fmt: skip


def test_a_message_whose_session_began_before_the_log_has_no_known_client():
    (passage,), _ = passages(MESSAGE)
    assert not passage.client_known


def test_who_was_accepted_waits_until_tried():
    (passage,), _ = passages(CONNECTED, MESSAGE, ENVELOPE)
    assert [(h.recipient, h.status) for h in passage.handovers.values()] == [
        ("list@c.example", "queued")
    ]
    assert passage.finished_at is None


def test_an_alias_gives_way_to_whom_it_stands_for_in_any_order_of_pieces():
    parts = entries(CONNECTED, MESSAGE, ENVELOPE, DELIVERY)
    assembler = Assembler()
    assembler.feed(parts)
    whole = assembler.take()[0][0].entries
    for pieces in ([whole], [whole[:2], whole[2:]], [whole[2:], whole[:2]]):
        (passage,) = joined(pieces)
        (handover,) = passage.handovers.values()
        assert (handover.recipient, handover.original_recipient, handover.attempts) == (
            "d@e.example", "list@c.example", 1,
        )  # fmt: skip


def test_a_refused_command_cannot_name_another_client():
    command = f'{SESSION} smtp failed-command command="rcpt TO:<x" address=127.0.0.1 host=mx'
    _, (refused,) = passages(CONNECTED, f'{command}>" result="550 Invalid recipient: <x>"')
    assert refused.client_ip == "203.0.113.9"
    assert refused.recipient == 'x" address=127.0.0.1 host=mx'


def test_a_refused_sign_in_is_no_refused_message():
    command = f'{SESSION} smtp failed-command command="AUTH PLAIN (...)" result="535 no"'
    assert passages(CONNECTED, command) == ([], [])


def test_the_domain_tells_relaying_from_an_unknown_mailbox():
    attempt = RefusedAttempt(AT, "", "recipient", recipient="a@far.example")
    assert told_apart(US, attempt).reason == "relay"
    attempt = RefusedAttempt(AT, "", "recipient", recipient="a@ours.example")
    assert told_apart(US, attempt).reason == "unknown-user"
    attempt = RefusedAttempt(AT, "", "policy", recipient="a@far.example")
    assert told_apart(US, attempt) is attempt


def test_sessions_that_never_end_take_bounded_memory():
    assembler = Assembler()
    for number in range(MOST_SESSIONS + 10):
        (entry,) = entries(CONNECTED.replace(SESSION, f"{number:016x}"))
        assert entry.event is Event.SIGN_IN
        assembler.feed([entry])
    assert len(assembler._sessions._sessions) == MOST_SESSIONS
