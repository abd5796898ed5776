"""linking: the table of weights, shown and learned anew, and how often probabilities were right."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from complaints import clock
from complaints.linking import calibration, examples, weighing
from complaints.linking.learning import Example, learn, loss
from complaints.linking.weights import WEIGHTS

FEWEST = 30


class Command(BaseCommand):
    help = (
        "`weights` shows how much each fact weighs for a link. `learn` learns the table from the "
        "links that people confirmed and rejected, with --truth from a labelled world whose mails "
        "and logs were read here, and with --examples from what `examples` printed elsewhere; "
        "--save makes it the table in force, as a new version. `calibration` shows how often "
        "links of each probability were right, by what people decided or, with --truth, by a "
        "labelled world.\n"
        "For example: ./manage.py linking learn --truth world/truth.jsonl"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("what", choices=("weights", "learn", "examples", "calibration"))
        parser.add_argument("--truth", action="append", type=Path, default=[], metavar="FILE")
        parser.add_argument("--examples", action="append", type=Path, default=[], metavar="FILE")
        parser.add_argument("--save", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        for file in (*options["truth"], *options["examples"]):
            if not file.is_file():
                raise CommandError(f"{file} is no file.")
        if options["what"] == "weights":
            self._tell_weights()
        elif options["what"] == "examples":
            for example in _known(options["truth"], []):
                self.stdout.write(examples.written(example))
        elif options["what"] == "calibration":
            self._tell_calibration(options["truth"])
        else:
            self._learn(options["truth"], options["examples"], save=options["save"])

    def _tell_weights(self) -> None:
        in_force = weighing.in_force()
        self.stdout.write(f"version {in_force.version}")
        for name, weight in in_force.weights.items():
            self.stdout.write(f"{weight:+6.1f}  {name}")

    def _tell_calibration(self, truths: list[Path]) -> None:
        """How often links were right: the table that docs/linking.md shows."""
        judged = [one for truth in truths for one in examples.judged(truth)]
        found = calibration.steps(judged if truths else examples.decided())
        error = calibration.error(found)
        if error is None:
            raise CommandError("No link was confirmed or rejected yet, so nothing can be compared.")
        self.stdout.write("probability   links  on average   right")
        for step in found:
            self.stdout.write(
                f"{step.low:4.0%} – {step.high:4.0%}  {step.links:6}      {step.said:6.1%}  "
                f"{step.right:6.1%}"
            )
        self.stdout.write(f"On average the probabilities are off by {error:.1%}.")

    def _learn(self, truths: list[Path], files: list[Path], *, save: bool) -> None:
        in_force = weighing.in_force()
        try:
            known = _known(truths, files)
        except ValueError as refusal:
            raise CommandError(str(refusal)) from refusal
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


def _known(truths: list[Path], files: list[Path]) -> list[Example]:
    """Every example there is; of facts that have no line in the table nothing is learned."""
    known = list(examples.confirmed())
    for truth in truths:
        known += examples.labelled(truth)
    for file in files:
        known += examples.collected(file)
    return [
        Example(
            tuple(tuple(name for name in facts if name in WEIGHTS) for facts in one.candidates),
            one.meant,
        )
        for one in known
    ]
