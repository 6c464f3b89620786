"""A guest's session on a deployment, the log-in of a known customer, and the phone to wake."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from channels_app.messenger.models.deployment import Deployment
from channels_app.models import Address
from contactcenter.kernel import ids


class SignIn(models.Model):
    """A known customer's log-in on one device: what its refresh token renews and signing out ends."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    deployment = models.ForeignKey(Deployment, on_delete=models.CASCADE, related_name="+")
    address = models.ForeignKey(Address, on_delete=models.CASCADE, related_name="sign_ins")
    refresh_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("sign-in")
        verbose_name_plural = _("sign-ins")

    def __str__(self) -> str:
        return str(self.id)


class GuestSession(models.Model):
    """A web guest's token on a deployment: what the messenger shows and resumes.

    The address stays empty until the first message; nothing is stored for those who only look.
    """

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    token_hash = models.CharField(max_length=64, unique=True)
    deployment = models.ForeignKey(Deployment, on_delete=models.CASCADE, related_name="sessions")
    address = models.ForeignKey(Address, null=True, on_delete=models.CASCADE, related_name="sessions")
    started_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    read_only = models.BooleanField(default=False)  # until its conversation is active again, or it begins anew
    blocked = models.BooleanField(default=False)
    auto_started = models.BooleanField(default=False)  # its conversation began with a Join, not with a message
    # the address is then the known customer's; never without it again, or anybody with the token could have the rest
    sign_in = models.ForeignKey(SignIn, null=True, on_delete=models.CASCADE, related_name="sessions")

    class Meta:
        verbose_name = _("guest session")
        verbose_name_plural = _("guest sessions")
        constraints = [
            models.CheckConstraint(condition=Q(expires_at__gte=F("started_at")), name="guestsession_expires_after")
        ]

    def __str__(self) -> str:
        return str(self.id)


class PushDevice(models.Model):
    """A phone of a guest session that is told of messages while no socket of the session is open."""

    class Provider(models.TextChoices):
        FCM = "FCM", "Firebase Cloud Messaging"
        APNS = "APNS", "Apple Push Notification service"

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    session = models.OneToOneField(GuestSession, on_delete=models.CASCADE, related_name="push_device")
    device_token = models.CharField(max_length=500)
    provider = models.CharField(max_length=10, choices=Provider)
    device_type = models.CharField(max_length=40, blank=True)
    language = models.CharField(max_length=20, blank=True)
    told_until = models.DateTimeField()  # the time of the last message that the phone was told of, or had seen
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        verbose_name = _("push device")
        verbose_name_plural = _("push devices")

    def __str__(self) -> str:
        return str(self.id)
