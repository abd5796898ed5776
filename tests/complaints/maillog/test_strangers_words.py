"""What a stranger writes into an address, a Message-ID or an answer forges no other field.

Were it otherwise, a spammer could make himself a trusted client in our eyes, or a foreign
recipient one of ours.
"""

from datetime import UTC, datetime

import pytest

from complaints.maillog import dialects, postfix
from complaints.maillog.assemble import Assembler
from complaints.maillog.dialects import Tally
from complaints.maillog.direction import Ourselves, direction_of
from complaints.maillog.entry import Stamped
from complaints.maillog.framing import Framing

US = Ourselves(domains=frozenset({"ours.example"}), networks=("192.0.2.0/24",))
SENDMAIL = "Mar  2 09:00:00 mx2 sendmail[7]: JAA00007: "
POSTFIX = "Mar  2 09:00:00 mx1 postfix/smtp[7]: 3C1F2A8B04: "
FROM = "from=<a@riches.example>, size=9, class=0, pri=9, nrcpts=1, "
TO = (
    "to=<x@far.example>, delay=00:00:01, xdelay=00:00:01, mailer=esmtp, "
    "relay=mx.far.example. [203.0.113.9], stat=Sent (OK)"
)
CLIENT = "client=pc.dial.example[198.51.100.7]"
SENT = "relay=mx.far.example[203.0.113.9]:25, delay=1, delays=1/0/0/0, dsn=2.0.0, status=sent (ok)"


def direction(*lines):
    framing = Framing(zone=UTC, not_after=datetime(2026, 3, 10, tzinfo=UTC))
    assembler = Assembler()
    assembler.feed(dialects.read_lines(lines, framing=framing, tally=Tally()))
    (passage,), refused = assembler.take()
    assert refused == []
    return direction_of(
        US,
        client_ip=passage.client_ip,
        authenticated_user=passage.authenticated_user,
        recipients=[handover.asked_for for handover in passage.handovers.values()],
        known=passage.client_known,
    )


@pytest.mark.parametrize(
    "arrival",
    [
        FROM + "msgid=<1@riches.example>, proto=SMTP, relay=pc.dial.example [198.51.100.7]",
        FROM + "msgid=<x, relay=pc1.ours.example [192.0.2.1]>, proto=SMTP, relay=[198.51.100.7]",
        FROM + "msgid=<x>, auth=PLAIN, proto=SMTP, daemon=MTA, relay=[198.51.100.7]",
        FROM + "msgid=<x>, proto=ESMTPA, proto=SMTP, relay=[198.51.100.7]",
        FROM + 'msgid=<a"b, c>, proto=SMTP, relay=[198.51.100.7] (may be forged)',
        FROM + "msgid=<1>, proto=SMTP, relay=x (@pc1.ours.example [192.0.2.1]@h [198.51.100.7]",
        'from=<"a, size=1, nrcpts=0, msgid=<>, relay=root@localhost"@riches.example>, size=9, '
        "class=0, nrcpts=1, msgid=<1>, proto=SMTP, relay=[198.51.100.7]",
    ],
)
def test_sendmails_client_is_what_sendmail_says(arrival):
    assert direction(SENDMAIL + arrival, SENDMAIL + TO) == "stranger"


@pytest.mark.parametrize(
    "recipient",
    [
        "<x@far.example>",
        '<"x>, delay=0, mailer=local"@far.example>',
        '<"x>, ctladdr=<y> (1/1)"@far.example>',
        '<"x,y"@far.example>',
        '<"x>, delay=0, mailer=local, stat=Sent"@far.example>',
        "<x%far.example@ours.example>",
        "<mika@ours.example>,<x@far.example>",
    ],
)
def test_sendmails_recipient_is_the_whole_address(recipient):
    arrival = SENDMAIL + FROM + "msgid=<1>, proto=SMTP, relay=[198.51.100.7]"
    assert direction(arrival, SENDMAIL + TO.replace("<x@far.example>", recipient)) == "stranger"


def test_what_our_alias_made_of_a_mail_for_us_is_for_us():
    arrival = SENDMAIL + FROM + "msgid=<1>, proto=SMTP, relay=[198.51.100.7]"
    assert direction(arrival, SENDMAIL + TO.replace("<x@far.example>", "x@far.example")) == "in"
    alias = "to=<x@far.example>, orig_to=<hana@ours.example>, "
    assert direction(POSTFIX + CLIENT, POSTFIX + alias + SENT) == "in"
    hack = "to=<x@far.example>, orig_to=<x%far.example@ours.example>, "
    assert direction(POSTFIX + CLIENT, POSTFIX + hack + SENT) == "stranger"


