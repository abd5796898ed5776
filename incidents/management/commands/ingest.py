"""ingest: mail from files, folders or a pipe, walked to its end at once."""

import json
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from complaints import clock, organisation
from complaints.intake import files, store
from complaints.intake.raw import RawMessage
from complaints.intake.store import Stored
from complaints.models import Complaint, Mailbox
from incidents import pipeline

TEMPORARY_FAILURE = 75  # EX_TEMPFAIL of sysexits(3): a mail server tries again later
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
        parser.add_argument("--mailbox", help="name of the mailbox the mail is of")
        parser.add_argument("--json", action="store_true", help="one JSON line a mail")

    def handle(self, *args: Any, **options: Any) -> None:
        """Store everything first, then walk each mail to its end."""
        now = clock.now()
        box = self._mailbox(options["mailbox"])
        try:
            stored = [self._keep(message, box, now) for message in self._messages(options, now)]
            for source_file, kept in stored:
                pipeline.advance(kept.complaint, now=now)
                self._tell(source_file, kept, as_json=options["json"])
        except files.NoMail as problem:
            raise CommandError(str(problem)) from problem
        except (DatabaseError, OSError) as problem:
            if options["paths"] == ["-"]:
                self.stderr.write(f"not stored yet, try again: {problem}")
                sys.exit(TEMPORARY_FAILURE)
            raise CommandError(str(problem)) from problem

    def _messages(self, options: dict[str, Any], now: datetime) -> Iterator[RawMessage]:
        us = organisation.ourselves()
        for path in options["paths"]:
            if path == "-":
                yield files.one_message(sys.stdin.buffer.read(), "-", us, now=now)
            else:
                yield from files.messages(Path(path), us, now=now)

    def _keep(self, message: RawMessage, box: Mailbox | None, now: datetime) -> tuple[str, Stored]:
        return message.source_file, store.keep_message(message, now=now)

    def _mailbox(self, name: str | None) -> Mailbox | None:
        if not name:
            return None
        try:
            return Mailbox.objects.get(name=name)
        except Mailbox.DoesNotExist as problem:
            known = ", ".join(Mailbox.objects.values_list("name", flat=True)) or "none yet"
            raise CommandError(f"There is no mailbox {name}. Known: {known}.") from problem

    def _tell(self, source_file: str, kept: Stored, *, as_json: bool) -> None:
        complaint = kept.complaint
        incident = complaint.incidents.order_by("memberships__joined_at").first()
        facts = {
            "source_file": source_file,
            "source_message_id": f"<{complaint.message_id}>" if complaint.message_id else None,
            "outcome": "duplicate"
            if not kept.is_new
            else OUTCOMES.get(complaint.stage, "complaint"),
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
