"""Every query on the tables of incidents that deserves a name."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Count, Exists, F, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser

    from complaints.models import MailHost
    from incidents.models import (  # noqa: F401 (type arguments)
        Incident,
        Letter,
        Listing,
        Notice,
        Nudge,
        Task,
        Threat,
    )

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


class IncidentQuerySet(models.QuerySet["Incident"]):
    """Incidents by what ties things to them, and by what is to be done."""

    def open(self) -> Self:
        """Incidents that are not closed and have not been merged into another."""
        return self.exclude(state=self.model.State.CLOSED).filter(merged_into=None)

    def with_key(self, kind: str, value: str) -> Self:
        """The incident that has this key now: one, or none."""
        return self.filter(keys__kind=kind, keys__value=value, keys__is_active=True)

    def with_newer_playbook(self) -> Self:
        """Adds `is_behind`: whether another version of its playbook is in force than its own."""
        versions = self.model._meta.get_field("playbook_version").related_model._default_manager
        other = versions.filter(kind=OuterRef("kind"), is_current=True).exclude(
            pk=OuterRef("playbook_version")
        )
        return self.annotate(is_behind=Exists(other))

    def to_verify(self, now: datetime) -> Self:
        """Incidents whose next verification is due."""
        return self.open().filter(next_verification_at__lte=now)


class TaskQuerySet(models.QuerySet["Task"]):
    """Tasks by what a person can do about them now."""

    def with_blocker(self) -> Self:
        """Adds `is_blocked`: whether a task it waits for is still open."""
        blockers = self.model.waits_for.through.objects.filter(
            from_task_id=OuterRef("pk"), to_task__state=self.model.State.OPEN
        )
        return self.annotate(is_blocked=Exists(blockers))

    def with_nudge(self) -> Self:
        """Adds `nudged` and `nudged_at`: what was said last about its due time, and when."""
        nudges = self.model.nudges.rel.related_model._default_manager
        said = nudges.filter(
            task=OuterRef("pk"), due_at=OuterRef("due_at"), kind__in=["reminder", "late"]
        ).order_by("-made_at")
        return self.annotate(
            nudged=Subquery(said.values("kind")[:1]), nudged_at=Subquery(said.values("made_at")[:1])
        )

    def open(self) -> Self:
        """Tasks that are still to be done."""
        return self.filter(state=self.model.State.OPEN)

    def ready(self) -> Self:
        """Open tasks that wait for nothing, the earliest due first."""
        return self.open().with_blocker().filter(is_blocked=False).order_by("due_at", "number")

    def awake(self, now: datetime) -> Self:
        """Those that nobody has put off until later."""
        return self.exclude(snoozed_until__gt=now)

    def with_begun(self) -> Self:
        """Adds `is_begun`: whether somebody took, commented, ticked or wrote something for it."""
        same = self.model._default_manager.filter(pk=OuterRef("pk"))
        signs = Q(letters__isnull=False) | Q(comments__isnull=False)
        touched = Exists(same.filter(signs | Q(checklist__done_at__isnull=False)))
        return self.annotate(is_begun=Q(taken_by__isnull=False) | touched)

    def untouched(self) -> Self:
        """Those for which nobody has done anything yet."""
        return self.with_begun().filter(is_begun=False)

    def for_a_row(self) -> Self:
        """Only what a row of the work list shows of a task: the list may be long."""
        return self.select_related("incident", "complaint", "taken_by").only(
            "kind", "title", "title_ja", "due_at", "taken_by__username",
            "incident__reference", "incident__title", "incident__priority",
            "incident__priority_facts", "incident__priority_by",
            "complaint__reference", "complaint__sender", "complaint__sender_name",
        )  # fmt: skip


class NudgeQuerySet(models.QuerySet["Nudge"]):
    """Words to people, by whom they are for."""

    def unseen_by(self, user: AbstractBaseUser, roles: Any) -> Self:
        """What this person has not put away: the own ones, and those for all of a role."""
        everybody = Q(for_user=None, for_role__in=roles)
        return self.filter(Q(for_user=user) | everybody, seen_at=None).order_by("-made_at")

    def current(self) -> Self:
        """Those that are still so: their task is open, and due when it was said to be."""
        same = ~Q(kind__in=["reminder", "late"]) | Q(due_at=F("task__due_at"))
        return self.filter(Q(task=None) | Q(task__state="open") & same)


class LetterQuerySet(models.QuerySet["Letter"]):
    """Letters by what has to happen to them next."""

    def that_left(self) -> Self:
        """Letters that are with whom they were written to, or may be: what can be answered."""
        state = self.model.State
        return self.filter(state__in=[state.SENDING, state.SENT, state.UNSURE, state.FAILED])

    def move(self, letter: Letter, *, to: str, **fields: Any) -> bool:
        """Take the letter from the state it was read in to another; False if it has moved."""
        changes = {"state": to, **fields}
        moved = self.filter(pk=letter.pk, state=letter.state).update(**changes)
        if moved:
            for name, value in changes.items():
                setattr(letter, name, value)
        return bool(moved)

    def to_send(self, now: datetime) -> Self:
        """Approved letters whose time has come to go by mail, oldest approval first."""
        mail = self.filter(state=self.model.State.APPROVED, channel=self.model.Channel.MAIL)
        due = mail.filter(Q(next_attempt_at=None) | Q(next_attempt_at__lte=now))
        return due.order_by("approved_at", "pk")

    def overdue(self, now: datetime) -> Self:
        """Sent letters whose answer has not come in time; a machine's reply is no answer."""
        sent = self.filter(state=self.model.State.SENT, outcome="", reply_due_at__lte=now)
        answers = Count("replies", filter=Q(replies__kind="answer"))
        return sent.annotate(reply_count=answers).filter(reply_count=0)

    def to_judge(self) -> Self:
        """Letters that nobody but a person can take further: perhaps sent, or not delivered."""
        return self.filter(state__in=[self.model.State.UNSURE, self.model.State.FAILED])


