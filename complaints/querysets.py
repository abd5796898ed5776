"""Every query on the tables of complaints that deserves a name."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Any, Self

from django.apps import apps
from django.conf import settings
from django.db import connection, models, transaction
from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    Max,
    Min,
    OuterRef,
    Q,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Lower, StrIndex, Substr, TruncDate

if TYPE_CHECKING:
    from complaints.models import Complaint, Mailbox, Refusal, RelayedMessage  # noqa: F401 (type arguments)

MOST_ATTEMPTS = 10
# So much of a logged subject is indexed: what follows may be cut, folded or a random tail.
SUBJECT_START_CHARS = 12


class OneByOne(Exception):
    """Complaints cannot be taken together: one has moved, or too much is found for all at once."""


class ComplaintQuerySet(models.QuerySet["Complaint"]):
    """Complaints by their stage and by what ties them to others."""

    def move(self, complaint: Complaint, *, to: str, **fields: Any) -> bool:
        """Take the complaint from the stage it was read in to another; False if it has moved.

        This conditional UPDATE is the claim: it must be the first statement of the
        transaction that saves the step's result. The instance follows the row.
        """
        changes = {"stage": to, "attempts": 0, "problem": "", **fields}
        moved = self.filter(pk=complaint.pk, stage=complaint.stage).update(**changes)
        if moved:
            for name, value in changes.items():
                setattr(complaint, name, value)
        return bool(moved)

    def move_all(self, complaints: Sequence[Complaint], *, to: str, **fields: Any) -> None:
        """Take complaints of one stage to another, as `move` does one, by one UPDATE for all.

        raises   OneByOne if any of them has moved; the transaction must then be rolled back
        """
        changes = {"stage": to, "attempts": 0, "problem": "", **fields}
        keys, stages = [one.pk for one in complaints], {one.stage for one in complaints}
        there = self.filter(pk__in=keys, stage__in=stages)
        if len(stages) != 1 or there.update(**changes) != len(keys):
            raise OneByOne
        for complaint in complaints:
            for name, value in changes.items():
                setattr(complaint, name, value)

    def move_those(
        self, complaints: Sequence[Complaint], *, to: str, **fields: Any
    ) -> list[Complaint]:
        """Take complaints to another stage, as `move` does one; those that had not moved."""
        try:
            with transaction.atomic():
                self.move_all(complaints, to=to, **fields)
        except OneByOne:
            return [one for one in complaints if self.move(one, to=to, **fields)]
        return list(complaints)

    def due(self, now: datetime) -> Self:
        """Complaints that wait for their next step, oldest first."""
        waiting = self.filter(stage__in=self.model.WAITING)
        ready = waiting.filter(Q(next_attempt_at=None) | Q(next_attempt_at__lte=now))
        return ready.order_by("arrived_at", "pk")

    def lease(self, complaint: Complaint, *, now: datetime) -> bool:
        """Take a complaint for one attempt; False if it is not due, or another worker has it.

        The lease runs out by itself, so that the row of a dead worker comes due again.
        """
        at = complaint.next_attempt_at
        if complaint.stage not in self.model.WAITING or (at is not None and at > now):
            return False
        claimed = self.filter(
            pk=complaint.pk,
            stage=complaint.stage,
            attempts=complaint.attempts,
            next_attempt_at=at,  # as we know it, so what was due still is
        )
        until = now + settings.MEYASU_LEASE
        taken = claimed.update(next_attempt_at=until, attempts=F("attempts") + 1)
        if taken:
            complaint.next_attempt_at = until
            complaint.attempts += 1
        return bool(taken)

    def lease_all(self, complaints: Sequence[Complaint], *, now: datetime) -> None:
        """Take complaints that were never tried at their stage, as `lease` takes one.

        raises   OneByOne, with none of them taken, if another worker has any
        """
        until = now + settings.MEYASU_LEASE
        keys, stages = [one.pk for one in complaints], {one.stage for one in complaints}
        fresh = self.filter(pk__in=keys, stage__in=stages, attempts=0, next_attempt_at=None)
        with transaction.atomic():
            taken = fresh.update(next_attempt_at=until, attempts=1)
            if len(stages) != 1 or taken != len(keys):
                raise OneByOne
        for complaint in complaints:
            complaint.next_attempt_at, complaint.attempts = until, 1

    def give_back(self, complaints: Sequence[Complaint]) -> None:
        """End the lease of complaints of which nothing was tried."""
        for complaint in complaints:
            held = self.filter(pk=complaint.pk, stage=complaint.stage, attempts=complaint.attempts)
            if held.update(next_attempt_at=None, attempts=F("attempts") - 1):
                complaint.next_attempt_at = None
                complaint.attempts -= 1

    def latest_of_senders(
        self,
        spans: Sequence[tuple[str, datetime, datetime]],
        *,
        without: Collection[str],
        most: int,
    ) -> list[int]:
        """Keys of the latest complaints of each sender within a span of time, `most` of each.

        One statement, each part of which reads no more of the index than it tells.
        """
        if not spans:
            return []
        stages = ", ".join(["%s"] * len(without))
        part = (
            f"SELECT id FROM (SELECT id FROM {self.model._meta.db_table} "  # noqa: S608 (ours)
            f"WHERE sender = %s AND arrived_at BETWEEN %s AND %s AND stage NOT IN ({stages}) "
            f"ORDER BY arrived_at DESC, id DESC LIMIT {most}) AS latest"
        )
        moment = connection.ops.adapt_datetimefield_value
        given: list[Any] = []
        for sender, start, end in spans:
            given += [sender, moment(start), moment(end), *map(str, without)]
        with connection.cursor() as cursor:
            cursor.execute(" UNION ".join([part] * len(spans)), given)
            return [key for (key,) in cursor.fetchall()]

    def counted_by_sender_and_format(self) -> Any:
        """Rows of domain, format, mails, last_read_at, failed, last_failed_at; failing ones first.

        What waits in quarantine has no format where it was never read.
        """
        failed = Q(stage=self.model.Stage.QUARANTINED)
        of_domain = Lower(Substr("sender", StrIndex("sender", Value("@")) + 1))
        return (
            self.order_by()
            .annotate(domain=of_domain)
            .values("domain", "format")
            .annotate(
                mails=Count("pk"),
                last_read_at=Max("arrived_at", filter=~failed),
                failed=Count("pk", filter=failed),
                last_failed_at=Max("arrived_at", filter=failed),
            )
            .order_by("-failed", "-mails", "domain", "format")
        )

    def read_by_no_format(self) -> Self:
        """Mail of machines that only the reader for anything knew, and what could not be read."""
        machine_prose = Q(format="plain", is_automatic=True)
        return self.filter(Q(stage=self.model.Stage.QUARANTINED) | machine_prose)

    def with_the_message_id_of(self, complaint: Complaint) -> Self:
        """Other mails with this one's Message-ID that say something else: both were kept."""
        if not complaint.message_id_sha256:
            return self.none()
        same = self.filter(message_id_sha256=complaint.message_id_sha256)
        return same.exclude(pk=complaint.pk).exclude(content_sha256=complaint.content_sha256)

    def waiting_since(self, moment: datetime) -> Self:
        """Complaints that reached us before, and have not come to an end of their walk."""
        return self.filter(stage__in=self.model.WAITING, recorded_at__lt=moment)

    def quarantine_by_reason(self, most: int) -> list[Any]:
        """(problem, count, oldest) of what is quarantined, the most frequent reason first."""
        reasons = self.filter(stage=self.model.Stage.QUARANTINED).values("problem")
        counted = reasons.annotate(count=Count("pk"), oldest=Min("recorded_at"))
        return list(counted.order_by("-count", "oldest")[:most])

    def with_found(self) -> Any:
        """Adds `found`: the strongest verdict on what each shows, a link before any of them."""
        link: Any = apps.get_model("complaints", "Link")
        reported: Any = apps.get_model("complaints", "ReportedMessage")
        linked = link.objects.filter(complaint=OuterRef("pk"), state__in=link.HOLDING)
        cases = [When(Exists(linked), then=Value(reported.Verdict.LINKED.value))]
        for verdict in reported.STRONGEST_FIRST:
            shown = reported.objects.filter(complaint=OuterRef("pk"), verdict=verdict)
            cases.append(When(Exists(shown), then=Value(verdict.value)))
        return self.annotate(found=Case(*cases, default=Value(reported.NOTHING_SHOWN)))

    def to_review(self, *stages: str) -> Self:
        """What no person has looked at yet, of these stages, else of all where one has to."""
        return self.filter(reviewed_at=None, stage__in=stages or self.model.TO_REVIEW)

    def waiting_for_log(self) -> Self:
        """Complaints for which no relayed message was found, though the log may still come."""
        return self.exclude(waiting_for_log_since=None)


