"""Exim, OpenSMTPD, Postfix and sendmail, each in five states at five ports, and the verdict due.

A closed one trusts no network that 127.0.0.2 is in, where the probes come from. Each state is made
as its postmasters make it: an address too many in the trusted networks, a sender's domain trusted.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path

from tests import mailservers, servers

SENDERS = ("winner@riches.example", "lucky@riches.example", "sales@blaster.example")
VERDICTS = {
    "open": "none",
    "forged": "partial",
    "blocks": "partial",
    "wide": "none",
    "closed": "fixed",
}
Doors = dict[str, int]

EXIM = """
primary_hostname = mail.example.org
exim_path = {root}/usr/sbin/exim4
spool_directory = {folder}/spool
log_file_path = {folder}/log/%slog
pid_file_path = {folder}/exim.pid
daemon_smtp_ports = {ports}
local_interfaces = {address}
host_lookup =
rfc1413_query_timeout = 0s
keep_environment =
tls_advertise_hosts =
acl_smtp_rcpt = check
acl_smtp_mail = begin_mail
begin acl
begin_mail:
  accept condition = ${if eq{$received_port}{{tarpit}}}
         delay = 5m
  accept
check:
  deny condition = ${if eq{$received_port}{{blocks}}}
       senders = {senders}
       message = sender blocked
  accept condition = ${if or{{eq{$received_port}{{open}}}{eq{$received_port}{{blocks}}}}}
         ! domains = example.org
  accept condition = ${if eq{$received_port}{{wide}}}
         hosts = 127.0.0.0/8
         ! domains = example.org
  accept condition = ${if eq{$received_port}{{forged}}}
         senders = *@example.org
         ! domains = example.org
  accept domains = example.org
         verify = recipient
  deny message = relay not permitted
begin routers
mine:
  driver = accept
  domains = example.org
  local_parts = abuse
  transport = nul
begin transports
nul:
  driver = appendfile
  file = /dev/null
  user = nobody
