"""PURE: a verdict in one sentence for who leads, and in one for who has to mend it."""

from incidents.verification.case import Case
from incidents.verification.clauses import MINUTE
from incidents.verification.wording import Reason, gettext_noop

MANAGER = {
    "none": gettext_noop(
        "Our server still passes on mail of strangers; nothing of the abuse has been stopped."
    ),
    "fixed": gettext_noop(
        "The hole is closed: our server refuses mail of strangers, and our own mail still works."
    ),
    "unknown": gettext_noop("We cannot tell yet whether the hole is closed."),
}


def for_manager(case: Case, outcome: str) -> Reason:
    """What it means, without a word of SMTP."""
    if outcome != "partial":
        return Reason(MANAGER[outcome])
    if case.new.relayed and case.own.refused:
        return Reason(
            gettext_noop(
                "Only half a fix: the known senders are shut out, but anybody else can still send "
                "mail through our server."
            )
        )
    if case.own.relayed or case.other.relayed:
        return Reason(
            gettext_noop(
                "Only half a fix: much is refused now, but there are still ways to send mail "
                "through our server."
            )
        )
    return Reason(
        gettext_noop(
            "Only half a fix: our tests are refused, but strangers' mail has still gone through "
            "our server since."
        )
    )


def for_vendor(case: Case, outcome: str, first_doubt: Reason | None) -> Reason:
    """What to mend, with the figures that show it."""
    if outcome == "fixed":
        return Reason(
            gettext_noop(
                "Refuses all %(tried)s ways of relaying that were tried; nothing was relayed for "
                "strangers since %(since)s UTC."
            ),
            {"tried": _tried(case), "since": f"{case.sightings.since:{MINUTE}}"},
        )
    if outcome == "unknown":
        return first_doubt or Reason(gettext_noop("Too little was learned."))
    return _open(case)


def _open(case: Case) -> Reason:
    """What is open; the log's clients are named beside the probes where it shows any."""
    seen, own, other = case.sightings, case.own, case.other
    relayed = (*own.relayed, *other.relayed)
    values: dict[str, int | str] = {
        "known": len(own.refused),
        "relayed": len(relayed),
        "tried": _tried(case) - len(own.refused),
        "open": len(relayed),
        "all": _tried(case),
        "clients": seen.relayed_clients,
        "messages": seen.relayed,
        "first": ", ".join(relayed[:5]),
    }
    if not relayed or case.from_inside:
        words = gettext_noop(
            "No probe shows the way, but %(clients)s clients relayed %(messages)s messages since: "
            "look at their log lines."
        )
    elif own.refused and case.new.relayed:
        words = (
            gettext_noop(
                "Refuses only the %(known)s known senders; relayed for %(relayed)s of %(tried)s "
                "others; %(clients)s clients still relayed since."
            )
            if seen.relayed
            else gettext_noop(
                "Refuses only the %(known)s known senders; relayed for %(relayed)s of %(tried)s "
                "others."
            )
        )
    elif case.new.relayed:
        words = gettext_noop(
            "Relays for anybody: %(open)s of %(all)s ways that were tried are open."
        )
    else:
        words = gettext_noop(
            "%(open)s of %(all)s ways that were tried are still open, the first: %(first)s."
        )
    used = {name: value for name, value in values.items() if f"%({name})s" in words}
    return Reason(words, used, relayed[:10])


def _tried(case: Case) -> int:
    return case.own.tried + case.other.tried
