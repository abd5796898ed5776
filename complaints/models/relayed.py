"""RelayedMessage, Delivery and Refusal: what our mail logs say our servers did."""

from django.db import models
from django.db.models.functions import Substr
from django.utils.translation import gettext_lazy as _

from complaints.models.logblock import LogBlock
from complaints.querysets import SUBJECT_START_CHARS, RefusalQuerySet, RelayedMessageQuerySet


class RelayedMessage(models.Model):
    """One message in the queue of one host: a queue ID during one life of it."""

    class Direction(models.TextChoices):
        IN = "in", _("for us")
        OUT = "out", _("from us")
        INTERNAL = "internal", _("within")
        STRANGER = "stranger", _("relayed for a stranger")
        UNKNOWN = "unknown", _("not known yet")

    host = models.ForeignKey(
        "MailHost", on_delete=models.PROTECT, related_name="messages", db_index=False
    )
    queue_id = models.CharField(max_length=30)
    queued_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    message_id = models.CharField(max_length=998, blank=True)
    # SHA-256 of the Message-ID in normal form: long IDs do not fit into an index.
    message_id_sha256 = models.CharField(max_length=64, blank=True)
    client_ip = models.CharField(max_length=45, blank=True)
    client_name = models.CharField(max_length=255, blank=True)
    helo = models.CharField(max_length=255, blank=True)
    authenticated_user = models.CharField(max_length=255, blank=True)
    sender = models.CharField(max_length=320, blank=True)
    sender_domain = models.CharField(max_length=255, blank=True)
    subject = models.CharField(max_length=998, blank=True)
    size_bytes = models.BigIntegerField(null=True, blank=True)
    recipient_count = models.PositiveIntegerField(default=0)
    direction = models.CharField(
        max_length=10, choices=Direction.choices, default=Direction.UNKNOWN
    )
    parent = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="children",
        db_index=False,
    )
    # The log lines this row was read from, as they stand in the log, in their order: the text
    # itself, or a block of the log and the numbers of the lines in it (`lines`).
    log_lines = models.TextField(blank=True)
    log_block = models.ForeignKey(
        LogBlock,
        on_delete=models.DO_NOTHING,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        db_constraint=False,  # it would be checked for each of thousands of rows
    )
    log_places = models.TextField(blank=True)

    objects = RelayedMessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("relayed message")
        verbose_name_plural = _("relayed messages")
        constraints = [
            models.UniqueConstraint(
                fields=["queue_id", "queued_at", "host"], name="one_row_a_queue_life"
            )
        ]
        # As few as the look-ups need: each is written to for every message that is logged.
        indexes = [
            models.Index(fields=["message_id_sha256"], name="relayed_message_id"),
            models.Index(fields=["client_ip", "queued_at"], name="relayed_client"),
            models.Index(fields=["sender", "queued_at"], name="relayed_sender"),
            models.Index(fields=["queued_at"], name="relayed_time"),
            models.Index(
                fields=["queued_at"],
                condition=models.Q(direction="stranger"),
                name="relayed_strangers",
            ),
            models.Index(
                fields=["parent"], condition=models.Q(parent__isnull=False), name="relayed_parent"
            ),
            models.Index(
                Substr("subject", 1, SUBJECT_START_CHARS),
                "queued_at",
                condition=~models.Q(subject=""),
                name="relayed_subject",
            ),
        ]

    def __str__(self) -> str:
        return self.queue_id

    def lines(self) -> list[str]:
        """The log lines it was read from; of many rows prefetch `log_block` first."""
        if self.log_block is None:
            return self.log_lines.split("\n")
        return self.log_block.lines(map(int, self.log_places.split()))

    @property
    def log_text(self) -> str:
        """The same as one text, to be shown."""
        return "\n".join(self.lines())


class Delivery(models.Model):
    """What became of one recipient of a message."""

    message = models.ForeignKey(
        RelayedMessage, on_delete=models.CASCADE, related_name="deliveries", db_index=False
    )
    recipient = models.CharField(max_length=320)
    recipient_domain = models.CharField(max_length=255, blank=True)
    original_recipient = models.CharField(max_length=320, blank=True)
    relay = models.CharField(max_length=255, blank=True)
    relay_ip = models.CharField(max_length=45, blank=True)
    status = models.CharField(max_length=20)
    dsn = models.CharField(max_length=12, blank=True)
    reply = models.CharField(max_length=500, blank=True)
    next_queue_id = models.CharField(max_length=100, blank=True)
    at = models.DateTimeField()
    attempts = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["message", "recipient"], name="one_row_a_recipient")
        ]
        indexes = [
            models.Index(fields=["recipient", "at"], name="delivery_recipient"),
            models.Index(fields=["at"], name="delivery_time"),
        ]

    def __str__(self) -> str:
        return f"{self.recipient}: {self.status}"


class Refusal(models.Model):
    """An attempt that our server refused, counted after a fix."""

    class Reason(models.TextChoices):
        RELAY = "relay", _("relaying denied")
        SENDER = "sender", _("sender blocked")
        UNKNOWN_USER = "unknown-user", _("no such mailbox")
        POLICY = "policy", _("policy")
        OTHER = "other", _("other")

    host = models.ForeignKey(
        "MailHost", on_delete=models.PROTECT, related_name="refusals", db_index=False
    )
    at = models.DateTimeField()
    queue_id = models.CharField(max_length=30, blank=True)
    client_ip = models.CharField(max_length=45, blank=True)
    client_name = models.CharField(max_length=255, blank=True)
    helo = models.CharField(max_length=255, blank=True)
    sender = models.CharField(max_length=320, blank=True)
    recipient = models.CharField(max_length=320, blank=True)
    reason = models.CharField(max_length=20, choices=Reason.choices, default=Reason.OTHER)
    code = models.CharField(max_length=12, blank=True)
    line = models.TextField(blank=True)
    # SHA-256 over host, time and line, and how often that line came before within the second.
    line_sha256 = models.CharField(max_length=64, unique=True)

    objects = RefusalQuerySet.as_manager()

    class Meta:
        verbose_name = _("refused attempt")
        verbose_name_plural = _("refused attempts")
        indexes = [
            models.Index(fields=["reason", "at"], name="refusal_reason"),
            models.Index(fields=["client_ip", "at"], name="refusal_client"),
        ]

    def __str__(self) -> str:
        return f"{self.client_ip}: {self.reason}"
