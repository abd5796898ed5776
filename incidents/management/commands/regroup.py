"""regroup: today's linking and grouping rules on what is stored."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from complaints import clock
from complaints.linking.relink import relink
from incidents.grouping.rebuild import rebuild_some
from incidents.grouping.regroup import Change, Regrouped, differing, regroup
from incidents.grouping.tidy import make_one, seen_as_one

MADE = {
    Change.JOINS: "joins {incident}",
    Change.OPENS: "opens an incident",
    Change.LINKS: "has other links, and no incident still",
}
WOULD_BE_MADE = {
    Change.JOINS: "would join {incident}",
    Change.OPENS: "would open an incident",
    Change.LINKS: "would have other links, and no incident still",
}
STAYS = {Change.DIFFERS: "stays; today's rules name {incident}"}


class Command(BaseCommand):
    """Link and group again what is in no incident."""

    help = (
        "Apply today's linking and grouping rules to the complaints that are in no incident, and "
        "tell which of the others they would put elsewhere: those stay, a person decides. "
        "Complaints in an incident that were linked by an older table of weights are linked anew, "
        "and stay where they are, too. "
        "Campaigns of one incident that are one, seen with all their cases, are united. "
        "Example: ./manage.py regroup --dry-run"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """[--dry-run]."""
        parser.add_argument("--dry-run", action="store_true", help="say it, but change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        """One line a complaint, its reasons below it, and how many there were."""
        dry_run = options["dry_run"]
        moved = stays = 0
        self._relink(dry_run=dry_run)
        while not dry_run and rebuild_some(now=clock.now()):
            pass
        for change in regroup(now=clock.now(), dry_run=dry_run):
            self._tell(change, WOULD_BE_MADE if dry_run else MADE)
            moved += 1
        for change in differing():
            self._tell(change, STAYS)
            stays += 1
        self._unite(dry_run=dry_run)
        done = "would change" if dry_run else "changed"
        self.stdout.write(f"{moved} {done}, {stays} stay though the rules name another incident.")
        if dry_run and moved:
            self.stdout.write("Others that are like these may follow them.")

    def _relink(self, *, dry_run: bool) -> None:
        """Other messages that complaints are about, by today's rules."""
        done, count = "would be linked otherwise" if dry_run else "linked otherwise", 0
        for one in relink(now=clock.now(), dry_run=dry_run):
            count += 1
            self.stdout.write(f"{one.complaint}  {done}")
            for change in one.changes:
                self.stdout.write(f"    {change}")
        if count:
            self.stdout.write(f"{count} {done}; they stay where they are.")

    def _unite(self, *, dry_run: bool) -> None:
        """Campaigns that all cases together show to be one; across incidents a person decides."""
        for pair in seen_as_one():
            united = not dry_run and make_one(pair, now=clock.now())
            done = "united" if united else "look like one campaign"
            self.stdout.write(f"{pair.campaign} and {pair.other}  {done}: {pair.cases} cases")

    def _tell(self, change: Regrouped, words: dict[Change, str]) -> None:
        said = words[change.change].format(incident=change.incident or "a new incident")
        self.stdout.write(f"{change.complaint}  {said}")
        for reason in change.reasons:
            self.stdout.write(f"    {reason}")
