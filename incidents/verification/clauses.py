"""PURE: the clauses of a verdict: what still goes through, what is doubtful, what speaks for it."""

from collections.abc import Iterator
from dataclasses import dataclass

from incidents.verification.case import Case
from incidents.verification.findings import Fate, Said, Sightings
from incidents.verification.wording import Reason, gettext_noop

# Our own mail must come to this share of its former volume, once so many were to be expected.
LEAST_SHARE_OF_OWN_MAIL = 0.1
ENOUGH_EXPECTED = 20
LOG = ("log",)
MINUTE = "%Y-%m-%d %H:%M"


@dataclass(frozen=True, slots=True)
class Clause:
    """One finding, and what is missing for “fixed” because of it."""

    reason: Reason
    needs: Reason


def holes(case: Case) -> Iterator[Clause]:
    """What still goes through, by the probes and by the log."""
    if not case.from_inside:
        yield from _holes_probed(case)
    seen = case.sightings
    if seen.relayed:
        yield Clause(
            Reason(
                gettext_noop(
                    "the log shows %(messages)s messages relayed for strangers from %(clients)s "
                    "clients since %(since)s UTC, %(known)s of them from senders of the campaign"
                ),
                {
                    "messages": seen.relayed,
                    "clients": seen.relayed_clients,
                    "known": seen.relayed_known,
                    "since": f"{seen.since:{MINUTE}}",
                },
                LOG,
            ),
            Reason(gettext_noop("no message relayed for strangers in the log since the fix")),
        )


def _holes_probed(case: Case) -> Iterator[Clause]:
    own, other = case.own, case.other
    if own.relayed:
        yield Clause(
            Reason(
                gettext_noop("relays for %(relayed)s of %(tried)s known senders of the campaign"),
                {"relayed": len(own.relayed), "tried": own.tried},
                own.relayed,
            ),
            Reason(gettext_noop("the campaign's own senders refused")),
        )
    if case.new.relayed and own.refused and not own.relayed:
        yield Clause(
            Reason(
                gettext_noop(
                    "refuses only the %(known)s known senders of the campaign: "
                    "relays for %(relayed)s of %(tried)s others"
                ),
                {"known": len(own.refused), "relayed": len(other.relayed), "tried": other.tried},
                (*own.refused, *other.relayed),
            ),
            Reason(
                gettext_noop(
                    "a rule in place of the list: mail that is neither from our networks nor for "
                    "us is refused, whoever sends it"
                )
            ),
        )
    elif other.relayed:
        names = ", ".join(other.relayed)
        yield Clause(
            Reason(
                gettext_noop(
                    "relays for %(relayed)s of %(tried)s other senders and forms: %(names)s"
                ),
                {"relayed": len(other.relayed), "tried": other.tried, "names": names},
                other.relayed,
            ),
            Reason(gettext_noop("these ways closed: %(names)s"), {"names": names}),
        )
    sent_on = tuple(one.probe for one in case.marked if one.fate is Fate.RELAYED)
    if sent_on:
        yield Clause(
            Reason(
                gettext_noop("a marked message was sent on, as the log shows: %(names)s"),
                {"names": ", ".join(sent_on)},
                tuple(f"marked {name}" for name in sent_on),
            ),
            Reason(gettext_noop("the marked message refused")),
        )


def doubts(case: Case) -> Iterator[Clause]:
    """Why a fix cannot be claimed although nothing was seen to go through."""
    if case.from_inside:
        yield Clause(
            Reason(
                gettext_noop(
                    "the probes came from one of our own networks, which the host may relay for: "
                    "run the verification from outside"
                )
            ),
            Reason(gettext_noop("a verification from outside our networks")),
        )
    yield from _doubts_of_the_talk(case)
    yield from _doubts_of_own_mail(case)
    yield from _doubts_of_the_log(case.sightings)


