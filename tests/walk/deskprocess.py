"""One desk in a process of its own: told by lines of JSON what to do, and says what came of it.

Started by `tests.walk.desks`; its database, its key, its mail server and its clock are its own.
"""

import json
import sys
from typing import Any

import django

django.setup()

from complaints import clock, organisation  # noqa: E402  (Django first)
from complaints.intake import maillog  # noqa: E402
from complaints.models import Complaint, LogSource, MailHost  # noqa: E402
from incidents import pipeline  # noqa: E402
from incidents.correspondence import acknowledge, compose, outbox  # noqa: E402
from incidents.grouping import detect  # noqa: E402
from incidents.models import (  # noqa: E402
    Acknowledgement,
    Acknowledging,
    Contact,
    Incident,
    IncidentComplaint,
    Letter,
    Reply,
    ReplyProposal,
)
from tests import make  # noqa: E402

WRITER, APPROVER = "agent", "lead"


def set_up(about: dict[str, Any], log: str) -> None:
    """Say who we are, read our mail log, and let reporters have a word at once."""
    organisation.import_organisation(about)
    make.user(WRITER)
    make.user(APPROVER, "lead")
    host = MailHost.objects.get()
    source = LogSource.objects.create(path=log, host=host)
    now = clock.now()
    maillog.read_new_lines(source, now=now)
    detect.detect_abuse(now=now)
    Acknowledging.objects.create(pk=1, enabled=True, enabled_at=now)


def write_to_each(contacts: list[dict[str, Any]]) -> None:
    """A letter of the one incident to each of these."""
    incident = Incident.objects.get()
    for facts in contacts:
        contact = Contact.objects.create(kind=Contact.Kind.PROVIDER, **facts)
        _send(
            compose.draft_letter(incident, "upstream", contact=contact, by=WRITER, now=clock.now())
        )


def answer_each(domain: str) -> None:
    """An answer to every complaint of somebody there that has none."""
    mails = Complaint.objects.filter(sender__endswith=f"@{domain}", answers=None)
    joined = IncidentComplaint.objects.filter(complaint__in=mails).select_related("incident")
    for row in joined.select_related("complaint").order_by("complaint__pk"):
        _send(
            compose.draft_letter(
                row.incident, "answer", complaint=row.complaint, by=WRITER, now=clock.now()
            )
        )


def write_on() -> None:
    """A further letter after each that has an answer and was not written on after."""
    for letter in Letter.objects.filter(state=Letter.State.SENT).order_by("pk"):
        answered = letter.replies.exclude(kind=Reply.Kind.BOUNCE)
        if answered.filter(complaint__answers=None).exists():
            _send(compose.draft_follow_up(letter, by=WRITER, now=clock.now()))


def work() -> int:
    """What the jobs do until nothing waits: the walk, the words of receipt, the letters."""
    while pipeline.advance_waiting(now=clock.now()):
        pass
    left = acknowledge.acknowledge_waiting(now=clock.now())
    while sent := outbox.send_due(now=clock.now()):
        left += sent
    return left


def tell() -> dict[str, Any]:
    """How it stands: mails by what became of them, and which letter each reply is filed with."""
    replies = Reply.objects.select_related("complaint", "letter")
    mails = Complaint.objects.prefetch_related("incidents")
    return {
        "incidents": [incident.reference for incident in Incident.objects.filter(merged_into=None)],
        "letters": dict(Letter.objects.values_list("message_id", "state")),
        "replies": {
            reply.complaint.message_id.strip("<>"): [
                reply.letter.message_id, reply.kind, reply.joined_by
            ]
            for reply in replies
        },
        "reply_rows": replies.count(),
        "proposed": [
            proposal.complaint.message_id.strip("<>")
            for proposal in ReplyProposal.objects.select_related("complaint")
        ],
        "mails": {
            mail.message_id.strip("<>"): [
                mail.stage, mail.sender, [incident.reference for incident in mail.incidents.all()]
            ]
            for mail in mails.exclude(stage=Complaint.Stage.DUPLICATE)
        },
        "words": Acknowledgement.objects.filter(state=Acknowledgement.State.SENT).count(),
    }  # fmt: skip


def _send(letter: Letter) -> None:
    outbox.approve(letter, by=make.user(APPROVER, "lead"), now=clock.now())


ACTS = {act.__name__: act for act in (set_up, write_to_each, answer_each, write_on, work, tell)}


def main() -> None:
    """Do what each line says."""
    for line in sys.stdin:
        said = json.loads(line)
        answer = ACTS[said.pop("act")](**said)
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
