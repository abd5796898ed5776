"""Saved logs: the same tables whatever the order, the splits and the repetitions."""

import gzip
import random
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from complaints import organisation
from complaints.intake import maillog, retention
from complaints.maillog import message_id
from complaints.maillog.dialects import NotAMailLog
from complaints.models import Delivery, Link, LogBlock, LogSource, MailHost, Refusal, RelayedMessage
from tests import make, postfixlog
from tests.make import at

SAMPLES = Path(__file__).parents[2] / "data" / "maillog"
SAMPLE = SAMPLES / "sendmail" / "relay-1998.log"
TAKEN = datetime.fromisoformat("1998-02-01T00:00:00+09:00")
READ_AT = at("2026-03-10 00:00")


@pytest.fixture
def host(db):
    organisation.import_organisation(
        {
            "name": "Ours",
            "domains": ["ours.example"],
            "networks": ["192.0.2.0/24"],
            "mail_hosts": [
                {"name": "mail", "fqdn": "mail.ours.example", "log_utc_offset": "+09:00"}
            ],
        }
    )
    return MailHost.objects.get()


def tables():
    """Everything the log says, without the numbers of the rows."""
    messages = RelayedMessage.objects.order_by("queued_at", "queue_id").values_list(
        "queue_id", "queued_at", "sender", "client_ip", "size_bytes", "direction", "finished_at"
    )
    deliveries = Delivery.objects.order_by("message__queued_at", "recipient").values_list(
        "message__queue_id", "recipient", "status", "attempts", "at"
    )
    return list(messages), list(deliveries), Refusal.objects.count()


def empty_tables():
    RelayedMessage.objects.all().delete()
    Refusal.objects.all().delete()


def imported(host, *paths, taken=TAKEN, zone=None):
    reading = maillog.Reading(zone=zone or maillog.zone_of(host), not_after=taken)
    return maillog.import_logs(paths, host, reading)


def log_of(tmp_path, *lines, name="maillog"):
    path = tmp_path / name
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def test_what_is_read_is_saved(host):
    imported(host, SAMPLE)
    messages, deliveries, refused = tables()
    assert [(row[0], row[5]) for row in messages] == [
        ("NAA24892", "stranger"),
        ("NAA25001", "out"),
        ("NAA24892", "internal"),
    ]
    assert ("NAA24892", "c@south.example", "sent", 2, at("1998-01-20 05:05:02")) in deliveries
    assert refused == 2


def test_reading_again_changes_nothing(host):
    imported(host, SAMPLE)
    before = tables()
    imported(host, SAMPLE)
    assert tables() == before


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("name", sorted(path.stem for path in SAMPLES.glob("[!o]*/*.log")))
def test_any_split_in_any_order_gives_the_same_tables(host, tmp_path, name, seed):
    (sample,) = SAMPLES.glob(f"*/{name}.log")
    taken = TAKEN if sample == SAMPLE else READ_AT
    imported(host, sample, taken=taken)
    whole = tables()
    empty_tables()
    dice = random.Random(seed)
    lines = sample.read_text(encoding="utf-8").splitlines(keepends=True)
    cuts = sorted(dice.sample(range(1, len(lines)), 3))
    parts = [lines[a:b] for a, b in zip([0, *cuts], [*cuts, len(lines)], strict=True)]
    dice.shuffle(parts)
    for number, part in enumerate([*parts, dice.choice(parts)]):
        path = tmp_path / f"maillog.{number}.gz"
        path.write_bytes(gzip.compress("".join(part).encode()))
        imported(host, path, taken=taken)
    assert tables() == whole


