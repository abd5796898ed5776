"""The one rule that tells relaying for a stranger from mail of ours."""

import pytest

from complaints.maillog.direction import Ourselves, direction_of

US = Ourselves(
    domains=frozenset({"ours.example"}),
    networks=("192.0.2.0/24", "2001:db8::/48"),
    host_names=frozenset({"mail.ours.example"}),
    host_addresses=frozenset({"198.51.100.25"}),
)


@pytest.mark.parametrize(
    ("client_ip", "user", "recipients", "known", "direction"),
    [
        ("203.0.113.9", "", ["mika@ours.example"], True, "in"),
        ("203.0.113.9", "", ["mika@dept.ours.example"], True, "in"),
        ("192.0.2.7", "", ["friend@far.example"], True, "out"),
        ("2001:db8::7", "", ["friend@far.example"], True, "out"),
        ("", "", ["friend@far.example"], True, "out"),
        ("192.0.2.7", "", ["hana@ours.example"], True, "internal"),
        ("203.0.113.9", "", ["friend@far.example"], True, "stranger"),
        ("203.0.113.9", "", ["mika@ours.example", "friend@far.example"], True, "stranger"),
        ("203.0.113.9", "mika", ["friend@far.example"], True, "out"),
        ("203.0.113.9", "", ["friend%far.example@ours.example"], True, "stranger"),
        ("203.0.113.9", "", ["far.example!friend@ours.example"], True, "stranger"),
        ("203.0.113.9", "", ["friend@notours.example"], True, "stranger"),
        ("203.0.113.9", "", ["friend@far.example"], False, "unknown"),
        ("203.0.113.9", "", [], True, "unknown"),
    ],
)
def test_direction(client_ip, user, recipients, known, direction):
    found = direction_of(
        US, client_ip=client_ip, authenticated_user=user, recipients=recipients, known=known
    )
    assert found == direction
