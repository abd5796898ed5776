"""Others send in our name: what SPF, DKIM and DMARC say of mail that we never sent."""

from incidents.playbooks.common import without_probes
from incidents.playbooks.playbook import NORMAL, WORKING_DAY, Playbook, gettext_noop

PLAYBOOK = Playbook(
    kind="name_misuse",
    title=gettext_noop("Misuse of our name"),
    priority=NORMAL,
    tasks=without_probes(
        gettext_noop("Make our name harder to misuse"),
        due=5 * WORKING_DAY,
        checklist=(
            gettext_noop("Own sources that fail found: forgotten servers, services, forwards"),
            gettext_noop("SPF and DKIM cover all own sources"),
            gettext_noop("The DMARC policy is as strict as own mail allows"),
        ),
    ),
)
