"""Access tokens: fetched over HTTPS from a known host, used until shortly before they end.

The token server is a real HTTPS server on loopback with a certificate of its own.
"""

import base64
import http.server
import json
import ssl
import threading
from contextlib import contextmanager
from urllib.parse import parse_qsl

import pytest

from complaints import secrets
from complaints.intake import allowance, imap, mailbox, oauth
from complaints.intake.trouble import MailboxTrouble
from complaints.models import Complaint, Mailbox
from tests import certificates
from tests.complaints.intake.test_imap import NOW, ScriptedServer

GOOD = {"access_token": "token-1", "expires_in": 3600}


class TokenServer(http.server.BaseHTTPRequestHandler):
    """Answers each grant with what the test wants, and keeps what it was asked."""

    def do_POST(self):
        length = int(self.headers["Content-Length"])
        self.server.asked.append(dict(parse_qsl(self.rfile.read(length).decode())))
        status, answer = self.server.answers[min(len(self.server.asked), 2) - 1]
        body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "https://elsewhere.example/token")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Nothing on the terminal."""


@contextmanager
def token_server(folder, *answers):
    """An HTTPS server with these answers, the last of them for ever; yields it."""
    server = http.server.HTTPServer(("127.0.0.1", 0), TokenServer)
    server.asked, server.answers = [], [*answers, answers[-1]]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates.self_signed(folder))
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def trusted(tmp_path, monkeypatch, settings):
    """The certificate of the token server is trusted, and its host is named."""
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "localhost.pem"))
    settings.MEYASU_TOKEN_HOSTS = ["localhost"]
    oauth._tokens.clear()


def _box(server, **fields):
    box = Mailbox(
        name="abuse",
        host="127.0.0.1",
        security="none",
        username="desk@example.org",
        sign_in="other",
        oauth_client_id="client-7",
        oauth_token_url=f"https://localhost:{server.server_port}/token",
        **fields,
    )
    secrets.set_oauth_secrets(box, client_secret="of the client", refresh_token="refresh-1")
    box.save()
    return box


def test_a_token_is_asked_for_by_the_refresh_token_and_kept(db, tmp_path, trusted):
    with token_server(tmp_path, (200, GOOD)) as server:
        box = _box(server)
        assert oauth.secret_of(box) == oauth.secret_of(box) == "token-1"

    assert server.asked == [
        {
            "grant_type": "refresh_token",
            "client_id": "client-7",
            "client_secret": "of the client",
            "refresh_token": "refresh-1",
        }
    ]


def test_a_token_is_fetched_anew_before_it_ends_and_when_it_was_refused(db, tmp_path, trusted):
    short, long = GOOD | {"expires_in": 200}, GOOD | {"access_token": "token-2"}
    with token_server(tmp_path, (200, short), (200, long)) as server:
        box = _box(server)
        assert [oauth.secret_of(box), oauth.secret_of(box)] == ["token-1", "token-2"]
        oauth.forget(box)
        oauth.secret_of(box)

    assert len(server.asked) == 3


def test_a_refresh_token_that_the_server_replaces_is_stored(db, tmp_path, trusted):
    with token_server(tmp_path, (200, GOOD | {"refresh_token": "refresh-2"})) as server:
        oauth.secret_of(_box(server))

    stored = Mailbox.objects.get()
    assert secrets.oauth_secrets_of(stored) == ("of the client", "refresh-2")
    assert b"refresh" not in bytes(stored.oauth_refresh_encrypted)


TROUBLES = {
    "no longer valid": (400, {"error": "invalid_grant"}),
    "client secret is not known": (401, {"error": "invalid_client"}),
    "it answers 302": (302, {}),
    "it answers 500": (500, {"detail": "refresh-1"}),
    "gives no access token": (200, b"<html>Please sign in</html>"),
    "sent no access token": (200, {"access_token": "two\r\nlines"}),
}


@pytest.mark.parametrize("words", TROUBLES)
def test_a_token_server_that_gives_none_is_told_in_words(db, tmp_path, trusted, words):
    with token_server(tmp_path, TROUBLES[words]) as server:
        outcome = mailbox.fetch_mailbox(_box(server), now=NOW)

    assert words in outcome.problem
    assert "refresh-1" not in outcome.problem
    assert Mailbox.objects.get().trouble == Mailbox.Trouble.TOKEN


@pytest.mark.parametrize(
    "address",
    ["http://localhost/token", "https://elsewhere.example/t", "https://a@localhost/", "https://["],
)
def test_a_refresh_token_goes_to_no_other_host_and_not_in_the_clear(settings, address):
    settings.MEYASU_TOKEN_HOSTS = ["localhost"]
    box = Mailbox(name="abuse", sign_in="other", oauth_token_url=address)

    with pytest.raises(MailboxTrouble, match="MEYASU_TOKEN_HOSTS"):
        oauth.token_url(box)


def test_google_and_microsoft_are_known():
    assert oauth.token_url(Mailbox(sign_in="google")) == "https://oauth2.googleapis.com/token"
    tenant = Mailbox(sign_in="microsoft", oauth_tenant="../example.org")
    assert oauth.token_url(tenant) == (
        "https://login.microsoftonline.com/..%2Fexample.org/oauth2/v2.0/token"
    )


def test_a_certificate_that_is_not_trusted_ends_it(db, tmp_path, settings):
    settings.MEYASU_TOKEN_HOSTS = ["localhost"]
    with token_server(tmp_path, (200, GOOD)) as server:
        box = _box(server)
        with pytest.raises(MailboxTrouble, match="certificate"):
            oauth.secret_of(box)

    assert server.asked == []


def test_the_poller_signs_in_with_the_token(db, data_dir, tmp_path, trusted, monkeypatch):
    monkeypatch.setattr(imap, "COMMAND_SECONDS", 2)
    monkeypatch.setattr(allowance, "QUIET_SECONDS", 2)
    capable = b"* CAPABILITY IMAP4rev1 AUTH=XOAUTH2\r\n"
    said = []

    def challenge(connection):
        connection.sendall(b"+ \r\n")
        line = b""
        while not line.endswith(b"\n"):
            line += connection.recv(1000)
        said.append(line)

    imap_server = ScriptedServer(CAPABILITY=capable, AUTHENTICATE=challenge)
    imap_server.start()
    with token_server(tmp_path, (200, GOOD)) as server:
        box = _box(server, port=imap_server.port)
        outcome = mailbox.fetch_mailbox(box, now=NOW)
    imap_server.listener.close()

    assert (outcome.stored, outcome.problem) == (1, "")
    assert Complaint.objects.count() == 1
    initial = b"user=desk@example.org\x01auth=Bearer token-1\x01\x01"
    assert [base64.b64decode(line) for line in said] == [initial]
