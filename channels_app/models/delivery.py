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
        WAITING = "waiting", _("Waits for what comes before it")
        FAILED = "failed", _("Failed")

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    channel = models.ForeignKey(Channel, verbose_name=_("channel"), on_delete=models.CASCADE, related_name="payloads")
    body = models.BinaryField()
    headers = models.JSONField(_("headers"), default=dict)
    method = models.CharField(_("method"), max_length=10, default="POST")
    url = models.CharField(_("address"), max_length=2000, blank=True)
    ignored = models.JSONField(_("ignored"), default=list)  # [reason, what]
    retry_at = models.DateTimeField(null=True)
    state = models.CharField(_("state"), max_length=10, choices=State)
    error = models.TextField(_("problem"), blank=True)
    received_at = models.DateTimeField(_("received"), db_index=True)

    class Meta:
        verbose_name = _("inbound payload")
        verbose_name_plural = _("inbound payloads")
        indexes = [
            models.Index(fields=["channel"], condition=Q(state="failed"), name="payload_failed"),
            models.Index(fields=["retry_at"], condition=Q(state="waiting"), name="payload_waiting"),
        ]

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
    parts_expected = models.PositiveSmallIntegerField(default=0)  # the calls that bring it; 0: not rendered yet
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(null=True)
    claim = models.UUIDField(null=True)
    first_attempt_at = models.DateTimeField(null=True)
    queued_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    error_code = models.CharField(max_length=40, blank=True)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        indexes = [
            models.Index(fields=["next_at"], condition=Q(state="queued"), name="delivery_due"),
            models.Index(fields=["channel", "next_at"], condition=Q(state="queued"), name="delivery_due_of_channel"),
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


_State = Delivery.State
#: the states that a receipt raises. Read or delivered after failed counts: the customer has it.
LOWER: dict[str, tuple[str, ...]] = {
    _State.SENT: (_State.QUEUED,),
    _State.DELIVERED: (_State.QUEUED, _State.SENT, _State.FAILED),
    _State.READ: (_State.QUEUED, _State.SENT, _State.FAILED, _State.DELIVERED),
    _State.FAILED: (_State.QUEUED, _State.SENT),
}


class DeliveryPart(models.Model):
    """One call at the provider that brings a part of a message: made, with the id that it got there.

    A delivery's state is the lowest of its parts'. One whose client fetches by itself has none.
    """

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="parts")
    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="+")
    number = models.PositiveSmallIntegerField()
    provider_id = models.CharField(max_length=300, null=True)  # noqa: DJ001 null: unique where known
    state = models.CharField(max_length=10, choices=Delivery.State, default=Delivery.State.SENT)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["delivery", "number"], name="deliverypart_once"),
            models.UniqueConstraint(fields=["channel", "provider_id"], name="deliverypart_provider_id_once"),
        ]

    def __str__(self) -> str:
        return f"{self.delivery_id}/{self.number}: {self.state}"


class ProviderCall(models.Model):
    """A request to a provider and its answer, without secrets, for two weeks: why did this fail?"""

    channel = models.ForeignKey(Channel, verbose_name=_("channel"), on_delete=models.CASCADE, related_name="calls")
    message = models.ForeignKey(
        Message, verbose_name=_("message"), null=True, on_delete=models.CASCADE, related_name="calls"
    )
    at = models.DateTimeField(_("time"))
    method = models.CharField(_("method"), max_length=10)
    url = models.CharField(_("address"), max_length=500)
    request = models.TextField(_("request"), blank=True)
    status = models.PositiveSmallIntegerField(_("status"))  # 0: no answer
    response = models.TextField(_("answer"), blank=True)
    error = models.CharField(_("problem"), max_length=500, blank=True)
    seconds = models.FloatField(_("seconds"))

    class Meta:
        verbose_name = _("provider call")
        verbose_name_plural = _("provider calls")

    def __str__(self) -> str:
        return f"{self.method} {self.url}: {self.status or self.error}"


class RateBucket(models.Model):
    """How many sends of a key have gone, as the time at which the next is free (GCRA): of a channel, account or app."""

    key = models.CharField(max_length=200, primary_key=True)
    free_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.key


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
        FETCHING = "fetching", _("Being fetched from the provider")
        UPLOADED = "uploaded", _("Uploaded")
        REJECTED = "rejected", _("Refused")

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    channel = models.ForeignKey(Channel, null=True, on_delete=models.CASCADE, related_name="+")
    # whose it is until a message carries it: a user's, or by its id a guest session's
    uploader = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    guest_id = models.UUIDField(null=True, db_index=True)
    message = models.ForeignKey(Message, null=True, on_delete=models.CASCADE, related_name="attachments")
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    remote_ref = models.JSONField(null=True)  # how the adapter gets its bytes
    fetch_at = models.DateTimeField(null=True)  # the next try, while they are fetched
    fetch_tries = models.PositiveSmallIntegerField(default=0)
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
        indexes = [
            models.Index(fields=["created_at"], condition=Q(message=None), name="attachment_unused"),
            models.Index(fields=["fetch_at"], condition=Q(state="fetching"), name="attachment_fetching"),
        ]

    def __str__(self) -> str:
        return self.filename
