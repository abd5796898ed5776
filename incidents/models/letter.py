"""Letter and its fate, Reply, and Contact: whom we write to."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from incidents.querysets import LetterQuerySet


class Contact(models.Model):
    """Somebody to write to: a provider's abuse desk, a response team, an originator."""

    class Kind(models.TextChoices):
        PROVIDER = "provider", _("provider")
        CSIRT = "csirt", _("response team")
        ORIGINATOR = "originator", _("originator")
        OTHER = "other", _("other")

    name = models.CharField(_("name"), max_length=200)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices)
    email = models.EmailField(_("e-mail"), blank=True)
    fax = models.CharField(_("fax"), max_length=50, blank=True)
    postal_address = models.TextField(_("postal address"), blank=True)
    domains = models.JSONField(_("domains"), default=list, blank=True)
    networks = models.JSONField(_("networks"), default=list, blank=True)
    language = models.CharField(_("language"), max_length=8, default="en")

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")

    def __str__(self) -> str:
        return self.name


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
        indexes = [models.Index(fields=["state", "reply_due_at"], name="letter_state")]
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

    class Meta:
        verbose_name = _("reply")
        verbose_name_plural = _("replies")

    def __str__(self) -> str:
        return f"reply to {self.letter_id}"
