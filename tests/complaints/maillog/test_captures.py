"""Logs of real servers, against what was really sent to them and what really arrived.

With -rP the tests print a table of the share of lines that were understood, by source.
"""

import json
from collections import Counter, defaultdict
from datetime import UTC, datetime

import pytest

from complaints.maillog import archive, dialects, message_id
from complaints.maillog.assemble import Assembler
from complaints.maillog.dialects import Tally
from complaints.maillog.direction import Ourselves, direction_of
from complaints.maillog.framing import MONTHS, Framing

SYSLOGS = ("mail.classic.log", "mail.iso.log", "mail.rfc5424.log")
JOURNALS = (
    "export", "json", "short", "short-full", "short-iso", "short-iso-precise", "short-unix",
    "verbose", "with-unit",
)  # fmt: skip
CAPTURES = [
    "postfix-3.7.11/maillogfile/maillog.log.gz",
    *(f"postfix-3.10.13/longids/{name}.gz" for name in SYSLOGS),
    *(f"postfix-3.10.13/journal/journal.{name}.log.gz" for name in JOURNALS),
    *(f"sendmail-8.17.1.9/loglevel9/{name}" for name in SYSLOGS),
    *(f"sendmail-8.18.1/loglevel14/{name}.gz" for name in SYSLOGS),
    "exim-4.96/debian-selectors/exim_mainlog.log",
    "exim-4.98.2/default/exim_mainlog.log",
    "exim-4.98.2/all-selectors/exim_mainlog.log.gz",
    *(f"opensmtpd-6.8.0p2/default/{name}.gz" for name in SYSLOGS),
    *(f"opensmtpd-7.6.0p1/default/{name}.gz" for name in SYSLOGS),
]
# Logs of others, without truth: how much of each is understood at least.
PUBLIC = {
    "exim-testsuite": 0.85,
    "lightmeter-controlcenter": 0.95,
    "syslogscan-1996": 0.95,
    "youyo-postfix-log-parser": 0.95,
}
# Postfix hands each message to its content filter there, and gets it back.
FILTER = "127.0.0.5"
US = Ourselves(
    domains=frozenset({"example.org"}),
    networks=("127.0.0.0/30", "127.0.0.5/32", "127.0.0.10/32"),
)
# sendmail cuts a Message-ID after this many characters.
LONGEST_MESSAGE_ID = 100
# Recipients without a sender before them: hardly a server logs these.
OUT_OF_TURN = 503
# Exim logs no longer Message-ID, and none with blanks inside.
LONGEST_OF_EXIM = 250


def _moved(text):
    """The capture's strangers have loopback addresses, which are ours; here they get others."""
    return text.replace("127.8.", "198.18.").replace("127.9.", "198.19.")


def _paths(path):
    """The files of one log: Exim writes some refusals to its reject log alone."""
    is_main_log = path.name.startswith("exim_mainlog")
    return [path, path.parent / "exim_rejectlog.log"] if is_main_log else [path]


def _read(path, paths=()):
    tally, assembler = Tally(), Assembler()
    framing = Framing(zone=UTC, not_after=datetime(2026, 11, 24, 12, tzinfo=UTC))
    lines = [_moved(line) for one in paths or _paths(path) for line in archive.lines_of(one)]
    assembler.feed(dialects.read_lines(lines, framing=framing, tally=tally))
    passages, refused = assembler.take()
    by_id = defaultdict(list)
    for passage in passages:
        by_id[passage.queue_id].append(passage)
    return by_id, refused, tally


def _truth(path):
    return [row for row in _rows(path) if row.get("accepted") and row["queue_id"]]


def _direction(passage):
    return direction_of(
        US,
        client_ip=passage.client_ip,
        authenticated_user=passage.authenticated_user,
        recipients=[handover.asked_for for handover in passage.handovers.values()],
        known=passage.client_known,
    )


def _has_its_message_id(path, row):
    """Whether the server logs the Message-ID that was sent, and whole."""
    sent = row["message_id"]
    if "opensmtpd" in str(path) or not sent:
        return False
    if "sendmail" in str(path):  # the last of two, and of a long one the beginning
        return row["case"] != "two-mids" and len(sent) <= LONGEST_MESSAGE_ID
    if "exim" in str(path):
        return " " not in sent and len(sent) <= LONGEST_OF_EXIM
    return True


