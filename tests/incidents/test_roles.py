"""The roles of a desk: each permission of the table exists and reaches its group."""

import pytest
from django.contrib.auth.models import Group, User

from incidents import roles

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("role", roles.ROLES)
def test_a_role_has_every_permission_of_its_table(role):
    user = User.objects.create_user("someone")
    user.groups.add(Group.objects.get(name=role))
    assert user.has_perms(roles.ROLES[role])


def test_only_a_lead_publishes_and_decides():
    agent = User.objects.create_user("agent")
    agent.groups.add(Group.objects.get(name="agent"))
    assert agent.has_perm("incidents.change_task")
    for name in ("approve_notice", "publish_notice", "change_incident"):
        assert not agent.has_perm(f"incidents.{name}")


def test_a_reader_changes_nothing_and_reads_no_raw_mail():
    for name in roles.READER:
        assert name.partition(".")[2].startswith("view_")
    assert "complaints.read_raw" not in roles.READER


def test_what_an_owner_added_to_a_group_stays():
    group = Group.objects.get(name="reader")
    before = group.permissions.count()
    group.permissions.add(Group.objects.get(name="lead").permissions.get(codename="read_raw"))
    roles.make_roles()
    assert group.permissions.count() == before + 1
