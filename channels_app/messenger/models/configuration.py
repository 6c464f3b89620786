"""What a web messenger looks like and does: a configuration with a draft and published versions."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from contactcenter.kernel import ids


class MessengerConfiguration(models.Model):
    """A named configuration. Deployments refer to it and show its published version."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    name = models.CharField(_("name"), max_length=100, unique=True)
    published = models.ForeignKey(
        "ConfigurationVersion", null=True, blank=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )

    class Meta:
        verbose_name = _("messenger configuration")
        verbose_name_plural = _("messenger configurations")
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class ConfigurationVersion(models.Model):
    """One version: `content` is what `messenger.config` describes. The newest, while unpublished, is the draft."""

    configuration = models.ForeignKey(MessengerConfiguration, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    content = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("version")
        verbose_name_plural = _("versions")
        constraints = [models.UniqueConstraint(fields=["configuration", "number"], name="configuration_version_once")]

    def __str__(self) -> str:
        return f"{self.configuration} {self.number}"
