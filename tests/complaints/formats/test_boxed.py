"""The labels above a forwarded mail, in languages that are known and in one that is not."""

import pytest

from complaints.formats.quoted import take_apart

BODY = "Copper kettles at half price.\nhttp://kettle-shop.example/half"


def forwarded(separator: str, *labels: str) -> str:
    values = (
        "Kettles <bulk@kettle-shop.example>",
        "2024-03-04 09:12",
        "orla@meadow-net.example",
        "Copper kettles",
    )
    box = "\n".join(f"{label}: {value}" for label, value in zip(labels, values, strict=True))
    return f"Please stop this.\n\n{separator}\n{box}\n\n{BODY}\n"


@pytest.mark.parametrize(
    ("separator", "labels"),
    [
        ("-----Original Message-----", ("From", "Sent", "To", "Subject")),
        ("-----Oprindelig meddelelse-----", ("Fra", "Sendt", "Til", "Emne")),
        ("-----Alkuperäinen viesti-----", ("Lähettäjä", "Lähetetty", "Vastaanottaja", "Aihe")),
        ("-------- Пересылаемое сообщение --------", ("От", "Отправлено", "Кому", "Тема")),
        ("-----원본 메시지-----", ("보낸사람", "보낸날짜", "받는사람", "제목")),
        ("-----转发邮件-----", ("发件人", "发送时间", "收件人", "主题")),
        ("________________________________", ("Da", "Inviato", "A", "Oggetto")),
        ("----- Eachtarshaol eile -----", ("Ó", "Seolta", "Chuig", "Ábhar")),
    ],
)
def test_a_box_of_labels_is_a_forwarded_mail(separator: str, labels: tuple[str, ...]) -> None:
    shown = take_apart(forwarded(separator, *labels))

    (sample,) = shown.samples
    fields = dict(line.split(": ", 1) for line in sample.head.split("\n"))
    assert fields["from"] == "Kettles <bulk@kettle-shop.example>"
    assert fields["subject"] == "Copper kettles"
    assert fields["to"] == "orla@meadow-net.example"
    assert sample.body == BODY
    assert shown.own_text == "Please stop this."


def test_older_mails_of_a_thread_belong_to_the_newest() -> None:
    older = forwarded("-----Original Message-----", "From", "Sent", "To", "Subject").replace(
        "2024-03-04", "2024-02-01"
    )
    newer = forwarded("-----Original Message-----", "From", "Sent", "To", "Subject")
    assert len(take_apart(newer + older.partition("\n\n")[2]).samples) == 1


@pytest.mark.parametrize(
    "attribution",
    [
        "On Mon, 4 Mar 2024 at 09:12, Kettles <bulk@kettle-shop.example> wrote:",
        "On Mon, 4 Mar 2024 at 09:12 Kettles <bulk@kettle-shop.example>\nwrote:",
        "Le 4/03/2024 09:12, Kettles <bulk@kettle-shop.example> a écrit :",
        "Op 4/03/2024 09:12 heeft Kettles <bulk@kettle-shop.example> geschreven:",
    ],
)
def test_who_wrote_it_may_stand_on_two_lines_in_any_language(attribution: str) -> None:
    (sample,) = take_apart(f"Stop this.\n\n{attribution}\n\n> Copper kettles.\n").samples
    assert "bulk@kettle-shop.example" in sample.head
    assert sample.body == "Copper kettles."
