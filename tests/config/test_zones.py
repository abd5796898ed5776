"""Times are read in the zone of the reader's browser, and the zone is written beside them."""

import pytest

from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(client):
    """What the list of mails says, for a browser with this cookie."""
    make.complaint(arrived_at=make.at("1998-01-21 20:00"))
    client.force_login(make.user("agent"))

    def asked(zone):
        client.cookies["zone"] = zone
        return client.get("/complaints/").content.decode()

    return asked


def test_times_are_in_the_zone_that_the_browser_names(page):
    assert "22 Jan 1998, 05:00 JST" in page("Asia/Tokyo")
    assert "21 Jan 1998, 15:00 EST" in page("America/New_York")


@pytest.mark.parametrize("name", ["", "Moon/Base", "../../etc/passwd", "x" * 5000])
def test_what_names_no_zone_leaves_the_zone_of_the_desk(page, name):
    assert "21 Jan 1998, 20:00 UTC" in page(name)


def test_the_zone_of_one_reader_is_not_that_of_the_next(page):
    page("Asia/Tokyo")
    assert "21 Jan 1998, 20:00 UTC" in page("")