@pytest.mark.parametrize("seed", range(6))
def test_blocks_in_any_order_give_the_same_tables_as_lines(host, tmp_path, monkeypatch, seed):
    dice = random.Random(seed)
    MailHost.objects.create(name="mx2", fqdn="mx2.ours.example")
    lines = [f"{line}\n" for line in postfixlog.log(dice, postfixlog.STAMPS["classic"], 60)]
    whole = tmp_path / "whole"
    whole.write_text("".join(lines), encoding="utf-8")
    imported(host, whole, taken=at("2026-12-01 00:00"))
    as_lines = everything()
    empty_tables()
    cut_into_blocks(monkeypatch)
    monkeypatch.setattr("complaints.maillog.archive.BLOCK_BYTES", dice.choice([9_000, 90_000]))
    cuts = sorted(dice.sample(range(1, len(lines)), 2))
    parts = [lines[a:b] for a, b in zip([0, *cuts], [*cuts, len(lines)], strict=True)]
    dice.shuffle(parts)
    for number, part in enumerate([*parts, dice.choice(parts), lines]):
        path = tmp_path / f"maillog.{number}"
        path.write_text("".join(part), encoding="utf-8")
        imported(host, path, taken=at("2026-12-01 00:00"))
    assert everything() == as_lines


def everything():
    """All that stands in the tables, without the numbers of the rows."""
    told = [
        [
            (field.name, value(row, field))
            for field in type(row)._meta.concrete_fields
            if not field.name.startswith("log_")
        ]
        + [row.lines() if isinstance(row, RelayedMessage) else ""]
        for rows in (RelayedMessage.objects, Delivery.objects, Refusal.objects)
        for row in rows.all()
    ]
    return sorted(told, key=repr)


def value(row, field):
    """What a field holds; of a reference what it refers to, if it does."""
    if field.primary_key:
        return None
    found = getattr(row, field.name)
    if isinstance(found, RelayedMessage):
        return (found.queue_id, found.queued_at)
    return found


def test_a_followed_log_gives_the_same_tables_line_by_line(host, tmp_path):
    imported(host, SAMPLE)
    whole = tables()
    empty_tables()
    path = tmp_path / "maillog"
    path.touch()
    source = LogSource.objects.create(path=str(path), host=host)
    for line in SAMPLE.read_text(encoding="utf-8").splitlines(keepends=True):
        with path.open("a", encoding="utf-8") as file:
            file.write(line)
        maillog.read_new_lines(source, now=TAKEN)
    assert tables() == whole
    source.refresh_from_db()
    assert (source.lines_read, source.lines_unknown) == (11, 1)
    assert source.last_error == ""


@pytest.mark.parametrize("seed", range(2))
def test_a_log_followed_in_blocks_gives_the_same_tables_as_lines(host, tmp_path, monkeypatch, seed):
    monkeypatch.setattr("complaints.maillog.gather.SMALL_BYTES", 8_000)
    dice = random.Random(seed)
    lines = [f"{line}\n" for line in postfixlog.log(dice, postfixlog.STAMPS["classic"], 90)]
    path = tmp_path / "maillog"
    path.touch()
    source = LogSource.objects.create(path=str(path), host=host)
    for start in range(0, len(lines), 400):
        with path.open("a", encoding="utf-8") as file:
            file.write("".join(lines[start : start + 400]))
        maillog.read_new_lines(source, now=at("2026-03-03 00:00"))
    followed = everything()
    assert RelayedMessage.objects.exclude(log_block=None).exists()
    empty_tables()
    MailHost.objects.update(log_saved_until=None)
    imported(
        host, log_of(tmp_path, "".join(lines).rstrip("\n"), name="w"), taken=at("2026-03-03 00:00")
    )
    assert everything() == followed


def test_a_followed_session_reaches_over_polls_and_rotation(host, tmp_path):
    sample = SAMPLES / "opensmtpd" / "sessions.log"
    imported(host, sample, taken=READ_AT)
    whole = tables()
    empty_tables()
    path = tmp_path / "maillog"
    path.touch()
    source = LogSource.objects.create(path=str(path), host=host)
    for number, line in enumerate(sample.read_text(encoding="utf-8").splitlines(keepends=True)):
        if number == 8:  # between a sign-in and its message
            path.rename(tmp_path / "maillog.1")
        with path.open("a", encoding="utf-8") as file:
            file.write(line)
        maillog.read_new_lines(source, now=READ_AT)
    assert tables() == whole


