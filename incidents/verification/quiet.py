"""Is it quiet? What the mail log says since a fix of an account, a script, a customer, a machine.

Silence counts only where the log was read on for a day, and mail that was normal before the abuse
is no abuse: an account's owner goes on sending, with the new password.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Count, Q

from complaints import organisation
from complaints.models import Customer, MailHost, RelayedMessage
from complaints.querysets import RelayedMessageQuerySet
from incidents.verification import watch
from incidents.verification.clauses import LOG, MINUTE
from incidents.verification.held import Finding, Holds
from incidents.verification.wording import Reason, gettext_noop

QUIET_FOR = timedelta(days=1)
NORMAL_WITHIN = timedelta(days=14)
# So many times what was normal before is still no abuse.
MORE_THAN_NORMAL = 2.0
MOST_ADDRESSES = 50_000


@dataclass(frozen=True, slots=True)
class Span:
    """The times a look is about: the abuse began, it was mended, it is now.

    abusers  addresses that handed in the messages of the incident's campaigns
    """

    began: datetime
    since: datetime
    until: datetime
    abusers: frozenset[str] = field(default_factory=frozenset)

    @property
    def values(self) -> dict[str, int | str]:
        return {"since": f"{self.since:{MINUTE}}"}


def account(host: MailHost, user: str, span: Span) -> Finding:
    """An account that is closed, or has a new password: its owner's addresses alone use it."""
    of_user = RelayedMessage.objects.filter(host=host, authenticated_user=user)
    sent = of_user.filter(queued_at__range=(span.since, span.until))
    normal = of_user.filter(queued_at__range=(span.began - NORMAL_WITHIN, span.began))
    owners = set(_addresses(normal)) - span.abusers
    counted = _addresses(sent)
    abused = sum(count for address, count in counted.items() if address in span.abusers)
    strange = {
        address: count
        for address, count in counted.items()
        if address not in span.abusers and address not in owners
    }
    values = span.values | {"account": user}
    if abused:
        return Finding(
            Holds.NO,
            Reason(
                gettext_noop(
                    "%(count)s messages sent with the account %(account)s since %(since)s UTC from "
                    "the addresses that the abuse came from"
                ),
                values | {"count": abused},
                LOG,
            ),
            Reason(gettext_noop("the account closed, or its password changed")),
        )
    if strange:
        return Finding(
            Holds.UNKNOWN,
            Reason(
                gettext_noop(
                    "%(count)s messages sent with the account %(account)s since %(since)s UTC from "
                    "%(clients)s addresses that it was not used from before the abuse"
                ),
                values | {"count": sum(strange.values()), "clients": len(strange)},
                LOG,
            ),
            Reason(gettext_noop("the owner's word on these addresses")),
        )
    return _silence(
        [host],
        span,
        Reason(
            gettext_noop(
                "since %(since)s UTC nobody but its owner has sent with the account %(account)s: "
                "%(count)s messages"
            ),
            values | {"count": sum(counted.values())},
            LOG,
        ),
    )


def script(host: MailHost, sender: str, span: Span) -> Finding:
    """A script that sends on a mail host itself."""
    made_here = RelayedMessage.objects.filter(host=host, client_ip="")
    messages = made_here.filter(Q(sender=sender) | Q(authenticated_user=sender))
    return _volume(messages, [host], f"{sender} ({host})", span)


def client(address: str, span: Span) -> Finding:
    """A machine of ours or a customer's that sends by itself."""
    return _volume(RelayedMessage.objects.filter(client_ip=address), _hosts(), address, span)


def customer(identifier: str, span: Span) -> Finding:
    """A customer's mailing: from its networks, or under its domain."""
    us = organisation.ourselves()
    reach = (span.began - NORMAL_WITHIN, span.until)
    logged = RelayedMessage.objects.filter(queued_at__range=reach)
    addresses = logged.values_list("client_ip", flat=True).distinct()[:MOST_ADDRESSES]
    theirs = [one for one in addresses if one and us.customer_of(one) == identifier]
    messages = Q(client_ip__in=theirs)
    known = Customer.objects.filter(identifier=identifier).first()
    if known is not None and known.domain:
        messages |= Q(sender_domain__iexact=known.domain)
    name = known.name if known else identifier
    return _volume(RelayedMessage.objects.filter(messages), _hosts(), name, span)


def _volume(
    messages: RelayedMessageQuerySet, hosts: Iterable[MailHost], who: str, span: Span
) -> Finding:
    """No more mail than was normal before the abuse."""
    count = messages.filter(queued_at__range=(span.since, span.until)).count()
    before = messages.filter(queued_at__range=(span.began - NORMAL_WITHIN, span.began)).count()
    normal = before / NORMAL_WITHIN.days * max((span.until - span.since) / timedelta(days=1), 1.0)
    values = span.values | {"who": who, "count": count, "normal": round(normal)}
    words = gettext_noop(
        "%(count)s messages from %(who)s since %(since)s UTC, where %(normal)s were to be expected"
    )
    reason = Reason(words, values, LOG)
    if count > normal * MORE_THAN_NORMAL:
        return Finding(Holds.NO, reason, Reason(gettext_noop("no more mail than before the abuse")))
    return _silence(hosts, span, reason)


def _silence(hosts: Iterable[MailHost], span: Span, reason: Reason) -> Finding:
    """Held, if the logs were read for long enough to say so."""
    read = [watch.log_read_until(host) for host in hosts]
    known = min((at for at in read if at is not None), default=None)
    if known is None or None in read or known < span.since + QUIET_FOR:
        return Finding(
            Holds.UNKNOWN,
            reason,
            Reason(
                gettext_noop("a day of quiet: the mail logs read past %(until)s UTC"),
                {"until": f"{span.since + QUIET_FOR:{MINUTE}}"},
            ),
        )
    return Finding(Holds.YES, reason)


def _hosts() -> list[MailHost]:
    """The hosts whose logs are followed; all others could not have told anything before."""
    return list(MailHost.objects.filter(log_sources__paused=False).distinct())


def _addresses(messages: RelayedMessageQuerySet) -> dict[str, int]:
    rows = messages.values_list("client_ip").annotate(count=Count("pk")).order_by()
    return dict(rows[:MOST_ADDRESSES])