class NoticeQuerySet(models.QuerySet["Notice"]):
    """Notices by who may read them."""

    def public(self) -> Self:
        """What anybody may read, newest first; a withdrawn one says only that it is."""
        shown = Q(state=self.model.State.PUBLISHED) | Q(
            state=self.model.State.WITHDRAWN, published_at__isnull=False
        )
        return self.filter(shown).order_by("-published_at")


class ThreatQuerySet(models.QuerySet["Threat"]):
    """Threats by whether they stand, and what came on them."""

    def open(self) -> Self:
        """Those that stand over us still."""
        return self.filter(state=self.model.State.OPEN)

    def with_new_answer(self) -> Self:
        """Those that stand and have an answer nobody has looked into; adds `answer`, its key.

        Only what was filed with the letter that answers the threat is an answer to it.
        """
        replies = self.model._meta.get_field("lifted_by").related_model._default_manager
        came = replies.filter(
            kind="answer",
            letter__task__kind="threat",
            letter__task__incident=OuterRef("incident"),
            letter__task__complaint=OuterRef("complaint"),
            received_at__gt=Coalesce(OuterRef("looked_at"), Value(LONG_AGO)),
        )
        first = came.order_by("received_at", "pk").values("pk")[:1]
        return self.open().annotate(answer=Subquery(first)).exclude(answer=None).order_by("pk")


class ListingQuerySet(models.QuerySet["Listing"]):
    """Listings by host and by whether they stand."""

    def of(self, host: MailHost) -> Self:
        """Those of one host, at any time."""
        return self.filter(host=host)

    def still(self) -> Self:
        """Those that stand: listed when it was last asked."""
        return self.filter(cleared_at=None)

    def since(self, moment: datetime) -> Self:
        """Those that stood at some time since a moment."""
        return self.filter(Q(cleared_at=None) | Q(cleared_at__gte=moment))
