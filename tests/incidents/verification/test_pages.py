"""Is a page gone: asked of a real web server on loopback, and never of anybody else."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from incidents.verification import pages
from incidents.verification.held import Holds
from tests import make

pytestmark = pytest.mark.django_db
OURS = "8.8.4.4"


@contextmanager
def web(answer: Callable[[str], tuple[int, dict[str, str], bytes]]) -> Iterator[tuple[int, list]]:
    """A web server that answers by path; yields its port, and (name, path) of each question."""
    asked: list[tuple[str, str]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append((self.headers["Host"], self.path))
            status, headers, content = answer(self.path)
            self.send_response(status)
            for name, value in (headers | {"Content-Length": str(len(content))}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_words):
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield server.server_port, asked
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture(autouse=True)
def on_loopback(settings):
    settings.MEYASU_PROBE_LOOPBACK = True
    make.organisation()


def bank(path):
    """A phishing page at /bank, and nothing else."""
    return (200, {}, b"sign in") if path == "/bank" else (404, {}, b"no")


def test_a_page_that_answers_as_before_is_still_there():
    with web(bank) as (port, asked):
        [found] = pages.look(OURS, [f"http://www.example.org:{port}/bank"])
    assert found.holds is Holds.NO
    assert str(found.reason).endswith("/bank is still there: HTTP 200")
    assert {name for name, _path in asked} == {f"www.example.org:{port}"}


@pytest.mark.parametrize("status", [404, 410, 451])
def test_a_page_that_is_not_found_is_gone(status):
    with web(lambda path: (status, {}, b"")) as (port, _asked):
        [found] = pages.look(OURS, [f"http://www.example.org:{port}/bank"])
    assert found.holds is Holds.YES


def test_a_machine_that_is_off_shows_no_page():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    [found] = pages.look(OURS, [f"http://www.example.org:{port}/bank"])
    assert found.holds is Holds.YES


def test_a_site_that_answers_anything_alike_proves_nothing():
    with web(lambda path: (200, {}, b"welcome")) as (port, _asked):
        [found] = pages.look(OURS, [f"http://www.example.org:{port}/bank"])
    assert found.holds is Holds.UNKNOWN
    assert "any page" in str(found.reason)


@pytest.mark.parametrize("status", [403, 500, 503])
def test_an_error_is_no_proof(status):
    with web(lambda path: (status, {}, b"")) as (port, _asked):
        [found] = pages.look(OURS, [f"http://www.example.org:{port}/bank"])
    assert found.holds is Holds.UNKNOWN


def test_a_redirect_to_another_name_is_not_followed():
    with (
        web(lambda path: (200, {}, b"stranger")) as (elsewhere, asked_elsewhere),
        web(
            lambda path: (
                (302, {"Location": f"http://stranger.example:{elsewhere}/x"}, b"")
                if path == "/bank"
                else (404, {}, b"")
            )
        ) as (port, _asked),
    ):
        [found] = pages.look(OURS, [f"http://www.example.org:{port}/bank"])
    assert asked_elsewhere == []
    assert found.holds is Holds.NO
    assert "stranger.example" in str(found.reason)


def test_a_redirect_within_the_name_is_followed_at_the_same_address():
    moved = {"/bank": (301, {"Location": "/bank/"}, b""), "/bank/": (200, {}, b"sign in")}
    with web(lambda path: moved.get(path, (404, {}, b""))) as (port, asked):
        [found] = pages.look(OURS, [f"http://www.example.org:{port}/bank"])
    assert found.holds is Holds.NO
    assert [path for _name, path in asked][:2] == ["/bank", "/bank/"]


def test_redirects_in_a_circle_end():
    with web(lambda path: (302, {"Location": path + "a"}, b"")) as (port, asked):
        pages.look(OURS, [f"http://www.example.org:{port}/b"])
    assert len(asked) == 2 * (pages.MOST_REDIRECTS + 1)


def test_no_more_is_read_than_tells_the_page():
    with web(lambda path: (200, {}, b"x" * 50_000_000)) as (port, _asked):
        page = pages.ask(OURS, f"http://www.example.org:{port}/bank")
    assert page.status == 200


def test_a_machine_that_drips_is_left_in_time(monkeypatch):
    monkeypatch.setattr(pages, "WITHIN_SECONDS", 0.5)
    dripping = socket.create_server(("127.0.0.1", 0))
    stop = threading.Event()

    def drip():
        connection, _ = dripping.accept()
        with connection:
            while not stop.wait(0.02):
                try:
                    connection.sendall(b"H")
                except OSError:
                    return

    thread = threading.Thread(target=drip, daemon=True)
    thread.start()
    page = pages.ask(OURS, f"http://www.example.org:{dripping.getsockname()[1]}/bank")
    stop.set()
    thread.join(timeout=5)
    dripping.close()
    assert page.status == 0
    assert page.words


def test_pages_of_our_own_names_are_asked_for_before_what_else_a_complaint_names():
    with web(bank) as (port, asked):
        ours = f"http://www.example.org:{port}/bank"
        pages.look(OURS, [f"http://bank.example:{port}/", ours, "mailto:a@example.org"])
    assert {name for name, _path in asked} == {f"www.example.org:{port}"}


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("8.8.8.8", "no network of ours"),
        ("10.0.0.1", "not a public address"),
        ("169.254.169.254", "not a public address"),
        ("::ffff:8.8.4.4", "not a public address"),
        ("134744072", "names are never looked up"),
        ("www.example.org", "names are never looked up"),
    ],
)
def test_a_machine_that_is_not_ours_is_asked_for_nothing(settings, address, why):
    settings.MEYASU_PROBE_LOOPBACK = False
    [found] = pages.look(address, ["http://www.example.org/bank"])
    assert found.holds is Holds.UNKNOWN
    assert why in str(found.reason)


def test_with_probing_off_nothing_is_asked(settings):
    settings.MEYASU_PROBE = False
    with web(bank) as (port, asked):
        [found] = pages.look(OURS, [f"http://www.example.org:{port}/bank"])
    assert (found.holds, asked) == (Holds.UNKNOWN, [])
