"""What prose states: who handed a mail to our server, in the words of many languages."""

import pytest

from complaints.formats.registry import read_report

HEAD = (
    "From: Postmaster <postmaster@meadow-net.example>\nTo: abuse@ministry.example\n"
    "Date: Mon, 4 Mar 2024 10:00:00 +0000\nMessage-ID: <p1@meadow-net.example>\n"
    "Content-Type: text/plain; charset=utf-8\n"
)
HANDED_IN = (
    "The spam was handed to you by {}.",
    "Your server got it from {}.",
    "Die Mail wurde eingeliefert von {}.",
    "Le message vous a été remis par {}.",
    "El correo fue entregado por {}.",
    "O e-mail foi entregue por {}.",
    "Il messaggio è stato consegnato da {}.",
    "De spam is aangeleverd door {}.",
    "Spam został przekazany przez {}.",
    "Спам был передан от {}.",
    "この迷惑メールは{}から貴サーバに渡されました。",
    "스팸은 {}에서 넘겨받은 것입니다.",
)


def mail(text: str, subject: str = "spam") -> bytes:
    return f"{HEAD}Subject: {subject}\n\n{text}\n".encode()


@pytest.mark.parametrize("words", HANDED_IN)
def test_who_handed_the_mail_in_is_blamed_and_not_our_server(words: str) -> None:
    text = f"Your mail server gate.ministry.example [192.0.2.25] sends us spam. {words}"
    report = read_report(mail(text.format("198.51.100.7")))
    assert [one.source_ip for one in report.originals] == ["198.51.100.7"]


def test_a_host_that_attacks_another_stays_the_blamed_one() -> None:
    text = "Your host 192.0.2.25 attacked our server 198.51.100.7 with failed logins."
    assert read_report(mail(text)).originals[0].source_ip == "192.0.2.25"


def test_trace_lines_of_a_relay_test_prove_a_notice_about_a_host() -> None:
    proof = (
        "Received: from gate.ministry.example (gate.ministry.example [192.0.2.25])\n"
        "\tby mx.meadow-net.example with ESMTP id 7D1F; Mon, 4 Mar 2024 09:12:44 +0000\n"
        "Received: from tester.example (tester.example [198.51.100.7])\n"
        "\tby gate.ministry.example (Postfix) with ESMTP id 5C0F21A7B3; "
        "Mon, 4 Mar 2024 09:12:40 +0000\n"
    )
    notice = read_report(mail(f"This host is an open relay, as this shows:\n\n{proof}", "relay"))
    assert (notice.format, notice.originals[0].source_ip) == ("plain", "198.51.100.7")
    pasted = read_report(mail(f"We got spam through your open relay:\n\n{proof}"))
    assert pasted.format == "pasted-headers"


def test_who_asks_after_a_complaint_states_what_its_quote_states() -> None:
    asked = (
        "In-Reply-To: <ack.1@ministry.example>\nSubject: Re: [EXM-2024000123] spam\n\n"
        "Any news?\n\n> Source address: 198.51.100.7\n> Message-ID: <1@far.example>\n"
        "> Subject: kettles\n"
    )
    report = read_report((HEAD + asked).encode())
    assert (report.format, report.originals) == ("follow-up", ())
    assert {"198.51.100.7", "<1@far.example>"} <= {one.value for one in report.observables}


def test_a_forward_with_a_tag_before_it_is_no_follow_up() -> None:
    again = (
        "References: <first@meadow-net.example>\nSubject: [2nd notice] Fwd: kettles\n\n"
        "No answer so far.\n\n> From: a@b.example\n> Subject: kettles\n"
        "> Message-ID: <1@b.example>\n>\n> Buy kettles.\n"
    )
    assert read_report((HEAD + again).encode()).format == "inline"


def test_a_date_of_two_readings_is_told() -> None:
    report = read_report(mail("Spam came from 198.51.100.7 on 02/03/2024 at 09:12."))
    assert any("02/03/2024 is two days" in note for note in report.notes)
    assert report.originals[0].arrived_at is not None
