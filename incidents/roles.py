"""The roles of a desk as groups with permissions; made again after every migration.

reader sees cases, agent works on them, lead approves, publishes and decides. What each may do
is this table alone; what an owner adds to a group by hand stays.
"""

from typing import Any

from django.contrib.auth.models import Group, Permission

READER = (
    "complaints.view_complaint",
    "complaints.view_relayedmessage",
    "incidents.view_acknowledgement",
    "incidents.view_contact",
    "incidents.view_incident",
    "incidents.view_letter",
    "incidents.view_playbookversion",
    "incidents.view_notice",
    "incidents.view_proberun",
    "incidents.view_reply",
    "incidents.view_rule",
    "incidents.view_task",
)
AGENT = (
    *READER,
    "complaints.add_complaint",
    "complaints.change_complaint",
    "complaints.change_link",
    "complaints.read_raw",
    "complaints.view_auditentry",
    "incidents.add_contact",
    "incidents.add_incident",
    "incidents.add_letter",
    "incidents.add_notice",
    "incidents.add_proberun",
    "incidents.approve_letter",
    "incidents.change_contact",
    "incidents.change_letter",
    "incidents.change_notice",
    "incidents.change_task",
)
LEAD = (
    *AGENT,
    "complaints.change_mailhost",
    "complaints.view_mailbox",
    "complaints.view_mailhost",
    "complaints.view_organisation",
    "incidents.approve_notice",
    "incidents.add_playbookversion",
    "incidents.change_incident",
    "incidents.change_lettertext",
    "incidents.change_rule",
    "incidents.finish_lead_task",
    "incidents.publish_notice",
)
ROLES = {"reader": READER, "agent": AGENT, "lead": LEAD}


def make_roles(**_signal: Any) -> None:
    """Make the groups, and give each the permissions of the table it lacks.

    Called by Django after it has migrated, when the permissions exist.
    """
    existing = {
        f"{permission.content_type.app_label}.{permission.codename}": permission
        for permission in Permission.objects.select_related("content_type").filter(
            content_type__app_label__in=["complaints", "incidents"]
        )
    }
    for role, names in ROLES.items():
        group, _ = Group.objects.get_or_create(name=role)
        group.permissions.add(*(existing[name] for name in names if name in existing))
