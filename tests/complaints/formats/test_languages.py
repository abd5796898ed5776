"""Complaints in sixteen languages: the forward, the threat, the time limit, as writers put them."""

from datetime import UTC, datetime

import pytest

from complaints.formats.registry import read_report

HEAD = (
    "From: Orla <orla@meadow-net.example>\nTo: abuse@ministry.example\n"
    "Date: Mon, 4 Mar 2024 10:00:00 +0100\nMessage-ID: <l1@meadow-net.example>\n"
    "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n"
)
# language, subject, what the writer says, what his mail program puts above the forwarded mail
FORWARDS = (
    (
        "es",
        "RV: Copper kettles",
        "Desde su servidor gate.ministry.example recibimos correo no "
        "deseado. Les rogamos que lo detengan en un plazo de 48 horas; "
        "de lo contrario bloquearemos todo el correo de su red.",
        "-----Mensaje original-----\nDe: Mel Riches <mel@riches.example>\n"
        "Enviado el: lunes, 4 de marzo de 2024 9:12\n"
        "Para: orla@meadow-net.example\nAsunto: Copper kettles\n\nCompre ya: ",
    ),
    (
        "it",
        "I: Copper kettles",
        "dal vostro server arrivano messaggi indesiderati. Vi preghiamo "
        "di intervenire entro 24 ore, altrimenti bloccheremo tutta la "
        "posta dalla vostra rete.",
        "-----Messaggio originale-----\n"
        "Da: Mel Riches <mel@riches.example>\n"
        "Inviato: lunedì 4 marzo 2024 09:12\nA: orla@meadow-net.example\n"
        "Oggetto: Copper kettles",
    ),
    (
        "pt",
        "ENC: Copper kettles",
        "recebemos spam através do vosso servidor. Pedimos que resolvam "
        "o problema em até 3 dias, senão vamos bloquear todo o correio "
        "da vossa rede.",
        "---------- Mensagem encaminhada ---------\n"
        "De: Mel Riches <mel@riches.example>\n"
        "Data: segunda-feira, 4 de março de 2024 às 09:12\n"
        "Assunto: Copper kettles\nPara: orla@meadow-net.example",
    ),
    (
        "nl",
        "FW: Copper kettles",
        "via uw server kregen wij ongewenste reclame. Wilt u dit binnen "
        "24 uur stoppen? Anders blokkeren wij alle mail van uw netwerk.",
        "-----Oorspronkelijk bericht-----\n"
        "Van: Mel Riches <mel@riches.example>\n"
        "Verzonden: maandag 4 maart 2024 09:12\n"
        "Aan: orla@meadow-net.example\nOnderwerp: Copper kettles",
    ),
    (
        "pl",
        "PD: Copper kettles",
        "z Państwa serwera otrzymaliśmy niechcianą reklamę. Prosimy o "
        "zablokowanie nadawcy w ciągu 48 godzin, w przeciwnym razie zablokujemy "
        "całą pocztę z Państwa sieci.",
        "---------- Wiadomość przekazana dalej ---------\n"
        "Od: Mel Riches <mel@riches.example>\n"
        "Data: pon., 4 mar 2024 o 09:12\nTemat: Copper kettles\n"
        "Do: orla@meadow-net.example",
    ),
    (
        "ru",
        "Fwd: Copper kettles",
        "с вашего сервера нам пришёл спам. Просим прекратить рассылку "
        "в течение 48 часов, иначе мы заблокируем всю почту с вашей сети.",
        "-------- Пересылаемое сообщение --------\n"
        "От кого: Mel Riches <mel@riches.example>\n"
        "Дата: Понедельник, 4 марта 2024, 9:12 +03:00\n"
        "Тема: Copper kettles\nКому: orla@meadow-net.example",
    ),
    (
        "zh",
        "转发: Copper kettles",
        "我们收到来自贵方服务器的垃圾邮件，请在48小时内处理，否则我们将拒收贵方所有邮件。",
        "-----原始邮件-----\n发件人: Mel Riches <mel@riches.example>\n"
        "发送时间: 2024年3月4日 9:12\n收件人: orla@meadow-net.example\n"
        "主题: Copper kettles",
    ),
    (
        "ko",
        "전달: Copper kettles",
        "귀사 서버에서 스팸 메일이 왔습니다. 48시간 이내에 조치해 주시기 바랍니다. "
        "그렇지 않으면 귀사의 모든 메일을 차단하겠습니다.",
        "-----원본 메시지-----\n보낸 사람: Mel Riches <mel@riches.example>\n"
        "보낸 날짜: 2024년 3월 4일 월요일 오전 9:12\n받는 사람: orla@meadow-net.example\n"
        "제목: Copper kettles",
    ),
    (
        "tr",
        "İLT: Copper kettles",
        "sunucunuzdan istenmeyen e-posta aldık. Lütfen 48 saat içinde "
        "durdurun, aksi takdirde ağınızdan gelen tüm postaları engelleyeceğiz.",
        "-----Özgün İleti-----\nGönderen: Mel Riches <mel@riches.example>\n"
        "Gönderilen: 4 Mart 2024 Pazartesi 09:12\n"
        "Kime: orla@meadow-net.example\nKonu: Copper kettles",
    ),
    (
        "sv",
        "VB: Copper kettles",
        "vi har fått skräppost från er server. Var vänliga stoppa det "
        "inom 24 timmar, annars blockerar vi all e-post från ert nät.",
        "-----Ursprungligt meddelande-----\n"
        "Från: Mel Riches <mel@riches.example>\n"
        "Skickat: den 4 mars 2024 09:12\nTill: orla@meadow-net.example\n"
        "Ämne: Copper kettles",
    ),
    (
        "da",
        "VS: Copper kettles",
        "vi har modtaget spam fra jeres server. Stop det venligst inden "
        "24 timer, ellers blokerer vi al mail fra jeres netværk.",
        "-----Oprindelig meddelelse-----\n"
        "Fra: Mel Riches <mel@riches.example>\nSendt: 4. marts 2024 09:12\n"
        "Til: orla@meadow-net.example\nEmne: Copper kettles",
    ),
    (
        "fi",
        "VL: Copper kettles",
        "olemme saaneet roskapostia palvelimeltanne. Lopettakaa se 24 "
        "tunnin kuluessa, muuten estämme kaiken postin verkostanne.",
        "-----Alkuperäinen viesti-----\n"
        "Lähettäjä: Mel Riches <mel@riches.example>\n"
        "Lähetetty: 4. maaliskuuta 2024 9:12\n"
        "Vastaanottaja: orla@meadow-net.example\nAihe: Copper kettles",
    ),
    (
        "cs",
        "FW: Copper kettles",
        "z vašeho serveru nám přišla nevyžádaná pošta. Prosíme o nápravu "
        "do 48 hodin, jinak zablokujeme veškerou poštu z vaší sítě.",
        "---------- Přeposlaná zpráva ---------\n"
        "Od: Mel Riches <mel@riches.example>\nDatum: 4. března 2024 9:12\n"
        "Předmět: Copper kettles\nKomu: orla@meadow-net.example",
    ),
    (
        "uk",
        "Fwd: Copper kettles",
        "з вашого сервера ми отримали спам. Просимо припинити розсилку "
        "протягом 48 годин, інакше ми заблокуємо всю пошту з вашої мережі.",
        "-------- Перенаправлене повідомлення --------\n"
        "Від: Mel Riches <mel@riches.example>\n"
        "Дата: 4 березня 2024 р. 09:12\nТема: Copper kettles\n"
        "Кому: orla@meadow-net.example",
    ),
    (
        "fr",
        "TR: Copper kettles",
        "nous avons reçu un courrier indésirable par votre serveur. Merci "
        "d'y mettre fin sous 48 heures, sinon nous bloquerons tout le "
        "courrier de votre réseau.",
        "-----Message d'origine-----\nDe : Mel Riches <mel@riches.example>\n"
        "Envoyé : lundi 4 mars 2024 09:12\nÀ : orla@meadow-net.example\n"
        "Objet : Copper kettles",
    ),
    (
        "no",
        "VS: Copper kettles",
        "vi har fått søppelpost fra serveren deres. Vennligst stopp dette "
        "innen 24 timer, ellers blokkerer vi all e-post fra nettverket "
        "deres.",
        "-----Opprinnelig melding-----\n"
        "Fra: Mel Riches <mel@riches.example>\nSendt: 4. mars 2024 09:12\n"
        "Til: orla@meadow-net.example\nEmne: Copper kettles",
    ),
)


