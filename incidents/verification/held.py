"""PURE: does a fix hold that no relay probe can try? Findings with their evidence to a verdict."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from incidents.verification.verdict import Outcome, Verdict
from incidents.verification.wording import Reason, gettext_noop


class Holds(StrEnum):
    """What one look says of the fix."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Finding:
    """One look at what the fix should have stopped.

    needs    what is missing for “fixed”; None where nothing is
    decides  False for what is worth knowing and decides nothing
    """

    holds: Holds
    reason: Reason
    needs: Reason | None = None
    decides: bool = True


MANAGER = {
    Outcome.NONE: gettext_noop("Nothing of the abuse has been stopped yet."),
    Outcome.PARTIAL: gettext_noop("Only half a fix: some of the abuse goes on."),
    Outcome.FIXED: gettext_noop("The abuse has stopped, as far as can be seen from here."),
    Outcome.UNKNOWN: gettext_noop("We cannot tell yet whether the abuse has stopped."),
}
NOTHING_TO_LOOK_AT = Finding(
    Holds.UNKNOWN,
    Reason(
        gettext_noop("nothing that the program can look at shows whether this is fixed"),
    ),
    Reason(gettext_noop("the word of a person who has looked")),
)


def judge(found: Iterable[Finding]) -> Verdict:
    """Is it fixed, by these findings?

    returns  none: all that was looked at goes on; partial: some of it does; fixed: each look says
             that it has stopped; unknown: a look could not tell, and why
    """
    findings = tuple(found)
    deciding = tuple(one for one in findings if one.decides) or (NOTHING_TO_LOOK_AT,)
    outcome = _outcome({one.holds for one in deciding})
    weighty = _weightiest_first(deciding)
    notes = tuple(one for one in findings if not one.decides)
    return Verdict(
        outcome,
        tuple(one.reason for one in (*weighty, *notes)),
        {holds.value: sum(one.holds is holds for one in deciding) for holds in Holds},
        missing=tuple({str(one.needs): one.needs for one in weighty if one.needs}.values()),
        for_manager=Reason(MANAGER[outcome]),
        for_vendor=weighty[0].reason,
    )


def _outcome(said: set[Holds]) -> Outcome:
    if Holds.NO in said:
        return Outcome.PARTIAL if Holds.YES in said else Outcome.NONE
    return Outcome.UNKNOWN if Holds.UNKNOWN in said else Outcome.FIXED


def _weightiest_first(findings: tuple[Finding, ...]) -> list[Finding]:
    order = (Holds.NO, Holds.UNKNOWN, Holds.YES)
    return sorted(findings, key=lambda one: order.index(one.holds))
