"""linking: the table of weights, shown, and learned anew from what people decided."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from complaints import clock
from complaints.linking import examples, weighing
from complaints.linking.learning import learn, loss

FEWEST = 30


class Command(BaseCommand):
    help = (
        "`weights` shows how much each fact weighs for a link. `learn` learns the table from the "
        "links that people confirmed and rejected, and with --truth from a labelled world whose "
        "mails and logs were read here; --save makes it the table in force, as a new version.\n"
        "For example: ./manage.py linking learn --truth world/truth.jsonl"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("what", choices=("weights", "learn"))
        parser.add_argument("--truth", action="append", type=Path, default=[], metavar="FILE")
        parser.add_argument("--save", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        in_force = weighing.in_force()
        if options["what"] == "weights":
            self.stdout.write(f"version {in_force.version}")
            for name, weight in in_force.weights.items():
                self.stdout.write(f"{weight:+6.1f}  {name}")
            return
        self._learn(in_force, options["truth"], save=options["save"])

    def _learn(self, in_force: weighing.Table, truths: list[Path], *, save: bool) -> None:
        known = list(examples.confirmed())
        for truth in truths:
            if not truth.is_file():
                raise CommandError(f"{truth} is no file; the truth.jsonl of a world was expected.")
            known += examples.labelled(truth)
        if len(known) < FEWEST:
            raise CommandError(
                f"{len(known)} examples are too few: {FEWEST} decisions on links are needed, or a "
                "labelled world (--truth)."
            )
        learned = learn(known, in_force.weights)
        for name, weight in learned.items():
            self.stdout.write(f"{in_force.weights[name]:+6.1f} {weight:+6.1f}  {name}")
        before, after = loss(known, in_force.weights), loss(known, learned)
        self.stdout.write(
            f"{len(known)} examples; mean surprise {before:.4f} before, {after:.4f} after"
        )
        if save:
            version = weighing.save(learned, examples=len(known), now=clock.now())
            self.stdout.write(f"in force from now on as version {version}")