def _doubts_of_the_talk(case: Case) -> Iterator[Clause]:
    silent = (*case.own.open, *case.other.open)
    if case.blocked_by:
        yield Clause(
            Reason(
                gettext_noop("the host does not talk with us: it said “%(said)s”, and we stopped"),
                {"said": case.blocked_by[:200]},
            ),
            Reason(gettext_noop("the address that probes come from let in by the host")),
        )
    if silent:
        yield Clause(
            Reason(
                gettext_noop("%(silent)s of %(tried)s probes got no clear answer"),
                {"silent": len(silent), "tried": case.own.tried + case.other.tried},
                silent[:10],
            ),
            Reason(gettext_noop("a clear answer to every probe")),
        )
    if case.unclear:
        yield Clause(
            Reason(
                gettext_noop(
                    "takes mail for any name of our domain, so that these may be local mail and "
                    "prove nothing by themselves: %(names)s"
                ),
                {"names": ", ".join(case.unclear)},
                case.unclear,
            ),
            Reason(gettext_noop("mail for mailboxes that do not exist refused")),
        )
    if not case.refused_fresh_recipient and not case.plain.relayed and not _is_held(case):
        yield Clause(
            Reason(
                gettext_noop(
                    "no new sender came as far as the recipient, so that the rule for "
                    "recipients was not tested"
                )
            ),
            Reason(gettext_noop("a new sender that comes as far as the recipient")),
        )


def _is_held(case: Case) -> bool:
    return bool(case.dropped or case.at_data)


def _doubts_of_own_mail(case: Case) -> Iterator[Clause]:
    if case.own_mail is not Said.YES:
        yield Clause(
            Reason(
                gettext_noop(
                    "mail for a mailbox of ours was not taken either: all mail may be stopped, or "
                    "the address of the probe is blocked"
                ),
                evidence=case.own_mail_lacking,
            ),
            Reason(gettext_noop("our own mail taken")),
        )
    if case.own_user in (Said.NO, Said.LATER):
        yield Clause(
            Reason(gettext_noop("a user of ours who signs in cannot send"), evidence=("own-user",)),
            Reason(gettext_noop("our own users able to send")),
        )


def _doubts_of_the_log(seen: Sightings) -> Iterator[Clause]:
    if not seen.log_covers_the_span:
        yield Clause(
            Reason(
                gettext_noop("the mail log has not been read past %(since)s UTC yet"),
                {"since": f"{seen.since:{MINUTE}}"},
                LOG,
            ),
            Reason(gettext_noop("the mail log read past the fix")),
        )
    if _has_collapsed(seen.own_since, seen.own_expected):
        yield _collapsed(
            gettext_noop(
                "only %(seen)s messages of our own mail in the log where %(expected)s were to "
                "be expected: a fix that stops all mail is no fix"
            ),
            seen.own_since,
            seen.own_expected,
        )
    elif _has_collapsed(seen.sent_since, seen.sent_expected):
        yield _collapsed(
            gettext_noop(
                "only %(seen)s messages sent by our own users in the log where %(expected)s were "
                "to be expected: a fix that stops them too is no fix"
            ),
            seen.sent_since,
            seen.sent_expected,
        )


def _has_collapsed(count: int, expected: float) -> bool:
    return expected >= ENOUGH_EXPECTED and count < expected * LEAST_SHARE_OF_OWN_MAIL


def _collapsed(words: str, count: int, expected: float) -> Clause:
    return Clause(
        Reason(words, {"seen": count, "expected": round(expected)}, LOG),
        Reason(gettext_noop("our own mail back at its former volume")),
    )


def merits(case: Case) -> Iterator[Reason]:
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
            "since": f"{seen.since:{MINUTE}}",
            "refused": seen.refused_relaying,
            "own": seen.own_since,
        },
        LOG,
    )


def notes(case: Case) -> Iterator[Reason]:
    """What else is worth knowing, whatever the verdict."""
    if case.dropped and not (case.own.relayed or case.other.relayed):
        yield Reason(
            gettext_noop(
                "takes mail for strangers and drops it, as the log shows of a marked message: "
                "nothing goes out, but to refuse it would tell the senders so"
            ),
            evidence=tuple(f"marked {one.probe}" for one in case.marked),
        )
    if case.at_data:
        yield Reason(
            gettext_noop(
                "takes the recipients and refuses the message itself: %(count)s probes stand for it"
            ),
            {"count": len(case.at_data)},
            tuple(f"marked {one.probe}" for one in case.marked),
        )
    seen = case.sightings
    if seen.queued_now > max(seen.queued_normal, 0):
        yield Reason(
            gettext_noop(
                "%(now)s messages of strangers wait in the queue still, where %(normal)s are "
                "normal: they may yet go out"
            ),
            {"now": seen.queued_now, "normal": seen.queued_normal},
            LOG,
        )
