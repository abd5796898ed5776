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
