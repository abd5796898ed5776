"""What is a complaint in languages no sample is in, and what is none whatever it speaks of."""

import pytest

from complaints.formats.registry import read_report


def mail(text: str, *, subject: str = "-", sender: str = "orla@meadow-net.example") -> bytes:
    return (
        f"From: {sender}\nTo: abuse@ministry.example\nSubject: {subject}\n"
        f"Date: Mon, 4 Mar 2024 10:00:00 +0000\nMessage-ID: <v1@meadow-net.example>\n"
        f"Content-Type: text/plain; charset=utf-8\n\n{text}\n"
    ).encode()


@pytest.mark.parametrize(
    "text",
    [
        "Laissez-moi tranquille avec vos publicités.",
        "Ta bort min adress genast.",
        "Nie piszcie do mnie więcej.",
        "Не присылайте мне это больше.",
        "이런 메일 그만 보내세요.",
        # A language that no list knows: an address, a time, a quoted subject, a host of ours.
        'Fuair mé "Copper kettles" 4.3.2024 09:12, gate.ministry.example [192.0.2.25].',
    ],
)
def test_a_complaint_is_one_in_any_language(text: str) -> None:
    assert read_report(mail(text)).is_complaint


@pytest.mark.parametrize(
    "text",
    [
        "Bonjour, je me permets de vous contacter au sujet de notre passerelle qui arrête le spam."
        " Seriez-vous disponible jeudi pour en parler ?",
        "Danke, seit gestern ist Ruhe, wir haben Ihren Server wieder freigegeben.",
        "Buongiorno, non riesco a trovare la versione inglese del rapporto.",
        "Spam and phishing grew by ten percent this year, says a study of the kettle makers' union,"
        " which asked a thousand households what they had found in their mailboxes in March.",
    ],
)
def test_what_only_speaks_of_it_is_none(text: str) -> None:
    report = read_report(mail(text))
    assert not report.is_complaint
    assert report.set_aside_reason


def test_a_cited_subject_makes_no_bounce_of_a_postmasters_complaint() -> None:
    text = 'Your server is blocked after 96 mails like "Your parcel could not be delivered".'
    assert read_report(mail(text, sender="postmaster@meadow-net.example")).is_complaint


@pytest.mark.parametrize(
    ("line", "category"),
    [
        ("kernel: DROP IN=eth0 SRC=192.0.2.7 PROTO=TCP DPT=22 SYN", "port-scan"),
        ("sshd[7]: Failed password for root from 192.0.2.7", "login-attack"),
        ("a single line says nothing", "login-attack"),
    ],
)
def test_log_lines_tell_what_a_program_calls_an_attack_on_logins(line: str, category: str) -> None:
    said = '{"Version": "3", "Report": {"ReportType": "LoginAttack", "SourceIp": "192.0.2.7"}}'
    raw = mail(f"Attack from 192.0.2.7:\n\n{line}\n{line}\n\n{said}")
    assert read_report(raw).category == category


def test_a_colleague_who_asks_about_a_mail_from_outside_does_not_complain() -> None:
    shown = "> From: Kettles <bulk@kettle-shop.example>\n> Subject: kettles\n> Date: 4 Mar 2024\n"
    colleague = mail(f"What is this?\n\n{shown}", sender="finch@ministry.example")
    assert not read_report(colleague).is_complaint
    assert read_report(mail(f"Your server sent this.\n\n{shown}")).is_complaint