"""


@contextmanager
def exim() -> Iterator[Doors]:
    """A further door, `tarpit`, keeps each sender waiting for five minutes."""
    root = mailservers.unpacked("exim", "exim4-daemon-light", "exim4-base", "libidn12")
    doors = _doors(2500) | {"tarpit": 2509}
    with mailservers.work_folder() as folder:
        text = EXIM.replace("{root}", str(root)).replace("{folder}", str(folder))
        text = text.replace("{address}", mailservers.own_address())
        text = text.replace("{ports}", " : ".join(map(str, doors.values())))
        text = text.replace("{senders}", " : ".join(SENDERS))
        for state, port in doors.items():
            text = text.replace("{{" + state + "}}", "{" + str(port) + "}")
        (folder / "exim.conf").write_text(text)
        for name in ("spool", "log"):
            (folder / name).mkdir()
            (folder / name).chmod(0o777)
        command = [str(root / "usr/sbin/exim4"), "-C", str(folder / "exim.conf"), "-bdf"]
        with mailservers.running(root, folder, command, doors.values()):
            yield doors


OPENSMTPD = """
table users { "abuse@example.org" = "nobody" }
table blocked { %(senders)s }
action "relay" relay host smtp://127.0.0.1:1
action "nul" mda "true" virtual <users>
%(listen)s
match tag blocks mail-from <blocked> from any for any reject
match from any for domain "example.org" action "nul"
match tag open from any for any action "relay"
match tag blocks from any for any action "relay"
match tag wide from src "127.0.0.0/8" for any action "relay"
match tag forged mail-from "@example.org" from any for any action "relay"
"""


@contextmanager
def opensmtpd() -> Iterator[Doors]:
    root = mailservers.unpacked("opensmtpd", "opensmtpd", "libopensmtpd0")
    doors = _doors(2510)
    listen = "\n".join(
        f"listen on {mailservers.own_address()} port {port} tag {state} hostname mail.example.org"
        for state, port in doors.items()
    )
    with mailservers.work_folder() as folder:
        senders = ", ".join(f'"{sender}"' for sender in SENDERS)
        (folder / "smtpd.conf").write_text(OPENSMTPD % {"senders": senders, "listen": listen})
        command = [str(root / "usr/sbin/smtpd"), "-d", "-f", str(folder / "smtpd.conf")]
        with mailservers.running(root, folder, command, doors.values()):
            yield doors


POSTFIX = """
mynetworks = 192.0.2.0/24
smtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination
"""
POSTFIX_STATES = {
    "open": "-o mynetworks=0.0.0.0/0 -o allow_untrusted_routing=yes",
    "wide": "-o mynetworks=127.0.0.0/8",
    "forged": "-o { smtpd_relay_restrictions = check_sender_access texthash:{folder}/etc/trusted, "
    "reject_unauth_destination }",
    "blocks": "-o mynetworks=0.0.0.0/0 -o allow_untrusted_routing=yes "
    "-o smtpd_sender_restrictions=check_sender_access,texthash:{folder}/etc/blocked",
    "closed": "",
}


@contextmanager
def postfix() -> Iterator[Doors]:
    """It discards what it takes (tests/servers.py); the probes end before they send anything."""
    by_state = _doors(2520)
    doors = "\n".join(
        f"{mailservers.own_address()}:{port} inet n - n - - smtpd {POSTFIX_STATES[state]}"
        for state, port in by_state.items()
    )
    maps = {
        "blocked": "".join(f"{sender} REJECT\n" for sender in SENDERS),
        "trusted": "example.org OK\n",
    }
    with servers.postfix(POSTFIX, doors=doors, **maps):
        yield by_state


SENDMAIL = """divert(-1)
include(`{root}/usr/share/sendmail/cf/m4/cf.m4')
divert(0)
OSTYPE(`unknown')
define(`confCF_VERSION', `{state}')
define(`confDOMAIN_NAME', `mail.example.org')
define(`confPID_FILE', `{folder}/{state}/pid')
define(`QUEUE_DIR', `{folder}/{state}/queue')
define(`STATUS_FILE', `')
define(`HELP_FILE', `')
define(`ALIAS_FILE', `')
define(`confDONT_BLAME_SENDMAIL', `MapInUnsafeDirPath')
define(`confTO_IDENT', `0')
define(`confPRIVACY_FLAGS', `')
define(`LOCAL_MAILER_PATH', `/bin/true')
LOCAL_DOMAIN(`example.org')
DAEMON_OPTIONS(`Name=MTA, Addr={address}, Port={port}')
FEATURE(`no_default_msa')
FEATURE(`nocanonify')
FEATURE(`accept_unresolvable_domains')
FEATURE(`accept_unqualified_senders')
{features}
MAILER(`local')
MAILER(`smtp')
"""
SENDMAIL_STATES = {
    "open": "FEATURE(`promiscuous_relay')\nFEATURE(`loose_relay_check')",
    "forged": "FEATURE(`relay_mail_from', `domain')",
    "blocks": "FEATURE(`promiscuous_relay')\nFEATURE(`blocklist_recipients')",
    "wide": "",
    "closed": "",
}
SENDMAIL_ACCESS = {
    "forged": "From:example.org\tRELAY\n",
    "blocks": "".join(f"From:{sender}\tREJECT\n" for sender in SENDERS),
    "wide": "Connect:127\tRELAY\n",
}


@contextmanager
def sendmail() -> Iterator[Doors]:
    """A process a state, each with a configuration made by sendmail's own m4."""
    root = mailservers.unpacked(
        "sendmail", "sendmail-bin", "sendmail-cf", "m4", "libsigsegv2", "libwrap0", "libnsl2",
        "liblockfile1",
    )  # fmt: skip
    doors = _doors(2530)
    with mailservers.work_folder() as folder, ExitStack() as running:
        for state, port in doors.items():
            command = _sendmail_in(state, port, root, folder)
            home = folder / state
            running.enter_context(mailservers.running(root, home, command, (port,)))
        yield doors


def _sendmail_in(state: str, port: int, root: Path, folder: Path) -> list[str]:
    """Write the configuration of a state; the command that runs a sendmail with it."""
    home = folder / state
    (home / "queue").mkdir(parents=True)
    access = f"FEATURE(`access_db', `hash -T<TMPF> {home}/access')\n"
    text = SENDMAIL.replace("{features}", access + SENDMAIL_STATES[state])
    values = {"root": root, "state": state, "folder": folder, "port": port}
    for name, value in (values | {"address": mailservers.own_address()}).items():
        text = text.replace("{" + name + "}", str(value))
    macros = root / "usr/share/sendmail/cf"
    made = mailservers.run_unpacked(
        root, [root / "usr/bin/m4", f"-D_CF_DIR_={macros}/", "-"], text, cwd=macros
    )
    (home / "sendmail.cf").write_text(made)
    mailservers.run_unpacked(
        root,
        [
            root / "usr/libexec/sendmail/makemap",
            "-C",
            home / "sendmail.cf",
            "hash",
            home / "access",
        ],
        SENDMAIL_ACCESS.get(state, ""),
    )
    program = root / "usr/libexec/sendmail/sendmail"
    return [str(program), "-C", str(home / "sendmail.cf"), "-bD"]


SERVERS: dict[str, Callable[[], AbstractContextManager[Doors]]] = {
    "Exim": exim,
    "OpenSMTPD": opensmtpd,
    "Postfix": postfix,
    "sendmail": sendmail,
}


def _doors(first_port: int) -> Doors:
    return {state: first_port + number for number, state in enumerate(VERDICTS)}
