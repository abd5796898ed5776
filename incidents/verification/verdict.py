"""PURE: Answers and Sightings to none, partial, fixed or unknown, with the reasons in words.

A fix that blocks the addresses of one campaign passes any test made with these addresses; so
the verdict rests on senders that no list can know, on every form of address, and on what
the log says was relayed since. Silence is never taken for a fix.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from incidents.verification.battery import Kind, Probe, gettext_noop
from incidents.verification.findings import Answer, Said, Sightings, Stage

# Our own mail must come to this share of its former volume, once so many were to be expected.
LEAST_SHARE_OF_OWN_MAIL = 0.1
ENOUGH_EXPECTED = 20


class Outcome(StrEnum):
    """Is it fixed?"""

    UNKNOWN = "unknown"
    NONE = "none"
    PARTIAL = "partial"
    FIXED = "fixed"


@dataclass(frozen=True, slots=True)
class Reason:
    """One clause of a verdict: `words` is a template (to be translated) for `values`."""

    words: str
    values: dict[str, int | str] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.words % self.values


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome, its reasons with the weightiest first, and the figures they rest on."""

    outcome: Outcome
    reasons: tuple[Reason, ...]
    figures: dict[str, int]


@dataclass(frozen=True, slots=True)
class _Tally:
    """The probes of one group, by what the server said to them."""

    relayed: tuple[str, ...]
    refused: tuple[str, ...]
    open: tuple[str, ...]

    @property
    def tried(self) -> int:
        return len(self.relayed) + len(self.refused) + len(self.open)


@dataclass(frozen=True, slots=True)
class _Case:
    """All that a judgement looks at."""

    own: _Tally
    other: _Tally
    plain: _Tally
    unclear: tuple[str, ...]
    refused_fresh_recipient: bool
    own_mail: Said
    sightings: Sightings
    from_inside: bool


def judge(
    probes: Iterable[Probe],
    answers: Iterable[Answer],
    sightings: Sightings,
    *,
    from_inside: bool = False,
) -> Verdict:
    """Is it fixed, as far as the answers and the log tell?

    probes       the whole battery; a probe without an answer was not asked
    sightings    what the log says since the fix; without a fix, of the last day
    from_inside  the probes came from one of our own networks, which the host may relay for
    returns      none: nothing of the campaign's own is stopped; partial: some of it is, or
                 some way is still open; fixed: every probe refused, own mail still taken, and
                 a log that was read past the fix and shows nothing relayed for strangers;
                 unknown: too little was learned, and why
    """
    case = _case(tuple(probes), tuple(answers), sightings, from_inside)
    holes = tuple(_holes(case))
    doubts = tuple(_doubts(case))
    outcome = _outcome(case, holes, doubts)
    reasons = (*doubts, *holes) if outcome is Outcome.UNKNOWN else (*holes, *doubts)
    return Verdict(outcome, reasons or tuple(_merits(case)), _figures(case))


def _outcome(case: _Case, holes: tuple[Reason, ...], doubts: tuple[Reason, ...]) -> Outcome:
    if case.from_inside and not case.sightings.relayed:
        return Outcome.UNKNOWN
    if holes:
        return Outcome.NONE if _nothing_is_stopped(case) else Outcome.PARTIAL
    return Outcome.UNKNOWN if doubts else Outcome.FIXED


def _nothing_is_stopped(case: _Case) -> bool:
    """Whether all the campaign did still goes through, by the probes or else by the log."""
    if not case.from_inside:
        for tally in (case.own, case.plain):
            if tally.relayed or tally.refused:
                return not tally.refused
    return not case.sightings.refused_relaying


def _holes(case: _Case) -> Iterator[Reason]:
    """What still goes through, by the probes and by the log."""
    if not case.from_inside:
        yield from _holes_probed(case)
    seen = case.sightings
    if seen.relayed:
        yield Reason(
            gettext_noop(
                "the log shows %(messages)s messages relayed for strangers from %(clients)s "
                "clients since %(since)s UTC, %(known)s of them from senders of the campaign"
            ),
            {
                "messages": seen.relayed,
                "clients": seen.relayed_clients,
                "known": seen.relayed_known,
                "since": f"{seen.since:%Y-%m-%d %H:%M}",
            },
        )


def _holes_probed(case: _Case) -> Iterator[Reason]:
    own, other = case.own, case.other
    if own.relayed:
        yield Reason(
            gettext_noop("relays for %(relayed)s of %(tried)s known senders of the campaign"),
            {"relayed": len(own.relayed), "tried": own.tried},
        )
    if case.plain.relayed and own.refused and not own.relayed:
        yield Reason(
            gettext_noop(
                "refuses only the %(known)s known senders of the campaign: "
                "relays for %(relayed)s of %(tried)s others"
            ),
            {"known": len(own.refused), "relayed": len(other.relayed), "tried": other.tried},
        )
    elif other.relayed:
        yield Reason(
            gettext_noop("relays for %(relayed)s of %(tried)s other senders and forms: %(names)s"),
            {
                "relayed": len(other.relayed),
                "tried": other.tried,
                "names": ", ".join(other.relayed),
            },
        )


