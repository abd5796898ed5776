"""LMTP: a mail is answered 250 when it is durable, and whatever else happens it is not lost."""

import smtplib
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from complaints import rawstore
from complaints.intake import lmtp
from complaints.models import Arrival, Complaint
from tests import servers
from tests.complaints.intake.conftest import mail

POSTFIX = """
local_transport = lmtp:inet:127.0.0.1:{port}
minimal_backoff_time = 1s
maximal_backoff_time = 1s
queue_run_delay = 1s
"""


@contextmanager
def _listening(place, **environment):
    process = subprocess.Popen(
        [sys.executable, str(settings.BASE_DIR / "manage.py"), "lmtp", "--listen", place],
        env=servers.environment_of_this_test(**environment),
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_until(lambda: _client(place).quit()[0] == 221)
        yield process
    finally:
        process.kill()
        process.wait(timeout=10)


def _client(place) -> smtplib.LMTP:
    if place.startswith("/"):
        return smtplib.LMTP(place)
    return smtplib.LMTP(*place.split(":"), timeout=20)


def _wait_until(reached, seconds=30):
    give_up_at = time.monotonic() + seconds
    while True:
        try:
            if reached():
                return
        except (OSError, smtplib.SMTPException):
            pass
        assert time.monotonic() < give_up_at
        time.sleep(0.05)


@pytest.fixture
def place():
    return f"127.0.0.1:{servers.free_port()}"


def test_a_mail_is_stored_as_it_was_sent_with_its_sender_on_top(
    transactional_db, data_dir, tmp_path
):
    odd = b"Subject: caf\xe9\r\n\r\n.dots\r\n" + b"x" * 100_000 + b"\x00\x80\r\n"
    place = str(tmp_path / "lmtp.sock")
    with _listening(place), _client(place) as client:
        refused = client.sendmail("ann@far.example", ["abuse@example.org"], odd)

    assert refused == {}
    (kept,) = Complaint.objects.all()
    assert rawstore.read(kept.raw_sha256) == b"Return-Path: <ann@far.example>\r\n" + odd
    arrival = Arrival.objects.get()
    assert (arrival.way, arrival.source_file) == ("lmtp", "abuse@example.org")


def test_each_recipient_is_answered_and_one_mail_is_one_complaint(
    transactional_db, data_dir, place
):
    with _listening(place), _client(place) as client:
        client.sendmail("", ["abuse@example.org", "postmaster@example.org"], mail(1))
        assert client.getreply()[0] == 250  # for the second recipient, which smtplib forgets
        client.sendmail("", ["abuse@example.org"], mail(2))

    assert Complaint.objects.count() == 2
    assert Arrival.objects.count() == 3


def test_what_cannot_be_stored_comes_again(transactional_db, data_dir, place):
    data_dir.mkdir()
    (data_dir / "raw").write_text("a file where the folder should be")
    with _listening(place), _client(place) as client:
        with pytest.raises(smtplib.SMTPDataError) as refusal:
            client.sendmail("", ["abuse@example.org"], mail(1))
        assert refusal.value.smtp_code == 451

        (data_dir / "raw").unlink()
        client.sendmail("", ["abuse@example.org"], mail(1))

    assert Complaint.objects.count() == 1


def test_too_many_connections_are_asked_to_come_again(transactional_db, data_dir, place):
    with _listening(place):
        host, port = place.split(":")
        held = [socket.create_connection((host, int(port))) for _ in range(lmtp.MOST_CONNECTIONS)]
        assert all(connection.recv(100).startswith(b"220") for connection in held)
        with socket.create_connection((host, int(port))) as one_more:
            assert one_more.recv(100).startswith(b"421")
        held.pop().close()
        _wait_until(lambda: _client(place).quit()[0] == 221)
        for connection in held:
            connection.close()


@pytest.mark.parametrize(("line", "times"), [(b"x" * 998 + b"\r\n", 1.5), (b"x" * 1000, 10)])
def test_more_than_agreed_is_refused_and_takes_bounded_memory(
    transactional_db, data_dir, place, line, times
):
    piece = line * 1000
    with _listening(place) as listener, _client(place) as client:
        before = _peak_mib(listener.pid)
        client.ehlo()
        client.mail("ann@far.example")
        client.rcpt("abuse@example.org")
        client.docmd("DATA")
        try:
            for _ in range(int(lmtp.MOST_BYTES * times) // len(piece)):
                client.sock.sendall(piece)
            client.sock.sendall(b"\r\n.\r\n")
            code, _ = client.getreply()
        except (OSError, smtplib.SMTPServerDisconnected):  # who goes on is cut off
            code = 0
        grown = _peak_mib(listener.pid) - before
        client.close()

    assert 500 <= code < 600 or (code == 0 and times > 2)
    assert grown < 5 * lmtp.MOST_BYTES / 2**20
    assert not Complaint.objects.exists()


def _peak_mib(pid) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    (line,) = (one for one in status.splitlines() if one.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


def test_a_real_mail_server_hands_over_and_keeps_what_we_could_not_take(
    transactional_db, data_dir, place
):
    port = place.rpartition(":")[2]
    with servers.postfix(POSTFIX.replace("{port}", port)) as smtp_port:
        with _listening(place) as listener:
            _send(smtp_port, 1)
            _wait_until(lambda: Complaint.objects.count() == 1)
            listener.kill()
            listener.wait(timeout=10)
        _send(smtp_port, 2)
        with _listening(place):
            _wait_until(lambda: Complaint.objects.count() == 2)

    raws = [rawstore.read(one.raw_sha256) for one in Complaint.objects.all()]
    assert all(mail(number).split(b"\r\n\r\n")[1] in b"".join(raws) for number in (1, 2))
    assert all(raw.startswith(b"Return-Path: <ann@far.example>\r\n") for raw in raws)


def _send(port, number):
    with smtplib.SMTP("127.0.0.1", port) as client:
        client.sendmail("ann@far.example", ["abuse@example.org"], mail(number))


@pytest.mark.parametrize("place", ["192.0.2.1", "0.0.0.0:24", "198.51.100.7:24", "abuse", ":24"])
def test_it_listens_on_this_machine_or_a_private_network_alone(place):
    with pytest.raises(CommandError, match="LMTP cannot listen"):
        call_command("lmtp", "--listen", place)


def test_it_says_that_no_place_is_set(settings):
    with pytest.raises(CommandError, match="MEYASU_LMTP"):
        call_command("lmtp")


def test_a_file_that_is_no_socket_is_left_where_it_is(tmp_path):
    log = tmp_path / "mail.log"
    log.write_text("a line\n")

    with pytest.raises(CommandError, match="there is a file that is no socket"):
        call_command("lmtp", "--listen", str(log))

    assert log.read_text() == "a line\n"
