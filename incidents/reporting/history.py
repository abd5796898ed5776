"""An incident's history in words: a query on the audit chain, not a second record."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from complaints.audit import MACHINE
from complaints.models import AuditEntry
from incidents.models import Incident
from incidents.models.task import in_reader_language

MOST = 300
SOURCES = ("mail", "log", "people", "machine")
OF_MAIL = (
    "complaint-joined", "reply-filed", "letter-sent", "letter-posted", "letter-arrived",
    "letter-failed", "letter-unsure", "letter-overdue",
)  # fmt: skip
OF_LOG = ("incident-opened", "incident-relapsed", "incident-fixed")

WORDS = {
    "incident-opened": gettext_noop("Opened: %(why)s"),
    "incident-closed": gettext_noop("Closed. %(note)s"),
    "incident-fixed": gettext_noop("Fixed: %(why)s"),
    "incident-relapsed": gettext_noop("Reopened: %(why)s"),
    "complaint-joined": gettext_noop("%(subject)s joined the incident."),
    "complaint-repetition": gettext_noop("%(subject)s says the same as %(duplicate_of)s."),
    "incident-move": gettext_noop("%(complaint)s was moved to %(into)s."),
    "incident-apart": gettext_noop("%(complaint)s does not belong here."),
    "incident-merge": gettext_noop("%(merged)s was merged into %(into)s."),
    "incidents-apart": gettext_noop("%(merged)s and %(into)s are kept apart."),
    "incident-split": gettext_noop("%(into)s was split off %(merged)s."),
    "correction-finished": gettext_noop("All complaints have been taken along."),
    "incident-rename": gettext_noop("Renamed from “%(before)s” to “%(after)s”."),
    "campaigns-united": gettext_noop("Campaigns %(campaign)s and %(other)s are one."),
    "correction-undone": gettext_noop("Undone: %(kind)s %(complaint)s %(into)s"),
    "task-planned": gettext_noop("Planned: %(title)s"),
    "task-taken": gettext_noop("Took: %(title)s"),
    "task-done": gettext_noop("Finished: %(title)s (%(outcome)s). %(note)s"),
    "task-given-back": gettext_noop("Given back: %(title)s"),
    "task-dropped": gettext_noop("Not needed: %(title)s. %(note)s"),
    "task-reopened": gettext_noop("Taken up again: %(title)s. %(note)s"),
    "task-brought-up": gettext_noop("Brought up: %(title)s. %(why)s"),
    "task-handed-over": gettext_noop("Handed over to %(after)s: %(title)s. %(note)s"),
    "task-snoozed": gettext_noop("Put off until %(until)s: %(title)s. %(why)s"),
    "task-woken": gettext_noop("No longer put off: %(title)s"),
    "task-commented": gettext_noop("Comment on %(title)s: %(note)s"),
    "task-line-added": gettext_noop("New line of %(title)s: %(line)s"),
    "task-line-done": gettext_noop("Ticked off in %(title)s: %(line)s"),
    "task-line-undone": gettext_noop("No longer ticked off in %(title)s: %(line)s"),
    "task-replaced": gettext_noop("Not planned any more: %(title)s"),
    "task-reminded": gettext_noop("Due soon: %(title)s"),
    "task-late": gettext_noop("Late, the lead was told: %(title)s"),
    "incident-replanned": gettext_noop("Planned anew: %(before)s is now %(after)s."),
    "letter-drafted": gettext_noop("Letter drafted: %(kind)s"),
    "letter-edited": gettext_noop("Letter changed: %(kind)s"),
    "letter-approved": gettext_noop("Letter approved: %(kind)s to %(to)s"),
    "letter-sent": gettext_noop("Letter sent: %(kind)s to %(to)s"),
    "letter-posted": gettext_noop("Letter posted: %(kind)s. %(note)s"),
    "letter-put-off": gettext_noop("Letter not sent yet, it is tried again: %(kind)s. %(note)s"),
    "letter-arrived": gettext_noop("Letter has arrived: %(kind)s. %(note)s"),
    "letter-withdrawn": gettext_noop("Letter withdrawn: %(kind)s"),
    "letter-written-again": gettext_noop("Letter is a draft again: %(kind)s"),
    "letter-failed": gettext_noop("Letter not delivered: %(kind)s to %(to)s"),
    "letter-unsure": gettext_noop("Perhaps sent, a person has to look: %(kind)s"),
    "letter-outcome": gettext_noop("Outcome of the letter %(kind)s: %(outcome)s. %(note)s"),
    "letter-overdue": gettext_noop("No answer in time to the letter %(kind)s."),
    "reply-filed": gettext_noop("An answer came to the letter %(kind)s."),
    "telling-drafted": gettext_noop("Word to the reporters drafted: %(occasion)s"),
    "telling-edited": gettext_noop("Word to the reporters changed: %(occasion)s"),
    "telling-approved": gettext_noop("Word to the reporters approved: %(letters)s letters"),
    "telling-withdrawn": gettext_noop("Word to the reporters withdrawn: %(occasion)s"),
    "enclosure-taken-off": gettext_noop("Taken off a letter: %(name)s"),
    "reply-answer": gettext_noop("An answer came to the letter %(kind)s."),
    "reply-automatic": gettext_noop("A program answered the letter %(kind)s."),
    "reply-bounce": gettext_noop("A delivery report came to the letter %(kind)s."),
    "reply-of-stranger": gettext_noop("%(subject)s may be a reply: a person is asked."),
    "reply-accepted": gettext_noop("%(subject)s is a reply."),
    "reply-refused": gettext_noop("%(subject)s is no reply."),
    "promise-recorded": gettext_noop("%(who)s made a promise, watched until %(until)s."),
    "promise-kept": gettext_noop("%(who)s kept the promise."),
    "promise-broken": gettext_noop("%(who)s broke the promise: %(why)s"),
    "promise-withdrawn": gettext_noop("The promise of %(who)s is no longer watched."),
    "threat-noted": gettext_noop("%(who)s threatens to refuse our mail: %(why)s"),
    "threat-changed": gettext_noop("The threat of %(who)s: %(condition)s %(until)s"),
    "threat-proof-sent": gettext_noop("Proof was sent to %(who)s: %(why)s"),
    "threat-lifted": gettext_noop("%(who)s takes our mail again: %(why)s"),
    "threat-carried-out": gettext_noop("%(who)s refuses our mail: %(why)s"),
    "threat-empty": gettext_noop("%(who)s does not threaten: %(why)s"),
    "threat-reopened": gettext_noop("The threat of %(who)s stands again."),
    "rule-ran": gettext_noop("Rule %(rule)s, version %(version)s: %(did)s"),
    "task-for-role": gettext_noop("Now for the role %(after)s: %(title)s"),
    "listing-found": gettext_noop("%(address)s is listed by %(zone)s: %(codes)s %(why)s"),
    "listing-cleared": gettext_noop("%(address)s is no longer listed by %(zone)s."),
    "notice-drafted": gettext_noop("Public notice %(subject)s drafted."),
    "notice-edited": gettext_noop("Public notice %(subject)s changed."),
    "notice-approved": gettext_noop("Public notice %(subject)s approved."),
    "notice-published": gettext_noop("Public notice %(subject)s published."),
    "notice-corrected": gettext_noop("Public notice %(subject)s corrected."),
    "notice-withdrawn": gettext_noop("Public notice %(subject)s withdrawn."),
    "verification-asked": gettext_noop("Asked for a verification."),
    "verification-started": gettext_noop("Verification begins at %(address)s."),
    "verification-finished": gettext_noop("Verdict of the verification: %(verdict)s."),
    "verification-not-possible": gettext_noop("Verification not possible: %(why)s"),
    "priority-raised": gettext_noop("Priority raised: %(why)s"),
    "priority-left-to-facts": gettext_noop("The facts decide the priority again."),
    "priority-set": gettext_noop("Priority set from %(before)s to %(after)s."),
}


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One act, in words.

    source    mail, log, people or machine: where it came from
    sequence  its place in the whole history
    """

    at: datetime
    actor: str
    words: str
    source: str = ""
    sequence: int = 0


