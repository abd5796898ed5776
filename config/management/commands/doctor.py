"""doctor: looks at everything as the owner would, and says what to do."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from complaints import clock
from config.doctor.examine import examine
from config.doctor.finding import Level


class Command(BaseCommand):
    """Check the configuration by trying it."""

    help = (
        "Try the database, the broker, mailboxes, outgoing mail, logs, clocks and probing, and say "
        "what is wrong and what to do; exit 1 if something is wrong. Example: ./manage.py doctor"
    )
    # The doctor runs the checks itself and tells them with the rest.
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        """One line a finding, and below it what to do."""
        count = 0
        for finding in examine(now=clock.now()):
            self.stdout.write(f"{finding.level:6} {finding.part:14} {finding.said}")
            if finding.remedy:
                self.stdout.write(f"{'':21} -> {finding.remedy}")
            count += finding.level == Level.WRONG
        if count:
            raise CommandError(f"{count} of these are wrong.")
