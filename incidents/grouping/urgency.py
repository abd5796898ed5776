"""PURE: how urgent an incident is, by facts that each have their weight; the sum decides.

The facts and their words are kept with the incident, so that whoever reads it sees why.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

URGENT, HIGH, NORMAL, LOW = 1, 2, 3, 4
# From so many points on.
LEVELS = ((URGENT, 9), (HIGH, 5), (NORMAL, 2))
# What the kind of abuse counts, by the priority of its playbook.
KINDS = {URGENT: 6, HIGH: 4, NORMAL: 2, LOW: 0}
THREAT = 9
LISTED = 4
JUST_NOW = timedelta(hours=24)
MANY_RECIPIENTS, VERY_MANY_RECIPIENTS = 1_000, 10_000
MANY_COMPLAINTS = 10
MOST_EARLIER = 3


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of an incident.

    kind         the priority that its playbook gives
    last_at      when its last message passed, or its last complaint came
    threats      how many threats to refuse our mail stand
    listings     in how many blocklists its host is
    response_teams, blocklists, providers   how many complaints by such reporters
    proven       how many of its reporters were right before
    earlier      how many earlier incidents the same customer, account or host had
    """

    kind: int
    is_fixed: bool = False
    last_at: datetime | None = None
    recipients: int = 0
    complaints: int = 0
    threats: int = 0
    listings: int = 0
    response_teams: int = 0
    blocklists: int = 0
    providers: int = 0
    proven: int = 0
    earlier: int = 0


@dataclass(frozen=True, slots=True)
class Weight:
    """One fact that counts: its name, a word of the code; how many there are; its points."""

    fact: str
    count: int
    points: int


def weigh(facts: Facts, *, now: datetime) -> list[Weight]:
    """What makes it urgent or not, the weightiest first."""
    found = [one for one in _weights(facts, now) if one.points]
    return sorted(found, key=lambda one: (-abs(one.points), one.fact))


def priority_of(found: list[Weight]) -> int:
    """The priority that these add up to, as a value of Incident.Priority."""
    points = sum(one.points for one in found)
    return next((level for level, least in LEVELS if points >= least), LOW)


def _weights(facts: Facts, now: datetime) -> Iterator[Weight]:
    yield Weight("kind", 1, KINDS.get(facts.kind, 2))
    counted: Mapping[str, tuple[int, int]] = {
        "threat": (facts.threats, THREAT),
        "response-team": (facts.response_teams, 2),
        "blocklist": (facts.blocklists, 3),
        "provider": (facts.providers, 1),
        "proven-reporter": (facts.proven, 1),
    }
    for name, (count, points) in counted.items():
        if count:
            yield Weight(name, count, points)
    if facts.listings:
        yield Weight("listed", facts.listings, LISTED)
    if facts.earlier:
        yield Weight("earlier", facts.earlier, min(facts.earlier, MOST_EARLIER))
    if facts.recipients >= MANY_RECIPIENTS:
        points = 3 if facts.recipients >= VERY_MANY_RECIPIENTS else 2
        yield Weight("recipients", facts.recipients, points)
    if facts.complaints >= MANY_COMPLAINTS:
        yield Weight("complaints", facts.complaints, 1)
    if facts.is_fixed:
        yield Weight("fixed", 1, -4)
    elif facts.last_at is not None and now - facts.last_at <= JUST_NOW:
        yield Weight("going-on", 1, 2)