@pytest.mark.parametrize("name", CAPTURES)
def test_a_real_log_says_what_was_really_sent(shared, name):
    path = shared / "corpus" / "maillogs" / "captured" / name
    by_id, refused, tally = _read(path)
    truth = _truth(path)
    print(f"| {name} | {tally.read} | {tally.understood / tally.read:.2%} |")

    assert len(truth) > 280
    assert len(refused) > 200
    assert tally.understood > 0.98 * tally.read
    for row in truth:
        passage = _passage_of(row, by_id)
        assert passage.client_ip == _moved(row["client_ip"]), row["case"]
        assert passage.sender.lower() == row["mail_from"].lower(), row["case"]
        if _has_its_message_id(path, row):
            said = message_id.normal_form(passage.message_id)
            assert said == message_id.normal_form(row["message_id"]), row["case"]
        # Who could not sign in and sent all the same (auth-bad) was a stranger.
        if row["open_relay_abuse"] is not None and row["case"] != "auth-bad":
            is_abuse = _direction(passage) == "stranger"
            assert is_abuse == row["open_relay_abuse"], (row["case"], passage.lines)


@pytest.mark.parametrize("name", CAPTURES)
def test_a_real_log_says_what_really_arrived(shared, name):
    path = shared / "corpus" / "maillogs" / "captured" / name
    by_id, _, _ = _read(path)
    for row in _truth(path):
        arrived = {
            delivery["sink_queue_id"]
            for delivery in row["sink_deliveries"]
            if delivery["rcpt"] != row["mail_from"]  # its bounce
        }
        said = {
            handover.next_queue_id
            for passage in _with_descendants(_passage_of(row, by_id), by_id)
            for handover in passage.handovers.values()
            if handover.status == "sent" and handover.relay_ip not in ("", FILTER)
            if passage.sender or not row["mail_from"]  # not what a bounce became
        }
        assert said == arrived, (row["case"], row["queue_id"])


@pytest.mark.parametrize("name", CAPTURES)
def test_a_real_log_tells_every_refused_recipient_and_no_other(shared, name):
    path = shared / "corpus" / "maillogs" / "captured" / name
    told, unwelcome = Counter(), set()
    for one in _paths(path):  # Exim's reject log says again what its main log says
        _, refused, _ = _read(path, [one])
        told |= Counter(attempt.recipient.lower() for attempt in refused if attempt.recipient)
        # sendmail refuses a client as such: no recipient is told.
        unwelcome |= {attempt.client_ip for attempt in refused if "check_relay" in attempt.line}
    answered, must_be_told = Counter(), Counter()
    for row in _rows(path):
        for recipient in row.get("rcpts") or []:
            if recipient.get("code", 0) >= 400:
                answered[recipient["addr"].lower()] += 1
                client_told = _moved(row["client_ip"]) in unwelcome
                if recipient["code"] != OUT_OF_TURN and not client_told:
                    must_be_told[recipient["addr"].lower()] += 1

    # A route is told by its first address; a word behind an address by the address alone.
    odd = [address for address in answered if address.startswith("@")]
    odd += ["y@accept.example", "alice@@example.org"]
    missing = must_be_told - told
    assert [address for address in missing if address not in odd] == []
    invented = told - answered
    odd += ["@example.org", "<>"]
    assert [address for address in invented if address not in odd] == []


@pytest.mark.parametrize("name", PUBLIC)
def test_most_lines_of_logs_by_others_are_understood(shared, name):
    folder = shared / "corpus" / "maillogs" / "public" / name
    tally = Tally()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.name.startswith("LICENCE"):
            framing = Framing(zone=UTC, not_after=datetime(2026, 11, 24, 12, tzinfo=UTC))
            lines = (line for line in archive.lines_of(path) if _is_of_a_log(line))
            list(dialects.read_lines(lines, framing=framing, tally=tally))
    print(f"| {name} | {tally.read} | {tally.understood / tally.read:.2%} |")
    for shape, count in tally.unknown.most_common(12):
        print(f"    {count} {shape}")
    assert tally.understood >= PUBLIC[name] * tally.read


def _is_of_a_log(line):
    """Between the lines of mail servers stand titles, headers, and other programs' lines."""
    if line[:3] in MONTHS:
        return " postfix" in line or " sendmail[" in line
    return line[:1].isdecimal()


def _rows(path):
    with (path.parent / "truth.jsonl").open(encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def _passage_of(row, by_id):
    return min(by_id[row["queue_id"]], key=lambda p: abs(p.queued_at.timestamp() - row["t_start"]))


def _with_descendants(passage, by_id):
    found, waiting = [], [passage]
    while waiting:
        passage = waiting.pop()
        found.append(passage)
        ids = [handover.next_queue_id for handover in passage.handovers.values()]
        waiting += [child for name in {*ids, *passage.children} for child in by_id.get(name, [])]
    return found
