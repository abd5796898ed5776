"""Letter and its fate; Reply: what came back on it; ReplyProposal: what may have."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from incidents.querysets import LetterQuerySet


class Letter(models.Model):
    """A letter on its way: draft, approved, sending, sent; sent at most once.

    One found in `sending` after its lease becomes `unsure`: a person decides, never the program.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        APPROVED = "approved", _("approved")
        SENDING = "sending", _("being sent")
        SENT = "sent", _("sent")
        UNSURE = "unsure", _("perhaps sent")
        FAILED = "failed", _("not delivered")
        WITHDRAWN = "withdrawn", _("withdrawn")

    class Channel(models.TextChoices):
        MAIL = "mail", _("e-mail")
        FAX = "fax", _("fax")
        POST = "post", _("post")

    class Outcome(models.TextChoices):
        NONE = "", _("none yet")
        ANSWERED = "answered", _("answered")
        PROMISE = "promise", _("a promise was made")
        NO_REPLY = "no-reply", _("no reply")

    incident = models.ForeignKey("Incident", on_delete=models.PROTECT, related_name="letters")
    task = models.ForeignKey(
        "Task", on_delete=models.SET_NULL, null=True, blank=True, related_name="letters"
    )
    contact = models.ForeignKey(
        "Contact", on_delete=models.SET_NULL, null=True, blank=True, related_name="letters"
    )
    telling = models.ForeignKey(
        "Telling", on_delete=models.PROTECT, null=True, blank=True, related_name="letters"
    )
    kind = models.CharField(max_length=40)
    channel = models.CharField(max_length=10, choices=Channel.choices, default=Channel.MAIL)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    to_name = models.CharField(_("to"), max_length=200, blank=True)
    to_address = models.CharField(_("address"), max_length=320, blank=True)
    language = models.CharField(max_length=8, default="en")
    subject = models.CharField(_("subject"), max_length=255)
    body = models.TextField(_("text"))
    answers = models.ForeignKey(
        "complaints.Complaint",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="answers",
        help_text=_("The complaint this letter answers, in whose thread it is sent."),
    )
    token = models.CharField(max_length=64, unique=True)
    message_id = models.CharField(max_length=255, unique=True)
    drafted_at = models.DateTimeField()
    drafted_by = models.CharField(max_length=150)
    approved_at = models.DateTimeField(null=True, blank=True)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True
    )
    lease_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True, blank=True)
    sent_how = models.CharField(
        _("how it was sent"),
        max_length=255,
        blank=True,
        help_text=_("The mail server's answer, or how it went by fax or post."),
    )
    sent_at = models.DateTimeField(null=True, blank=True)
    problem = models.TextField(blank=True)
    reply_due_at = models.DateTimeField(_("reply due at"), null=True, blank=True)
    outcome = models.CharField(
        max_length=10, choices=Outcome.choices, default=Outcome.NONE, blank=True
    )
    outcome_note = models.TextField(blank=True)
    outcome_at = models.DateTimeField(null=True, blank=True)

    objects = LetterQuerySet.as_manager()

    class Meta:
        verbose_name = _("letter")
        verbose_name_plural = _("letters")
        indexes = [
            models.Index(fields=["state", "reply_due_at"], name="letter_state"),
            models.Index(fields=["to_address", "sent_at"], name="letter_address"),
            models.Index(fields=["sent_at"], name="letter_sent"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["telling", "answers"], name="told_once_a_complaint")
        ]
        permissions = [("approve_letter", "Can approve letters")]

    def __str__(self) -> str:
        return self.subject


class Reply(models.Model):
    """A mail that came back on a letter of ours, filed with it. Only an answer was written."""

    class Kind(models.TextChoices):
        ANSWER = "answer", _("answer")
        AUTOMATIC = "automatic", _("automatic reply")
        BOUNCE = "bounce", _("delivery report")

    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.ANSWER)
    letter = models.ForeignKey(Letter, on_delete=models.PROTECT, related_name="replies")
    complaint = models.OneToOneField(
        "complaints.Complaint",
        on_delete=models.PROTECT,
        related_name="reply",
        help_text=_("The received mail, on the same walk as any other."),
    )
    received_at = models.DateTimeField()
    text = models.TextField()
    # What makes it one mail: SHA-256 of its Message-ID and text. Two copies are one reply.
    identity = models.CharField(max_length=64, unique=True, null=True, blank=True)
    joined_by = models.CharField(max_length=20, default="token")
    their_ticket = models.CharField(_("their ticket"), max_length=80, blank=True)

    class Meta:
        verbose_name = _("reply")
        verbose_name_plural = _("replies")

    def __str__(self) -> str:
        return f"reply to {self.letter_id}"


class ReplyProposal(models.Model):
    """A mail that may be a reply to a letter of ours; a person says so, or not."""

    class State(models.TextChoices):
        PROPOSED = "proposed", _("proposed")
        ACCEPTED = "accepted", _("it is a reply")
        REFUSED = "refused", _("it is none")

    complaint = models.OneToOneField(
        "complaints.Complaint", on_delete=models.CASCADE, related_name="reply_proposal"
    )
    letter = models.ForeignKey(Letter, on_delete=models.CASCADE, related_name="proposals")
    why = models.CharField(_("why"), max_length=20)
    state = models.CharField(
        _("state"), max_length=10, choices=State.choices, default=State.PROPOSED
    )
    proposed_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.CharField(max_length=150, blank=True)

    class Meta:
        verbose_name = _("possible reply")
        verbose_name_plural = _("possible replies")
        indexes = [models.Index(fields=["state"], name="proposal_state")]

    def __str__(self) -> str:
        return f"{self.complaint_id}: perhaps a reply to {self.letter_id}"
