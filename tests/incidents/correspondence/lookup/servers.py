"""An RDAP server over HTTP and a DNS server over UDP on this machine, with answers of our own."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset


class Registry:
    """Answers by path: an object as JSON, (status, headers, bytes) as they are."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.answers: dict[str, Any] = {}
        self.asked: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def lists(self, prefix: str = "185.0.0.0/8") -> None:
        """Be the registry of this prefix, and have the list that says so."""
        services = [[[prefix], [f"{self.url}/"]], [["185.0.2.0/24"], [f"{self.url}/near/"]]]
        self.answers["/ipv4.json"] = {"version": "1.0", "services": services}


@contextmanager
def registry() -> Iterator[Registry]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            known.asked.append(self.path)
            answer = known.answers.get(self.path, (404, {}, b"{}"))
            if not isinstance(answer, tuple):
                answer = (200, {}, json.dumps(answer).encode())
            status, headers, content = answer
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_words: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    known = Registry(server.server_port)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield known
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def dns_server(
    texts: dict[str, str] | None = None,
    *,
    records: dict[tuple[str, str], list[str]] | None = None,
    asked: list[str] | None = None,
    address: tuple[str, int] = ("127.0.0.1", 0),
) -> Iterator[int]:
    """A name server on loopback that knows these TXT records and nothing else.

    records  further ones by name and type; what a list of them says may change meanwhile
    asked    gets the name of each question
    """
    known = {(name, "TXT"): [f'"{text}"'] for name, text in (texts or {}).items()}
    known |= records or {}
    door = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    door.bind(address)

    def serve() -> None:
        while True:
            try:
                packet, peer = door.recvfrom(4096)
            except OSError:
                return
            if packet == b"stop":
                return
            query = dns.message.from_wire(packet)
            answer = dns.message.make_response(query)
            name = query.question[0].name.to_text()
            kind = dns.rdatatype.to_text(query.question[0].rdtype)
            if asked is not None:
                asked.append(name)
            if (name, kind) in known:
                said = known[name, kind]
                answer.answer.append(dns.rrset.from_text(name, 60, "IN", kind, *said))
            else:
                answer.set_rcode(dns.rcode.NXDOMAIN)
            door.sendto(answer.to_wire(), peer)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    port = door.getsockname()[1]
    try:
        yield port
    finally:
        door.sendto(b"stop", (address[0], port))
        thread.join(timeout=5)
        door.close()
