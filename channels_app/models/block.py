"""Customers who may not write any more."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from channels_app.models.contact import Address
from contactcenter.kernel import ids


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
