"""Where customers write: one account on one provider, or one web messenger."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from pydantic import ValidationError

from channels_app.adapters.base import Account, Adapter, Capabilities
from channels_app.adapters.registry import adapter_for
from channels_app.adapters.values import Credentials
from contactcenter.kernel import ids
from contactcenter.kernel.errors import Refused
from contactcenter.kernel.secrets import EncryptedJSONField


class NotConfigured(Refused):
    """This channel isn't set up."""


def default_channel_window() -> timedelta:
    return timedelta(hours=72)


class Channel(models.Model):
    """One account on one provider, or one web messenger."""

    class Health(models.TextChoices):
        UNKNOWN = "unknown", _("Not used yet")
        OK = "ok", _("Works")
        FAILING = "failing", _("Failing")

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    kind = models.CharField(_("kind"), max_length=30, help_text=_("Which provider carries it."))
    name = models.CharField(_("name"), max_length=100, unique=True)
    account_id = models.CharField(
        _("account"),
        max_length=200,
        blank=True,
        help_text=_("The account's id at the provider. Empty: one is made."),
    )
    settings = models.JSONField(_("settings"), default=dict, blank=True)  # by the kind's `Settings`
    secrets = EncryptedJSONField(_("secrets"), default=dict, blank=True)  # those of them that are SecretStr
    # what the provider gave us and wants renewed, and when it ends
    credentials = EncryptedJSONField(default=dict, blank=True, editable=False)
    credentials_expire_at = models.DateTimeField(null=True, editable=False)
    cursor = models.JSONField(default=dict, editable=False)  # where the next poll begins
    paused_until = models.DateTimeField(null=True, editable=False)  # the provider asked for it: nothing is sent
    window = models.DurationField(
        _("threading window"),
        default=default_channel_window,
        validators=[MinValueValidator(timedelta(0)), MaxValueValidator(timedelta(days=365))],
        help_text=_(
            "How long a finished conversation waits for the customer to come back on the same thread. "
            "0: every message after the end opens a new conversation."
        ),
    )
    active = models.BooleanField(
        _("active"), default=True, help_text=_("Off: messages that come in are refused, nothing is sent.")
    )
    health = models.CharField(_("health"), max_length=10, choices=Health, default=Health.UNKNOWN, editable=False)
    health_note = models.CharField(_("last problem"), max_length=300, blank=True, editable=False)
    health_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("channel")
        verbose_name_plural = _("channels")
        ordering = ("name",)
        constraints = [models.UniqueConstraint(fields=["kind", "account_id"], name="channel_account_once")]

    def __str__(self) -> str:
        return self.name

    @property
    def adapter(self) -> Adapter[Any]:
        """Of its kind. :raises NotFound: there is none any more."""
        return adapter_for(self.kind)

    @property
    def account(self) -> Account[Any]:
        """The channel as adapters see it. :raises NotConfigured: a setting is missing or wrong."""
        try:
            settings = self.adapter.settings.model_validate({**self.settings, **self.secrets})
        except ValidationError as error:
            names = ", ".join(sorted({str(one["loc"][0]) for one in error.errors() if one["loc"]}))
            raise NotConfigured("This channel isn't set up: %(names)s.", names=names) from None
        given = Credentials(self.credentials, self.credentials_expire_at) if self.credentials else None
        return Account(self.id, self.account_id, settings, given)

    @property
    def capabilities(self) -> Capabilities:
        """What it can carry: by its settings, or where they are wrong, what its kind can."""
        try:
            return self.adapter.capabilities_of(self.account)
        except NotConfigured:
            return self.adapter.capabilities

    def save(self, *args: object, **kwargs: object) -> None:
        self.account_id = self.account_id or str(self.id)
        super().save(*args, **kwargs)  # type: ignore[arg-type]
