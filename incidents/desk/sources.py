"""All that waits for a person, a source each, with the ranks of their rows."""

from incidents.desk.of_complaints import (
    of_no_incident,
    placed,
    quarantined,
    show_of_no_incident,
    show_placed,
    show_quarantined,
)
from incidents.desk.of_letters import (
    letters,
    notices,
    proposals,
    replies,
    show_letter,
    show_notice,
    show_proposal,
    show_reply,
    show_telling,
    tellings,
)
from incidents.desk.of_tasks import later_tasks, other_tasks, show_task, urgent_tasks
from incidents.desk.source import Source

ALL = (
    Source("urgent", "due_at", (1,), urgent_tasks, show_task),
    Source("letter", "drafted_at", (1, 2, 3), letters, show_letter, stored=True),
    Source("notice", "written_at", (2,), notices, show_notice),
    Source("reply", "received_at", (2,), replies, show_reply),
    Source("proposal", "proposed_at", (3,), proposals, show_proposal),
    Source("telling", "written_at", (3,), tellings, show_telling),
    Source("quarantine", "arrived_at", (2,), quarantined, show_quarantined),
    Source("task", "due_at", (2, 4), other_tasks, show_task, beyond=later_tasks),
    Source("open", "arrived_at", (3,), of_no_incident, show_of_no_incident),
    Source("new", "arrived_at", (5,), placed, show_placed),
)
