"""Who we are: in from JSON, out to JSON, and what is refused."""

import json

import pytest
from django.core.management import CommandError, call_command

from complaints import organisation
from complaints.models import AuditEntry, Customer, MailHost, Network, Organisation
from complaints.organisation import (
    NotAnOrganisation,
    export_organisation,
    import_organisation,
    ourselves,
)
from tests import make
from tests.make import at

OURS = {
    "name": "Example",
    "domains": ["example.org"],
    "mailboxes": ["abuse@example.org"],
    "utc_offset": "+09:00",
    "networks": ["192.0.2.0/24", "2001:db8::/32"],
    "logs_taken_at": "1998-02-28T23:59:00+09:00",
    "ticket_example": "[EX-1234]",
    "mail_hosts": [
        {
            "name": "mail",
            "fqdn": "mail.example.org",
            "addresses": ["192.0.2.25"],
            "mta": "sendmail",
            "log_files": "maillog*",
            "log_utc_offset": "+09:00",
        }
    ],
    "customers": [
        {
            "id": "k1",
            "name": "City Library",
            "domain": "library.example",
            "networks": ["198.51.100.0/28"],
        },
        {"id": "k2", "name": "No Mail", "domain": None, "networks": []},
    ],
}


def test_within_one_walk_the_tables_are_asked_once(db, django_assert_num_queries):
    make.organisation()
    with organisation.remembered():
        before = organisation.ourselves()
        make.organisation(domains=["other.example"])
        with organisation.remembered(), django_assert_num_queries(0):
            assert organisation.ourselves() is before

    assert organisation.ourselves().domains == {"other.example"}


def test_what_goes_in_comes_out(db):
    import_organisation(OURS)

    again = export_organisation()

    assert again.pop("logs_taken_at") == "1998-02-28T14:59:00+00:00"
    assert again == {key: value for key, value in OURS.items() if key != "logs_taken_at"}
    import_organisation(export_organisation())
    assert export_organisation()["customers"] == OURS["customers"]


def test_ours_are_the_domains_networks_and_hosts_customers_included(db):
    import_organisation(OURS)

    us = ourselves()

    assert us.has_domain("lists.EXAMPLE.org")
    assert us.has_domain("library.example")
    assert us.has_address("192.0.2.77")
    assert us.customer_of("198.51.100.3") == "k1"
    assert us.has_host("Mail.Example.ORG.")
    assert us.has_host("[192.0.2.25]")
    assert not us.has_domain("notexample.org")
    assert not us.has_address("203.0.113.1")


def test_what_is_no_longer_named_is_not_ours_any_more_but_hosts_stay(db):
    import_organisation(OURS)

    import_organisation({"name": "Example", "domains": ["example.net"]}, now=at("1998-03-01 00:00"))

    assert not Network.objects.exists()
    assert not Customer.objects.exists()
    assert MailHost.objects.count() == 1
    assert Organisation.objects.get().mailboxes == []
    assert AuditEntry.objects.get().action == "organisation-imported"


def test_a_confirmed_host_stays_confirmed(db):
    import_organisation(OURS)
    MailHost.objects.update(probe_confirmed_by="lead", probe_confirmed_at=at("1998-01-01 00:00"))

    import_organisation(OURS)

    assert MailHost.objects.get().probe_confirmed_by == "lead"


WRONG = {
    "Of the organisation an object was expected, not list.": [],
    "Unknown in the organisation: colour, shape.": OURS | {"shape": 1, "colour": 2},
    "Missing in the organisation: domains.": {"name": "Example"},
    "domains of the organisation: a list was expected, not str.": OURS | {"domains": "example.org"},
    "domains of the organisation: “a b” is no domain.": OURS | {"domains": ["a b"]},
    "networks of the organisation: “192.0.2.0/99” is no network, as 192.0.2.0/24 is.": OURS
    | {"networks": ["192.0.2.0/99"]},
    "utc_offset of the organisation: an offset such as +09:00 was expected.": OURS
    | {"utc_offset": "9"},
    "logs_taken_at of the organisation: the time has no zone; write it as "
    "1998-02-28T00:00:00+09:00.": OURS | {"logs_taken_at": "1998-02-28"},
    "Missing in a mail host: fqdn.": OURS | {"mail_hosts": [{"name": "mail"}]},
    "Unknown in a customer: colour.": OURS
    | {"customers": [{"id": "k", "name": "K", "colour": "red"}]},
}


@pytest.mark.parametrize("problem", sorted(WRONG))
def test_what_cannot_be_is_refused_by_name_and_changes_nothing(db, problem):
    import_organisation(OURS)
    before = export_organisation()

    with pytest.raises(NotAnOrganisation) as refusal:
        import_organisation(WRONG[problem])

    assert str(refusal.value) == problem
    assert export_organisation() == before


def test_the_command_reads_and_prints_it(db, tmp_path, capsys):
    file = tmp_path / "org.json"
    file.write_text(json.dumps(OURS), encoding="utf-8")

    call_command("organisation", "import", str(file))
    call_command("organisation", "export")

    assert json.loads(capsys.readouterr().out)["domains"] == ["example.org"]


def test_the_command_says_what_is_wrong(db, tmp_path):
    with pytest.raises(CommandError, match="No organisation has been set up yet"):
        call_command("organisation", "export")
    (tmp_path / "org.json").write_text("{")
    with pytest.raises(CommandError, match=r"org\.json is no JSON"):
        call_command("organisation", "import", str(tmp_path / "org.json"))
    with pytest.raises(CommandError, match="No such file"):
        call_command("organisation", "import", str(tmp_path / "gone.json"))
