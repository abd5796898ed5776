"""All cases seen at once: campaigns that are one are united within an incident, else told."""

import pytest

from complaints import audit
from complaints.linking.link import link_complaint
from incidents.grouping import placing
from incidents.grouping.assign import group_complaint
from incidents.grouping.stock import Stock
from incidents.grouping.tidy import SeenAsOne, make_one, seen_as_one
from incidents.models import Campaign, Placement
from tests import make
from tests.make import at

NOW = at("1998-01-21 09:00")


@pytest.fixture(autouse=True)
def ourselves(db):
    make.organisation()
    make.mail_host()


@pytest.fixture
def torn():
    """One campaign of six complaints whose last three were put into a campaign of their own."""
    for number in range(6):
        make.relayed_message(message_id=f"{number}@riches.example", recipient_count=9)
        shown = {
            "message_id": f"{number}@riches.example",
            "subject": "Riches for everybody",
            "body_text": "Be rich by Friday, send five notes to the address below",
        }
        complaint = make.parsed_complaint(reported=[shown])
        link_complaint(complaint, now=NOW)
        group_complaint(complaint, now=NOW)
    whole = Campaign.objects.get(merged_into=None)
    piece = Campaign.objects.create(incident=whole.incident, number=9, title="a piece of it")
    late = Placement.objects.order_by("pk")[3:]
    Placement.objects.filter(pk__in=[one.pk for one in late]).update(campaign=piece)
    return whole, piece


def test_the_pieces_of_a_campaign_are_found_and_united(torn):
    whole, piece = torn

    (pair,) = seen_as_one()
    assert {pair.campaign, pair.other} == {whole, piece}
    assert make_one(pair, now=NOW)

    left = Campaign.objects.get(merged_into=None)
    assert left.placements.count() == left.profile.data["cases"] == 6
    assert not list(seen_as_one())
    assert list(audit.verify()) == []


def test_what_a_person_placed_is_left_as_it_is(torn):
    Placement.objects.filter(campaign=torn[1]).update(placed_by="ann")
    assert not list(seen_as_one())


def test_across_incidents_a_person_decides(torn):
    _, piece = torn
    piece.incident = make.incident(title="another one")
    piece.save()
    (pair,) = seen_as_one()
    assert not make_one(pair, now=NOW)
    assert Campaign.objects.filter(merged_into=None).count() == 2


def test_a_pair_seen_before_another_was_united_follows_to_where_it_went(torn):
    whole, piece = torn
    third = Campaign.objects.create(title="another piece of it")
    last = Placement.objects.order_by("-pk")[0]
    Placement.objects.filter(pk=last.pk).update(campaign=third)
    Campaign.objects.filter(pk=whole.pk).update(incident=None)
    whole.refresh_from_db()

    assert make_one(SeenAsOne(whole, piece, 3), now=NOW)
    assert make_one(SeenAsOne(whole, third, 1), now=NOW)
    assert not make_one(SeenAsOne(whole, third, 1), now=NOW)

    assert Campaign.objects.get(merged_into=None) == piece
    assert piece.placements.count() == 6


def test_a_campaign_that_took_in_another_stays_when_its_last_case_leaves():
    complaint = make.parsed_complaint(reported=[{"subject": "Riches for everybody"}])
    link_complaint(complaint, now=NOW)
    group_complaint(complaint, now=NOW)
    campaign = complaint.placements.get().campaign
    Campaign.objects.create(title="taken in", merged_into=campaign)

    stock = Stock()
    placing.take_out(stock, complaint.placements.all())
    stock.write()

    assert Campaign.objects.filter(pk=campaign.pk).exists()
