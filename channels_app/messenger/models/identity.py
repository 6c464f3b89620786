"""Who vouches for a deployment's known customers: keys of the company's own, or an OpenID Connect provider."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from channels_app.messenger.models.deployment import Deployment
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
