"""How far an incident went: counted now, or kept for a large one; both say the same."""

from dataclasses import replace

import pytest

from incidents.models import IncidentFigure
from incidents.reporting import extent, rollups
from tests import make

NOW = make.at("1998-02-01 12:00")


@pytest.fixture
def incident(db):
    make.organisation()
    found = make.incident()
    messages = [
        make.relayed_message(
            queued_at=make.at(f"1998-01-2{number} 04:00"),
            client_ip=f"198.51.100.{number % 2}",
            recipients=[f"someone{number}@far.example", "other@near.example"],
        )
        for number in range(4)
    ]
    make.campaign(found, *messages)
    for _ in range(2):
        make.joined(found)
    return found


def test_what_is_kept_of_a_large_incident_is_what_a_count_says(incident, monkeypatch):
    counted = extent.extent_of(incident)
    assert counted.counted_at is None
    radius, _ = extent.radius_of(incident)
    assert (radius.messages, radius.recipients, len(counted.relayed)) == (4, 5, 4)
    assert radius.share == 0.4

    monkeypatch.setattr(extent, "LARGE", 3)
    rollups.rebuild(now=NOW)
    kept = extent.extent_of(incident)
    assert kept.counted_at == NOW
    assert kept == replace(counted, counted_at=NOW)
    assert extent.radius_of(incident) == (radius, NOW)


def test_a_small_incident_is_counted_when_it_is_looked_at(incident):
    rollups.rebuild(now=NOW)
    assert IncidentFigure.objects.get(incident=incident).extent == {}
    make.joined(incident)
    assert extent.radius_of(incident)[0].complaints == 3


def test_a_large_page_asks_no_count_over_its_messages(incident, client, monkeypatch):
    monkeypatch.setattr(extent, "LARGE", 3)
    rollups.rebuild(now=NOW)
    make.joined(incident)
    client.force_login(make.user("ann", role="reader"))
    page = client.get(f"/incidents/{incident.reference}/").content.decode()
    assert "40 % of the recipients" in page
    assert "1 Feb 1998, 12:00 UTC" in page
