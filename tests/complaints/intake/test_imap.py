"""An IMAP server may lie, stall and flood: it is left in bounded time, and nothing is lost.

The server here is scripted: it speaks just enough IMAP over a real socket to sign in and show
one message, and each test changes one of its answers.
"""

import socket
import threading
import time
from contextlib import contextmanager

import pytest

from complaints.intake import allowance, imap, mailbox
from complaints.intake.trouble import MailboxTrouble
from complaints.models import Complaint, Mailbox
from complaints.secrets import set_password
from tests import servers
from tests.make import at

NOW = at("1998-01-20 17:00")
RAW = b"From: ann@far.example\r\nSubject: Unwanted\r\n\r\nPlease make it stop.\r\n"
CAPABILITIES = b"* CAPABILITY IMAP4rev1 IDLE\r\n"


class ScriptedServer(threading.Thread):
    """Answers each command by its name; `answers` replaces what it would say.

    refused  commands that are answered with NO
    answers  command to the lines before the tagged one; None ends the connection, a function
             gets the socket and may do what it likes with it
    """

    def __init__(self, *, refused=(), **answers):
        super().__init__(daemon=True)
        self.refused = refused
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.said: list[str] = []
        size, date = len(RAW), b'"20-Jan-1998 16:00:00 +0000"'
        self.answers = {
            "GREETING": b"* OK here\r\n",
            "CAPABILITY": CAPABILITIES,
            "SELECT": b"* 1 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n",
            "SEARCH": b"* SEARCH 1\r\n",
            "SIZE": b"* 1 FETCH (UID 1 RFC822.SIZE %d INTERNALDATE %s)\r\n" % (size, date),
            "BODY": b"* 1 FETCH (UID 1 BODY[] {%d}\r\n%s)\r\n" % (size, RAW),
            "PIECE": b"* 1 FETCH (UID 1 BODY[]<0> {%d}\r\n%s)\r\n" % (size, RAW),
        } | answers

    def run(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with connection:
                try:
                    self._talk(connection)
                except OSError:
                    continue  # the client left

    def _talk(self, connection):
        if not self._say(connection, "GREETING"):
            return
        for line in connection.makefile("rb"):
            tag, _, command = line.decode().strip().partition(" ")
            self.said.append(command)
            if not self._say(connection, _name_of(command)):
                return
            said = "NO it is not allowed" if _name_of(command) in self.refused else "OK done"
            connection.sendall(f"{tag} {said}\r\n".encode())

    def _say(self, connection, name):
        answer = self.answers.get(name, b"")
        if answer is None:
            return False
        if callable(answer):
            return answer(connection) is not False
        connection.sendall(answer)
        return True


def _name_of(command: str) -> str:
    words = command.upper().split()
    if words[0] == "UID":
        words = words[1:]
    if words[0] == "FETCH":
        return "SIZE" if "RFC822.SIZE" in command else "PIECE" if "<" in command else "BODY"
    return words[0]


@contextmanager
def _box(**answers):
    server = ScriptedServer(**answers)
    server.start()
    row = Mailbox(
        name="abuse", host="127.0.0.1", port=server.port, security="none", username="desk"
    )
    set_password(row, "secret of the desk")
    row.save()
    try:
        yield row, server
    finally:
        server.listener.close()


@pytest.fixture(autouse=True)
def _no_patience(monkeypatch):
    """The limits in tenths of a second, so that the tests need not wait for the real ones."""
    monkeypatch.setattr(imap, "COMMAND_SECONDS", 0.5)
    monkeypatch.setattr(allowance, "QUIET_SECONDS", 0.4)
    monkeypatch.setattr(allowance, "GREETING_SECONDS", 0.5)


def test_the_scripted_server_hands_over_its_message(db, data_dir):
    with _box() as (row, server):
        assert mailbox.fetch_mailbox(row, now=NOW).stored == 1

    assert Complaint.objects.get().arrived_at == at("1998-01-20 16:00")
    assert any("STORE" in command for command in server.said)
    assert not any("RFC822.TEXT" in command or "BODY[]" in command for command in server.said)


def drip(connection):
    """One byte now and then, for ever: no single read ever times out."""
    connection.sendall(b"* ")
    while True:
        connection.sendall(b"x")
        time.sleep(0.05)


def flood(connection):
    """Lines without end."""
    while True:
        connection.sendall(b"* OK still here, and on it goes\r\n" * 1000)


def drop_in_the_middle(connection):
    """Half a message, then nothing."""
    connection.sendall(b"* 1 FETCH (UID 1 BODY[] {%d}\r\n%s" % (len(RAW), RAW[:20]))
    return False


def stay_silent(connection):
    """Say nothing, but stay."""
    time.sleep(5)


TROUBLES = {
    "refuses": {"GREETING": b"* BYE not today\r\n"},
    "is no IMAP server": {"GREETING": b"220 mail.example.org ESMTP\r\n"},
    "ends at sign-in": {"LOGIN": None},
    "tells no UIDVALIDITY": {"SELECT": b"* 1 EXISTS\r\n"},
    "greets a byte at a time": {"GREETING": drip},
    "greets without end": {"CAPABILITY": flood},
    "searches a byte at a time": {"SEARCH": drip},
    "searches without end": {"SEARCH": flood},
    "is silent": {"SEARCH": stay_silent},
    "breaks off in a message": {"BODY": drop_in_the_middle},
    "claims a literal of 4 GB": {"BODY": b"* 1 FETCH (UID 1 BODY[] {4000000000}\r\nx"},
    "answers brackets": {"SIZE": b"* 1 FETCH " + b"(" * 100_000 + b"\r\n"},
    "answers nonsense": {"SIZE": b"* 1 FETCH (UID one RFC822.SIZE)\r\n"},
}


@pytest.mark.parametrize("trouble", sorted(TROUBLES))
def test_a_server_that_misbehaves_is_left_in_time(db, data_dir, trouble):
    started_at = time.monotonic()
    with _box(**TROUBLES[trouble]) as (row, server):
        outcome = mailbox.fetch_mailbox(row, now=NOW)

    assert outcome.problem.startswith("abuse: 127.0.0.1:")
    assert row.next_attempt_at > NOW
    assert "secret of the desk" not in outcome.problem
    assert not any("STORE" in command for command in server.said)
    assert not Complaint.objects.exists()
    assert time.monotonic() - started_at < 5


KEPT_BACK = {
    "no body": {"BODY": b"", "PIECE": b""},
    "NIL for a body": {
        "BODY": b"* 1 FETCH (UID 1 BODY[] NIL)\r\n",
        "PIECE": b"* 1 FETCH (UID 1 BODY[]<0> NIL)\r\n",
    },
    "the body of another": {"BODY": b"* 2 FETCH (UID 2 BODY[] {3}\r\nabc)\r\n", "PIECE": b""},
    "less, and then still less": {
        "BODY": b"* 1 FETCH (UID 1 BODY[] {20}\r\n%s)\r\n" % RAW[:20],
        "PIECE": b"* 1 FETCH (UID 1 BODY[]<0> {10}\r\n%s)\r\n" % RAW[:10],
    },
}


@pytest.mark.parametrize("answer", sorted(KEPT_BACK))
def test_what_is_not_handed_over_whole_is_not_marked_but_asked_for_again(db, data_dir, answer):
    with _box(**KEPT_BACK[answer]) as (row, server):
        outcome = mailbox.fetch_mailbox(row, now=NOW)
        assert "does not hand over whole" in outcome.problem
        assert not any("STORE" in command for command in server.said)
        assert row.next_attempt_at is None  # other mail is not held up by it

        server.answers |= ScriptedServer().answers
        assert mailbox.fetch_mailbox(row, now=NOW).stored == 1

    assert row.last_error == ""


def test_a_size_announced_wrongly_is_forgiven_if_the_bytes_come_twice_alike(db, data_dir):
    with _box(SIZE=b"* 1 FETCH (UID 1 RFC822.SIZE 5)\r\n") as (row, _):
        outcome = mailbox.fetch_mailbox(row, now=NOW)

    assert (outcome.stored, outcome.problem) == (1, "")
    assert Complaint.objects.get().raw_bytes == len(RAW)
    assert Complaint.objects.get().arrived_at == NOW  # no INTERNALDATE was told


def test_a_message_that_vanishes_meanwhile_is_let_go(db, data_dir):
    with _box(SIZE=b"", BODY=b"", PIECE=b"") as (row, server):
        searches = iter([b"* SEARCH 1\r\n", b"* SEARCH\r\n"])
        server.answers["SEARCH"] = lambda connection: connection.sendall(next(searches))
        outcome = mailbox.fetch_mailbox(row, now=NOW)

    assert (outcome.stored, outcome.problem) == (0, "")
    assert row.fetched_folders.get().last_uid == 1


MOVABLE = b"* CAPABILITY IMAP4rev1 MOVE UIDPLUS\r\n"


@pytest.mark.parametrize("afterwards", ["seen", "flagged", "move"])
def test_a_server_that_refuses_to_mark_or_move_holds_up_no_mail(db, data_dir, afterwards):
    with _box(CAPABILITY=MOVABLE, refused=("STORE", "MOVE", "COPY")) as (row, _server):
        row.afterwards, row.move_to = afterwards, "Done"
        row.save()
        outcome = mailbox.fetch_mailbox(row, now=NOW)

    assert outcome.stored == 1
    assert "stays where it is" in outcome.problem
    assert (row.trouble, row.failures_in_a_row) == (Mailbox.Trouble.UNMARKED, 0)
    assert row.fetched_folders.get().last_uid == 1


def test_where_moving_is_refused_mail_is_copied_and_deleted(db, data_dir):
    there = b'* LIST () "/" Done\r\n'
    with _box(CAPABILITY=MOVABLE, LIST=there, refused=("MOVE",)) as (row, server):
        row.afterwards, row.move_to = "move", "Done"
        row.save()
        outcome = mailbox.fetch_mailbox(row, now=NOW)

    assert (outcome.stored, outcome.problem) == (1, "")
    asked = [" ".join(said.split()[:2]) for said in server.said if said.startswith("UID")]
    assert asked[-3:] == ["UID COPY", "UID STORE", "UID EXPUNGE"]


def test_a_password_is_never_sent_in_the_clear_to_another_machine(db):
    row = Mailbox(name="abuse", host="192.0.2.1", port=143, security="none", username="desk")

    with pytest.raises(MailboxTrouble, match="without TLS"), imap.session(row, "secret"):
        pass


def test_starttls_is_asked_for_and_nothing_is_said_without_it(db):
    with _box() as (row, server):
        row.security = Mailbox.Security.STARTTLS
        with pytest.raises(MailboxTrouble, match="STARTTLS"), imap.session(row, "secret"):
            pass

    assert not any("LOGIN" in command for command in server.said)


def test_a_server_without_a_certificate_we_trust_is_not_signed_in_to(db):
    row = Mailbox(name="abuse", host="127.0.0.1", port=servers.free_port(), username="desk")
    with _plain_listener(row.port), pytest.raises(MailboxTrouble), imap.session(row, "secret"):
        pass


@contextmanager
def _plain_listener(port):
    """Where TLS is expected, something that greets in the clear."""
    with socket.create_server(("127.0.0.1", port)) as listener:

        def greet():
            connection, _ = listener.accept()
            with connection:
                connection.sendall(b"* OK here\r\n")

        thread = threading.Thread(target=greet, daemon=True)
        thread.start()
        yield
        thread.join(timeout=5)
