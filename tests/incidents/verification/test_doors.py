"""Every way in of a real Exim: ports 25, 465 and 587, STARTTLS, IPv6, right and wrong passwords."""

import socket

import pytest
from django.utils import timezone

from incidents.verification import battery, doors
from incidents.verification.asking import Asking
from incidents.verification.doors import Door, Tls
from incidents.verification.findings import Sightings
from incidents.verification.target import Target
from incidents.verification.trial import Places
from incidents.verification.verdict import judge
from tests import certificates, mailservers
from tests.incidents.verification import eximconf

PORTS = [25, 465, 587]
IPV6_PORT = mailservers.own_port(2)
PLACES = Places(
    our_domain="example.org",
    our_mailbox="abuse@example.org",
    test_recipient="relaytest@probe.example",
    sender_domain="probe.example",
    campaign_senders=("winner@riches.example",),
    token="k7",
    our_host="mail.example.org",
    signs_in=True,
)
MAIN = """
local_interfaces = <; {address}.25 ; {address}.465 ; {address}.587 ; [::1]:{ipv6}
tls_on_connect_ports = 465
tls_certificate = {folder}/localhost.pem
tls_privatekey = {folder}/localhost.pem
"""
SIGN_IN = """
plain:
  driver = plaintext
  public_name = PLAIN
  server_set_id = $auth2
  server_condition = ${if {condition}}
  server_advertise_condition = ${if or{{def:tls_in_cipher}{{always}}}}
"""
KNOWN = "and{{eq{$auth2}{desk}}{eq{$auth3}{secret}}}"
ANYBODY = "eq{1}{1}"


@pytest.fixture(autouse=True)
def desk_account(settings):
    settings.MEYASU_PROBE_USER, settings.MEYASU_PROBE_PASSWORD = "desk", "secret"


def asked(*, hole="", condition=KNOWN):
    """The verdict on an Exim, closed but for a hole in its rules; and its answers by name."""
    main = MAIN.replace("{address}", mailservers.own_address()).replace("{ipv6}", str(IPV6_PORT))
    sign_in = SIGN_IN.replace("{condition}", condition).replace("{{always}}", "{eq{1}{1}}")
    closed = eximconf.CLOSED.replace("  accept hosts = 127.0.0.1\n", "")
    acl = closed.replace("check:", f"check:\n{hole}")
    own = mailservers.own_address()
    ways = (*doors.others((own,), 25), Door("IPv6", "::1", IPV6_PORT))
    probes = battery.build(PLACES, ways)
    with eximconf.exim(
        PORTS, main=main, acl=acl, tls="*", authenticators=sign_in, files=certificates.self_signed
    ):
        target = Target("mail.example.org", own, 25)
        asking = Asking(target, {way.name: way for way in ways}, PLACES, now=timezone.now())
        answers = asking.ask_all(probes)
    now = timezone.now()
    verdict = judge(
        probes, answers, Sightings(now, now, log_read_until=now.max.replace(tzinfo=now.tzinfo))
    )
    return verdict, {answer.probe: answer for answer in answers}


def test_a_closed_server_is_closed_at_every_door_and_its_users_can_send():
    verdict, answers = asked()
    assert verdict.outcome == "fixed", [str(reason) for reason in verdict.reasons]
    for door in ("25 STARTTLS", "587 STARTTLS", "465 TLS", "587", "IPv6"):
        assert answers[f"fresh-sender {door}"].code == 550, door
        assert answers[f"our-postmaster {door}"].code == 550, door
    for door in ("25 STARTTLS", "587 STARTTLS", "465 TLS"):
        said = answers[f"fresh-sender {door}"].transcript
        assert any(line.startswith("-- encrypted, TLS") for line in said), door
    assert answers["own-user"].accepted
    assert answers["wrong-password"].code == 550
    assert "< 535 Incorrect authentication data" in answers["wrong-password"].transcript
    assert not any("secret" in line for answer in answers.values() for line in answer.transcript)


@pytest.mark.parametrize(
    ("hole", "door"),
    [
        ("  accept condition = ${if eq{$received_port}{587}}", "587"),
        ("  accept condition = ${if eq{$received_port}{465}}", "465 TLS"),
        ("  accept condition = ${if def:tls_in_cipher}", "25 STARTTLS"),
        ("  accept hosts = <; ::1", "IPv6"),
    ],
)
def test_one_door_left_open_is_found_and_named(hole, door):
    verdict, answers = asked(hole=hole)
    assert verdict.outcome == "partial"
    assert answers[f"fresh-sender {door}"].accepted
    assert not answers["fresh-sender-1"].accepted
    assert f"fresh-sender {door}" in str(verdict.for_vendor) + str(verdict.reasons[0])


def test_a_server_that_takes_any_password_relays_for_anybody():
    verdict, answers = asked(condition=ANYBODY)
    assert verdict.outcome == "partial"
    assert answers["wrong-password"].accepted
    assert "< 235 Authentication succeeded" in answers["wrong-password"].transcript


def test_a_door_that_is_not_there_counts_for_nothing():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    shut = Door("465 TLS", "127.0.0.1", port, Tls.IMPLICIT)
    asking = Asking(
        Target("mail", "127.0.0.1", port), {shut.name: shut}, PLACES, now=timezone.now()
    )
    probes = [one for one in battery.build(PLACES, (shut,)) if one.door and not one.login]
    answers = asking.ask_all(tuple(probes))
    assert [answer.offered for answer in answers] == [False]
