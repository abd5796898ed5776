"""Addresses, links and IDs in free text."""

import pytest

from complaints.evidence import text
from complaints.evidence.observables import Kind, Origin, distinct, normal_value, observable


def test_defanged_forms_are_put_back() -> None:
    assert text.links("see hxxps://bad[.]example/a and hXXp[:]//worse(dot)example.") == (
        "https://bad.example/a",
        "http://worse.example",
    )


def test_a_link_ends_where_the_sentence_does() -> None:
    assert text.links("(http://bad.example/a?b=1). 「http://bad.example/日」") == (
        "http://bad.example/a?b=1",
        "http://bad.example/日",
    )


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("from 203.0.113.9, port 25", ("203.0.113.9",)),
        ("[203.0.113.9]:25 and 2001:DB8:0::9", ("203.0.113.9", "2001:db8::9")),
        ("version 1.2.3.4.5 at 09:12:44, 999.1.1.1", ()),
        ("203[.]0[.]113[.]9", ("203.0.113.9",)),
    ],
)
def test_addresses_are_told_from_versions_and_times(words: str, wanted: tuple[str, ...]) -> None:
    assert text.ips(words) == wanted


def test_mail_addresses_leave_message_ids_out() -> None:
    assert text.addresses("a.b@c.example, Message-ID: <x.y@z.example>, d[at]e[.]example") == (
        "a.b@c.example",
        "d@e.example",
    )


def test_queue_ids_of_every_server_are_guessed() -> None:
    found = text.queue_ids("OAA28081 4249CdQ0012345 3C1F2A8B04 1tYPHr-001L07-5O 4Yg8DX1ZNrzS6X8")
    assert found == (
        "OAA28081", "4249CdQ0012345", "3C1F2A8B04", "1tYPHr-001L07-5O", "4Yg8DX1ZNrzS6X8",
    )  # fmt: skip


@pytest.mark.parametrize("piece", ["1.", "a.", "a@", "<", "http://", "::", "message-id:"])
def test_hostile_repeats_are_read_to_their_end(piece: str) -> None:
    words = piece * 100_000
    for find in (text.links, text.addresses, text.ips, text.queue_ids, text.labelled_message_ids):
        assert len(find(words)) <= text.MAX_FOUND


@pytest.mark.parametrize(
    "value", ["redacted", "<x>", "x@xxx", "********", "[REDACTED]", "undisclosed"]
)
def test_a_masked_value_never_becomes_an_observable(value: str) -> None:
    assert observable(Kind.ENVELOPE_TO, value, where="here", origin=Origin.REPORTED) is None
    assert observable(Kind.QUEUE_ID, value, where="here", origin=Origin.REPORTED) is None


@pytest.mark.parametrize(
    ("kind", "value", "wanted"),
    [
        (Kind.IP, "[IPv6:2001:DB8:0:0::9]", "2001:db8::9"),
        (Kind.IP, "::ffff:203.0.113.9", "203.0.113.9"),
        (Kind.IP, "203.0.113.9 (host.example)", "203.0.113.9"),
        (Kind.IP, "fe80::1%eth0", "fe80::1"),
        (Kind.URL, "HXXP://Bad[.]Example/Path", "http://bad.example/Path"),
        (Kind.MESSAGE_ID, "a@b", "<a@b>"),
        (Kind.ENVELOPE_FROM, "Somebody <A@B.Example>", "A@b.example"),
        (Kind.ENVELOPE_FROM, "<>", "<>"),
    ],
)
def test_two_spellings_have_one_normal_form(kind: Kind, value: str, wanted: str) -> None:
    assert normal_value(kind, value) == wanted


def test_observables_are_distinct_and_keep_who_says_so() -> None:
    said = observable(Kind.IP, "203.0.113.9", where="the report", origin=Origin.REPORTED)
    read = observable(Kind.IP, "203.0.113.9", where="the copy", origin=Origin.INFERRED)
    assert distinct([said, read, said, None]) == (said, read)