def _doubts(case: _Case) -> Iterator[Reason]:
    """Why a fix cannot be claimed although nothing was seen to go through."""
    if case.from_inside:
        yield Reason(
            gettext_noop(
                "the probes came from one of our own networks, which the host may relay for: "
                "run the verification from outside"
            )
        )
    yield from _doubts_probed(case)
    yield from _doubts_of_the_log(case.sightings)


def _doubts_probed(case: _Case) -> Iterator[Reason]:
    silent = len(case.own.open) + len(case.other.open)
    tried = case.own.tried + case.other.tried
    if silent:
        yield Reason(
            gettext_noop("%(silent)s of %(tried)s probes got no clear answer"),
            {"silent": silent, "tried": tried},
        )
    if case.unclear:
        yield Reason(
            gettext_noop(
                "takes mail for any name of our domain, so that these may be local mail and "
                "prove nothing by themselves: %(names)s"
            ),
            {"names": ", ".join(case.unclear)},
        )
    if not case.refused_fresh_recipient and not case.plain.relayed:
        yield Reason(
            gettext_noop(
                "no new sender came as far as the recipient, so that the rule for "
                "recipients was not tested"
            )
        )
    if case.own_mail is not Said.YES:
        yield Reason(
            gettext_noop(
                "mail for a mailbox of ours was not taken either: all mail may be stopped, or "
                "the address of the probe is blocked"
            )
        )


def _doubts_of_the_log(seen: Sightings) -> Iterator[Reason]:
    if not seen.log_covers_the_span:
        yield Reason(
            gettext_noop("the mail log has not been read past %(since)s UTC yet"),
            {"since": f"{seen.since:%Y-%m-%d %H:%M}"},
        )
    expected = seen.own_expected
    if expected >= ENOUGH_EXPECTED and seen.own_since < expected * LEAST_SHARE_OF_OWN_MAIL:
        yield Reason(
            gettext_noop(
                "only %(seen)s messages of our own mail in the log where %(expected)s were to "
                "be expected: a fix that stops all mail is no fix"
            ),
            {"seen": seen.own_since, "expected": round(expected)},
        )


def _merits(case: _Case) -> Iterator[Reason]:
    """What makes it fixed."""
    seen = case.sightings
    yield Reason(
        gettext_noop("refuses all %(tried)s ways of relaying that were tried"),
        {"tried": case.own.tried + case.other.tried},
    )
    yield Reason(gettext_noop("mail for a mailbox of ours is still taken"))
    yield Reason(
        gettext_noop(
            "the log shows nothing relayed for strangers since %(since)s UTC, "
            "%(refused)s attempts refused, and %(own)s messages of our own mail"
        ),
        {
            "since": f"{seen.since:%Y-%m-%d %H:%M}",
            "refused": seen.refused_relaying,
            "own": seen.own_since,
        },
    )


def _case(
    probes: tuple[Probe, ...],
    answers: tuple[Answer, ...],
    sightings: Sightings,
    from_inside: bool,
) -> _Case:
    by_name = {answer.probe: answer for answer in answers}
    said = {probe.name: _said(by_name.get(probe.name)) for probe in probes}
    takes_any_name = any(
        said[probe.name] is not Said.NO for probe in probes if probe.kind is Kind.CONTROL
    )
    unclear = tuple(
        probe.name
        for probe in probes
        if probe.looks_local
        and takes_any_name
        and said[probe.name] is Said.YES
        and by_name[probe.name].stage is not Stage.DATA
    )
    relaying = [p for p in probes if p.kind.is_relaying and p.name not in unclear]
    own = [probe for probe in relaying if probe.kind is Kind.CAMPAIGN]
    other = [probe for probe in relaying if probe.kind is not Kind.CAMPAIGN]
    plain = [probe for probe in other if probe.kind in (Kind.FRESH, Kind.NEIGHBOUR)]
    fresh = [by_name.get(probe.name) for probe in probes if probe.kind is Kind.FRESH]
    return _Case(
        own=_tally(own, said),
        other=_tally(other, said),
        plain=_tally(plain, said),
        unclear=unclear,
        refused_fresh_recipient=any(
            answer.said is Said.NO and answer.stage is not Stage.MAIL
            for answer in fresh
            if answer is not None
        ),
        own_mail=next((said[p.name] for p in probes if p.kind is Kind.OWN_MAIL), Said.NOTHING),
        sightings=sightings,
        from_inside=from_inside,
    )


def _said(answer: Answer | None) -> Said:
    return Said.NOTHING if answer is None else answer.said


def _tally(probes: list[Probe], said: dict[str, Said]) -> _Tally:
    names = [(probe.name, said[probe.name]) for probe in probes]
    return _Tally(
        relayed=tuple(name for name, reply in names if reply is Said.YES),
        refused=tuple(name for name, reply in names if reply is Said.NO),
        open=tuple(name for name, reply in names if reply in (Said.LATER, Said.NOTHING)),
    )


def _figures(case: _Case) -> dict[str, int]:
    return {
        "campaign_tried": case.own.tried,
        "campaign_relayed": len(case.own.relayed),
        "others_tried": case.other.tried,
        "others_relayed": len(case.other.relayed),
        "no_clear_answer": len(case.own.open) + len(case.other.open) + len(case.unclear),
        "relayed_since": case.sightings.relayed,
        "refused_since": case.sightings.refused_relaying,
    }
