"""A notice that something on our machines is somebody else's."""

from incidents.playbooks.common import without_probes
from incidents.playbooks.playbook import NORMAL, WORKING_DAY, Playbook, TaskPlan, gettext_noop

CUSTOMER = TaskPlan(
    kind="customer",
    title=gettext_noop("Pass the notice on to the customer"),
    explanation=gettext_noop(
        "With what is said to be copied, where it is, and by when an answer is due. The law of "
        "your country says whether the notifier may be named."
    ),
    due=2 * WORKING_DAY,
    after=("assess",),
    letter="customer",
    proof=gettext_noop("A note that says who was told, when and how."),
)
PLAYBOOK = Playbook(
    kind="copyright",
    title=gettext_noop("Copyright notice"),
    priority=NORMAL,
    tasks=without_probes(
        gettext_noop("Decide: taken away, left where it is, or answered with a counter-notice"),
        due=5 * WORKING_DAY,
        checklist=(
            gettext_noop("The notice is complete: whose right, which work, which address"),
            gettext_noop("Who the customer was at that time, by our records"),
        ),
        further=(CUSTOMER,),
    ),
)
