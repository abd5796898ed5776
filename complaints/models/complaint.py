"""Complaint and its stage; how it arrived; what was read in it."""

from django.db import models
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

from complaints.querysets import ComplaintQuerySet


class Complaint(models.Model):
    """One received mail on its walk from raw bytes to an incident.

    The row is the queue: a step claims it by a conditional UPDATE of `stage`
    (`Complaint.objects.move`), and a sweep takes rows whose `next_attempt_at` is due.
    """

    class Stage(models.TextChoices):
        RECEIVED = "received", _("received")
        PARSED = "parsed", _("read")
        LINKED = "linked", _("linked")
        GROUPED = "grouped", _("in an incident")
        OPEN = "open", _("in no incident yet")
        DUPLICATE = "duplicate", _("duplicate")
        FILED = "filed", _("reply, filed")
        SET_ASIDE = "set-aside", _("not a complaint")
        QUARANTINED = "quarantined", _("quarantined")

    WAITING = (Stage.RECEIVED, Stage.PARSED, Stage.LINKED)
    # Where a person looks at it, once.
    TO_REVIEW = (Stage.OPEN, Stage.QUARANTINED, Stage.GROUPED)

    reference = models.CharField(_("reference"), max_length=20, unique=True)
    stage = models.CharField(max_length=20, choices=Stage.choices, default=Stage.RECEIVED)
    arrived_at = models.DateTimeField(_("arrived at"))
    recorded_at = models.DateTimeField(_("recorded at"))
    raw_sha256 = models.CharField(max_length=64, unique=True)
    raw_bytes = models.PositiveBigIntegerField(_("size in bytes"))

    next_attempt_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    problem = models.TextField(_("problem"), blank=True)

    message_id = models.CharField(max_length=998, blank=True)
    message_id_sha256 = models.CharField(max_length=64, blank=True, db_index=True)
    content_sha256 = models.CharField(max_length=64, blank=True, db_index=True)
    references = models.JSONField(default=list)
    sender = models.CharField(_("from"), max_length=320, blank=True)
    sender_name = models.CharField(max_length=255, blank=True)
    return_path = models.CharField(max_length=320, blank=True)
    recipient = models.CharField(_("to"), max_length=320, blank=True)
    subject = models.CharField(_("subject"), max_length=998, blank=True)
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)
    is_automatic = models.BooleanField(default=False)

    format = models.CharField(_("format"), max_length=30, blank=True)
    format_version = models.CharField(max_length=30, blank=True)
    feedback_type = models.CharField(max_length=50, blank=True)
    category = models.CharField(_("category"), max_length=30, blank=True)
    language = models.CharField(_("language"), max_length=8, blank=True)
    reporter_kind = models.CharField(_("reporter"), max_length=20, blank=True)
    text = models.TextField(_("text"), blank=True)
    threatens_block = models.BooleanField(_("threatens to block"), default=False)
    asks_removal = models.BooleanField(_("wants no more mail"), default=False)
    answer_by = models.DateTimeField(_("wants an answer by"), null=True, blank=True)
    missing = models.JSONField(default=list)  # words of complaints.formats.missing.ALL
    reasons = models.JSONField(default=list)
    set_aside_reason = models.CharField(max_length=255, blank=True)
    notes = models.JSONField(default=list)
    # When a person last said that nothing is to be done about it in triage.
    reviewed_at = models.DateTimeField(null=True, blank=True)
    waiting_for_log_since = models.DateTimeField(null=True, blank=True)
    duplicate_of = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="duplicates"
    )
    # A person said that it does not repeat this one; it is not set aside as a repetition again.
    not_a_repeat_of = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    follows = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="followed_by"
    )

    objects = ComplaintQuerySet.as_manager()

    class Meta:
        verbose_name = _("complaint")
        verbose_name_plural = _("complaints")
        permissions = [("read_raw", "Can read raw mail and download attachments")]
        indexes = [
            models.Index(fields=["stage", "next_attempt_at"], name="complaint_due"),
            models.Index(fields=["-arrived_at", "-id"], name="complaint_newest"),
            models.Index(fields=["sender", "arrived_at"], name="complaint_sender"),
            models.Index(
                fields=["stage", "arrived_at", "id"],
                condition=models.Q(reviewed_at=None),
                name="complaint_to_review",
            ),
            # Whether a reporter is being answered is asked in whatever case the address is.
            models.Index(Upper("sender"), name="complaint_sender_any_case"),
        ]

    def __str__(self) -> str:
        return self.reference


