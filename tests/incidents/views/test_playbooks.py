"""Playbooks as forms: what is said is what is kept; what is wrong stands beside its field."""

import json
from dataclasses import fields

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from complaints.models import AuditEntry
from incidents.models import PlaybookVersion
from incidents.playbook_forms import PlaybookForms
from incidents.playbooks import registry
from incidents.playbooks.playbook import TaskPlan
from incidents.workflow import inforce, planning
from tests import make
from tests.make import at

pytestmark = pytest.mark.django_db
EDIT = reverse("incidents:edit-playbook", args=["relay_abuse"])


@pytest.fixture
def lead(client):
    client.force_login(make.user("lead", "lead"))
    return client


def as_posted(page):
    """What a browser would post of the forms on this page, nothing changed."""
    forms = page.context["forms"]
    said = {}
    for form in (forms.itself, forms.tasks.management_form, *forms.tasks):
        for bound in form:
            value = bound.value()
            if value is True:
                said[bound.html_name] = "on"
            elif value is not None and value is not False:
                said[bound.html_name] = str(value).replace("\n", "\r\n")
    return said


def number_of(kind):
    return [plan.kind for plan in registry.PLAYBOOKS["relay_abuse"].tasks].index(kind)


@pytest.mark.parametrize("kind", list(registry.PLAYBOOKS))
def test_saving_the_forms_unchanged_makes_no_new_version(lead, kind):
    address = reverse("incidents:edit-playbook", args=[kind])
    answer = lead.post(address, as_posted(lead.get(address)))
    assert answer.status_code == 302
    assert PlaybookVersion.objects.filter(kind=kind).count() == 1


def test_a_change_is_a_new_version_in_force_with_its_note_in_the_history(lead):
    running = make.incident()
    planning.plan_incident(running, now=at("1998-01-20 05:00"))
    said = as_posted(lead.get(EDIT))
    last = int(said["tasks-TOTAL_FORMS"]) - 1
    said |= {f"tasks-{number_of('protest')}-DELETE": "on", "note": "The vendor wants a call."}
    said |= {
        f"tasks-{last}-kind": "vendor",
        f"tasks-{last}-title": "Call the vendor",
        f"tasks-{last}-due": "16",
        f"tasks-{last}-in_working_hours": "on",
        f"tasks-{last}-role": "lead",
        f"tasks-{last}-after": "assess, fix",
        f"tasks-{last}-done_when": "said",
        f"tasks-{last}-checklist": "Number found\r\nCalled",
        f"tasks-{last}-checklist_ja": "番号を確認した",
        f"tasks-{last}-ORDER": "1",
    }
    assert lead.post(EDIT, said).status_code == 302

    version = inforce.current("relay_abuse")
    kinds = [plan.kind for plan in version.playbook().tasks]
    assert (version.number, version.made_by) == (2, "lead")
    assert "protest" not in kinds
    assert kinds.index("vendor") < 2
    vendor = version.playbook().plan("vendor")
    assert (vendor.after, vendor.role) == (("assess", "fix"), "lead")
    assert vendor.checklist == ("Number found", "Called")
    assert vendor.checklist_ja == ("番号を確認した", "")
    page = lead.get(reverse("incidents:playbook", args=["relay_abuse"])).content.decode()
    assert "The vendor wants a call." in page
    assert "1 running incident follows it." in page
    compared = lead.get(reverse("incidents:compare-playbook", args=["relay_abuse"]))
    found = {(one.task, one.how) for one in compared.context["differences"]}
    assert {("vendor", "added"), ("protest", "dropped")} <= found


