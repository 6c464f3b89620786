"""How messages come in exactly once and go out at all: keys, payloads, deliveries, receipts, files."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from channels_app.models.channel import Channel
from channels_app.models.conversation import Conversation, Message
from contactcenter.kernel import ids


class InboundKey(models.Model):
    """The provider's key of something that came in: whoever inserts it applies it, nobody else."""

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=300)
    message_id = models.UUIDField(null=True)
    received_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["channel", "key"], name="inboundkey_once")]

    def __str__(self) -> str:
        return self.key


class InboundPayload(models.Model):
    """What a provider sent, raw, for 30 days; what couldn't be applied can be replayed."""

    class State(models.TextChoices):
        APPLIED = "applied", _("Applied")
        FAILED = "failed", _("Failed")

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    channel = models.ForeignKey(Channel, verbose_name=_("channel"), on_delete=models.CASCADE, related_name="payloads")
    body = models.BinaryField()
    headers = models.JSONField(_("headers"), default=dict)
    state = models.CharField(_("state"), max_length=10, choices=State)
    error = models.TextField(_("problem"), blank=True)
    received_at = models.DateTimeField(_("received"), db_index=True)

    class Meta:
        verbose_name = _("inbound payload")
        verbose_name_plural = _("inbound payloads")
        indexes = [models.Index(fields=["channel"], condition=Q(state="failed"), name="payload_failed")]

    def __str__(self) -> str:
        return str(self.id)


class Delivery(models.Model):
    """The outbox: one row for each message to a customer. The state only rises; read after failed counts.

    While a sender has it, the row is queued with a `claim` and `next_at` is the end of the lease: past that,
    the sender died between sending and recording, and nobody knows whether the provider took the message.
    """

    class State(models.TextChoices):
        QUEUED = "queued", _("Waiting to be sent")
        SENT = "sent", _("Sent")
        DELIVERED = "delivered", _("Delivered")
        READ = "read", _("Read")
        FAILED = "failed", _("Failed")

    message = models.OneToOneField(Message, on_delete=models.CASCADE, related_name="delivery")
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="deliveries")
    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="deliveries")
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(null=True)
    claim = models.UUIDField(null=True)
    first_attempt_at = models.DateTimeField(null=True)
    queued_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    provider_id = models.CharField(max_length=300, null=True, blank=True)  # noqa: DJ001 null: unique where known
    error_code = models.CharField(max_length=40, blank=True)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        constraints = [models.UniqueConstraint(fields=["channel", "provider_id"], name="delivery_provider_id_once")]
        indexes = [
            models.Index(fields=["next_at"], condition=Q(state="queued"), name="delivery_due"),
            models.Index(fields=["conversation"], condition=Q(state="queued"), name="delivery_queued"),
            models.Index(
                fields=["first_attempt_at"],
                condition=Q(state="queued", first_attempt_at__isnull=False),
                name="delivery_retrying",
            ),
            models.Index(fields=["conversation"], condition=Q(state__in=["sent", "delivered"]), name="delivery_unread"),
        ]

    def __str__(self) -> str:
        return f"{self.message_id}: {self.state}"


class PendingReceipt(models.Model):
    """A receipt for a provider id that we don't know yet: the send's answer may still be on its way."""

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="+")
    provider_id = models.CharField(max_length=300)
    state = models.CharField(max_length=10, choices=Delivery.State)
    watermark = models.BooleanField(default=False)  # the receipt is for all messages up to this one
    error_code = models.CharField(max_length=40, blank=True)
    error = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField()
    received_at = models.DateTimeField(db_index=True)

    class Meta:
        indexes = [models.Index(fields=["channel", "provider_id"], name="pendingreceipt_of")]

    def __str__(self) -> str:
        return f"{self.provider_id}: {self.state}"


class Attachment(models.Model):
    """A file of a message, or one that is being uploaded for one. Private: only signed links lead to it."""

    class State(models.TextChoices):
        PENDING = "pending", _("Waiting for the upload")
        UPLOADED = "uploaded", _("Uploaded")
        REJECTED = "rejected", _("Refused")

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    channel = models.ForeignKey(Channel, null=True, on_delete=models.CASCADE, related_name="+")
    # whose it is until a message carries it: a user's, or by its id a guest session's
    uploader = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    guest_id = models.UUIDField(null=True, db_index=True)
    message = models.ForeignKey(Message, null=True, on_delete=models.CASCADE, related_name="attachments")
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    filename = models.CharField(max_length=1024)
    declared_type = models.CharField(max_length=200, blank=True)
    allowed_types = models.JSONField(default=list, blank=True)  # as promised when the upload was asked for
    max_size = models.BigIntegerField(default=0)
    mime = models.CharField(max_length=200, blank=True)
    size = models.BigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    storage_key = models.CharField(max_length=200, blank=True)
    thumbnail_key = models.CharField(max_length=200, blank=True)
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    reason = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")
        indexes = [models.Index(fields=["created_at"], condition=Q(message=None), name="attachment_unused")]

    def __str__(self) -> str:
        return self.filename
