"""XARF says what it is about in words of its own: each has its category here."""

import pytest

from complaints.formats.xarfjson import category_of

# Every type of the XARF 4 specification, by its category there.
TYPES = {
    "messaging": {"spam": "spam", "bulk_messaging": "spam"},
    "connection": {
        "login_attack": "login-attack",
        "port_scan": "port-scan",
        "reconnaissance": "port-scan",
        "vulnerability_scan": "port-scan",
        "infected_host": "malware",
        "ddos": "other",
        "scraping": "other",
        "sql_injection": "other",
    },
    "content": {
        "phishing": "phishing",
        "fraud": "phishing",
        "malware": "malware",
        "remote_compromise": "malware",
        "brand_infringement": "copyright",
        "exposed_data": "other",
        "csam": "other",
        "csem": "other",
        "suspicious_registration": "other",
    },
    "infrastructure": {"botnet": "malware", "compromised_server": "malware"},
    "copyright": {
        "copyright": "copyright",
        "p2p": "copyright",
        "cyberlocker": "copyright",
        "link_site": "copyright",
        "ugc_platform": "copyright",
        "usenet": "copyright",
    },
    "vulnerability": {"cve": "other", "open_service": "other", "misconfiguration": "other"},
    "reputation": {"blocklist": "other", "threat_intelligence": "other"},
}


@pytest.mark.parametrize(
    ("kind", "name", "expected"),
    [(kind, name, word) for kind, types in TYPES.items() for name, word in types.items()],
)
def test_each_type_of_version_4_has_its_category(kind: str, name: str, expected: str) -> None:
    assert category_of(name, kind) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Spam", "spam"),
        ("LoginAttack", "login-attack"),
        ("PortScan", "port-scan"),
        ("Malware", "malware"),
        ("MalwareDistribution", "malware"),
        ("CompromisedServer", "malware"),
        ("Botnet", "malware"),
        ("Phishing", "phishing"),
        ("Copyright", "copyright"),
        ("DDoS", "other"),
    ],
)
def test_types_of_version_3_are_told_by_their_names(name: str, expected: str) -> None:
    assert category_of(name) == expected


def test_an_open_service_that_handles_mail_is_an_open_relay() -> None:
    assert category_of("open_service", "vulnerability", "smtp") == "open-relay"
    assert category_of("open_service", "vulnerability", "ntp") == "other"
