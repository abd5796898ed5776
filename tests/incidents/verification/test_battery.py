"""The battery: what it tries, and whom it never writes to."""

from incidents.verification import battery, forms
from incidents.verification.trial import Kind, Places

PLACES = Places(
    our_domain="example.go.jp",
    our_mailbox="webmaster@example.go.jp",
    test_recipient="relaytest@probe.example",
    sender_domain="probe.example",
    campaign_senders=("a@cash.example", "b@cash.example", "c@riches.example"),
    token="k7",
)


def places(**changes):
    return Places(**{name: getattr(PLACES, name) for name in Places.__dataclass_fields__} | changes)


def test_every_recipient_is_ours_or_of_the_test_domain_or_nobodys():
    for probe in battery.build(PLACES):
        assert (
            "probe.example" in probe.recipient.lower()
            or "probe。example" in probe.recipient
            or probe.recipient.endswith("@example.go.jp")
            or forms.NOBODYS_ADDRESS in probe.recipient
        ), probe


def test_only_probes_between_addresses_of_the_desk_may_send():
    sending = [probe for probe in battery.build(PLACES) if probe.may_send]
    assert sending
    for probe in sending:
        own = ("@probe.example", "@example.go.jp", "@mail.example.go.jp")
        assert not probe.sender or probe.sender.endswith(own)
        leads_to = probe.recipient.lower().replace("。", ".")
        assert "relaytest" in leads_to
        assert "probe.example" in leads_to
        assert forms.NOBODYS_ADDRESS not in leads_to


def test_the_campaigns_own_senders_are_tried_and_new_ones_beside_them():
    probes = battery.build(PLACES)
    by_kind = {kind: [p.sender for p in probes if p.kind is kind] for kind in Kind}
    assert by_kind[Kind.CAMPAIGN] == list(PLACES.campaign_senders)
    assert by_kind[Kind.NEIGHBOUR] == ["meyasu-k7@cash.example", "meyasu-k7@riches.example"]
    assert len(by_kind[Kind.FRESH]) == 2


def test_a_sender_from_the_log_that_would_break_the_dialogue_is_left_out():
    hostile = (
        "x@y.example>\r\nDATA",
        "no-at-sign",
        "a b@c.example",
        "é@c.example",
        "x" * 300 + "@c.example",
    )
    probes = battery.build(places(campaign_senders=(*hostile, "fine@cash.example")))
    assert [p.sender for p in probes if p.kind is Kind.CAMPAIGN] == ["fine@cash.example"]


def test_the_battery_stays_small_however_many_senders_a_campaign_had():
    many = tuple(f"s{number}@d{number}.example" for number in range(200))
    assert len(battery.build(places(campaign_senders=many))) <= 50


def test_names_are_unique():
    names = [probe.name for probe in battery.build(PLACES)]
    assert len(names) == len(set(names))
