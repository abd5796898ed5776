"""The shipped playbooks by kind. Adding one is its file and its line here."""

from incidents.playbooks import (
    compromised_account,
    hosted_phish,
    infected_host,
    other,
    relay_abuse,
    unwanted_bulk,
)
from incidents.playbooks.playbook import Playbook

PLAYBOOKS: dict[str, Playbook] = {
    module.PLAYBOOK.kind: module.PLAYBOOK
    for module in (
        relay_abuse,
        compromised_account,
        infected_host,
        unwanted_bulk,
        hosted_phish,
        other,
    )
}


def playbook(kind: str) -> Playbook:
    """The playbook of this kind; an incident of an unknown kind is looked at as any other."""
    return PLAYBOOKS.get(kind, PLAYBOOKS["other"])
