"""However complaints arrive, and whoever wrote them: the same campaigns in the end."""

import random
from datetime import timedelta

import pytest

from complaints.linking.link import link_complaint
from complaints.models import Complaint
from incidents.grouping.assign import group_complaints
from incidents.grouping.tidy import make_one, seen_as_one
from incidents.models import Placement
from tests import make
from tests.make import at

NOW = at("1998-01-21 09:00")
# What reporters write around the same mail, in what form: it says nothing about the mail.
WRAPPERS = [
    ("en", "arf", "This is an email abuse report for a message received from your network."),
    (
        "de",
        "inline",
        "Guten Tag, von Ihrem Server kam diese unerwünschte Werbung. Bitte abstellen!",
    ),
    ("ja", "pasted-headers", "貴組織のサーバから迷惑メールを受信しました。調査をお願いします。"),
    ("pt", "attached", "Prezados, recebi esta mensagem não solicitada do seu servidor."),
]
SPAMS = {
    "riches": ("Riches for everybody", "Send five dollars to each name upon this list, friend {}"),
    "diploma": (
        "Unіversity dіplomas {}",
        "A prestigious degree without classes, books or exams {}",
    ),
    "pills": ("Cheap Vigoral inside", "Stop paying too much: discreet packages to your door {}"),
}


@pytest.fixture(autouse=True)
def ourselves(db):
    make.organisation()
    make.mail_host()


def complaints_of(spam, place):
    """Complaints about one spam: each written in another language, sent in another form."""
    subject, body = SPAMS[spam]
    for number, (language, form, text) in enumerate(WRAPPERS):
        tail = f"x{place}q{number}"
        yield {
            "language": language,
            "format": form,
            "text": text,
            "arrived_at": at("1998-01-20 16:00") + timedelta(hours=number),
            "sender": f"{spam}{number}@far.example",
            "reported": [
                {
                    "subject": subject.format(tail),
                    "body_text": body.format(tail),
                    "source_ip": f"198.18.{place}.{number + 1}",
                    "header_from": f"{tail}@{spam}{number % 2}.example",
                    "urls": [f"http://{spam}-shop.example/{tail}"],
                }
            ],
        }


def walked(facts):
    complaint = make.parsed_complaint(**facts)
    link_complaint(complaint, now=NOW)
    assert complaint in group_complaints([complaint], now=NOW)


def partition():
    """Which senders are together."""
    together = {}
    for placement in Placement.objects.exclude(campaign=None).select_related("complaint"):
        together.setdefault(placement.campaign_id, set()).add(placement.complaint.sender)
    return sorted(map(sorted, together.values()))


@pytest.mark.parametrize("seed", range(4))
def test_shuffled_arrivals_end_in_the_same_campaigns_and_incidents(seed):
    arriving = [one for place, spam in enumerate(SPAMS) for one in complaints_of(spam, place)]
    expected = [sorted(f"{spam}{n}@far.example" for n in range(4)) for spam in sorted(SPAMS)]
    random.Random(seed).shuffle(arriving)

    for facts in arriving:
        walked(facts)
    for pair in list(seen_as_one()):
        make_one(pair, now=NOW)

    assert partition() == expected
    homes = Complaint.objects.values_list("sender", "incidents")
    assert None not in {incident for _, incident in homes}
    assert len(set(homes.values_list("incidents"))) == len(SPAMS)


def mail_of(number, words, **facts):
    """A complaint about a mail that never passed our hosts, from one network, of a new sender."""
    shown = {
        "header_from": f"n{number}@place{number}.example",
        "source_ip": f"198.18.100.{number}",
        "body_text": words,
    }
    return {"sender": f"reporter{number}@far.example", "reported": [shown | facts]}


def test_a_phone_number_ties_what_the_network_alone_does_not():
    walked(mail_of(1, "Bachelor, Master, Doctor: call us under +1 (406) 555-0142 tonight"))
    walked(mail_of(2, "No exams needed any more. Phone: 406.555.0142, leave your name"))
    walked(mail_of(3, "Slim within one week, phone: 212.555.0199, or your money back"))
    assert partition() == [
        ["reporter1@far.example", "reporter2@far.example"],
        ["reporter3@far.example"],
    ]
    facts = [one["fact"] for one in Placement.objects.order_by("pk")[1].reasons]
    assert any("phone …65550142, where victims are to turn" in fact for fact in facts)


def test_a_file_ties_mails_that_carry_it():
    file = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
    walked(mail_of(1, "Your invoice is attached, kindly settle it", files=[file]))
    walked(mail_of(2, "Rechnung anbei, bitte umgehend begleichen", files=[file]))
    walked(mail_of(3, "Photos from the party, have a look", files=[file[::-1]]))
    assert partition() == [
        ["reporter1@far.example", "reporter2@far.example"],
        ["reporter3@far.example"],
    ]


def test_the_script_that_made_them_ties_mails_from_one_web_host():
    def made_by(number, script, words):
        facts = {"source_ip": "198.18.100.9", "script": script, "header_from": "www@web.example"}
        return mail_of(number, words, **facts)

    walked(made_by(1, "33:x7.php", "Bachelor, Master, Doctor: everything without exams"))
    walked(made_by(2, "33:x7.php", "Your mailbox is full, kindly confirm who you are"))
    walked(made_by(3, "1005:news.php", "Spring sale of garden chairs and hammocks begins"))
    assert partition() == [
        ["reporter1@far.example", "reporter2@far.example"],
        ["reporter3@far.example"],
    ]
