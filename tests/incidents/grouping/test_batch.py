"""Grouping many complaints at once gives what one by one gives, at a bounded number of queries."""

import random

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from complaints.linking.link import link_complaint
from complaints.models import Complaint
from incidents.grouping.assign import group_complaint, group_complaints
from incidents.grouping.case import Case, Trait
from incidents.grouping.profile import MOST_VALUES, Profile
from incidents.grouping.values import ALL, MOST_CAMPAIGNS, Values
from incidents.models import CampaignProfile, IncidentComplaint, KnownValue, Placement, Task
from tests import make
from tests.make import at

NOW = at("1998-01-21 09:00")


@pytest.fixture(autouse=True)
def ourselves(db):
    make.organisation()
    make.mail_host()


def mail(number):
    """Complaints about three spams, some linked to the log and some not."""
    spam = number % 3
    words = ("Riches for everybody", "The tool that sells", "Win a house")[spam]
    shown = {"subject": words, "body_text": f"{words} {words.upper()} today, write to us"}
    if number % 4:
        message_id = f"{number}@spam.example"
        make.relayed_message(
            message_id=message_id, sender=f"{spam}@spam.example", recipient_count=9
        )
        shown["message_id"] = message_id
    complaint = make.parsed_complaint(
        sender=f"reader{number}@far.example", reported=[shown], arrived_at=at("1998-01-21 08:00")
    )
    link_complaint(complaint, now=NOW)
    return complaint


def outcome():
    """Which complaints are together, with their reasons and tasks, without the rows' numbers."""
    members = IncidentComplaint.objects.order_by("complaint").prefetch_related("campaigns")
    return (
        [
            (
                member.incident.keys.get().value,
                sorted(campaign.number for campaign in member.campaigns.all()),
                member.reasons,
            )
            for member in members
        ],
        list(Placement.objects.order_by("pk").values_list("score", "reasons")),
        [row.data for row in CampaignProfile.objects.order_by("pk")],
        sorted(KnownValue.objects.values_list("number", flat=True)),
        list(Task.objects.order_by("pk").values_list("kind", "number")),
        list(Complaint.objects.order_by("pk").values_list("stage", flat=True)),
    )


@pytest.mark.parametrize("size", [3, 12])
def test_a_batch_is_grouped_as_one_by_one(size):
    keys = [mail(number).pk for number in range(size)]
    with transaction.atomic():
        for complaint in Complaint.objects.filter(pk__in=keys).order_by("pk"):
            assert group_complaint(complaint, now=NOW)
        alone = outcome()
        transaction.set_rollback(True)
    complaints = list(Complaint.objects.filter(pk__in=keys).order_by("pk"))
    assert group_complaints(complaints, now=NOW) == complaints
    assert outcome() == alone


def test_what_another_worker_took_is_left_to_it():
    mine, other = mail(1), mail(2)
    Complaint.objects.filter(pk=other.pk).update(stage=Complaint.Stage.OPEN)
    assert group_complaints([mine, other], now=NOW) == [mine]


def test_another_case_costs_few_queries_however_many_came_before():
    group_complaints([mail(number) for number in range(9)], now=NOW)
    few = _queries_of([mail(number) for number in range(9, 11)])
    many = _queries_of([mail(number) for number in range(11, 23)])
    assert many - few <= 7 * 10
    group_complaints([mail(number) for number in range(23, 60)], now=NOW)
    assert _queries_of([mail(number) for number in range(60, 72)]) <= many


def _queries_of(complaints):
    """How many queries it costs, beside the tasks that answer reporters and the history."""
    with CaptureQueriesContext(connection) as asked:
        group_complaints(complaints, now=NOW)
    others = ("incidents_task", "auditentry", "complaints_organisation")
    return sum(not any(name in query["sql"] for name in others) for query in asked)


def test_a_profile_stays_small_and_knows_what_is_common():
    profile, dice = Profile(), random.Random(5)
    for number in range(3000):
        address = "198.18.7.9" if number % 3 == 0 else f"198.19.{number % 200}.{number // 200}"
        traits = {Trait.IP: frozenset({address}), Trait.SENDER: frozenset({str(dice.random())})}
        profile.add(Case(str(number), traits, at("2025-01-10 08:00")))
    assert len(profile.counts[Trait.IP]) <= MOST_VALUES
    assert len(profile.counts[Trait.SENDER]) <= MOST_VALUES
    assert profile.count(Trait.IP, "198.18.7.9") == 1000
    assert profile.different(Trait.SENDER) == 3000
    assert profile.cases == profile.having[Trait.IP] == 3000


def test_the_index_knows_how_many_campaigns_have_a_value_and_the_latest_of_them():
    values = Values()
    for number in range(200):
        values.add([ALL, ("ip", "198.18.7.9")], number)
    values.remove([("ip", "198.18.7.9")], 199)
    values.write()
    again = Values()
    again.load([("ip", "198.18.7.9")])
    rarity = again.rarity([("ip", "198.18.7.9")])
    assert rarity.campaigns == 200
    assert rarity.campaigns_with("ip", "198.18.7.9") == 199
    latest = again.having([("ip", "198.18.7.9")])["ip", "198.18.7.9"]
    assert len(latest) == MOST_CAMPAIGNS - 1
    assert latest[-1] == 198
