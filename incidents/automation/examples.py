"""The rules that come with the program, switched off: a desk tries, changes or leaves them."""

from datetime import datetime

from django.db import connection

from complaints import audit
from incidents.automation import document
from incidents.automation.terms import Terms
from incidents.models import Rule

EXAMPLES = (
    Terms("three-in-an-hour", "complaint-joined", complaints=3, within_hours=1, raise_to=2),
    Terms(
        "response-team-to-lead",
        "complaint-joined",
        reporters=("csirt",),
        assign_role="lead",
        tell="lead",
    ),
    Terms(
        "threat-with-deadline",
        "threat-noted",
        has_deadline=True,
        task="Tell them where the fix stands before their deadline",
        task_ja="先方の期限までに修正の状況を知らせる",
        task_role="lead",
        task_by_deadline=True,
    ),
)


def install(*, now: datetime) -> None:
    """Keep those that are not there, after each migration; what a desk made of one stays."""
    if Rule._meta.db_table not in connection.introspection.table_names():
        return  # migrated to before there were rules
    known = set(Rule.objects.values_list("name", flat=True))
    Rule.objects.bulk_create(
        Rule(
            name=terms.name,
            content=document.write(terms),
            changed_at=now,
            changed_by=audit.MACHINE,
        )
        for terms in EXAMPLES
        if terms.name not in known
    )
