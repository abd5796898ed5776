"""The shipped playbooks by kind. Adding one is its file and its line here."""

from incidents.playbooks import (
    compromised_account,
    copyright,  # noqa: A004 (the field's word)
    false_report,
    hosted_phish,
    infected_host,
    login_attack,
    malware,
    name_misuse,
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
        malware,
        copyright,
        login_attack,
        name_misuse,
        false_report,
        other,
    )
}


def playbook(kind: str) -> Playbook:
    """The playbook of this kind; an incident of an unknown kind is looked at as any other."""
    return PLAYBOOKS.get(kind, PLAYBOOKS["other"])