class _Details(dict[str, Any]):
    """What an entry does not tell is left out of its sentence."""

    def __missing__(self, name: str) -> str:
        return ""


def history_of(
    incident: Incident, *, source: str = "", before: int | None = None, most: int = MOST
) -> list[HistoryLine]:
    """What was done about an incident, newest first: from one source, before a place."""
    titles = {
        kind: in_reader_language(english, japanese)
        for kind, english, japanese in incident.tasks.values_list("kind", "title", "title_ja")
    }
    entries = AuditEntry.objects.filter(incident_reference=incident.reference)
    if before is not None:
        entries = entries.filter(sequence__lt=before)
    if source in SOURCES:
        entries = entries.filter(_of(source))
    return list(_lines(entries.order_by("-sequence")[:most], titles))


def _of(source: str) -> Q:
    """Entries of one source: mail and the log by the act, the others by who did it."""
    for name, actions in (("mail", OF_MAIL), ("log", OF_LOG)):
        if source == name:
            return Q(action__in=actions)
    by_machine = Q(actor=MACHINE)
    rest = ~Q(action__in=[*OF_MAIL, *OF_LOG])
    return rest & (by_machine if source == "machine" else ~by_machine)


def _source(entry: AuditEntry) -> str:
    if entry.action in OF_MAIL:
        return "mail"
    if entry.action in OF_LOG:
        return "log"
    return "machine" if entry.actor == MACHINE else "people"


def _lines(entries: Iterable[AuditEntry], titles: dict[str, str]) -> Iterable[HistoryLine]:
    for entry in entries:
        kind = str(entry.details.get("kind", ""))
        facts = _Details(
            entry.details, subject=entry.subject_reference, title=titles.get(kind, kind)
        )
        words = _(WORDS[entry.action]) % facts if entry.action in WORDS else entry.action
        said = words.strip().removesuffix("()").strip()
        yield HistoryLine(entry.at, entry.actor, said, _source(entry), entry.sequence)
