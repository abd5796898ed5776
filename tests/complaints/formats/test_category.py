"""What is complained about: what the writer calls it, and what the reported mail says."""

import pytest

from complaints.formats.category import category_of


@pytest.mark.parametrize(
    ("own", "shown", "category"),
    [
        ("your open relay lets anybody in", "", "open-relay"),
        ("電子メールの不正中継", "Debts? No problem", "spam"),
        ("電子メールの不正中継", "", "open-relay"),
        ("spam through your open relay", "cheap copper kettles, order now", "spam"),
        ("your users infringe our copyright", "", "copyright"),
        ("Failed password for root", "", "login-attack"),
        ("port scan of our network", "", "port-scan"),
        ("please act on this", "verify your account at the bank", "phishing"),
        ("please act on this", "open the attachment kettle.zip", "malware"),
        ("please act on this", "copper kettles", "spam"),
        ("I got this spam", "without heir, ten million dollars, God bless", "other"),
        ("this is phishing", "", "phishing"),
    ],
)
def test_the_category_follows_the_writer_and_the_sample(
    own: str, shown: str, category: str
) -> None:
    assert category_of(own, shown, about_mail=bool(shown)).name == category


@pytest.mark.parametrize(
    ("shown", "category"),
    [
        ("Votre compte a été suspendu, confirmez votre identité.", "phishing"),
        ("Su cuenta ha sido bloqueada, verifique su cuenta.", "phishing"),
        ("Vahvista tietosi, tilisi on suljettu.", "phishing"),
        ("W załączniku faktura, pobierz archiwum.", "malware"),
        ("Вы выиграли в лотерею, миллион долларов.", "other"),
        ("Eğitim kampanyası: indirim fırsatı", "spam"),
        ("您的账户异常，请重新验证。", "phishing"),
        ("첨부파일 견적서를 확인", "malware"),
    ],
)
def test_unwanted_mail_is_told_apart_in_its_own_language(shown: str, category: str) -> None:
    assert category_of("", shown, about_mail=True).name == category


def test_letters_that_only_look_latin_hide_no_word() -> None:
    hidden = "\u0441onfirm y\u043eur id\u0435ntity"
    assert category_of("", hidden, about_mail=True).name == "phishing"


def test_each_category_gives_its_reason() -> None:
    assert "brute force" in category_of("a brute force attack", "", about_mail=False).reason
