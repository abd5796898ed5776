"""Mails shown in the text of another."""

from complaints.formats import original, quoted

TRACE = (
    "Received: from gate.example (gate.example [192.0.2.7])\n"
    "\tby mx.example (Postfix) with ESMTP id 5C0F21A7B3\n"
    "\tfor <orla@meadow-net.example>; Mon,  4 Mar 2024 09:12:44 +0000 (UTC)"
)


def test_a_torn_line_without_its_mark_belongs_to_the_quote() -> None:
    text = (
        "Look at this.\n\n> From: a@b.example\n> Subject: kettles\n> Message-ID: <1@b.example>\n>\n"
        "> A long line that the program broke where it\nliked to\n>\n> and went on\n\nOrla"
    )
    shown = quoted.take_apart(text)
    assert len(shown.samples) == 1
    assert (
        shown.samples[0].body == "A long line that the program broke where it liked to\nand went on"
    )
    assert shown.own_text == "Look at this.\n\nOrla"


def test_a_zone_torn_in_the_middle_is_mended() -> None:
    torn = (
        TRACE.replace("+0000 (UTC)", "-0\n600")
        .replace("\n\t", "\n> \t")
        .replace("\n600", "\n> 600")
    )
    sample = quoted.take_apart(f"see:\n> {torn}\n").samples[0]
    found = original.of_sample(sample, "here")
    assert found.arrived_at is not None
    assert found.arrived_at.isoformat() == "2024-03-04T15:12:44+00:00"


def test_two_samples_on_end_are_two() -> None:
    text = f"first:\n\n{TRACE}\nSubject: one\n\nbody one\n\n{TRACE}\nSubject: two\n\nbody two\n"
    samples = quoted.take_apart(text).samples
    assert [one.body for one in samples] == ["body one", "body two"]


def test_labelled_facts_are_no_pasted_mail() -> None:
    assert (
        quoted.take_apart("Link: http://a.example\nSubject: kettles\nSeen: today\n").samples == ()
    )


def test_who_wrote_a_quoted_text_is_read_from_the_line_above_it() -> None:
    text = (
        'Stop it!\n\nOn 4 Mar 2024 at 09:12, "Kettles" <bulk@kettle.example> wrote:\n'
        "> Buy!\n> Now!\n"
    )
    shown = quoted.take_apart(text)
    found = original.of_sample(shown.samples[0], "here")
    assert (found.header_from, found.body_text) == ("bulk@kettle.example", "Buy!\nNow!")
    assert shown.own_text == "Stop it!"


def test_a_box_run_together_on_one_line_is_taken_apart() -> None:
    text = (
        "----- Forwarded Message ----- From: K <bulk@kettle.example>To: x@y.exampleSubject: Kettles"
        "\nBuy!\n"
    )
    found = original.of_sample(quoted.take_apart(text).samples[0], "here")
    assert (found.header_from, found.subject) == ("bulk@kettle.example", "Kettles")


def test_a_body_pasted_as_it_travels_is_decoded() -> None:
    text = (
        "From: a@b.example\nSubject: kettles\nMessage-ID: <1@b.example>\n"
        "Content-Transfer-Encoding: quoted-printable\nContent-Type: text/plain; charset=utf-8\n\n"
        "see http://kettle.example/?a=3D1=\n2\n"
    )
    found = original.of_sample(quoted.take_apart(text).samples[0], "here")
    assert found.urls == ("http://kettle.example/?a=12",)


def test_private_addresses_are_nobodys() -> None:
    assert not original.is_routed("10.1.2.3")
    assert not original.is_routed("fe80::1")
    assert not original.is_routed("no address")
    assert original.is_routed("203.0.113.9")


def test_a_header_section_goes_on_behind_the_blank_lines_that_tearing_left() -> None:
    text = (
        "Look:\n\n> Return-Path: <riches@far.example>\n"
        "> Received: from far.example (far.example [192.0.2.7])\n>\n> (Authenticated sender: mel)\n"
        "> by mx.example (Postfix) with ESMTPSA id 5C0F21A7B3; Mon, 4 Mar 2024\n09:12:44 +0000\n>\n"
        "> X-PHP-Originating-Script: 33:a.php\n> From: =?utf-8?b?TWVs?=\n<riches@far.example>\n>\n"
        "> Subject: =?utf-8?b?a2V0dGxl?=\n> =?utf-8?b?cw==?=\n> Message-ID: <1@far.example>\n>\n"
        "> Buy kettles.\n"
    )
    found = original.of_sample(quoted.take_apart(text).samples[0], "here")
    assert (found.message_id, found.subject) == ("<1@far.example>", "kettles")
    assert (found.header_from, found.queue_id) == ("riches@far.example", "5C0F21A7B3")
    assert found.source_ip == "192.0.2.7"


def test_a_link_cut_at_the_full_width_of_a_quote_is_whole_again() -> None:
    head = "> From: a@b.example\n> Subject: kettles\n> Message-ID: <1@b.example>\n>\n"
    full = f"> All of them are here, and cheaper:{'':3}http://kettles.example/sho"
    for below in ("> p1?a=2", "p1?a=2\n>", "> p1?a=2<br>"):
        sample = quoted.take_apart(f"See:\n\n{head}{full}\n{below}\n> Bye\n").samples[0]
        assert original.of_sample(sample, "here").urls == ("http://kettles.example/shop1?a=2",)
    short = "> Here: http://kettles.example/shop"
    sample = quoted.take_apart(f"See:\n\n{head}{short}\n> k7x2p1\n> {'a' * 60}\n").samples[0]
    assert original.of_sample(sample, "here").urls == ("http://kettles.example/shop",)
