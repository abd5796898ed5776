"""Sets the case up: its mailbox, mail host and outgoing server, its people and contacts."""

import os
import secrets
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from django.conf import settings
from django.contrib.auth.models import Group, User

from complaints import clock, organisation
from complaints.models import LogSource, Mailbox, MailHost
from complaints.secrets import set_password
from incidents.demo import cast, relay_server
from incidents.demo.director import Stage
from incidents.demo.imap_server import MailboxServer, mailbox_server
from incidents.demo.relay_server import Behaviour, Control, RelayServer, Sendmail1998, Site
from incidents.demo.traffic import FIRST_DAY, make_traffic
from incidents.models import Contact

MARK = "MEYASU_DEMO"
PEOPLE = {"lead": "Lead", "agent": "Agent"}


def environment(*, once: bool) -> dict[str, str]:
    """What the processes of the demo have to find in their environment."""
    bind = f"127.0.0.1:{_free_port()}" if once else settings.MEYASU_BIND
    return os.environ | {
        MARK: "yes",
        "MEYASU_CLOCK_FILE": str(_folder() / "clock"),
        "MEYASU_PROBE_LOOPBACK": "yes",
        "MEYASU_PROBE_RECIPIENT": "relay-test@probe.example",
        "MEYASU_PROBE_HELO": "probe.example",
        "MEYASU_PROBE_PER_MINUTE": "0",
        "MEYASU_SMTP_HOST": "127.0.0.1",
        "MEYASU_SMTP_PORT": str(_free_port()),
        "MEYASU_FROM": cast.WEBMASTER,
        "MEYASU_DISPLAY_ZONE": "Asia/Tokyo",
        "MEYASU_BIND": bind,
        "MEYASU_PUBLIC_URL": f"http://{bind}",
        "MEYASU_LOG_LEVEL": "WARNING",
    }


def begin_again(environment: dict[str, str]) -> None:
    """Replace this process by the same command with this environment. Does not return."""
    _folder().mkdir(parents=True, exist_ok=True)
    clock_file = Path(environment["MEYASU_CLOCK_FILE"])
    if not clock_file.exists():
        clock.play(clock_file, FIRST_DAY)
    os.execve(sys.executable, [sys.executable, *sys.argv], environment)  # noqa: S606


@contextmanager
def servers(say: Callable[[str], None], *, outgoing: Any = None) -> Iterator[Stage]:
    """Run the case's servers while the block runs, and set its tables up.

    outgoing  what takes the letters that leave, a handler of aiosmtpd; without it they end here
    """
    folder = _folder()
    log_file = folder / "maillog"
    log_file.touch()
    with ExitStack() as stack:
        mailbox = stack.enter_context(mailbox_server(folder / "imap"))
        relay = stack.enter_context(_relay(log_file))
        stack.enter_context(_outgoing(outgoing or _Sink()))
        _set_up_tables(mailbox, relay, log_file)
        yield Stage(
            clock_file=Path(settings.MEYASU_CLOCK_FILE),
            log_file=log_file,
            mailbox=mailbox,
            relay=relay,
            traffic=make_traffic(),
            agent=_person("agent"),
            lead=_person("lead"),
            say=say,
        )


def was_played() -> bool:
    """Whether the whole case is in this data folder."""
    return (_folder() / "played").exists()


def note_played() -> None:
    """Remember that the case was played to its end."""
    (_folder() / "played").touch()


def passwords() -> dict[str, str]:
    """Give everybody of the demo a new password, and say which."""
    given = {}
    for name in ("admin", *PEOPLE):
        user = _person(name)
        given[name] = secrets.token_urlsafe(9)
        user.set_password(given[name])
        user.save(update_fields=["password"])
    return given


def _relay(log_file: Path) -> RelayServer:
    senders = frozenset(cast.ENVELOPE.senders + cast.PILOT.senders)
    control = Control(Behaviour.OPEN, senders)
    site = Site(host_name=cast.HOST, domain=cast.DOMAIN)
    return relay_server.start(Sendmail1998(lambda: control, site=site, now=clock.now, log=log_file))


@contextmanager
def _outgoing(handler: Any) -> Iterator[Controller]:
    """The mail server through which letters leave."""
    controller = Controller(handler, hostname="127.0.0.1", port=settings.EMAIL_PORT)
    controller.start()
    try:
        yield controller
    finally:
        controller.stop()


class _Sink:
    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        return "250 Ok"


def _set_up_tables(mailbox: MailboxServer, relay: RelayServer, log_file: Path) -> None:
    organisation.import_organisation(cast.ORGANISATION)
    host = MailHost.objects.get(name="mail")
    host.probe_port = relay.port
    host.probe_confirmed_at, host.probe_confirmed_by = FIRST_DAY, "lead"
    host.save()
    box, _ = Mailbox.objects.update_or_create(
        name="webmaster",
        defaults={
            "address": cast.WEBMASTER,
            "host": mailbox.host,
            "port": mailbox.port,
            "security": Mailbox.Security.NONE,
            "username": mailbox.username,
            "lease_until": None,
            "next_attempt_at": None,
        },
    )
    set_password(box, mailbox.password)
    box.save(update_fields=["password_encrypted"])
    LogSource.objects.update_or_create(
        path=str(log_file), defaults={"host": host, "lease_until": None}
    )
    _contacts()


def _contacts() -> None:
    for name, kind, details in (
        (
            "Slipstream Networks",
            Contact.Kind.PROVIDER,
            {"email": cast.UPSTREAM_ABUSE, "networks": ["198.18.77.0/24"]},
        ),
        (
            "コンピュータ緊急対応調整室",
            Contact.Kind.CSIRT,
            {"email": "info@kinkyu-taio.example", "language": "ja"},
        ),
        (
            "Meridian Opportunities",
            Contact.Kind.ORIGINATOR,
            {
                "fax": cast.BROKER_FAX,
                "domains": ["golden-envelope.example", "bulkpilot.example"],
            },
        ),
    ):
        Contact.objects.update_or_create(name=name, defaults={"kind": kind, **details})


def _person(name: str) -> User:
    user, made = User.objects.get_or_create(
        username=name, defaults={"is_staff": True, "is_superuser": name == "admin"}
    )
    if made:
        user.set_unusable_password()
        user.save()
    group = Group.objects.filter(name=PEOPLE.get(name, "").lower()).first()
    if group is not None:
        user.groups.add(group)
    return user


def _folder() -> Path:
    """Where the demo keeps its clock, its log and its mailbox."""
    return Path(settings.MEYASU_DATA_DIR) / "demo"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
