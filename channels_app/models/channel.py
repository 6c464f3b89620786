"""Where customers write: one account on one provider, or one web messenger."""

from __future__ import annotations

from datetime import timedelta

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from contactcenter.kernel import ids
from contactcenter.kernel.secrets import EncryptedJSONField


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
    secrets = EncryptedJSONField(_("secrets"), default=dict, blank=True)
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

    def save(self, *args: object, **kwargs: object) -> None:
        self.account_id = self.account_id or str(self.id)
        super().save(*args, **kwargs)  # type: ignore[arg-type]
