"""Lists a page at a time: each row once, in order, whatever is equal; and counts with a bound."""

import pytest

from complaints import paging
from complaints.models import Complaint
from tests import make

pytestmark = pytest.mark.django_db
NEWEST = ("-arrived_at", "-pk")


def all_pages(by):
    keys, after = [], ""
    while True:
        page = paging.page(Complaint.objects.all(), by, after=after, most=4)
        keys += [row.pk for row in page.rows]
        if page.after is None:
            return keys
        after = str(page.after)


@pytest.mark.parametrize("by", [NEWEST, ("arrived_at", "pk"), ("stage", "-arrived_at", "pk")])
def test_pages_hold_each_row_once_and_in_order(by):
    for hour in (9, 9, 9, 12, 7, 9, 15, 9, 9, 7, 12):
        stage = "open" if hour % 2 else "grouped"
        make.complaint(arrived_at=make.at(f"1998-01-20 {hour:02}:00"), stage=stage)
    wanted = list(Complaint.objects.order_by(*by).values_list("pk", flat=True))
    assert all_pages(by) == wanted


def test_a_row_that_came_meanwhile_moves_nothing_to_another_page():
    for hour in range(8):
        make.complaint(arrived_at=make.at(f"1998-01-20 {hour:02}:00"))
    first = paging.page(Complaint.objects.all(), NEWEST, most=4)
    make.complaint(arrived_at=make.at("1998-01-21 00:00"))
    second = paging.page(Complaint.objects.all(), NEWEST, after=str(first.after), most=4)
    assert [row.arrived_at.hour for row in first.rows + second.rows] == [7, 6, 5, 4, 3, 2, 1, 0]


@pytest.mark.parametrize("after", ["no number", "-1", "9" * 40, "123456789"])
def test_what_names_no_row_leads_to_the_first_page(after):
    make.complaint()
    page = paging.page(Complaint.objects.all(), NEWEST, after=after)
    assert (len(page.rows), page.is_first) == (1, True)


def test_the_list_counts_stages_and_leads_on(client, monkeypatch):
    monkeypatch.setattr(paging, "MOST_COUNTED", 3)
    for _ in range(paging.A_PAGE + 1):
        make.complaint(stage="open")
    client.force_login(make.user("agent"))
    page = client.get("/complaints/?stage=open").content.decode()
    assert "3+" in page
    last = Complaint.objects.order_by(*NEWEST)[paging.A_PAGE - 1]
    assert f"?stage=open&amp;after={last.pk}" in page
    after = client.get(f"/complaints/?stage=open&after={last.pk}").content.decode()
    assert Complaint.objects.earliest("arrived_at", "pk").reference in after
