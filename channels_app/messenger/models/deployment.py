"""Where a web messenger stands: a deployment on a site, or as a page of its own."""

from __future__ import annotations

from datetime import timedelta

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from channels_app.messenger.models.configuration import ConfigurationVersion, MessengerConfiguration
from channels_app.models import Channel
from contactcenter.kernel import ids


def default_session_duration() -> timedelta:
    return timedelta(hours=72)


class Deployment(models.Model):
    """A web messenger on a site: where it stands. What it looks like and does is its configuration's."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    channel = models.ForeignKey(
        Channel, verbose_name=_("channel"), on_delete=models.PROTECT, related_name="deployments"
    )
    name = models.CharField(_("name"), max_length=100, unique=True)
    active = models.BooleanField(_("active"), default=True)
    allowed_domains = models.JSONField(
        _("allowed domains"),
        default=list,
        blank=True,
        help_text=_("Hosts that may show the messenger, e.g. shop.example. Empty: every site."),
    )
    session_duration = models.DurationField(
        _("guest session"),
        default=default_session_duration,
        validators=[MinValueValidator(timedelta(minutes=15)), MaxValueValidator(timedelta(days=548))],
        help_text=_("How long after the last message the messenger still shows and resumes the thread."),
    )
    configuration = models.ForeignKey(
        MessengerConfiguration,
        verbose_name=_("configuration"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="deployments",
        help_text=_("What it looks like and does. Customers see its published version."),
    )

    class Meta:
        verbose_name = _("messenger deployment")
        verbose_name_plural = _("messenger deployments")
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name

    @property
    def published(self) -> ConfigurationVersion | None:
        """The version that customers see. None: the defaults."""
        return self.configuration.published if self.configuration else None
