"""Examples to learn weights from: what people confirmed, and worlds whose truth is known."""

import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from complaints import organisation
from complaints.linking.candidate import Candidate
from complaints.linking.learning import Example
from complaints.linking.search import candidates_for
from complaints.maillog.direction import Ourselves
from complaints.models import Arrival, Complaint, Link
from complaints.querysets import OneByOne

TOGETHER = 50
SEARCHED = (Complaint.Stage.LINKED, Complaint.Stage.GROUPED, Complaint.Stage.OPEN)

Named = frozenset[tuple[str, str]]  # host and queue ID


def confirmed() -> Iterator[Example]:
    """What people decided: a link that was confirmed, or the only one, rejected."""
    us = organisation.ourselves()
    decided = Link.objects.filter(state__in=(Link.State.CONFIRMED, Link.State.REJECTED))
    for complaint in Complaint.objects.filter(links__in=decided).distinct().iterator():
        links = list(complaint.links.all())
        right = {link.message_id for link in links if link.state == Link.State.CONFIRMED}
        wrong = {link.message_id for link in links if link.state == Link.State.REJECTED}
        for found in candidates_for([complaint], us)[0]:
            meant = [n for n, one in enumerate(found) if _keys(one) & right]
            refused = any(_keys(one) & wrong for one in found)
            if found and (meant or (refused and not right)):
                yield _example(found, meant)


def labelled(truth: Path) -> Iterator[Example]:
    """What a simulated world says of the mails that were taken in here from its mailbox.

    truth  one JSON object a line: `file`, `is_complaint`, and `relayed` with `host` and `queue_id`
           of each message that is meant; `relayed_optional` those that may be
    """
    us, told = organisation.ourselves(), dict(_told(truth))
    arrivals = Arrival.objects.select_related("complaint").order_by("pk")
    known = (
        (about, arrival.complaint)
        for arrival in arrivals.iterator()
        if (about := told.get(Path(arrival.source_file).name)) is not None
        and about["is_complaint"]
        and arrival.complaint.stage in SEARCHED
    )
    while some := list(islice(known, TOGETHER)):
        for (about, _), found in zip(some, _found([one for _, one in some], us), strict=True):
            yield from _of_truth(about, found)


def _found(complaints: list[Complaint], us: Ourselves) -> list[list[list[Candidate]]]:
    try:
        return candidates_for(complaints, us)
    except OneByOne:
        return [candidates_for([one], us)[0] for one in complaints]


def written(example: Example) -> str:
    """An example as a line that `collected` reads: no more of a world than names of facts."""
    return json.dumps({"candidates": example.candidates, "meant": sorted(example.meant)})


def collected(file: Path) -> Iterator[Example]:
    """Examples that were written elsewhere, one a line.

    raises   ValueError, with its line, where a line is none
    """
    with file.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            try:
                read = json.loads(line)
                names = tuple(tuple(map(str, facts)) for facts in read["candidates"])
                yield Example(names, frozenset(map(int, read["meant"])))
            except (ValueError, KeyError, TypeError) as defect:
                raise ValueError(f"{file}, line {number} is no example: {defect}") from defect


def decided() -> Iterator[tuple[float, bool]]:
    """The probability of each link that a person decided on, and whether it was confirmed."""
    shown = Link.objects.filter(state__in=(Link.State.CONFIRMED, Link.State.REJECTED))
    for score, state in shown.exclude(weighed_by="").values_list("score", "state").iterator():
        yield score, state == Link.State.CONFIRMED


def judged(truth: Path) -> Iterator[tuple[float, bool]]:
    """The probability of each link and proposal that stands here, and whether it is right.

    By what a world says of its mails; what may or may not be meant is left out.
    truth  as for `labelled`
    """
    told = dict(_told(truth))
    named = (
        "score",
        "message__host__name",
        "message__queue_id",
        "complaint__arrivals__source_file",
    )
    shown = Link.objects.exclude(weighed_by="").values_list(*named).order_by("pk")
    for score, host, queue_id, file in shown.iterator():
        about = told.get(Path(file or "").name)
        if about is None or not about["is_complaint"]:
            continue
        name = (host, queue_id)
        right = name in _named(about["relayed"])
        if right or name not in _named(about.get("relayed_optional", ())):
            yield score, right


def _told(truth: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    with truth.open(encoding="utf-8") as lines:
        for line in lines:
            about = json.loads(line)
            yield about["file"], about


def _of_truth(about: Mapping[str, Any], ranked: list[list[Candidate]]) -> Iterator[Example]:
    """Of a complaint about several it is not told which is which: what leads must be right."""
    right, maybe = _named(about["relayed"]), _named(about.get("relayed_optional", ()))
    for found in ranked:
        meant = [n for n, one in enumerate(found) if _names(one) & right]
        unsure = not meant and any(_names(one) & maybe for one in found)
        if not found or unsure or (len(ranked) > 1 and 0 not in meant):
            continue
        yield _example(found, meant if len(ranked) == 1 else [0])


def _example(found: list[Candidate], meant: Iterable[int]) -> Example:
    names = [tuple(fact.name for fact in one.facts) for one in found]
    return Example(tuple(names), frozenset(meant))


def _named(entries: Iterable[Mapping[str, Any]]) -> Named:
    return frozenset((entry["host"], entry["queue_id"]) for entry in entries)


def _names(one: Candidate) -> Named:
    return frozenset((leg.host, leg.queue_id) for leg in one.legs)


def _keys(one: Candidate) -> set[int]:
    return {leg.key for leg in one.legs}
