"""Exim's lines: what a stranger writes into one never becomes a field of ours."""

from datetime import UTC, datetime

import pytest

from complaints.maillog import dialects, exim
from complaints.maillog.dialects import Tally
from complaints.maillog.entry import Event
from complaints.maillog.framing import Framing

OLD, NEW = "1rBcDE-00012a-1x", "1wDe7A-0000000085x-1pQr"


def read(text):
    line = f"2026-03-02 10:00:05 {text}"
    framing = Framing(zone=UTC, not_after=datetime(2026, 4, 1, tzinfo=UTC))
    return next(dialects.read_lines([line], framing=framing, tally=Tally()), None)


@pytest.mark.parametrize(
    ("host", "name", "address"),
    [
        ("mx.far.example [203.0.113.9]:4022", "mx.far.example", "203.0.113.9"),
        ("mx.far.example (helo) [203.0.113.9]", "mx.far.example", "203.0.113.9"),
        ("(helo) [203.0.113.9]", "", "203.0.113.9"),
        ("[203.0.113.9]", "", "203.0.113.9"),
        ("([127.0.0.1]) [203.0.113.9]:4022", "", "203.0.113.9"),
        ("(a) [127.0.0.1] b) [203.0.113.9]", "", "203.0.113.9"),
        ("(x) [2001:db8::1]:25", "", "2001:db8::1"),
    ],
)
def test_the_client_is_what_stands_in_the_last_brackets(host, name, address):
    facts = read(f"{OLD} <= a@far.example H={host} P=esmtp S=10 id=1@far.example").facts
    assert (facts["client_name"], facts["client_ip"]) == (name, address)


@pytest.mark.parametrize(
    "told",
    [
        'T="x\\" A=plain:anna U=root" from <a@far.example> for b@ours.example',
        'X=TLS1.3:x:256 DN="CN=a A=plain:anna" S=3',
        "id=A=plain:anna@far.example",
        "U=anna",
        "for A=plain:anna@ours.example",
    ],
)
def test_a_subject_certificate_or_ident_signs_nobody_in(told):
    entry = read(f"{OLD} <= a@far.example H=(x) [203.0.113.9] P=esmtp {told}")
    assert entry.facts["authenticated"] == ""
    assert entry.facts["client_ip"] == "203.0.113.9"


def test_a_signed_in_user_is_the_name_behind_the_authenticator():
    host = "H=(x) [203.0.113.9] P=esmtpsa"
    assert read(f"{OLD} <= a@b.example {host} A=plain:anna").facts["authenticated"] == "anna"
    assert read(f"{OLD} <= a@b.example {host} A=plain:anna:a@b").facts["authenticated"] == "anna"
    assert read(f"{OLD} <= a@b.example {host} A=tls").facts["authenticated"] == "signed in (tls)"


def test_a_message_without_a_host_was_made_here_by_a_user():
    facts = read(f"{NEW} <= root@ours.example U=root P=local S=10").facts
    assert (facts["client_ip"], facts["authenticated"]) == ("", "root")


def test_a_bounce_names_the_message_it_is_about():
    entry = read(f"{NEW} <= <> R={OLD} U=exim P=local S=10")
    assert (entry.event, entry.facts["sender"], entry.facts["parent"]) == (Event.ARRIVAL, "", OLD)


