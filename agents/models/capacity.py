"""How much an agent can have at once, and has."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Medium(models.TextChoices):
    """What capacity is counted for."""

    MESSAGE = "message", _("Messages")
    EMAIL = "email", _("E-mails")


DEFAULT_LIMITS = {Medium.MESSAGE: 4, Medium.EMAIL: 1}


class Utilization(models.Model):
    """How many conversations of a medium an agent has at once: for everybody (no user), or for one agent."""

    medium = models.CharField(_("medium"), max_length=10, choices=Medium)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("agent"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="utilizations",
        help_text=_("Empty: the default for everybody."),
    )
    limit = models.PositiveSmallIntegerField(
        _("at once"),
        validators=[MinValueValidator(1), MaxValueValidator(25)],
        help_text=_("1 to 25. Lowering it never takes work away; it only stops new work."),
    )

    class Meta:
        verbose_name = _("utilization")
        verbose_name_plural = _("utilization")
        constraints = [
            models.UniqueConstraint(fields=["medium", "user"], name="utilization_once", nulls_distinct=False),
            models.CheckConstraint(condition=Q(limit__gte=1, limit__lte=25), name="utilization_1_25"),
        ]

    def __str__(self) -> str:
        return f"{self.get_medium_display()}: {self.limit}"


class AgentLoad(models.Model):
    """What an agent has of a medium now, as routing counts it, beside the limit in force.

    Equal to the sum of the rows behind it (alerting offers, live assignments) at every commit.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="loads")
    medium = models.CharField(max_length=10, choices=Medium)
    in_use = models.DecimalField(max_digits=6, decimal_places=2, default=0)
    limit = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "medium"], name="agentload_once"),
            models.CheckConstraint(condition=Q(in_use__gte=0), name="agentload_not_negative"),
        ]
