"""Anything else: look, decide, act."""

from incidents.playbooks.common import without_probes
from incidents.playbooks.playbook import NORMAL, Playbook, gettext_noop

PLAYBOOK = Playbook(
    kind="other",
    title=gettext_noop("Abuse"),
    priority=NORMAL,
    tasks=without_probes(gettext_noop("Do what the assessment says")),
)
