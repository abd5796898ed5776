"""All that waits for a person, a source each, with the ranks of their rows."""

from incidents.desk import of_complaints, of_letters, of_merges, of_tasks
from incidents.desk.source import Source

_LINKED = (*of_complaints.SHOWN, "link")

ALL = (
    Source(
        "urgent", "due_at", (1,), of_tasks.urgent_tasks, of_tasks.SHOWN, of_tasks.show_task
    ),
    Source(
        "letter", "drafted_at", (1, 2, 3),
        of_letters.letters, of_letters.OF_A_LETTER, of_letters.show_letter, stored=True,
    ),
    Source(
        "notice", "written_at", (2,),
        of_letters.notices, of_letters.OF_A_NOTICE, of_letters.show_notice,
    ),
    Source(
        "reply", "received_at", (2,),
        of_letters.replies, of_letters.OF_A_REPLY, of_letters.show_reply,
    ),
    Source(
        "proposal", "proposed_at", (3,),
        of_letters.proposals, of_letters.OF_A_PROPOSAL, of_letters.show_proposal,
    ),
    Source(
        "telling", "written_at", (3,),
        of_letters.tellings, of_letters.OF_A_TELLING, of_letters.show_telling,
    ),
    Source(
        "quarantine", "arrived_at", (2,),
        of_complaints.quarantined, of_complaints.SHOWN, of_complaints.show_quarantined,
    ),
    Source(
        "task", "due_at", (2, 4), of_tasks.other_tasks, of_tasks.SHOWN, of_tasks.show_task,
        beyond=of_tasks.later_tasks,
    ),
    Source(
        "merge", "incident__discovered_at", (3,),
        of_merges.merges, of_merges.SHOWN, of_merges.show_merge,
    ),
    Source(
        "open", "arrived_at", (3,),
        of_complaints.of_no_incident, (*_LINKED, "meant"), of_complaints.show_of_no_incident,
    ),
    Source(
        "new", "arrived_at", (5,),
        of_complaints.placed, (*_LINKED, "home"), of_complaints.show_placed,
    ),
)  # fmt: skip
