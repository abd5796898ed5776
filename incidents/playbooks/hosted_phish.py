"""A phishing page on our machines."""

from datetime import timedelta

from incidents.playbooks.common import CUSTOMER, without_probes
from incidents.playbooks.playbook import URGENT, Playbook, gettext_noop

PLAYBOOK = Playbook(
    kind="hosted_phish",
    title=gettext_noop("Phishing page on our machines"),
    priority=URGENT,
    tasks=without_probes(
        gettext_noop("Take the page down and keep a copy as evidence"),
        due=timedelta(hours=2),
        checklist=(
            gettext_noop("A copy kept as evidence"),
            gettext_noop("The page is gone, also under its other addresses"),
            gettext_noop("What victims typed in found, and secured"),
            gettext_noop("The way in found and closed"),
        ),
        further=(CUSTOMER,),
        verified_by=gettext_noop(
            "The page is asked for at our own machine’s address: "
            "it must be gone, and be told from any other."
        ),
    ),
)
