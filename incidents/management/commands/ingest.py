"""ingest: mail from files, folders or a pipe, walked to its end at once."""

import json
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from complaints import clock, organisation
from complaints.intake import files, store
from complaints.intake.raw import RawMessage
from complaints.intake.store import NotStored, Stored
from complaints.models import Complaint, Mailbox
from incidents import pipeline

TEMPORARY_FAILURE = 75  # EX_TEMPFAIL of sysexits(3): a mail server tries again later
LOOK_AGAIN_SECONDS = 0.2
PORTION_BYTES = 8 * 1024 * 1024
OUTCOMES: dict[str, str] = {
    Complaint.Stage.FILED: "reply",
    Complaint.Stage.DUPLICATE: "duplicate",
    Complaint.Stage.SET_ASIDE: "not-complaint",
    Complaint.Stage.QUARANTINED: "quarantined",
}


class Command(BaseCommand):
    """Bring mail in from files, through the same path as polled mail."""

    help = "Bring mail in from files. Example: ./manage.py ingest complaints.mbox --json"

    def add_arguments(self, parser: CommandParser) -> None:
        """PATH..., --mailbox, --json."""
        parser.add_argument("paths", nargs="+", help="an .eml, an mbox, a Maildir, a folder, or -")
        parser.add_argument("--mailbox", metavar="NAME", help="the mailbox the mail was sent to")
        parser.add_argument("--json", action="store_true", help="one JSON line a mail")

    def handle(self, *args: Any, **options: Any) -> None:
        """Store everything first, then walk each mail to its end."""
        try:
            self._ingest(options)
        except (DatabaseError, NotStored) as problem:
            if options["paths"] == ["-"]:
                self.stderr.write(f"not stored yet, try again: {problem}")
                sys.exit(TEMPORARY_FAILURE)
            raise CommandError(str(problem)) from problem

    def _ingest(self, options: dict[str, Any]) -> None:
        box = _mailbox(options["mailbox"])
        problems: list[str] = []
        stored: list[tuple[str, Stored]] = []
        for portion in _portions(_messages(options["paths"], box, problems)):
            kept = store.keep_messages(portion, now=clock.now())
            stored += zip((message.source_file for message in portion), kept, strict=True)
        for start in range(0, len(stored), pipeline.TOGETHER):
            some = stored[start : start + pipeline.TOGETHER]
            distinct = list(dict.fromkeys(one.complaint for _, one in some))
            pipeline.finish_together(distinct, now=clock.now())
            for source_file, one in some:
                _walk_to_its_end(one.complaint)
                self._tell(source_file, one, as_json=options["json"])
        if problems:
            raise CommandError("\n".join(problems))

    def _tell(self, source_file: str, kept: Stored, *, as_json: bool) -> None:
        complaint = kept.complaint
        incident = complaint.incidents.order_by("memberships__joined_at").first()
        outcome = OUTCOMES.get(complaint.stage, "complaint") if kept.is_new else "duplicate"
        facts = {
            "source_file": source_file,
            "source_message_id": complaint.message_id or None,
            "outcome": outcome,
            "format": complaint.format,
            "complaint": complaint.reference,
            "incident": incident.reference if incident else None,
        }
        if as_json:
            self.stdout.write(json.dumps(facts, ensure_ascii=False))
        else:
            self.stdout.write(
                f"{facts['complaint']}  {facts['outcome']:14} {facts['format']:16} "
                f"{facts['incident'] or '-':14} {source_file}"
            )


def _portions(messages: Iterable[RawMessage]) -> Iterator[list[RawMessage]]:
    """Mails in portions that fit into memory and into one transaction."""
    portion: list[RawMessage] = []
    size = 0
    for message in messages:
        portion.append(message)
        size += len(message.raw)
        if len(portion) == pipeline.TOGETHER or size >= PORTION_BYTES:
            yield portion
            portion, size = [], 0
    if portion:
        yield portion


def _messages(paths: list[str], box: Mailbox | None, problems: list[str]) -> Iterator[RawMessage]:
    """Every mail of every path; what cannot be read is added to the problems."""
    us = organisation.ourselves()
    for path in paths:
        now = clock.now()
        try:
            if path == "-":
                found = iter([files.one_message(sys.stdin.buffer.read(), "-", us, now=now)])
            else:
                found = files.messages(Path(path), us, now=now)
            yield from (replace(message, mailbox=box) for message in found)
        except files.NoMail as problem:
            problems.append(str(problem))


def _mailbox(name: str | None) -> Mailbox | None:
    if not name:
        return None
    try:
        return Mailbox.objects.get(name=name)
    except Mailbox.DoesNotExist as problem:
        known = ", ".join(Mailbox.objects.values_list("name", flat=True)) or "none yet"
        raise CommandError(f"There is no mailbox {name}. Known: {known}.") from problem


def _walk_to_its_end(complaint: Complaint) -> None:
    """In this process; if a worker was quicker, wait until it is done, or its lease runs out."""
    while True:
        pipeline.finish(complaint, now=clock.now())
        if complaint.stage not in pipeline.STEPS:
            return
        time.sleep(LOOK_AGAIN_SECONDS)
        complaint.refresh_from_db()