@pytest.mark.parametrize(
    ("task", "field", "value", "words"),
    [
        ("assess", "after", "close", "in a circle"),
        ("assess", "after", "nobody", "which the playbook does not have"),
        ("assess", "role", "boss", "boss is not one of the available choices"),
        ("assess", "due", "0", "would be due before it begins"),
        ("upstream", "letter", "nothing", "nothing is not one of the available choices"),
        ("upstream", "reply_within", "", "say how long"),
        ("assess", "kind", "fix", "two tasks with the name"),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_nothing_is_saved(
    lead, task, field, value, words
):
    said = as_posted(lead.get(EDIT)) | {f"tasks-{number_of(task)}-{field}": value}
    answer = lead.post(EDIT, said)
    wrong = [
        str(form.errors[field]) for form in answer.context["forms"].tasks if field in form.errors
    ]
    assert any(words in one for one in wrong)
    assert PlaybookVersion.objects.filter(kind="relay_abuse").count() == 1


def test_one_more_task_keeps_what_was_typed_and_saves_nothing(lead):
    said = as_posted(lead.get(EDIT))
    answer = lead.post(EDIT, said | {"tasks-0-title": "Look at it well", "more": "1"})
    forms = answer.context["forms"]
    assert forms.tasks.total_form_count() == int(said["tasks-TOTAL_FORMS"]) + 1
    assert forms.tasks[0]["title"].value() == "Look at it well"
    assert PlaybookVersion.objects.filter(kind="relay_abuse").count() == 1


def test_who_edits_what_somebody_else_has_just_saved_is_told(lead):
    said = as_posted(lead.get(EDIT))
    lead.post(EDIT, said | {"tasks-0-title": "Mine"})
    answer = lead.post(EDIT, said | {"tasks-0-title": "Mine too"})
    assert "somebody else has just saved it" in str(answer.context["forms"].itself.errors)


def test_a_playbook_goes_out_and_comes_in_at_another_desk(lead):
    address = reverse("incidents:playbook-file", args=["malware", 1])
    document = json.loads(lead.get(address).content)
    document["kind"], document["tasks"][0]["title"] = "ransom", "Look"
    file = SimpleUploadedFile("ransom.json", json.dumps(document).encode())
    answer = lead.post(reverse("incidents:import-playbook"), {"file": file})
    assert answer.url == reverse("incidents:playbook", args=["ransom"])
    assert inforce.current("ransom").playbook().plan("assess").title == "Look"


@pytest.mark.parametrize("content", [b"{", b"[]", b'{"format": "other"}', b"\xff", b"[" * 5000])
def test_a_file_that_is_no_playbook_is_refused_in_words(lead, content):
    file = SimpleUploadedFile("x.json", content)
    answer = lead.post(reverse("incidents:import-playbook"), {"file": file}, follow=True)
    assert [message.level_tag for message in answer.context["messages"]] == ["error"]
    assert PlaybookVersion.objects.count() == len(registry.PLAYBOOKS)


def test_an_older_version_is_put_in_force_again_by_a_lead_alone(lead, client):
    lead.post(EDIT, as_posted(lead.get(EDIT)) | {"tasks-0-title": "Mine"})
    use = reverse("incidents:use-playbook", args=["relay_abuse", 1])
    client.force_login(make.user("agent", "agent"))
    assert client.post(use).status_code == 403
    assert client.get(EDIT).status_code == 403
    assert client.get(reverse("incidents:playbook", args=["relay_abuse"])).status_code == 200
    client.force_login(make.user("lead", "lead"))
    client.post(use)
    assert inforce.current("relay_abuse").number == 1
    assert AuditEntry.objects.filter(action="playbook-in-force", actor="lead").count() == 1


def test_the_pages_ask_as_much_however_many_versions_and_incidents_there_are(
    lead, django_assert_max_num_queries
):
    page = reverse("incidents:playbook", args=["relay_abuse"])
    for number in range(6):
        lead.post(EDIT, as_posted(lead.get(EDIT)) | {"tasks-0-title": f"Look {number}"})
        planning.plan_incident(make.incident(), now=at("1998-01-20 05:00"))
    with django_assert_max_num_queries(12):
        lead.get(page)
    with django_assert_max_num_queries(12):
        lead.get(reverse("incidents:playbooks"))


def test_every_field_of_a_task_has_its_form_field():
    forms = PlaybookForms(registry.PLAYBOOKS["other"], letters=[], based_on=1)
    assert {field.name for field in fields(TaskPlan)} <= set(forms.tasks.forms[0].fields)
