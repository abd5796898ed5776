"""What to look at for a fix that no relay probe can try, by the keys of its incident."""

from collections.abc import Iterator
from datetime import datetime
from ipaddress import ip_address

from complaints.evidence.observables import Kind
from complaints.models import ComplaintObservable, MailHost
from incidents.models import Fix, Incident, IncidentKey, Promise
from incidents.verification import listings, pages, quiet, watch
from incidents.verification.held import Finding, Holds
from incidents.verification.quiet import Span
from incidents.verification.wording import Reason, gettext_noop

# What a machine shows rather than sends; of attacks on others our mail log knows nothing.
SHOWN = ("phishing", "malware", "copyright")
UNSEEN = ("login-attack", "port-scan")
MOST_KEYS = 10
MOST_URLS = 50


def findings(incident: Incident, *, since: datetime, now: datetime) -> list[Finding]:
    """All looks that fit the incident: at the log, at pages, at block lists and promises.

    since  when the fix was done
    """
    span = Span(
        began=incident.first_seen_at or incident.discovered_at,
        since=since,
        until=now,
        abusers=frozenset(watch.campaign_sources(incident, before=since)),
    )
    found = [
        finding
        for key in incident.keys.filter(is_active=True).order_by("pk")[:MOST_KEYS]
        for finding in _of_key(incident, key, span)
    ]
    found += of_lists(incident)
    return [*found, *of_promises(incident, decides=not any(one.decides for one in found))]


def of_lists(incident: Incident) -> list[Finding]:
    """Block lists decide where to be taken off one is what somebody did; else they are a note."""
    decides = incident.fixes.filter(kind=Fix.Kind.DELISTING).exists()
    found = listings.look(_addresses(incident), decides=decides)
    return found if decides else [one for one in found if one.holds is Holds.NO]


def of_promises(incident: Incident, *, decides: bool) -> list[Finding]:
    """Whether those who promised an end have kept their word so far."""
    state = Promise.State
    promises = Promise.objects.filter(letter__incident=incident).exclude(state=state.WITHDRAWN)
    return [
        _of_promise(promise, decides=decides) for promise in promises.order_by("pk")[:MOST_KEYS]
    ]


def _of_key(incident: Incident, key: IncidentKey, span: Span) -> Iterator[Finding]:
    place, _colon, who = key.value.partition(":")
    host = MailHost.objects.filter(name=place).first()
    if key.kind == "account" and host is not None:
        yield quiet.account(host, who, span)
    elif key.kind == "script" and host is not None:
        yield quiet.script(host, who, span)
    elif key.kind == "customer":
        yield quiet.customer(key.value, span)
    elif key.kind == "own-client":
        yield quiet.client(key.value, span)
    elif key.kind == "machine":
        address, _blank, category = key.value.partition(" ")
        if category in SHOWN:
            yield from pages.look(address, _urls(incident))
        elif category not in UNSEEN:
            yield quiet.client(address, span)


def _urls(incident: Incident) -> list[str]:
    named = ComplaintObservable.objects.filter(
        complaint__memberships__incident=incident, kind=Kind.URL
    )
    return list(named.order_by("pk").values_list("value", flat=True)[:MOST_URLS])


def _addresses(incident: Incident) -> list[str]:
    """Addresses of ours that a list may have put on it because of this incident."""
    hosts = list(incident.host.addresses) if incident.host else []
    keys = incident.keys.filter(is_active=True, kind__in=["own-client", "machine"])
    named = [key.value.partition(" ")[0] for key in keys.order_by("pk")[:MOST_KEYS]]
    return [one for one in dict.fromkeys([*hosts, *named]) if _is_address(one)]


def _is_address(literal: str) -> bool:
    try:
        ip_address(literal)
    except ValueError:
        return False
    return True


def _of_promise(promise: Promise, *, decides: bool) -> Finding:
    values: dict[str, int | str] = {"who": promise.who, "until": f"{promise.until:%Y-%m-%d}"}
    if promise.state == Promise.State.BROKEN:
        words = gettext_noop("%(who)s did not keep the promise: %(evidence)s")
        return Finding(
            Holds.NO,
            Reason(words, {"who": promise.who, "evidence": promise.evidence[:300]}),
            Reason(gettext_noop("the promise of %(who)s kept"), {"who": promise.who}),
            decides=decides,
        )
    if promise.state == Promise.State.KEPT:
        words = gettext_noop("%(who)s kept the promise until %(until)s")
        return Finding(Holds.YES, Reason(words, values), decides=decides)
    words = gettext_noop("%(who)s has kept the promise so far; it is watched until %(until)s")
    return Finding(
        Holds.UNKNOWN,
        Reason(words, values),
        Reason(gettext_noop("the promise of %(who)s kept until %(until)s"), values),
        decides=decides,
    )
