"""The demo's mail host: a real SMTP server that answers as a sendmail of 1998 would.

It plays the host of the founding case on a loopback port. Its behaviour is read from a
control file at each new connection, so that the demo can let the vendor "fix" it while it
runs. It sends nothing anywhere: what it takes is counted, logged and dropped.

As a process of its own:

    python -m incidents.demo.relay_server --port 2525 --control FILE --log FILE
"""

import argparse
import asyncio
import itertools
import json
import signal
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from enum import StrEnum
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


class Behaviour(StrEnum):
    """What the host does with mail that is neither from us nor for us."""

    OPEN = "open"
    BLOCKS_SENDERS = "blocks-senders"
    RELAY_DENIED = "relay-denied"


@dataclass(frozen=True, slots=True)
class Control:
    """What the control file holds: the behaviour, and the senders that a block names."""

    behaviour: Behaviour = Behaviour.OPEN
    blocked_senders: frozenset[str] = frozenset()

    def write(self, path: Path) -> None:
        """Put it where a running server reads it, in one step."""
        content = {"behaviour": self.behaviour, "blocked_senders": sorted(self.blocked_senders)}
        new = path.with_suffix(".new")
        new.write_text(json.dumps(content), encoding="utf-8")
        new.replace(path)

    @classmethod
    def read(cls, path: Path) -> "Control":
        """Raises OSError or ValueError where there is no such file or behaviour."""
        content = json.loads(path.read_text(encoding="utf-8"))
        senders = frozenset(str(sender).lower() for sender in content["blocked_senders"])
        return cls(Behaviour(content["behaviour"]), senders)


@dataclass(frozen=True, slots=True)
class Site:
    """Whose mail host it is."""

    host_name: str = "mail.example.go.jp"
    domain: str = "example.go.jp"
    mailboxes: frozenset[str] = frozenset({"postmaster", "webmaster"})
    utc_offset: timedelta = timedelta(hours=9)
    zone_name: str = "JST"

    def is_ours(self, address: str) -> bool:
        """Whether the domain of an address is ours; a bare name is."""
        _, at, domain = address.rpartition("@")
        return not at or domain.lower() in (self.domain, self.host_name)


