"""The SMTP client for hosts under test: its answers, and its limits against hostile servers."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from incidents.verification.dialogue import Limits
from incidents.verification.findings import Said, Stage
from incidents.verification.probe import Us, ask, ask_all
from incidents.verification.target import Target
from incidents.verification.trial import Kind, Probe

PROBE = Probe("plain", Kind.FRESH, "new@probe.example", "relaytest@probe.example", "", False, True)
QUICK = Limits(seconds=1.0)
US = Us("desk.example")


@contextmanager
def server(talk: Callable[[socket.socket], None]) -> Iterator[Target]:
    """A TCP server on loopback that talks as told to one client after the other."""
    listening = socket.create_server(("127.0.0.1", 0))
    stop = threading.Event()

    def serve() -> None:
        while not stop.is_set():
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            with connection:
                try:
                    talk(connection)
                except OSError:
                    continue

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield Target("mail.example.org", "127.0.0.1", listening.getsockname()[1])
    finally:
        stop.set()
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join(timeout=5)


def script(*replies: bytes, greeting: bytes = b"220 mail ESMTP\r\n", heard: list | None = None):
    """A talk that gives one reply after each line it hears."""

    def talk(connection: socket.socket) -> None:
        connection.sendall(greeting)
        lines = connection.makefile("rb")
        for reply in replies:
            line = lines.readline()
            if heard is not None:
                heard.append(line)
            connection.sendall(reply)
        rest = lines.read()
        if heard is not None and rest:
            heard.append(rest)

    return talk


def test_an_accepted_recipient_ends_before_data():
    heard = []
    talk = script(b"250-mail\r\n250 HELP\r\n", b"250 ok\r\n", b"250 taken\r\n", heard=heard)
    with server(talk) as target:
        answer = ask(PROBE, target, us=US)
    assert (answer.stage, answer.code, answer.accepted) == (Stage.RCPT, 250, True)
    assert answer.said is Said.YES
    assert b"".join(heard).split(b"\r\n")[:4] == [
        b"EHLO desk.example",
        b"MAIL FROM:<new@probe.example>",
        b"RCPT TO:<relaytest@probe.example>",
        b"QUIT",
    ]


def test_a_server_that_knows_no_ehlo_is_greeted_with_helo():
    talk = script(b"500 what?\r\n", b"250 hello\r\n", b"250 ok\r\n", b"550 Relaying denied\r\n")
    with server(talk) as target:
        answer = ask(PROBE, target, us=US)
    assert "> HELO desk.example" in answer.transcript
    assert (answer.stage, answer.code, answer.said) == (Stage.RCPT, 550, Said.NO)


def test_a_marked_message_goes_on_to_data_with_its_dots_doubled():
    heard = []
    talk = script(
        b"250 mail\r\n", b"250 ok\r\n", b"250 ok\r\n", b"354 go\r\n", b"", b"", b"",
        b"250 kept\r\n", heard=heard,
    )  # fmt: skip
    with server(talk) as target:
        message = b"Subject: test\r\n\r\n.dot\r\n"
        answer = ask(PROBE, target, us=US, message=message, limits=QUICK)
    assert (answer.stage, answer.accepted) == (Stage.DATA, True)
    assert b"..dot\r\n" in heard


def test_a_probe_that_may_not_send_never_comes_to_data():
    own = Probe("own", Kind.CAMPAIGN, "spammer@cash.example", "relaytest@probe.example", "")
    heard = []
    with server(script(b"250 m\r\n", b"250 ok\r\n", b"250 ok\r\n", heard=heard)) as target:
        answer = ask(own, target, us=US, message=b"Subject: x\r\n\r\ny\r\n")
    assert answer.stage is Stage.RCPT
    assert b"DATA" not in b"".join(heard)


def test_control_characters_of_the_server_are_escaped_in_the_transcript():
    with server(script(b"550 \x1b[2Jgone\xff\x00\r\n")) as target:
        answer = ask(PROBE, target, us=US, limits=QUICK)
    assert all(line.isprintable() for line in answer.transcript)
    assert any(r"\x1b[2Jgone\xff\x00" in line for line in answer.transcript)


def endless_lines(connection: socket.socket) -> None:
    while True:
        connection.sendall(b"220-more\r\n" * 100)


def one_endless_line(connection: socket.socket) -> None:
    while True:
        connection.sendall(b"2" * 4096)


def drip(connection: socket.socket) -> None:
    while True:
        connection.sendall(b"220-x\r\n"[:1])
        time.sleep(0.05)


def silence(connection: socket.socket) -> None:
    connection.recv(1024)


@pytest.mark.parametrize("talk", [endless_lines, one_endless_line, drip, silence])
def test_a_hostile_server_is_left_within_the_limits(talk):
    with server(talk) as target:
        began = time.monotonic()
        answer = ask(PROBE, target, us=US, limits=QUICK)
        took = time.monotonic() - began
    assert answer.said is Said.NOTHING
    assert answer.code == 0
    assert answer.text
    assert took < QUICK.seconds * 5
    assert sum(map(len, answer.transcript)) < 64 * 1024


def test_a_closed_port_is_said_in_words_and_ends_the_run():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    target = Target("mail.example.org", "127.0.0.1", port)
    told = list(ask_all((PROBE, PROBE), lambda p: ask(p, target, us=US)))
    assert len(told) == 1
    assert "no connection" in told[0].text


def test_a_421_ends_the_run_at_once():
    talk = script(b"250 m\r\n", b"421 too many errors, go away\r\n")
    with server(talk) as target:
        told = list(ask_all((PROBE,) * 5, lambda p: ask(p, target, us=US)))
    assert [answer.code for answer in told] == [421]


@pytest.mark.parametrize("before", [0, 1, 2, 3])
@pytest.mark.parametrize(
    "sign",
    [
        b"421 4.7.0 too many connections from your address",
        b"521 5.7.1 your host is blocked, go away",
        b"554 5.7.1 Service unavailable; Client host [192.0.2.9] blocked using dnsbl.example",
        b"554-5.7.1 rejected:\r\n554 your IP is on our blocklist",
    ],
)
def test_the_first_sign_of_a_block_ends_the_run_at_any_stage(sign, before):
    """At the greeting, at EHLO and HELO, at the sender, and at the recipient."""
    replies = [*(b"220 mail ESMTP", b"250 mail", b"250 ok")[:before], sign]
    if before == 1:
        replies.append(sign)  # HELO is tried after EHLO
    talk = script(*(one + b"\r\n" for one in replies[1:]), greeting=replies[0] + b"\r\n")
    with server(talk) as target:
        told = list(ask_all((PROBE,) * 5, lambda p: ask(p, target, us=US, limits=QUICK)))
    assert len(told) == 1
    assert told[0].is_a_block
    assert not told[0].accepted


def test_a_refusal_of_the_mail_itself_with_554_is_no_block():
    talk = script(b"250 m\r\n", b"250 ok\r\n", b"554 5.7.1 <x@y>: Relay access denied\r\n")
    with server(talk) as target:
        told = list(ask_all((PROBE,) * 3, lambda p: ask(p, target, us=US, limits=QUICK)))
    assert [answer.said for answer in told] == [Said.NO] * 3


def test_hanging_up_at_the_recipient_is_no_refusal():
    heard_to_mail = [b"250 m\r\n", b"250 ok\r\n"]

    def talk(connection):
        connection.sendall(b"220 mail ESMTP\r\n")
        lines = connection.makefile("rb")
        for reply in heard_to_mail:
            lines.readline()
            connection.sendall(reply)
        lines.readline()
        lines.close()

    with server(talk) as target:
        answer = ask(PROBE, target, us=US, limits=QUICK)
    assert (answer.stage, answer.code, answer.said) == (Stage.RCPT, 0, Said.NOTHING)


def test_a_host_that_stalls_is_asked_twice_and_no_more():
    with server(silence) as target:
        limits = Limits(seconds=0.2)
        told = list(ask_all((PROBE,) * 5, lambda p: ask(p, target, us=US, limits=limits)))
    assert len(told) <= 2


def test_a_command_with_a_line_end_in_it_is_never_sent():
    bad = Probe("bad", Kind.FRESH, "x@y.example>\r\nRCPT TO:<victim@z.example", "r@p.example", "")
    with server(script(b"250 m\r\n")) as target, pytest.raises(ValueError, match="printable"):
        ask(bad, target, us=US)