def mail(text: str, subject: str) -> bytes:
    return f"{HEAD}Subject: {subject}\n\n{text}\n".encode()


@pytest.mark.parametrize(("language", "subject", "words", "box"), FORWARDS)
def test_a_forward_is_read_in_any_language(
    language: str, subject: str, words: str, box: str
) -> None:
    report = read_report(mail(f"{words}\n\n{box}\n\nhttp://kettles.example/a1", subject))

    assert report.is_complaint
    assert (report.format, report.language, report.category) == ("inline", language, "spam")
    (shown,) = report.originals
    assert (shown.header_from, shown.subject) == ("mel@riches.example", "Copper kettles")
    assert (shown.recipient, shown.urls) == (
        "orla@meadow-net.example",
        ("http://kettles.example/a1",),
    )
    assert shown.arrived_at is not None
    assert shown.arrived_at.date().isoformat() == "2024-03-04"


@pytest.mark.parametrize(("language", "subject", "words", "box"), FORWARDS)
def test_a_threat_and_a_time_limit_are_heard_in_any_language(
    language: str, subject: str, words: str, box: str
) -> None:
    report = read_report(mail(words, subject))

    assert report.threatens_block
    assert report.answer_by is not None
    assert report.answer_by > datetime(2024, 3, 4, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    "words",
    [
        "Wij zullen uw mail morgen beantwoorden.",
        "Внесём изменения на сервер и напишем вам письмо.",
        "Vi skickar mail till er server i morgon.",
        "Odpowiemy na Państwa wiadomości w sieci.",
        "Sunucunuz için teşekkürler, posta geldi.",
    ],
)
def test_an_ordinary_promise_is_no_threat(words: str) -> None:
    assert not read_report(mail(f"{words} Spam 192.0.2.25", "spam")).threatens_block


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("您好，我一直收到来自192.0.2.25的垃圾邮件，请把我的地址删除。", "192.0.2.25"),
        ("192.0.2.25에서 계속 스팸이 옵니다. 제 주소를 삭제해 주세요.", "192.0.2.25"),
        ("迷惑メールが2001:db8::25から届きます。", "2001:db8::25"),
    ],
)
def test_an_address_is_found_between_letters_without_blanks(text: str, source: str) -> None:
    assert read_report(mail(text, "spam")).originals[0].source_ip == source


@pytest.mark.parametrize(
    "words",
    [
        "entro il 6 marzo 2024",
        "do dnia 6 marca 2024",
        "до 6 марта 2024 года",
        "6 Mart 2024 tarihine kadar",
        "3월 6일까지",
        "在3月6日之前",
        "senast den 6 mars 2024",
        "uiterlijk 6 maart 2024",
        "hasta el 6 de marzo de 2024",
        "antes de 6 de março de 2024",
        "nejpozději 6. března 2024",
    ],
)
def test_a_day_is_a_limit_in_any_language(words: str) -> None:
    text = f"Spam 192.0.2.25. {words}"
    found = read_report(mail(text, "spam")).answer_by
    assert found is not None
    assert found.date().isoformat() in ("2024-03-05", "2024-03-06")