class Sendmail1998:
    """The rules and replies of the host, as hooks of aiosmtpd. All times come from `now`."""

    def __init__(
        self,
        control: Callable[[], Control],
        *,
        site: Site,
        now: Callable[[], datetime],
        log: Path | None = None,
    ) -> None:
        self.control = control
        self.site = site
        self.now = now
        self.log = log
        self.accepted: list[tuple[str, tuple[str, ...]]] = []
        self._numbers = itertools.count(5000)

    async def handle_EHLO(  # noqa: N802 (aiosmtpd looks for this name)
        self, server: SMTP, session: Session, envelope: Envelope, name: str, replies: list[str]
    ) -> list[str]:
        session.host_name = name
        greeting = f"250-{self.site.host_name} Hello {name} {_client(session)}, pleased to meet you"
        return [greeting, "250-8BITMIME", "250-SIZE", "250-DSN", "250 HELP"]

    async def handle_HELO(  # noqa: N802 (aiosmtpd looks for this name)
        self, server: SMTP, session: Session, envelope: Envelope, name: str
    ) -> str:
        session.host_name = name
        return f"250 {self.site.host_name} Hello {name} {_client(session)}, pleased to meet you"

    async def handle_MAIL(  # noqa: N802 (aiosmtpd looks for this name)
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        control = self.control()
        sender = address.strip("<>")
        blocks = control.behaviour is Behaviour.BLOCKS_SENDERS
        if blocks and sender.lower() in control.blocked_senders:
            reply = f"550 <{sender}>... We take no mail from this sender"
            self._log_refusal("check_mail", sender, session, reply)
            return reply
        envelope.mail_from = address
        return f"250 <{sender}>... Sender ok"

    async def handle_RCPT(  # noqa: N802 (aiosmtpd looks for this name)
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        reply = self._reply_to_recipient(address)
        if reply.startswith("250"):
            envelope.rcpt_tos.append(address)
        elif "Relaying denied" in reply:
            self._log_refusal("check_rcpt", address, session, reply)
        return reply

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        sender = (envelope.mail_from or "").strip("<>")
        recipients = tuple(envelope.rcpt_tos)
        self.accepted.append((sender, recipients))
        queue_id = self._log_acceptance(sender, recipients, session, envelope)
        return f"250 {queue_id} Message accepted for delivery"

    def _reply_to_recipient(self, address: str) -> str:
        """What sendmail's rules make of a recipient: a route leads on, a plain name is local."""
        onward = self._onward(address)
        if onward is None:
            user = address.rpartition("@")[0] or address
            known = user.lower() in self.site.mailboxes
            return (
                f"250 <{address}>... Recipient ok"
                if known
                else (f"550 <{address}>... User unknown")
            )
        if self.control().behaviour is Behaviour.RELAY_DENIED:
            return f"550 <{address}>... Relaying denied"
        return f"250 <{address}>... Recipient ok"

    def _onward(self, address: str) -> str | None:
        """The foreign address that a recipient leads to, None for a mailbox here.

        The order is sendmail's: a source route, our own domain on the right taken off, then
        "%" and "!" as routes.
        """
        if address.startswith("@"):
            return address.partition(":")[2]
        user, at, domain = address.rpartition("@")
        if at and not self.site.is_ours(address):
            return address
        local = (user if at else domain).strip('"')
        leads_on = any(mark in local for mark in "%!@")
        return local if leads_on else None

    def _log_refusal(self, ruleset: str, argument: str, session: Session, reply: str) -> None:
        number = next(self._numbers)
        self._write(
            number,
            f"ruleset={ruleset}, arg1=<{argument}>, relay={_client(session)}, reject={reply}",
        )

    def _log_acceptance(
        self, sender: str, recipients: Iterable[str], session: Session, envelope: Envelope
    ) -> str:
        number = next(self._numbers)
        content = envelope.original_content or b""
        to = ",".join(f"<{recipient}>" for recipient in recipients)
        self._write(
            number,
            f"from=<{sender}>, size={len(content)}, class=0, pri={len(content) + 30000}, "
            f"nrcpts={len(envelope.rcpt_tos)}, msgid={_message_id(content)}, proto=ESMTP, "
            f"relay={_client(session)}",
        )
        self._write(number, f"to={to}, delay=00:00:01, mailer=esmtp, stat=queued")
        return self._queue_id(number)

    def _write(self, number: int, text: str) -> None:
        """Append one syslog line of that time: no year, no zone."""
        if self.log is None:
            return
        at = self._local_now()
        stamp = f"{at:%b} {at.day:2d} {at:%H:%M:%S}"
        host = self.site.host_name.partition(".")[0]
        line = f"{stamp} {host} sendmail[{number}]: {self._queue_id(number)}: {text}\n"
        with self.log.open("a", encoding="ascii", errors="backslashreplace") as log:
            log.write(line)

    def _queue_id(self, number: int) -> str:
        """Sendmail 8.8: a letter for the hour, a counter, the process number."""
        return f"{chr(ord('A') + self._local_now().hour)}AA{number:05d}"

    def _local_now(self) -> datetime:
        return self.now().astimezone(timezone(self.site.utc_offset, self.site.zone_name))

    def greeting(self) -> str:
        """What follows the host's name in the 220 line; the fix came with a new version."""
        renewed = self.control().behaviour is Behaviour.RELAY_DENIED
        version = "8.8.8/8.8.8" if renewed else "8.8.5/8.8.5"
        return f"ESMTP Sendmail {version}; {self._local_now():%a, %d %b %Y %H:%M:%S %z (%Z)}"


class _Dialogue(SMTP):
    """aiosmtpd's server, reading addresses as sendmail did: whatever stands in the brackets."""

    def _getaddr(self, arg: str) -> tuple[str | None, str | None]:
        text = arg.strip()
        if not text.startswith("<") or ">" not in text:
            return None, None
        address, _, rest = text[1:].rpartition(">")
        return address or "<>", rest.strip()


class RelayServer(Controller):
    """The host in a thread of this process: `with RelayServer(handler, port=0) as server`."""

    handler: Sendmail1998

    def behave(self, behaviour: str) -> None:
        """Be `open`, `blocks-senders` or `relay-denied` from the next command on."""
        control = replace(self.handler.control(), behaviour=Behaviour(behaviour))
        self.handler.control = lambda: control

    def factory(self) -> SMTP:
        site = self.handler.site
        return _Dialogue(
            self.handler, hostname=site.host_name, ident=self.handler.greeting(), timeout=60
        )

    def __enter__(self) -> "RelayServer":
        self.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop()

    def _trigger_server(self) -> None:
        """Learn the port that was given for 0 before start() tries it."""
        assert isinstance(self.server, asyncio.Server)
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]


def start(handler: Sendmail1998, *, port: int = 0) -> RelayServer:
    """A server on loopback, not yet started; port 0 takes a free one."""
    return RelayServer(handler, hostname="127.0.0.1", port=port)


def _client(session: Session) -> str:
    """The client as sendmail writes it: its name, where it gave one, and its address."""
    peer: Any = session.peer
    return f"{session.host_name} [{peer[0]}]" if session.host_name else f"[{peer[0]}]"


def _message_id(content: bytes) -> str:
    for line in content.split(b"\r\n\r\n", 1)[0].split(b"\r\n"):
        if line.lower().startswith(b"message-id:"):
            return line[11:].strip().decode("ascii", errors="backslashreplace")
    return "<>"


def main() -> None:
    """Serve until SIGTERM or Ctrl-C."""
    from complaints import clock

    parser = argparse.ArgumentParser(description="The demo's mail host of 1998, on loopback.")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--control", type=Path, required=True, help="file with the behaviour")
    parser.add_argument("--log", type=Path, help="file for its mail log")
    given = parser.parse_args()
    handler = Sendmail1998(
        lambda: Control.read(given.control), site=Site(), now=clock.now, log=given.log
    )
    loop = asyncio.new_event_loop()
    stopped = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stopped.set)
    with start(handler, port=given.port):
        loop.run_until_complete(stopped.wait())


if __name__ == "__main__":
    main()
