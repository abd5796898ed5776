"""Which table of weights is in force: the one the program came with, or the latest learned."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from complaints import audit
from complaints.linking.weights import VERSION, WEIGHTS
from complaints.models import LearnedWeights


@dataclass(frozen=True, slots=True)
class Table:
    """The weights by the names of the facts, and the version that links are noted with."""

    version: str
    weights: Mapping[str, float]


def in_force() -> Table:
    """The table by which links are weighed now. Facts that are newer than it weigh as built in."""
    learned = LearnedWeights.objects.order_by("-pk").first()
    if learned is None:
        return Table(VERSION, WEIGHTS)
    known = {name: learned.weights.get(name, weight) for name, weight in WEIGHTS.items()}
    return Table(f"{VERSION}.{learned.pk}", known)


def save(weights: Mapping[str, float], *, examples: int, now: datetime) -> str:
    """Put a table in force; returns its version. Links keep what they were weighed by."""
    rounded = {name: round(weight, 2) for name, weight in weights.items()}
    with transaction.atomic():
        row = LearnedWeights.objects.create(weights=rounded, examples=examples, learned_at=now)
        audit.record("weights-learned", row, at=now, examples=examples)
    return f"{VERSION}.{row.pk}"
