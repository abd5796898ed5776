"""Who takes part in the case of 1998: the ministry, the spammers, the people who complain.

All names, addresses and networks are invented: documentation and benchmarking ranges only.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

TOKYO = timezone(timedelta(hours=9), "JST")

DOMAIN = "boueki.example"
HOST = "mail.boueki.example"
HOST_ADDRESS = "192.0.2.25"
WEBMASTER = f"webmaster@{DOMAIN}"

ORGANISATION: dict[str, Any] = {
    "name": "Ministry of Foreign Trade",
    "domains": [DOMAIN],
    "mailboxes": [WEBMASTER, f"postmaster@{DOMAIN}"],
    "utc_offset": "+09:00",
    "networks": ["192.0.2.0/24"],
    "logs_taken_at": "1998-02-28T23:59:00+09:00",
    "mail_hosts": [
        {
            "name": "mail",
            "fqdn": HOST,
            "addresses": [HOST_ADDRESS],
            "mta": "sendmail",
            "log_files": "maillog*",
            "log_utc_offset": "+09:00",
        }
    ],
    "customers": [],
}


@dataclass(frozen=True, slots=True)
class Spam:
    """One of the things that were advertised, and how it was sent."""

    name: str
    senders: tuple[str, ...]
    helo: str
    subject: str
    body: str


ENVELOPE = Spam(
    name="envelope",
    senders=("carl@golden-envelope.example", "winners@envelope-club.example"),
    helo="golden-envelope",
    subject="$$$ The Golden Envelope - pay off your house this spring $$$",
    body=(
        "Dear future winner,\n\n"
        "Last year I slept in my car. Today I own three. What happened in between? A plain\n"
        "envelope with SEVEN DOLLARS in it!\n\n"
        "Mail one dollar to each of the seven people on the list, strike out the first, add\n"
        "your own name at the bottom and send this letter to 200 friends. Brokered by\n"
        "Meridian Opportunities. Questions? Fax 555-0142 (no phone calls).\n\n"
        "The list is waiting: http://www.golden-envelope.example/list\n"
    ),
)
PILOT = Spam(
    name="pilot",
    senders=("orders@bulkpilot.example",),
    helo="bulkpilot",
    subject="BulkPilot 2.1: your ad in ten million mailboxes tonight",
    body=(
        "BULKPILOT 2.1 FOR WINDOWS 95\n\n"
        "Why pay for a stamp? BulkPilot finds mail machines all over the world that will\n"
        "carry your message for nothing, and nobody will know where you sit. Ten million\n"
        "addresses are on the CD. One hundred and ninety-nine dollars, this week only.\n\n"
        "http://www.bulkpilot.example/buy or fax your card number to 555-0142\n"
    ),
)
# The sender who came after the vendor had blocked the other three.
FOURTH_SENDER = "spring98@lucky-envelope.example"

DIAL_UP = (
    ("line07.slipstream.example", "198.18.77.7"),
    ("line12.slipstream.example", "198.18.77.12"),
    ("line31.slipstream.example", "198.18.77.31"),
)
UPSTREAM_ABUSE = "abuse@slipstream.example"
BROKER_FAX = "555-0142"

OUTSIDE = (
    ("harbour-college.example", "203.0.113.21"),
    ("northlight.example", "203.0.113.34"),
    ("quarry-street.example", "203.0.113.47"),
    ("tallgrass.example", "203.0.113.58"),
    ("windmere.example", "203.0.113.63"),
    ("fernhill.example", "203.0.113.75"),
    ("cobalt-bay.example", "203.0.113.88"),
    ("old-orchard.example", "203.0.113.94"),
)
PARTNERS = (
    ("kaigan-shoji.example", "198.51.100.14"),
    ("midori-daigaku.example", "198.51.100.23"),
    ("asahi-kogyo.example", "198.51.100.36"),
)


def tokyo(text: str) -> datetime:
    """The moment `1998-01-20 13:05` or `1998-01-20 13:05:31` in Tokyo, as aware UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=TOKYO).astimezone(UTC)
