"""The admin: figures on its front page, everything readable, nothing of a case changeable."""

import re

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.urls import reverse

from incidents.models import Contact, Letter, Notice, ProbeRun
from tests import make
from tests.make import at

pytestmark = pytest.mark.django_db
READ_ONLY = ("incident", "task", "letter", "notice", "proberun")


@pytest.fixture
def manager(client):
    client.force_login(User.objects.create_superuser("manager"))
    return client


@pytest.fixture
def incident():
    make.organisation()
    made = make.incident(title="<b>mail</b> relays")
    task = make.task(made, "assess")
    ProbeRun.objects.create(host=made.host, incident=made, started_at=at("1998-01-24 02:00"))
    Notice.objects.create(
        reference="N-1998-0001",
        incident=made,
        title="Notice",
        body="Text",
        written_at=at("1998-01-22 02:00"),
    )
    Letter.objects.create(
        incident=made,
        task=task,
        kind="csirt",
        subject="Report",
        body="Text",
        drafted_at=at("1998-01-22 02:00"),
    )
    return made


def test_the_front_page_shows_the_first_figures(manager, incident):
    page = manager.get("/admin/").content.decode()
    card = page.partition("Open incidents")[2].partition("urgent")[0]
    assert re.search(r">\s*1\s*<", card)


@pytest.mark.parametrize("model", READ_ONLY)
def test_what_happened_is_listed_and_shown_but_not_changed(manager, incident, model):
    page = manager.get(reverse(f"admin:incidents_{model}_changelist"))
    assert page.status_code == 200
    row = admin.site.get_model_admin(
        next(m for m in admin.site._registry if m._meta.model_name == model)
    ).model.objects.get()
    address = reverse(f"admin:incidents_{model}_change", args=[row.pk])
    assert manager.get(address).status_code == 200
    assert manager.post(address, {}).status_code == 403
    assert manager.get(reverse(f"admin:incidents_{model}_add")).status_code == 403


def test_a_title_from_outside_is_shown_as_text(manager, incident):
    page = manager.get(reverse("admin:incidents_incident_changelist")).content.decode()
    assert "&lt;b&gt;mail&lt;/b&gt;" in page
    assert "<b>mail</b>" not in page


def save(manager, **fields):
    facts = {
        "name": "Slipstream",
        "kind": "provider",
        "language": "en",
        "email": "abuse@slipstream.example",
    }
    return manager.post(reverse("admin:incidents_contact_add"), facts | fields)


def test_a_contact_is_kept_in_normal_form(manager):
    save(manager, networks="198.51.100.7/24\n2001:DB8::/32", domains="Slipstream.example.")
    contact = Contact.objects.get()
    assert contact.networks == ["198.51.100.0/24", "2001:db8::/32"]
    assert contact.domains == ["slipstream.example"]


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"networks": "everything"}, "“everything” is no network"),
        ({"email": ""}, "Give an e-mail address"),
    ],
)
def test_a_contact_that_could_not_be_used_is_refused(manager, fields, why):
    assert why in save(manager, **fields).content.decode()
    assert not Contact.objects.exists()


def test_a_consent_says_who_noted_it(manager):
    complaint = make.complaint()
    form = {"complaint": complaint.pk, "how": "by telephone"}
    form |= {"given_at_0": "1998-01-22", "given_at_1": "09:00"}
    page = manager.post(reverse("admin:incidents_consent_add"), form)
    assert page.status_code == 302
    assert complaint.consent.noted_by == "manager"
