"""The verdict against real mail servers, each in its states: the table of the issue.

A cell is one whole battery over SMTP from 127.0.0.2, which no closed server trusts.
"""

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from incidents.verification import battery, probe
from incidents.verification.findings import Sightings
from incidents.verification.probe import Us
from incidents.verification.target import Target
from incidents.verification.trial import Places
from incidents.verification.verdict import judge
from tests import mailservers, servers

NOW = datetime(2024, 3, 4, 12, 0, tzinfo=UTC)
QUIET = Sightings(since=NOW - timedelta(hours=1), until=NOW, log_read_until=NOW)
SENDERS = ("winner@riches.example", "lucky@riches.example", "sales@blaster.example")
PROBES = battery.build(
    Places(
        our_domain="example.org",
        our_mailbox="abuse@example.org",
        test_recipient="relaytest@probe.example",
        sender_domain="probe.example",
        campaign_senders=SENDERS,
        token="k7",
        our_host="mail.example.org",
    )
)
STATES = {
    "open": "none",
    "forged": "partial",
    "blocks": "partial",
    "wide": "none",
    "closed": "fixed",
}


def verdict_at(port):
    target = Target("mail.example.org", "127.0.0.1", port, source="127.0.0.2")
    us = Us("desk.example")
    answers = tuple(probe.ask_all(PROBES, lambda one: probe.ask(one, target, us=us)))
    return judge(PROBES, answers, QUIET)


def check(by_state):
    told = {state: verdict_at(port) for state, port in by_state.items()}
    wrong = {
        state: (verdict.outcome.value, [str(reason) for reason in verdict.reasons])
        for state, verdict in told.items()
        if verdict.outcome != STATES[state]
    }
    assert wrong == {}


EXIM = """
primary_hostname = mail.example.org
exim_path = {root}/usr/sbin/exim4
spool_directory = {folder}/spool
log_file_path = {folder}/log/%slog
pid_file_path = {folder}/exim.pid
daemon_smtp_ports = {ports}
local_interfaces = 127.0.0.1
host_lookup =
rfc1413_query_timeout = 0s
keep_environment =
tls_advertise_hosts =
acl_smtp_rcpt = check
begin acl
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


def test_exim_in_each_state_gets_its_verdict():
    root = mailservers.unpacked("exim", "exim4-daemon-light", "exim4-base", "libidn12")
    by_state = dict(zip(STATES, mailservers.ports(5), strict=True))
    with mailservers.work_folder() as folder:
        text = EXIM.replace("{root}", str(root)).replace("{folder}", str(folder))
        text = text.replace("{ports}", " : ".join(map(str, by_state.values())))
        text = text.replace("{senders}", " : ".join(SENDERS))
        for state, port in by_state.items():
            text = text.replace("{{" + state + "}}", "{" + str(port) + "}")
        (folder / "exim.conf").write_text(text)
        for name in ("spool", "log"):
            (folder / name).mkdir()
            (folder / name).chmod(0o777)
        command = [str(root / "usr/sbin/exim4"), "-C", str(folder / "exim.conf"), "-bdf"]
        with mailservers.running(root, folder, command, list(by_state.values())):
            check(by_state)


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


def test_opensmtpd_in_each_state_gets_its_verdict():
    root = mailservers.unpacked("opensmtpd", "opensmtpd", "libopensmtpd0")
    by_state = dict(zip(STATES, mailservers.ports(5), strict=True))
    listen = "\n".join(
        f"listen on 127.0.0.1 port {port} tag {state} hostname mail.example.org"
        for state, port in by_state.items()
    )
    with mailservers.work_folder() as folder:
        senders = ", ".join(f'"{sender}"' for sender in SENDERS)
        (folder / "smtpd.conf").write_text(OPENSMTPD % {"senders": senders, "listen": listen})
        command = [str(root / "usr/sbin/smtpd"), "-d", "-f", str(folder / "smtpd.conf")]
        with mailservers.running(root, folder, command, list(by_state.values())):
            check(by_state)


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
def postfix():
    by_state = dict(zip(STATES, mailservers.ports(5), strict=True))
    doors = "\n".join(
        f"127.0.0.1:{port} inet n - n - - smtpd {POSTFIX_STATES[state]}"
        for state, port in by_state.items()
    )
    maps = {
        "blocked": "".join(f"{sender} REJECT\n" for sender in SENDERS),
        "trusted": "example.org OK\n",
    }
    with servers.postfix(POSTFIX, doors=doors, **maps):
        yield by_state


def test_postfix_in_each_state_gets_its_verdict():
    with postfix() as by_state:
        check(by_state)
