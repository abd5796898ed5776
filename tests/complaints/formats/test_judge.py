"""Complaint or not, about what, by whom; and who threatens."""

import pytest

from complaints.formats import judge
from complaints.formats.threats import threat_in


@pytest.mark.parametrize(
    "text",
    [
        "We will block all mail from your network.",
        "Mail from gate.ministry.example will be rejected from Friday on.",
        "If this goes on we have no choice but to blacklist your server!",
        "We are now refusing all your mail.",
        "Your host has been put on our local block list.",
        "Sonst sperren wir Ihren Server.",
        "Ihre Mails werden dann von uns abgewiesen.",
        "改善されない場合、貴社からのメールを拒否いたします。",
        "Caso contrário bloquearemos o correio de vocês.",
    ],
)
def test_a_threat_to_refuse_our_mail_is_found(text: str) -> None:
    assert threat_in(f"Hello,\n\nit goes on. {text} Regards") == text


@pytest.mark.parametrize(
    "text",
    [
        "Please block this sender.",
        "We removed your server from our block list.",
        "My spam filter caught it.",
        "The address was banned by fail2ban.",
        "迷惑メールが届きました。",
    ],
)
def test_what_is_no_threat_is_none(text: str) -> None:
    assert threat_in(text) == ""


@pytest.mark.parametrize(
    ("address", "name", "kind"),
    [
        ("abuse@isp.example", "Abuse Team", "isp"),
        ("reports@cert.example", "National CERT", "csirt"),
        ("fbl@provider.example", "", "provider"),
        ("notify@dnsbl.example", "", "blocklist"),
        ("orla@meadow-net.example", "Orla Finch", "person"),
    ],
)
def test_the_reporter_is_known_by_name_and_address(address: str, name: str, kind: str) -> None:
    assert judge.reporter_of(address, name, "", is_machine=False) == kind


def test_each_verdict_gives_its_reasons() -> None:
    verdict = judge.weigh("our product stops spam", "our product stops spam", evidence=0)
    assert not verdict.is_complaint
    assert verdict.reasons == ("it speaks of abuse", "it offers or lures")