def test_what_went_into_a_mailbox_here_was_for_us():
    mailbox = "to=<hana@other-name.example>, relay=local, delay=1, dsn=2.0.0, status=sent (ok)"
    assert direction(POSTFIX + CLIENT, POSTFIX + mailbox) == "in"
    assert direction(POSTFIX + CLIENT, POSTFIX + mailbox.replace("local", "virtual")) == "in"
    program = 'to="|/usr/bin/vacation x@far.example", delay=0, mailer=prog, stat=Sent'
    arrival = SENDMAIL + FROM + "msgid=<1>, proto=SMTP, relay=[198.51.100.7]"
    assert direction(arrival, SENDMAIL + program) == "in"


@pytest.mark.parametrize(
    "recipient",
    [
        "x@far.example",
        "x>, relay=local, delay=0, dsn=2.0.0, status=sent (ok)@far.example",
        "mika@ours.example>, orig_to=<x@far.example",
        "x>y@far.example",
    ],
)
def test_postfixs_recipient_is_the_whole_address(recipient):
    assert direction(POSTFIX + CLIENT, POSTFIX + f"to=<{recipient}>, {SENT}") == "stranger"


def test_a_client_whose_address_is_lost_is_not_this_host():
    lines = POSTFIX + "client=unknown[unknown]", POSTFIX + f"to=<x@far.example>, {SENT}"
    assert direction(*lines) == "unknown"
    cut_off = SENDMAIL + FROM + "msgid=<" + 900 * "x"
    assert direction(cut_off, SENDMAIL + TO) == "unknown"


def test_a_subject_that_looks_like_another_line_is_a_subject():
    line = POSTFIX + (
        "warning: header Subject: sender non-delivery notification: 3C1F2A8B05 "
        "from pc.dial.example[198.51.100.7]; from=<a@riches.example> to=<x@far.example>"
    )
    framing = Framing(zone=UTC, not_after=datetime(2026, 3, 10, tzinfo=UTC))
    (entry,) = dialects.read_lines([line], framing=framing, tally=Tally())
    assert entry.facts == {"subject": "sender non-delivery notification: 3C1F2A8B05"}


@pytest.mark.parametrize(
    "answer", ["forwarded as ", " queued as ", "(", ")", "Ok: queued as", "forwarded as )"]
)
def test_an_answer_that_breaks_off_names_no_queue_id(answer):
    sent = SENT.replace("(ok)", f"({answer})")
    assert direction(POSTFIX + CLIENT, POSTFIX + f"to=<x@far.example>, {sent}") == "stranger"
    arrival = SENDMAIL + FROM + "msgid=<1>, proto=SMTP, relay=[198.51.100.7]"
    assert direction(arrival, SENDMAIL + TO.replace("(OK)", f"({answer})")) == "stranger"


SIGN_IN = (
    "Mar  2 08:59:59 mx2 sendmail[7]: AUTH=server, relay=[198.51.100.7], authid=mika, mech=PLAIN"
)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (SIGN_IN, "out"),
        (SIGN_IN.replace("[7]", "[8]"), "stranger"),
        (SIGN_IN.replace("198.51.100.7", "198.51.100.8"), "stranger"),
        (SIGN_IN.replace("08:59:59", "07:00:00"), "stranger"),
    ],
)
def test_who_signed_in_is_told_by_process_and_address(line, expected):
    arrival = SENDMAIL + FROM + "msgid=<1>, proto=ESMTP, relay=[198.51.100.7]"
    assert direction(line, arrival, SENDMAIL + TO) == expected


def test_the_protocol_tells_that_a_client_signed_in():
    arrival = SENDMAIL + FROM + "msgid=<1>, proto=ESMTPSA, daemon=MSP, relay=[198.51.100.7]"
    assert direction(arrival, SENDMAIL + TO) == "out"


def test_a_message_id_that_looks_like_fields_is_kept_whole():
    said = "<x, relay=pc1.ours.example [192.0.2.1], proto=SMTP>"
    line = SENDMAIL + FROM + f"msgid={said}, proto=SMTP, relay=[198.51.100.7]"
    framing = Framing(zone=UTC, not_after=datetime(2026, 3, 10, tzinfo=UTC))
    (entry,) = dialects.read_lines([line], framing=framing, tally=Tally())
    assert entry.facts["message_id"] == said


def test_a_recipient_that_looks_like_a_whole_delivery_names_no_relay():
    forged = "a>, relay=ours[192.0.2.1]:25, delay=1, delays=1/0/0/0, dsn=2.0.0, status=sent (x"
    text = (
        f"A61D02463D9: to=<{forged}@b.example>, relay=mx.b.example[198.51.100.7]:25, delay=1, "
        "delays=0/0/0/1, dsn=5.1.1, status=bounced (550 no such user)"
    )
    said = Stamped(datetime(2026, 3, 2, tzinfo=UTC), "mx1", "postfix/smtp", "1", text)
    entry = postfix.read(said, text)
    assert entry.facts["relay_ip"] == "198.51.100.7"
    assert entry.facts["status"] == "bounced"
    assert entry.recipients == (f"{forged}@b.example",)
