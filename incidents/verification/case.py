"""PURE: Case, all that a judgement looks at: the answers in groups, the marked mail, the log."""

from collections.abc import Iterable
from dataclasses import dataclass

from incidents.verification.findings import Answer, Fate, Marked, Said, Sightings, Stage
from incidents.verification.trial import Kind, Probe

HELD = (Fate.REFUSED, Fate.STAYED)
# So many forms of a recipient tell what becomes of those that must not be sent to.
ENOUGH_FORMS = 5


@dataclass(frozen=True, slots=True)
class Tally:
    """The probes of one group, by what the server said to them."""

    relayed: tuple[str, ...]
    refused: tuple[str, ...]
    open: tuple[str, ...]

    @property
    def tried(self) -> int:
        """How many got as far as a question that the server could answer."""
        return len(self.relayed) + len(self.refused) + len(self.open)


@dataclass(frozen=True, slots=True)
class Case:
    """All that a judgement looks at.

    own           the campaign's senders
    other         everything else that a fixed host refuses; `plain` is a part of it, and `new`,
                  senders that no list can know, at the main door, of that
    unclear       accepted, but perhaps as local mail
    dropped       accepted, and then dropped, as a marked message shows
    at_data       accepted, and refused when the message itself came
    """

    own: Tally
    other: Tally
    plain: Tally
    new: Tally
    unclear: tuple[str, ...]
    dropped: tuple[str, ...]
    at_data: tuple[str, ...]
    marked: tuple[Marked, ...]
    refused_fresh_recipient: bool
    own_mail: Said
    own_mail_lacking: tuple[str, ...]
    own_user: Said
    blocked_by: str
    sightings: Sightings
    from_inside: bool


def case_of(
    probes: tuple[Probe, ...],
    answers: tuple[Answer, ...],
    marked: tuple[Marked, ...],
    sightings: Sightings,
    from_inside: bool,
) -> Case:
    """The answers sorted into groups."""
    by_name = {answer.probe: answer for answer in answers}
    said = {probe.name: _said(by_name.get(probe.name), probe, by_name) for probe in probes}
    fates = {name: one.fate for one in marked for name in one.stands}
    fates |= _fates_of_the_unsent(probes, said, marked)
    said |= {name: Said.NO for name, fate in fates.items() if fate in HELD}
    takes_any_name = any(
        said[probe.name] is not Said.NO for probe in probes if probe.kind is Kind.CONTROL
    )
    unclear = tuple(
        probe.name
        for probe in probes
        if probe.looks_local
        and takes_any_name
        and said[probe.name] is Said.YES
        and fates.get(probe.name) is not Fate.RELAYED
    )
    relaying = [p for p in probes if p.kind.is_relaying and p.name not in unclear]
    other = [probe for probe in relaying if probe.kind is not Kind.CAMPAIGN]
    fresh = [by_name.get(probe.name) for probe in probes if probe.kind is Kind.FRESH]
    own_mail = [(p.name, said[p.name]) for p in probes if p.kind is Kind.OWN_MAIL]
    return Case(
        own=_tally([probe for probe in relaying if probe.kind is Kind.CAMPAIGN], said),
        other=_tally(other, said),
        plain=_tally([probe for probe in other if probe.kind.is_plain], said),
        new=_tally([probe for probe in other if probe.kind in (Kind.FRESH, Kind.NEIGHBOUR)], said),
        unclear=unclear,
        dropped=tuple(name for name, fate in fates.items() if fate is Fate.STAYED),
        at_data=tuple(name for name, fate in fates.items() if fate is Fate.REFUSED),
        marked=marked,
        refused_fresh_recipient=any(
            answer.said is Said.NO and answer.stage is not Stage.MAIL
            for answer in fresh
            if answer is not None
        ),
        own_mail=_worst(own_mail),
        own_mail_lacking=tuple(name for name, reply in own_mail if reply is not Said.YES),
        own_user=next((said[p.name] for p in probes if p.kind is Kind.OWN_USER), Said.NOT_OFFERED),
        blocked_by=next((one.text for one in answers if one.is_a_block and one.code), ""),
        sightings=sightings,
        from_inside=from_inside,
    )


def _fates_of_the_unsent(
    probes: tuple[Probe, ...], said: dict[str, Said], marked: tuple[Marked, ...]
) -> dict[str, Fate]:
    """Forms that no message may try share the fate of the others, if these all had the same."""
    kinds = {probe.name: probe.kind for probe in probes}
    fates = [one.fate for one in marked if kinds[one.probe] is Kind.RECIPIENT_FORM]
    if len(fates) < ENOUGH_FORMS or set(fates) != {Fate.STAYED}:
        return {}
    return {
        probe.name: Fate.STAYED
        for probe in probes
        if probe.kind is Kind.RECIPIENT_FORM and not probe.may_send and said[probe.name] is Said.YES
    }


def _said(answer: Answer | None, probe: Probe, asked: dict[str, Answer]) -> Said:
    """What a probe was told; one that was left out because its door is shut misses nothing."""
    if answer is not None:
        return answer.said
    return Said.NOT_OFFERED if probe.door and _is_shut(probe.door, asked) else Said.NOTHING


def _is_shut(door: str, asked: dict[str, Answer]) -> bool:
    """Whether a door was found shut: the first probe at it is named for it."""
    first = asked.get(f"fresh-sender {door}")
    return first is not None and not first.offered


def _worst(own_mail: Iterable[tuple[str, Said]]) -> Said:
    replies = [reply for _name, reply in own_mail]
    return (
        next((reply for reply in replies if reply is not Said.YES), Said.YES)
        if replies
        else (Said.NOTHING)
    )


def _tally(probes: Iterable[Probe], said: dict[str, Said]) -> Tally:
    names = [(probe.name, said[probe.name]) for probe in probes]
    return Tally(
        relayed=tuple(name for name, reply in names if reply is Said.YES),
        refused=tuple(name for name, reply in names if reply is Said.NO),
        open=tuple(name for name, reply in names if reply in (Said.LATER, Said.NOTHING)),
    )