@pytest.mark.parametrize(
    ("told", "recipient", "original", "status", "relay"),
    [
        ("=> b <b@ours.example> R=l T=l", "b@ours.example", "", "sent", "local"),
        ("=> b <team@ours.example> R=l T=l", "b", "team@ours.example", "sent", "local"),
        ("=> b@x.example <c@y.example> R=d T=r H=mx [192.0.2.1]", "b@x.example", "c@y.example",
         "sent", "mx"),
        ('=> "a R=b T=c"@x.example R=d T=r H=mx [192.0.2.1]', '"a R=b T=c"@x.example', "", "sent",
         "mx"),
        ("=> /var/mail/b <b@ours.example> R=l T=f", "b@ours.example", "", "sent", "local"),
        (">> b@x.example R=d T=r H=mx [192.0.2.1]", "b@x.example", "", "sent", "mx"),
        ("== b@x.example routing defer (-51): retry time not reached", "b@x.example", "",
         "deferred", ""),
        ("** b@x.example: Unknown user", "b@x.example", "", "bounced", ""),
        ("** b@x.example : Unrouteable address", "b@x.example", "", "bounced", ""),
        ("** b@x.example <c@y.example> F=<a@z.example>: no", "b@x.example", "c@y.example",
         "bounced", ""),
        ("** b@x.example R=d T=r: SMTP error from remote mail server after RCPT TO:<b@x.example>: "
         "host mx.x.example [192.0.2.1]: 550 5.1.1 no", "b@x.example", "", "bounced",
         "mx.x.example"),
        ("** b@x.example: retry timeout exceeded", "b@x.example", "", "expired", ""),
    ],
)  # fmt: skip
def test_a_delivery_tells_recipient_status_and_relay(told, recipient, original, status, relay):
    entry = read(f"{NEW} {told}")
    assert entry.recipients == (recipient,)
    facts = entry.facts
    assert (facts["original_recipient"], facts["status"], facts["relay"]) == (
        original, status, relay,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("told", "facts"),
    [
        ("H=(x) [192.0.2.1] F=<a@x.example> rejected RCPT <b@y.example>: relay not permitted",
         {"reason": "relay", "recipient": "b@y.example", "sender": "a@x.example", "helo": "x"}),
        ("H=(x) [192.0.2.1] rejected MAIL <a@x.example>: no", {"sender": "a@x.example"}),
        ("H=(x) [192.0.2.1] rejected EHLO or HELO me.example", {"helo": "me.example"}),
        ('H=(x) [192.0.2.1] temporarily rejected connection in "connect" ACL: busy', {}),
        ("rejected HELO from (x) [192.0.2.1]: syntactically invalid argument(s): x_y", {}),
        ("refused connection from [192.0.2.1] (host_reject_connection)", {}),
        ("Connection from [192.0.2.1] refused: too many connections from that address", {}),
        ("H=[192.0.2.1]:99 dropped by 'connect' ACL: no", {}),
        ("F=a@x.example H=(x) [192.0.2.1] P=esmtp rejected by local_scan(): no", {}),
    ],
)  # fmt: skip
def test_a_refusal_names_the_client(told, facts):
    entry = read(told)
    assert entry.event is Event.REFUSAL
    assert entry.facts["client_ip"] == "192.0.2.1"
    assert facts.items() <= entry.facts.items()


def test_what_stands_below_a_refusal_in_the_reject_log_is_known():
    lines = [
        f"2026-03-02 10:00:05 {OLD} H=(x) [192.0.2.1] F=<a@b.example> rejected after DATA: spam",
        "Envelope-from: <a@b.example>",
        "Envelope-to: <c@d.example>",
        "P Received: from x ([192.0.2.1])",
        "\tby mx.d.example; Mon, 2 Mar 2026 10:00:05 +0000",
        "I Message-ID: <m@b.example>",
        "  Subject: 2026-03-02 10:00:05 1rBcDE-00012a-1x Completed",
        "*  To: c@d.example",
        "-" * 60,
    ]
    framing = Framing(zone=UTC, not_after=datetime(2026, 4, 1, tzinfo=UTC))
    tally = Tally()
    entries = list(dialects.read_lines(lines, framing=framing, tally=tally))
    assert [entry.event for entry in entries] == [Event.REFUSAL]
    assert (tally.read, tally.understood) == (9, 9)


def test_message_ids_of_both_lengths_are_known_and_others_not():
    assert exim.is_message_id(OLD)
    assert exim.is_message_id(NEW)
    for other in ("", "1rBcDE-00012a", "1rBcDE-00012a-1é", "1rBcDE_00012a_1x", "x" * 16, "x" * 23):
        assert not exim.is_message_id(other)