def test_a_reader_without_the_lease_reads_nothing(host, tmp_path):
    path = tmp_path / "maillog"
    path.write_text(SAMPLE.read_text(encoding="utf-8"), encoding="utf-8")
    source = LogSource.objects.create(path=str(path), host=host, lease_until=at("1998-02-01 00:01"))
    assert maillog.read_new_lines(source, now=at("1998-02-01 00:00")).tally.read == 0
    assert maillog.read_new_lines(source, now=at("1998-02-01 00:02")).tally.read == 11


def test_a_log_that_cannot_be_read_is_told_on_its_source(host, tmp_path):
    source = LogSource.objects.create(path=str(tmp_path / "none"), host=host)
    maillog.read_new_lines(source, now=TAKEN)
    source.refresh_from_db()
    assert "No such file" in source.last_error


def test_a_gap_stays_on_show_until_another_problem(host, tmp_path):
    path = log_of(tmp_path, *SAMPLE.read_text(encoding="utf-8").splitlines()[:3])
    source = LogSource.objects.create(path=str(path), host=host)
    maillog.read_new_lines(source, now=TAKEN)
    log_of(tmp_path, "Jan 20 15:00:00 mail sendmail[1]: x")
    for _ in range(2):
        maillog.read_new_lines(source, now=TAKEN)
        source.refresh_from_db()
        assert source.last_error.endswith("lines before it are gone")


def test_a_log_in_which_nothing_is_mail_is_followed_on(host, tmp_path):
    path = log_of(tmp_path, *["Jan 20 13:00:00 mail cron[1]: (root) CMD"] * 1500)
    source = LogSource.objects.create(path=str(path), host=host)
    maillog.read_new_lines(source, now=TAKEN)
    source.refresh_from_db()
    assert (source.lines_read, source.last_error) == (1500, "")
    with pytest.raises(NotAMailLog, match=f"{path}: none of its first 1000 lines"):
        imported(host, path)


def test_a_split_message_keeps_the_time_of_another_zone_than_its_hosts(host, tmp_path):
    lines = SAMPLE.read_text(encoding="utf-8").splitlines()
    zone = timezone(timedelta(hours=-5))
    imported(host, log_of(tmp_path, *lines[:2]), zone=zone)
    imported(host, log_of(tmp_path, *lines[2:]), zone=zone)
    first = RelayedMessage.objects.earliest("queued_at")
    assert first.queued_at == at("1998-01-20 18:04:49")
    assert first.deliveries.count() == 3


def test_two_hosts_in_one_log_keep_their_own_messages(host, tmp_path):
    other = MailHost.objects.create(name="mail2", fqdn="mail2.ours.example")
    lines = SAMPLE.read_text(encoding="utf-8").splitlines()[:2]
    theirs = [line.replace(" mail ", " mail2 ").replace("carl", "dora") for line in lines]
    imported(host, log_of(tmp_path, *lines, *theirs))
    assert RelayedMessage.objects.get(host=host).sender == "carl@envelope.example"
    assert RelayedMessage.objects.get(host=other).sender == "dora@envelope.example"


def test_what_a_message_begot_knows_its_parent(host, tmp_path):
    later = (
        "Mar  4 09:20:00 mx1 postfix/smtpd[1]: 4fQ1YwYYk9z1Fjt: client=pc.ours.example[192.0.2.7]"
    )
    imported(host, log_of(tmp_path, later), taken=READ_AT)
    imported(host, SAMPLES / "postfix" / "filter-and-forward.log", taken=READ_AT)
    parents = RelayedMessage.objects.exclude(parent=None).values_list(
        "queue_id", "parent__queue_id", "direction"
    )
    assert sorted(parents) == [
        ("4fQ1Yb3Xk2z1Fjt", "4fQ1Yb0Xk9z1Fjs", "stranger"),
        ("4fQ1YwYYk9z1Fjt", "4fQ1YwXXk9z1Fjs", "internal"),
    ]
    imported(host, SAMPLES / "sendmail" / "aliases-and-refusals.log", taken=READ_AT)
    bounce = RelayedMessage.objects.get(queue_id="62281001004121")
    assert (bounce.parent.queue_id, bounce.direction) == ("62281001004120", "internal")
    again = bounce.log_lines.replace("08:10:02.2", "08:20:02.2")
    imported(host, log_of(tmp_path, again), taken=READ_AT)
    bounce.refresh_from_db()
    assert (bounce.deliveries.get().attempts, bounce.direction) == (2, "internal")


