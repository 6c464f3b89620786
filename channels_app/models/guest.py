"""Guests beyond their messages: who vouches for known customers, who is blocked, which phones to wake."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from channels_app.models.channel import Deployment
from channels_app.models.contact import Address
from contactcenter.kernel import clock, ids
from contactcenter.kernel.secrets import EncryptedJSONField


class IdentityKey(models.Model):
    """A secret that the company signs its customers' tokens with (HS256). Several at once: that is rotation."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    deployment = models.ForeignKey(Deployment, on_delete=models.CASCADE, related_name="identity_keys")
    name = models.CharField(_("name"), max_length=100, help_text=_("Also the token's “kid”, if it names one."))
    secrets = EncryptedJSONField(_("secret"), default=dict)  # {"secret": text of at least 32 bytes}
    active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(_("created"), default=clock.now, editable=False)

    class Meta:
        verbose_name = _("identity key")
        verbose_name_plural = _("identity keys")
        ordering = ("created_at",)
        constraints = [models.UniqueConstraint(fields=["deployment", "name"], name="identitykey_name_once")]

    def __str__(self) -> str:
        return self.name


class IdentityProvider(models.Model):
    """An OpenID Connect provider whose id tokens name this deployment's customers."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    deployment = models.OneToOneField(Deployment, on_delete=models.CASCADE, related_name="identity_provider")
    issuer = models.URLField(_("issuer"), max_length=300, help_text=_("As in the tokens' “iss”."))
    audience = models.CharField(_("client id"), max_length=300, help_text=_("As in the tokens' “aud”."))
    jwks_url = models.URLField(_("keys address"), max_length=500, help_text=_("The provider's public keys (JWKS)."))
    token_url = models.URLField(
        _("token address"), max_length=500, blank=True, help_text=_("Where an authorization code is exchanged.")
    )
    secrets = EncryptedJSONField(_("client secret"), default=dict, blank=True)  # {"client_secret": text}
    active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("identity provider")
        verbose_name_plural = _("identity providers")

    def __str__(self) -> str:
        return self.issuer


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


class Block(models.Model):
    """A visitor who may not write any more, until it is lifted."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    address = models.ForeignKey(Address, verbose_name=_("visitor"), on_delete=models.CASCADE, related_name="blocks")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("blocked by"), on_delete=models.PROTECT, related_name="+"
    )
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    created_at = models.DateTimeField(_("blocked"))
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("undone by"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    lifted_at = models.DateTimeField(_("undone"), null=True)

    class Meta:
        verbose_name = _("blocked visitor")
        verbose_name_plural = _("blocked visitors")
        ordering = ("-created_at",)
        constraints = [
            models.UniqueConstraint(fields=["address"], condition=Q(lifted_at=None), name="block_one_in_force")
        ]

    def __str__(self) -> str:
        return str(self.address)


class PushDevice(models.Model):
    """A phone of a guest session that is told of messages while no socket of the session is open."""

    class Provider(models.TextChoices):
        FCM = "FCM", "Firebase Cloud Messaging"
        APNS = "APNS", "Apple Push Notification service"

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    session = models.OneToOneField("channels_app.GuestSession", on_delete=models.CASCADE, related_name="push_device")
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
