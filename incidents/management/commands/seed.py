"""seed: invented cases in bulk, for measuring."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from complaints import clock
from incidents import seeding


class Command(BaseCommand):
    """Fill a database of its own with invented cases."""

    help = (
        "Fill an empty database with invented cases, for measuring; never one that is in use. "
        "Example: MEYASU_DATA_DIR=/tmp/seeded ./manage.py seed --complaints 100000 "
        "--log-lines 1000000"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """--complaints N --log-lines N [--seed N]."""
        parser.add_argument("--complaints", type=int, required=True)
        parser.add_argument("--log-lines", type=int, required=True)
        parser.add_argument("--seed", type=int, default=1, help="the same number, the same cases")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the rows, and say how many."""
        if min(options["complaints"], options["log_lines"]) < 0:
            raise CommandError("--complaints and --log-lines are numbers from 0 on.")
        try:
            seeded = seeding.seed(
                options["complaints"],
                options["log_lines"],
                now=clock.now(),
                number=options["seed"],
                progress=self._progress,
            )
        except seeding.NotEmpty as problem:
            raise CommandError(str(problem)) from problem
        self.stdout.write(
            f"{seeded.complaints} complaints, {seeded.messages} messages, "
            f"{seeded.incidents} incidents are written."
        )

    def _progress(self, what: str, done: int, of: int) -> None:
        if self.stderr.isatty():
            self.stderr.write(f"\r{what}: {done} of {of}", ending="" if done < of else "\n")