class Arrival(models.Model):
    """One way in which the bytes of a complaint reached us; a second one makes no second case."""

    complaint = models.ForeignKey(Complaint, on_delete=models.CASCADE, related_name="arrivals")
    arrived_at = models.DateTimeField()
    recorded_at = models.DateTimeField(null=True, blank=True)
    mailbox = models.ForeignKey("Mailbox", on_delete=models.PROTECT, null=True, blank=True)
    folder = models.ForeignKey("MailFolder", on_delete=models.PROTECT, null=True, blank=True)
    uid_validity = models.BigIntegerField(null=True, blank=True)
    uid = models.BigIntegerField(null=True, blank=True)
    source_file = models.CharField(max_length=500, blank=True)
    way = models.CharField(max_length=20)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["folder", "uid_validity", "uid"],
                condition=models.Q(folder__isnull=False),
                name="arrival_of_a_uid_once",
            )
        ]
        indexes = [models.Index(fields=["mailbox", "recorded_at"], name="arrival_recorded")]

    def __str__(self) -> str:
        return f"{self.complaint_id} by {self.way}"


class ReportedMessage(models.Model):
    """A message the complaint is about, as far as the complaint shows it."""

    class Verdict(models.TextChoices):
        LINKED = "linked", _("linked")
        PROPOSED = "proposed", _("proposed")
        NOT_OURS = "not-ours", _("not ours")
        OUTSIDE_LOG = "outside-log", _("outside of the log")
        NO_EVIDENCE = "no-evidence", _("not enough evidence")
        WAITING = "waiting", _("waiting for the log")
        NOT_FOUND = "not-found", _("not in the log")

    # By what a complaint counts that shows several messages.
    STRONGEST_FIRST = (
        Verdict.LINKED,
        Verdict.PROPOSED,
        Verdict.NOT_OURS,
        Verdict.OUTSIDE_LOG,
        Verdict.WAITING,
        Verdict.NOT_FOUND,
        Verdict.NO_EVIDENCE,
    )
    NOTHING_SHOWN = "nothing-shown"

    complaint = models.ForeignKey(
        Complaint, on_delete=models.CASCADE, related_name="reported_messages"
    )
    number = models.PositiveSmallIntegerField()
    where = models.CharField(max_length=100)
    message_id = models.CharField(max_length=998, blank=True)
    subject = models.CharField(max_length=998, blank=True)
    header_from = models.CharField(max_length=320, blank=True)
    envelope_from = models.CharField(max_length=320, blank=True)
    recipient = models.CharField(max_length=320, blank=True)
    date = models.DateTimeField(null=True, blank=True)
    arrived_at = models.DateTimeField(null=True, blank=True)
    source_ip = models.CharField(max_length=45, blank=True)
    queue_id = models.CharField(max_length=100, blank=True)
    # Whether the time it arrived at was stated with its zone, and with a time of day.
    zone_stated = models.BooleanField(default=True)
    clock_stated = models.BooleanField(default=True)
    # Of the whole mail, where the complaint has it attached.
    size_bytes = models.BigIntegerField(null=True, blank=True)
    # What is complained of here, where the complaint is about several matters.
    category = models.CharField(max_length=30, blank=True)
    # What its sender knows complaints by (Feedback-ID).
    feedback_id = models.CharField(max_length=255, blank=True)
    # The script on a web host that made it, as the host noted (X-PHP-Originating-Script).
    script = models.CharField(max_length=255, blank=True)
    # Received lines, topmost first, as complaints.evidence.received.Hop fields.
    hops = models.JSONField(default=list)
    urls = models.JSONField(default=list)
    # SHA-256 of the files that it carries.
    files = models.JSONField(default=list)
    body_text = models.TextField(blank=True)
    # What the search for it in the log came to, and why, in words.
    verdict = models.CharField(max_length=20, blank=True, choices=Verdict.choices)
    verdict_reasons = models.JSONField(default=list)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(
                fields=["complaint", "number"], name="reported_message_number_once"
            )
        ]
        indexes = [
            models.Index(
                fields=["feedback_id", "-id"],
                condition=~models.Q(feedback_id=""),
                name="reported_feedback_id",
            ),
            models.Index(
                fields=["recipient", "-id"],
                condition=~models.Q(recipient=""),
                name="reported_recipient",
            ),
        ]

    def __str__(self) -> str:
        return self.message_id or self.subject or self.where


class ComplaintObservable(models.Model):
    """Something that can be looked for, with where it was seen and who says so."""

    complaint = models.ForeignKey(Complaint, on_delete=models.CASCADE, related_name="observables")
    kind = models.CharField(max_length=20)
    value = models.CharField(max_length=1000)
    value_sha256 = models.CharField(max_length=64)
    where = models.CharField(max_length=200)
    origin = models.CharField(max_length=10)

    class Meta:
        indexes = [models.Index(fields=["value_sha256", "kind"], name="observable_value")]

    def __str__(self) -> str:
        return f"{self.kind} {self.value}"


class Attachment(models.Model):
    """An attached file: never opened, only described. Its bytes are in the raw mail."""

    complaint = models.ForeignKey(Complaint, on_delete=models.CASCADE, related_name="attachments")
    name = models.CharField(max_length=255)
    declared_type = models.CharField(max_length=100, blank=True)
    actual_type = models.CharField(max_length=100, blank=True)
    size_bytes = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)

    def __str__(self) -> str:
        return self.name