class MailboxQuerySet(models.QuerySet["Mailbox"]):
    """Mailboxes with how fetching goes."""

    def with_rates(self, now: datetime) -> Self:
        """By name, each with its backlog and how many mails came in the last hour and day."""
        counted = self
        for name, span in (("last_hour", timedelta(hours=1)), ("last_day", timedelta(days=1))):
            came = Q(arrival__recorded_at__gt=now - span)
            counted = counted.annotate(**{name: Count("arrival", filter=came, distinct=True)})
        # A sum over the same rows would be multiplied by the other join.
        waiting = (
            self.model._default_manager.filter(pk=OuterRef("pk"))
            .annotate(sum=Sum("fetched_folders__backlog"))
            .values("sum")
        )
        return counted.annotate(backlog=Coalesce(Subquery(waiting), 0)).order_by("name")


class RelayedMessageQuerySet(models.QuerySet["RelayedMessage"]):
    """Relayed messages by what a complaint may know of them, always through an index."""

    def found_by(self, wanted: Q) -> Self:
        """Messages by what a rule of linking asks for, each once, with their hosts.

        `subject_start` stands for the beginning of the logged subject, which is indexed.
        """
        start = Substr("subject", 1, SUBJECT_START_CHARS)
        matched = self.alias(subject_start=start).filter(wanted)
        # Distinct over the key alone: log lines are long, and comparing them would be slow.
        found = self.filter(pk__in=matched.values("pk").distinct())
        return found.select_related("host").defer("log_lines")

    def taken_in(self, start: datetime, end: datetime) -> Self:
        """Messages that came in within a span of time."""
        return self.filter(queued_at__range=(start, end))

    def first_taken_in(self) -> datetime | None:
        """When the oldest message came in, by the index of times; None if there is none."""
        first: datetime | None = self.aggregate(first=Min("queued_at"))["first"]
        return first

    def seen_as(self, queue_id: str, *, at: datetime, within: timedelta) -> Self:
        """Messages that had this queue ID around this time, on any host.

        Queue IDs are given out again (sendmail 8.8: daily), so one alone names nothing.
        """
        return self.filter(queue_id=queue_id, queued_at__range=(at - within, at + within))

    def to_recipient(self, recipient: str, *, start: datetime, end: datetime) -> Self:
        """Messages with a delivery to this address in a span of time."""
        return self.filter(
            deliveries__recipient=recipient, deliveries__at__range=(start, end)
        ).distinct()

    def from_sender(self, sender: str, *, start: datetime, end: datetime) -> Self:
        """Messages of one envelope sender in a span of time."""
        return self.filter(sender=sender, queued_at__range=(start, end))

    def from_client(self, client_ip: str, *, start: datetime, end: datetime) -> Self:
        """Messages one client handed in, in a span of time."""
        return self.filter(client_ip=client_ip, queued_at__range=(start, end))

    def relayed_for_strangers(self) -> Self:
        """Messages that neither came from us nor were for us."""
        return self.filter(direction=self.model.Direction.STRANGER)

    def extent(self) -> dict[str, Any]:
        """How far it went: messages, recipients, sources, senders, first and last seen."""
        facts = self.aggregate(
            messages=Count("pk", distinct=True),
            sources=Count("client_ip", distinct=True),
            senders=Count("sender", distinct=True),
            first_at=Min("queued_at"),
            last_at=Max("queued_at"),
        )
        reached = self.aggregate(
            recipients=Count("deliveries__recipient", distinct=True),
            recipient_domains=Count("deliveries__recipient_domain", distinct=True),
        )
        return facts | reached


class RefusalQuerySet(models.QuerySet["Refusal"]):
    """Refused attempts, counted."""

    def of_relaying(self) -> Self:
        """Attempts refused because the client, the sender or the destination is not ours."""
        return self.filter(reason__in=[self.model.Reason.RELAY, self.model.Reason.SENDER])

    def per_day(self, zone: tzinfo) -> list[tuple[date, int]]:
        """(day, attempts) for each day with any, oldest first, by the days of a time zone."""
        days = self.annotate(day=TruncDate("at", tzinfo=zone)).values("day")
        counted = days.annotate(count=Count("pk")).order_by("day")
        return [(row["day"], row["count"]) for row in counted]
