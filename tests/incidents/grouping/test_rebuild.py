"""Campaigns of earlier versions of the program get their counts, and are found again."""

import pytest

from complaints.linking.link import link_complaint
from incidents.grouping.assign import group_complaint
from incidents.grouping.rebuild import rebuild_some
from incidents.models import Campaign, CampaignProfile, KnownValue, Placement
from tests import make
from tests.make import at

NOW = at("1998-01-21 09:00")
SHOWN = {"subject": "Riches for everybody", "body_text": "Be rich by Friday, send five notes"}


@pytest.fixture(autouse=True)
def ourselves(db):
    make.organisation()
    make.mail_host()


def grouped(number):
    """A complaint about a message of one campaign, grouped."""
    message_id = f"{number}@riches.example"
    make.relayed_message(message_id=message_id, recipient_count=9)
    complaint = make.parsed_complaint(reported=[SHOWN | {"message_id": message_id}])
    link_complaint(complaint, now=NOW)
    group_complaint(complaint, now=NOW)
    return complaint


@pytest.mark.parametrize("with_cases", [True, False])
def test_counts_that_are_missing_are_made_from_the_cases(with_cases):
    for number in range(3):
        grouped(number)
    before = CampaignProfile.objects.get().data
    CampaignProfile.objects.all().delete()
    KnownValue.objects.all().delete()
    if not with_cases:
        Placement.objects.all().delete()

    assert rebuild_some(now=NOW) == 1
    assert rebuild_some(now=NOW) == 0

    after = CampaignProfile.objects.get().data
    assert after["cases"] == before["cases"] == 3
    assert after["counts"] == before["counts"]
    assert grouped(7).placements.get().campaign == Campaign.objects.get()


def test_a_message_of_such_a_campaign_finds_it_before_it_was_counted():
    first = grouped(1)
    CampaignProfile.objects.all().delete()
    KnownValue.objects.all().delete()
    again = make.parsed_complaint(reported=[SHOWN | {"message_id": "1@riches.example"}])
    link_complaint(again, now=NOW)
    group_complaint(again, now=NOW)
    assert again.placements.get().campaign == first.placements.get().campaign
    assert CampaignProfile.objects.get().data["cases"] == 2
