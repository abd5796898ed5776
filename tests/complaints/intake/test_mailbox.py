"""Fetching from a real Dovecot: once, whole, and marked only after it is stored."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection

from complaints import audit, rawstore
from complaints.intake import imap, mailbox, store
from complaints.intake.mailbox import fetch_mailbox
from complaints.models import Arrival, AuditEntry, Complaint, Mailbox, MailFolder
from complaints.secrets import set_password
from tests.complaints.intake.conftest import ARRIVED, mail, row_of
from tests.make import at

NOW = at("1998-01-20 17:00")


def test_mail_is_fetched_once(inbox, account):
    account.deliver(mail(1), mail(2))

    first = fetch_mailbox(inbox, now=NOW)
    second = fetch_mailbox(inbox, now=NOW)

    assert (first.stored, second.stored) == (2, 0)
    assert Complaint.objects.count() == 2
    assert Arrival.objects.count() == 2


def test_the_stored_bytes_are_those_the_server_has(inbox, account):
    odd = b"Subject: caf\xe9 \x80\xff\r\nX-Nul: a\r\n\r\nlone\rreturns, bytes \x01\xfe, no end"
    account.deliver(odd, mail(1))

    fetch_mailbox(inbox, now=NOW)

    kept = {rawstore.read(one.raw_sha256) for one in Complaint.objects.all()}
    with account.client() as client:
        client.select_folder("INBOX", readonly=True)
        on_server = client.fetch(client.search(), ["BODY.PEEK[]"])
    assert kept == {found[b"BODY[]"] for found in on_server.values()}
    assert mail(1) in kept


def test_a_mail_keeps_the_time_at_which_the_server_took_it_in(inbox, account, settings):
    settings.TIME_ZONE = "Europe/Berlin"  # which is also the zone of the process then
    winter, summer = at("2025-01-15 10:00"), at("2025-07-15 10:00")
    account.deliver(mail(1), arrived_at=winter)
    account.deliver(mail(2), arrived_at=summer)

    fetch_mailbox(inbox, now=at("2025-08-01 00:00"))

    times = Complaint.objects.order_by("arrived_at").values_list("arrived_at", flat=True)
    assert list(times) == [winter, summer]
    assert Complaint.objects.first().reference == "C-2025-000001"


def test_a_time_in_the_future_is_not_believed(inbox, account):
    account.deliver(mail(1), arrived_at=at("2031-01-01 00:00"))

    fetch_mailbox(inbox, now=NOW)

    assert Complaint.objects.get().arrived_at == NOW


def test_fetching_marks_as_read_what_is_stored(inbox, account):
    account.deliver(mail(1), mail(2))

    fetch_mailbox(inbox, now=NOW)

    assert account.seen() == 2


def test_nothing_is_marked_that_could_not_be_stored(inbox, account, data_dir):
    account.deliver(mail(1))
    data_dir.mkdir(parents=True)
    (data_dir / "raw").write_text("a file where the folder should be")

    outcome = fetch_mailbox(inbox, now=NOW)

    assert "could not be written" in outcome.problem
    assert account.seen() == 0
    assert not Complaint.objects.exists()

    (data_dir / "raw").unlink()
    assert fetch_mailbox(inbox, now=NOW, at_once=True).stored == 1
    assert account.seen() == 1


def test_a_mail_stored_before_a_crash_is_marked_by_the_next_fetch(inbox, account, monkeypatch):
    account.deliver(mail(1), mail(2))

    class Killed(BaseException):
        """Stands for the end of the process."""

    def die(_session, uids):
        if uids:
            raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(imap.Session, "mark", die)
        with pytest.raises(Killed):
            fetch_mailbox(inbox, now=NOW)
    assert account.seen() == 0

    outcome = fetch_mailbox(inbox, now=NOW)

    assert outcome.stored == 0
    assert account.seen() == 2
    assert Complaint.objects.count() == 2


def test_mail_is_left_alone_or_moved_as_its_owner_wants(db, data_dir, account):
    account.deliver(mail(1))
    box = row_of(account, afterwards=Mailbox.Afterwards.LEAVE)

    fetch_mailbox(box, now=NOW)
    assert (account.mails(), account.seen()) == (1, 0)

    box.afterwards, box.move_to = Mailbox.Afterwards.MOVE, "Done"
    box.save()
    account.deliver(mail(2))
    fetch_mailbox(box, now=NOW)
    assert (account.mails(), account.mails("Done")) == (1, 1)
    assert Complaint.objects.count() == 2


def test_a_flagged_mail_stays_unread_for_those_who_read_along(db, data_dir, account):
    account.deliver(mail(1))
    box = row_of(account, afterwards=Mailbox.Afterwards.FLAGGED)

    fetch_mailbox(box, now=NOW)

    assert (account.seen(), account._count("INBOX", "FLAGGED")) == (0, 1)


def test_several_folders_are_fetched_each_with_its_own_place(db, data_dir, account):
    account.make_anew("Reports")
    account.deliver(mail(1))
    account.deliver(mail(2), mail(3), folder="Reports")
    box = row_of(account, folders=["INBOX", "Reports"])

    assert fetch_mailbox(box, now=NOW).stored == 3
    account.deliver(mail(4), folder="Reports")
    assert fetch_mailbox(box, now=NOW).stored == 1

    last = dict(box.fetched_folders.values_list("name", "last_uid"))
    assert last == {"INBOX": 1, "Reports": 3}


def test_a_folder_that_is_gone_hinders_no_other_and_is_told(db, data_dir, account):
    account.deliver(mail(1))
    box = row_of(account, folders=["Gone", "INBOX"])

    assert fetch_mailbox(box, now=NOW).stored == 1

    assert (box.trouble, box.failures_in_a_row) == (Mailbox.Trouble.FOLDER, 0)
    assert "folder Gone" in box.last_error


def test_the_same_uid_in_two_folders_is_two_mails(db, data_dir, account):
    box = row_of(account)
    first, second = (
        MailFolder.objects.create(mailbox=box, name=name, uid_validity=7) for name in ("a", "b")
    )
    for number, folder in enumerate((first, second)):
        message = store.RawMessage(mail(number), "imap", ARRIVED, box, folder, 7, 1)
        store.keep_message(message, now=NOW)

    assert Arrival.objects.filter(uid=1).count() == 2
    assert store.known_uids(first, above=0) == store.known_uids(second, above=0) == {1}


def test_a_batch_holds_the_same_mail_twice_and_one_that_is_known(db, data_dir):
    store.keep_message(store.RawMessage(mail(1), "file", ARRIVED), now=NOW)
    batch = [store.RawMessage(mail(number), "lmtp", ARRIVED) for number in (1, 2, 2, 3)]

    kept = store.keep_messages(batch, now=NOW)

    assert [one.is_new for one in kept] == [False, True, False, True]
    assert [one.complaint.reference[-1] for one in kept] == ["1", "2", "2", "3"]
    assert Complaint.objects.get(reference__endswith="1").arrivals.count() == 2
    assert AuditEntry.objects.count() == Complaint.objects.count() == 3
    assert list(audit.verify()) == []


def test_a_folder_made_anew_is_read_again_without_new_complaints(db, data_dir, account):
    """As after a restore: another UIDVALIDITY, UIDs from 1, the same mails."""
    box = row_of(account, folders=["Abuse"])
    account.make_anew("Abuse")
    account.deliver(mail(1), mail(2), folder="Abuse")
    fetch_mailbox(box, now=NOW)
    before = box.fetched_folders.get().uid_validity
    account.make_anew("Abuse")
    account.deliver(mail(1), mail(2), mail(3), folder="Abuse")

    outcome = fetch_mailbox(box, now=NOW)

    assert box.fetched_folders.get().uid_validity != before
    assert outcome.stored == 1
    assert Complaint.objects.count() == 3
    assert Arrival.objects.count() == 5
    assert AuditEntry.objects.filter(action="mail-received").count() == 3


def test_a_large_mail_comes_in_pieces_and_is_whole(inbox, account):
    large = mail(1) + b"0123456789abcde\r\n" * 700_000
    account.deliver(large, mail(2))

    fetch_mailbox(inbox, now=NOW)

    kept = Complaint.objects.order_by("-raw_bytes").first()
    assert rawstore.read(kept.raw_sha256) == large
    assert Complaint.objects.count() == 2


def test_many_mails_come_in_portions(inbox, account):
    account.deliver(*(mail(number) for number in range(120)))

    assert fetch_mailbox(inbox, now=NOW).stored == 120
    assert account.seen() == 120


def test_a_spent_session_stops_and_the_next_one_goes_on(inbox, account):
    account.deliver(*(mail(number) for number in range(60)))

    mailbox.lease(inbox, now=NOW)
    with imap.session(inbox, account.server.password, seconds=0) as session:
        assert mailbox.fetch_new(session, inbox, now=NOW).stored == 0
    mailbox.release(inbox, now=NOW)

    assert fetch_mailbox(inbox, now=NOW).stored == 60


def test_two_pollers_at_once_store_each_mail_once(transactional_db, data_dir, account):
    box = row_of(account)
    account.deliver(*(mail(number) for number in range(40)))

    def poll(name):
        own = Mailbox.objects.get(pk=box.pk)
        return [fetch_mailbox(own, now=NOW, holder=name) for _ in range(3)]

    outcomes = [outcome for poller in _at_once(poll, "one", "two") for outcome in poller]

    assert Complaint.objects.count() == Arrival.objects.count() == 40
    assert sum(outcome.stored for outcome in outcomes) == 40
    assert not any(outcome.problem for outcome in outcomes)


def test_pollers_that_both_believe_the_mailbox_theirs_do_no_harm(
    transactional_db, data_dir, account
):
    box = row_of(account)
    account.deliver(*(mail(number) for number in range(30)))

    def fetch_without_lease(_name):
        own = Mailbox.objects.get(pk=box.pk)
        with imap.session(own, account.server.password) as session:
            folder = mailbox._folder(own, "INBOX")
            session.open("INBOX")
            (portion,) = session.portions(session.new_uids(after=0))
            return mailbox._keep_portion(session, folder, portion, now=NOW)

    kept = _at_once(fetch_without_lease, "one", "two")

    assert [len(uids) for uids, _ in kept] == [30, 30]
    assert sum(new for _, new in kept) == 30
    assert Complaint.objects.count() == Arrival.objects.count() == 30


def test_a_mailbox_that_another_holds_is_left_to_it(inbox, account):
    account.deliver(mail(1))
    assert mailbox.lease(Mailbox.objects.get(pk=inbox.pk), now=NOW, holder="other")

    assert fetch_mailbox(inbox, now=NOW).busy
    assert not Complaint.objects.exists()

    mailbox.release_all(holder="other")
    assert fetch_mailbox(inbox, now=NOW).stored == 1


def test_trouble_is_told_in_words_and_each_pause_is_longer(inbox, account):
    inbox.password_encrypted = b""
    inbox.save()

    fetch_mailbox(inbox, now=NOW)
    first_pause = inbox.next_attempt_at - NOW
    assert fetch_mailbox(inbox, now=NOW).busy
    for _ in range(3):
        fetch_mailbox(inbox, now=NOW, at_once=True)

    assert "no password is stored" in inbox.last_error
    assert inbox.failures_in_a_row == 4
    assert inbox.next_attempt_at - NOW > first_pause
    assert inbox.next_attempt_at - NOW < timedelta(minutes=40)


def test_a_refused_password_is_told_in_words_and_the_mail_is_fetched_later(inbox, account):
    account.deliver(mail(1))
    right = inbox.password_encrypted
    set_password(inbox, "a wrong one")
    inbox.save()

    fetch_mailbox(inbox, now=NOW)

    assert "AUTHENTICATIONFAILED" in inbox.last_error
    assert "a wrong one" not in inbox.last_error
    assert inbox.next_attempt_at > NOW
    assert account.seen() == 0

    inbox.password_encrypted = right
    inbox.save()
    assert fetch_mailbox(inbox, now=NOW + timedelta(hours=1)).stored == 1


def test_what_works_again_is_no_trouble_any_more(inbox, account):
    password, inbox.password_encrypted = inbox.password_encrypted, b""
    inbox.save()
    fetch_mailbox(inbox, now=NOW)
    inbox.password_encrypted = password
    inbox.save()

    fetch_mailbox(inbox, now=NOW + timedelta(hours=1))

    assert (inbox.last_error, inbox.failures_in_a_row, inbox.next_attempt_at) == ("", 0, None)
    assert inbox.last_contact_at == NOW + timedelta(hours=1)


def test_one_broken_mailbox_hinders_no_other(inbox, account):
    Mailbox.objects.create(name="gone", host="127.0.0.1", port=9, security="none", username="x")
    account.deliver(mail(1))

    assert mailbox.fetch_all(now=NOW) == 1


def test_another_mail_under_a_known_uid_is_kept_too(inbox):
    folder = MailFolder.objects.create(mailbox=inbox, name="INBOX")
    first, second = (
        store.RawMessage(mail(number), "imap", ARRIVED, inbox, folder, uid_validity=7, uid=1)
        for number in (1, 2)
    )

    store.keep_message(first, now=NOW)
    store.keep_message(second, now=NOW)

    assert Complaint.objects.count() == 2
    assert sorted(Arrival.objects.values_list("uid", flat=True), key=str) == [1, None]


def _at_once(work, *names):
    """Do the work in one thread for each name, all starting together; what each returned."""
    start = threading.Barrier(len(names))

    def begin(name):
        try:
            start.wait(timeout=10)
            return work(name)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(names)) as threads:
        return list(threads.map(begin, names))
