"""The language of a text."""

import pytest

from complaints.evidence.language import language_of


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("Please tell us why your server sends us these letters.", "en"),
        ("STOP THIS AT ONCE", "en"),
        ("see attachment", "en"),
        ("Bitte stellen Sie das sofort ab, wir wollen diese Werbung nicht.", "de"),
        ("Por favor, parem de enviar estas mensagens para os nossos clientes.", "pt"),
        ("迷惑メールが届きました。対応をお願いします。", "ja"),
        ("请停止发送垃圾邮件", "zh"),
        ("스팸 메일을 보내지 마십시오", "ko"),
        ('I got a mail called "未読のお知らせがあります" from your server.', "en"),
        ("Parem de me mandar isso!!!", "pt"),
        ("Dejen de enviarme esto.", "es"),
        ("Basta con questo spam!", "it"),
        ("Stop met deze spam.", "nl"),
        ("Przestańcie przysyłać mi ten spam.", "pl"),
        ("Sluta skicka skräppost till mig.", "sv"),
        ("Bu spamı durdurun lütfen.", "tr"),
        ("Прекратите присылать спам, пожалуйста.", "ru"),
        ("Gibt es schon Neuigkeiten?", "de"),
        (
            "Guten Tag,\nvon Ihrer Adresse gehen Angriffe aus:\n"
            "Dec 06 15:51:32 imap dovecot: auth: unknown user from the list\n",
            "de",
        ),
        ("http://a.example/b 203.0.113.9", ""),
        ("", ""),
    ],
)
def test_a_text_has_the_language_of_its_words(words: str, wanted: str) -> None:
    assert language_of(words) == wanted
