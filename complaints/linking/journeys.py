"""PURE: what each host of ours logged of one message, joined to its journey.

A message that passes two hosts, or a content filter on one, has a queue ID at each. They are one
message: counted apart, each would make the others doubtful.
"""

from collections.abc import Iterable, Mapping
from datetime import timedelta

from complaints.linking.candidate import Journey, Logged

# Hosts hand on within moments, but their clocks may differ by minutes.
HANDED_ON_WITHIN = timedelta(minutes=15)
# A content filter on the same host hands it back from here.
LOOPBACK = ("127.0.0.1", "::1")


def journeys(messages: Iterable[Logged]) -> list[Journey]:
    """Return each journey once, in the order of its first message given."""
    legs = list(messages)
    by_id: dict[str, list[Logged]] = {}
    alike: dict[tuple[str, str], list[Logged]] = {}
    for leg in legs:
        for next_id in leg.next_queue_ids:
            by_id.setdefault(next_id, []).append(leg)
        alike.setdefault((came_with(leg), leg.sender), []).append(leg)
    by_key = {leg.key: leg for leg in legs}
    before = {
        leg.key: _parent(leg, by_key)
        or _predecessor(leg, by_id.get(leg.queue_id, ()), alike[came_with(leg), leg.sender])
        for leg in legs
    }
    first: dict[int, list[Logged]] = {}
    for leg in legs:
        first.setdefault(_first_of(leg, before).key, []).append(leg)
    return [Journey(tuple(_in_order(group, before))) for group in first.values()]


def came_with(leg: Logged) -> str:
    """The Message-ID it came with: none where the host that logged it gave it one itself.

    RFC 5321, section 6.3, lets a server do so; the host before it logged none.
    """
    is_own = leg.client_is_ours and leg.message_id.lower().endswith(f"@{leg.host_name}")
    return "" if is_own else leg.message_id


def _parent(leg: Logged, by_key: Mapping[int, Logged]) -> Logged | None:
    """The message that begot it, unless it is a bounce, which is mail of our own."""
    parent = by_key.get(leg.parent or 0)
    if parent is None:
        return None
    same_id = bool(leg.message_id) and leg.message_id == parent.message_id
    return parent if same_id or (leg.sender and leg.sender == parent.sender) else None


def _predecessor(leg: Logged, named: Iterable[Logged], alike: Iterable[Logged]) -> Logged | None:
    """From whom it came: who calls it by its queue ID, else who had the same mail before."""
    if not leg.client_is_ours:
        return None
    for other in named:
        if other.key != leg.key and _apart(other, leg) <= HANDED_ON_WITHIN:
            return other
    sources = [other for other in alike if other.key != leg.key and _handed_on(other, leg)]
    return min(sources, key=lambda other: _apart(other, leg), default=None)


def _handed_on(earlier: Logged, later: Logged) -> bool:
    """Whether this host gave the other the mail, of the same ID and sender as it is."""
    same_host = later.host == earlier.host
    if same_host and earlier.queued_at > later.queued_at:
        return False
    return (
        (later.client_ip in LOOPBACK if same_host else later.client_ip in earlier.host_addresses)
        and not earlier.recipients.isdisjoint(later.recipients)
        and _apart(earlier, later) <= HANDED_ON_WITHIN
    )


def _apart(one: Logged, other: Logged) -> timedelta:
    return abs(one.queued_at - other.queued_at)


def _first_of(leg: Logged, before: dict[int, Logged | None]) -> Logged:
    seen = {leg.key}
    while (earlier := before[leg.key]) is not None and earlier.key not in seen:
        leg = earlier
        seen.add(leg.key)
    return leg


def _in_order(group: list[Logged], before: dict[int, Logged | None]) -> list[Logged]:
    def depth(leg: Logged) -> int:
        steps, seen = 0, {leg.key}
        while (earlier := before[leg.key]) is not None and earlier.key not in seen:
            leg, steps = earlier, steps + 1
            seen.add(leg.key)
        return steps

    return sorted(group, key=lambda leg: (depth(leg), leg.queued_at, leg.key))
