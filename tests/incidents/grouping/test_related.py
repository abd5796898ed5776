"""Incidents that share rare facts are suggested with these, until a person says they are two."""

import pytest

from incidents.grouping import corrections
from incidents.grouping.case import Case, Trait
from incidents.grouping.related import related_to
from incidents.grouping.stock import Stock
from incidents.models import Correction
from incidents.workflow.moves import NotAllowed
from tests import make
from tests.make import at

NOW = at("1998-01-21 09:00")


def incident_with(title, **traits):
    """An incident with a campaign of one case that shows this."""
    incident = make.incident(title=title)
    stock = Stock()
    campaign = stock.open(title)
    campaign.incident, campaign.number = incident, 1
    campaign.save()
    given = {Trait[kind]: frozenset([value]) for kind, value in traits.items()}
    stock.count_in(campaign, Case(title, given, at("1998-01-20 04:00")))
    stock.write()
    return incident


@pytest.fixture
def three(db):
    make.organisation()
    make.mail_host()
    return (
        incident_with("one", LINK_DOMAIN="pills.example", CONTACT="phone …65550142", ACCOUNT="ann"),
        incident_with("two", LINK_DOMAIN="pills.example", CONTACT="phone …65550142"),
        incident_with("three", LINK_DOMAIN="loans.example", SUBJECT="hello"),
    )


def test_the_facts_that_both_have_are_told_and_nothing_else(three):
    one, two, three_ = three
    (found,) = related_to(one)
    assert found.incident == two
    assert set(found.facts) == {("url-domain", "pills.example"), ("contact", "phone …65550142")}
    assert related_to(three_) == []


def test_what_very_many_share_relates_nobody(three, django_assert_num_queries):
    one = three[0]
    for number in range(14):
        incident_with(f"more {number}", LINK_DOMAIN="pills.example")
    with django_assert_num_queries(5):
        (found,) = related_to(one)
    assert found.facts == (("contact", "phone …65550142"),)


def test_a_person_keeps_them_apart_and_it_is_undone(three, client):
    one, two, _ = three
    client.force_login(make.user("lead", role="lead"))
    page = client.get(f"/incidents/{one.reference}/neighbours/").text
    assert "phone …65550142" in page
    assert two.reference in page

    client.post(f"/incidents/{one.reference}/apart/{two.reference}/")

    assert related_to(one) == related_to(two) == []
    with pytest.raises(NotAllowed, match="they are two"):
        corrections.merge(one, two, by="bob", now=NOW)
    corrections.undo(Correction.objects.get(), by="bob", now=NOW)
    assert related_to(one)
    corrections.merge(one, two, by="bob", now=NOW)


def test_a_merge_is_offered_with_the_other_filled_in(three, client):
    one, two, _ = three
    client.force_login(make.user("lead", role="lead"))
    page = client.get(f"/incidents/{one.reference}/merge/?into={two.reference}").text
    assert f'value="{two.reference}"' in page