def test_of_a_very_long_message_every_recipient_is_kept(host, tmp_path, monkeypatch):
    monkeypatch.setattr("complaints.intake.passages.MOST_STORED_LINES", 10)
    start = "Mar  2 09:00:00 mail postfix"
    lines = [f"{start}/smtpd[1]: 3C1F2A8B04: client=pc.dial.example[198.51.100.7]"] + [
        f"{start}/smtp[3]: 3C1F2A8B04: to=<r{number}@far.example>, relay=none, status=deferred (x)"
        for number in range(40)
    ]
    for part in (lines[:20], lines[20:]):
        imported(host, log_of(tmp_path, *part), taken=READ_AT)
    message = RelayedMessage.objects.get()
    assert message.deliveries.count() == 40
    assert message.log_lines.count("\n") == 9
    assert message.direction == "stranger"


def test_a_half_that_was_linked_hands_its_link_to_the_whole(host, tmp_path):
    lines = SAMPLE.read_text(encoding="utf-8").splitlines()
    imported(host, log_of(tmp_path, lines[1]))
    complaint = make.complaint()
    half = RelayedMessage.objects.get()
    Link.objects.create(complaint=complaint, message=half, state="linked", score=1, linked_at=TAKEN)
    imported(host, log_of(tmp_path, lines[0], lines[2]))
    assert complaint.links.get().message.size_bytes == 875


@pytest.mark.parametrize("seed", range(6))
def test_mangled_lines_stop_nothing(host, tmp_path, seed):
    dice = random.Random(seed)
    raw = bytearray(b"".join(path.read_bytes() for path in sorted(SAMPLES.glob("*/*.log"))))
    words = [
        b", relay=",
        b"<",
        b'"',
        b"\x00",
        b"\xff",
        b"\xed\xa0\x80",
        b"9" * 40,
        b"[",
        b"\n",
        b", ",
    ]
    for _ in range(300):
        place = dice.randrange(len(raw))
        raw[place : place + dice.randrange(3)] = dice.choice(words)
    path = tmp_path / "maillog"
    path.write_bytes(raw)
    first = imported(host, path, taken=READ_AT)
    assert first.messages > 0
    again = imported(host, path, taken=READ_AT)
    assert (again.messages, again.refused) == (0, 0)


def test_the_line_of_a_sign_in_is_kept_with_its_message(host, tmp_path):
    start = "Mar  2 09:00:00 mail sendmail[7]: "
    sign_in = start + "AUTH=server, relay=[198.51.100.7], authid=mika, mech=PLAIN, bits=0"
    arrival = start + (
        "JAA00007: from=<mika@ours.example>, size=9, class=0, nrcpts=1, msgid=<1>, proto=ESMTP, "
        "relay=[198.51.100.7]"
    )
    sent = start + "JAA00007: to=<x@far.example>, delay=00:00:01, mailer=esmtp, stat=Sent"
    imported(host, log_of(tmp_path, arrival), taken=READ_AT)
    imported(host, log_of(tmp_path, sign_in, arrival), taken=READ_AT)
    imported(host, log_of(tmp_path, sent), taken=READ_AT)
    message = RelayedMessage.objects.get()
    assert message.log_lines.split("\n") == [sign_in, arrival, sent]
    assert (message.authenticated_user, message.direction) == ("mika", "out")


