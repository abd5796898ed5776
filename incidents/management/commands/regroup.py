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
    Change.LINKS: "other links, no incident",
    Change.DIFFERS: "stays; rules: {incident}",
}
WOULD_BE_MADE = MADE | {
    Change.JOINS: "would join {incident}",
    Change.OPENS: "would open an incident",
    Change.LINKS: "other links, no incident",
}
MOST_REASONS = 4
ROW = "{complaint:<16}{today:<26}{rules:<28}{why}"
PAIR = "{one:<16}{other:<26}{rules:<28}{why}"


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
        """A table with a row a complaint, one with a row for two campaigns, and how many moved."""
        dry_run = options["dry_run"]
        moved = stays = 0
        self._relink(dry_run=dry_run)
        while not dry_run and rebuild_some(now=clock.now()):
            pass
        self.stdout.write(
            ROW.format(complaint="complaint", today="is in", rules="by today's rules", why="why")
        )
        for change in regroup(now=clock.now(), dry_run=dry_run):
            self._tell(change, WOULD_BE_MADE if dry_run else MADE)
            moved += 1
        for change in differing():
            self._tell(change, MADE)
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
        heading = PAIR.format(one="campaign", other="and", rules="by today's rules", why="cases")
        for number, pair in enumerate(seen_as_one()):
            if not number:
                self.stdout.write(f"\n{heading}")
            united = not dry_run and make_one(pair, now=clock.now())
            done = "united" if united else "look like one campaign"
            told = {"one": str(pair.campaign), "other": str(pair.other), "rules": done}
            self.stdout.write(PAIR.format(**told, why=pair.cases))

    def _tell(self, change: Regrouped, words: dict[Change, str]) -> None:
        self.stdout.write(
            ROW.format(
                complaint=change.complaint,
                today=", ".join(change.today) or "no incident",
                rules=words[change.change].format(incident=change.incident or "a new one"),
                why="; ".join(change.reasons[:MOST_REASONS]),
            )
        )
