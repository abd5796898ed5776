"""rollups: the figures that are counted beforehand for reports: kept, made anew, checked."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from complaints import clock
from incidents.reporting import checking, rollups


class Command(BaseCommand):
    """Keep, rebuild or check the rollups."""

    help = (
        "The figures that are counted beforehand for reports: keep (count what has changed), "
        "rebuild (count everything anew), check (compare with a plain count; exits 1 at a "
        "difference). Example: ./manage.py rollups check"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """One of three acts."""
        parser.add_argument("act", choices=["keep", "rebuild", "check"])

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it, and say what was done."""
        now = clock.now()
        try:
            if options["act"] == "rebuild":
                days = rollups.rebuild(now=now, progress=self._progress)
                self.stdout.write(f"{days} days counted anew.")
                return
            days = rollups.keep(now=now)
        except (OSError, ValueError) as wrong:
            raise CommandError(f"The table of networks cannot be read: {wrong}") from None
        if options["act"] == "keep":
            self.stdout.write(f"{days} days counted again.")
            return
        self._check(checking.check(now=now))

    def _check(self, differences: list[str]) -> None:
        for words in differences:
            self.stdout.write(words)
        if differences:
            raise CommandError(
                "The rollups differ from a plain count: ./manage.py rollups rebuild puts it right."
            )
        self.stdout.write("The rollups say what a plain count says.")

    def _progress(self, what: str, done: int, of: int) -> None:
        if self.stderr.isatty():
            self.stderr.write(f"\r{what}: {done} of {of}", ending="" if done < of else "\n")