def test_old_messages_are_forgotten_unless_a_case_needs_them(host, tmp_path):
    imported(host, SAMPLE)
    kept, *_ = RelayedMessage.objects.order_by("queued_at")
    Link.objects.create(
        complaint=make.complaint(), message=kept, state="linked", score=1, linked_at=TAKEN
    )
    days = timedelta(days=3)
    assert retention.forget_old(keep=days, now=at("1998-01-22 00:00")) == 0
    assert retention.forget_old(keep=timedelta(), now=READ_AT) == 0
    assert retention.forget_old(keep=days, now=READ_AT) == 4
    assert RelayedMessage.objects.get() == kept
    assert kept.deliveries.exists()
    assert not Refusal.objects.exists()


@pytest.fixture
def blocks(monkeypatch):
    cut_into_blocks(monkeypatch)


def cut_into_blocks(monkeypatch):
    """Logs are read by columns as soon as their program is known, however short they are."""
    monkeypatch.setattr("complaints.maillog.gather.SMALL_BYTES", 0)
    monkeypatch.setattr("complaints.maillog.gather.LOOKED_AT", 5)
    monkeypatch.setattr("complaints.maillog.archive.FIRST_BLOCK_BYTES", 2_000)


def test_lines_are_pointed_to_in_their_file_and_outlive_it(host, tmp_path, blocks):
    lines = postfixlog.log(random.Random(3), postfixlog.STAMPS["classic"], 90)
    path = tmp_path / "mail.log"
    packed = tmp_path / "mail.log.1.gz"
    packed.write_bytes(gzip.compress("".join(f"{line}\n" for line in lines).encode()))
    imported(host, packed, taken=at("2026-12-01 00:00"))
    path.write_bytes(gzip.decompress(packed.read_bytes()))
    pointing = RelayedMessage.objects.exclude(log_block=None)
    assert pointing.count() > 20
    for row in pointing:
        block = row.log_block
        first = block.offset_of(int(row.log_places.split()[0]))
        assert path.read_bytes()[first:].startswith(row.lines()[0].encode())
        assert {row.queue_id in line for line in row.lines()} == {True}
        whole = path.read_bytes()[block.offset : block.offset + block.size_bytes]
        assert (whole, block.is_intact, block.path) == (block.content, True, str(packed))
        block.sha256 = "0" * 64
        assert not block.is_intact


def test_a_block_is_forgotten_with_its_messages_and_leaves_a_kept_one_its_lines(
    host, tmp_path, blocks
):
    lines = postfixlog.log(random.Random(3), postfixlog.STAMPS["classic"], 90)
    imported(host, log_of(tmp_path, *lines), taken=at("2026-12-01 00:00"))
    kept = RelayedMessage.objects.exclude(log_block=None).first()
    said = kept.lines()
    Link.objects.create(
        complaint=make.complaint(), message=kept, state="linked", score=1, linked_at=TAKEN
    )
    retention.forget_old(keep=timedelta(days=30), now=at("2026-03-20 00:00"))
    assert LogBlock.objects.exists()
    retention.forget_old(keep=timedelta(days=3), now=at("2026-03-20 00:00"))
    assert not LogBlock.objects.exists()
    kept = RelayedMessage.objects.get()
    assert (kept.lines(), kept.log_block) == (said, None)


def test_a_message_id_is_found_in_the_form_that_sendmail_cut(host, tmp_path):
    said = "long." + 150 * "x" + "@far.example"
    line = (
        "Mar  2 09:00:00 mail sendmail[7]: JAA00007: from=<a@far.example>, size=9, class=0, "
        f"nrcpts=1, msgid={f'<{said}>'[:100]}, proto=SMTP, relay=[198.51.100.7]"
    )
    imported(host, log_of(tmp_path, line), taken=READ_AT)
    found = RelayedMessage.objects.filter(message_id_sha256__in=message_id.digests(f"<{said}>"))
    assert found.get().queue_id == "JAA00007"
