"""Names that lie: the system's DNS server is ours and changes its answers; no probe asks it."""

import json
import os
import subprocess
import sys

from tests import mailservers
from tests.incidents.correspondence.lookup import servers

STRANGER = "9.9.9.9"
RECORDS = {
    ("mail.example.org.", "A"): ["8.8.4.4"],
    ("cname.example.org.", "CNAME"): ["mail.stranger.example."],
    ("mail.stranger.example.", "A"): [STRANGER],
    ("example.org.", "MX"): ["10 mail.stranger.example."],
}
# Run where /etc/resolv.conf names our server alone: what is looked up, is looked up there.
ASKED = """
import json, os, socket, sys
import django
django.setup()
from django.conf import settings
settings.MEYASU_PROBE_LOOPBACK = False
from datetime import UTC, datetime
from complaints.models import MailHost
from incidents.verification import pages, target
from incidents.verification.doors import Door

def named(*addresses, fqdn="mail.example.org"):
    told = {"probe_confirmed_at": datetime(2024, 3, 1, tzinfo=UTC), "probe_confirmed_by": "lead"}
    host = MailHost(fqdn=fqdn, addresses=list(addresses), **told)
    host.probe_confirmed_addresses = host.addresses
    try:
        pinned = target.allowed(host, loopback=False)
    except target.NotAllowed as refusal:
        return str(refusal)
    return pinned.address

def looked_up(name):
    try:
        return sorted({found[4][0] for found in socket.getaddrinfo(name, 25, socket.AF_INET)})
    except OSError as error:
        return [str(error)]

print(json.dumps({"resolver": looked_up("mail.example.org")}), flush=True)
sys.stdin.readline()  # now the answer changes
print(json.dumps({
    "resolver": looked_up("mail.example.org"),
    "changed": named("8.8.4.4"),
    "name": named("mail.example.org"),
    "cname": named("cname.example.org"),
    "mx": named("example.org", fqdn="example.org"),
    "mapped": named("::ffff:9.9.9.9"),
    "decimal": named("151587081"),
    "octal": named("011.011.011.011"),
    "hex": named("0x09090909"),
    "link-local": named("169.254.169.254", "fe80::1"),
    "nat64": named("64:ff9b::909:909"),
    "page": pages.refusal("cname.example.org"),
}), flush=True)
"""


def test_no_lie_of_dns_leads_a_probe_to_a_stranger():
    asked: list[str] = []
    records = {key: list(said) for key, said in RECORDS.items()}
    with (
        mailservers.work_folder() as folder,
        servers.dns_server(
            records=records, asked=asked, address=(mailservers.own_address(), 53)
        ),
    ):  # fmt: skip
        (folder / "resolv.conf").write_text(f"nameserver {mailservers.own_address()}\n")
        shell = f"mount --make-rprivate / && mount --bind {folder}/resolv.conf /etc/resolv.conf"
        with subprocess.Popen(
            ["unshare", "--mount", "sh", "-c", f'{shell} && exec "$@"', "sh", sys.executable,
             "-c", ASKED],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env=os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings"},
        ) as process:  # fmt: skip
            first = json.loads(process.stdout.readline())
            records["mail.example.org.", "A"][:] = [STRANGER]
            answer, _ = process.communicate("\n", timeout=60)
    told = json.loads(answer)
    # The resolver is ours, and lies; twice it was asked by the test, and by nothing else.
    assert (first["resolver"], told.pop("resolver")) == (["8.8.4.4"], [STRANGER])
    assert set(asked) == {"mail.example.org."}
    assert len(asked) == 2
    assert told.pop("changed") == "8.8.4.4"
    for trick in ("name", "cname", "mx", "decimal", "octal", "hex", "page"):
        assert "names are never looked up" in told.pop(trick), trick
    for trick in ("mapped", "link-local", "nat64"):
        assert "not a public address" in told.pop(trick), trick
    assert told == {}
