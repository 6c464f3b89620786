"""Who writes: a contact, and the addresses that lead to it."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

from channels_app.models.channel import Channel
from contactcenter.kernel import ids


class Contact(models.Model):
    """A customer, known by one or more addresses."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    name = models.CharField(_("name"), max_length=200, blank=True)
    locale = models.CharField(_("language"), max_length=10, blank=True)
    attributes = models.JSONField(_("attributes"), default=dict, blank=True)
    created_at = models.DateTimeField(_("first seen"))

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        indexes = [GinIndex(OpClass(Upper("name"), name="gin_trgm_ops"), name="contact_name_trgm")]

    def __str__(self) -> str:
        return self.display_name

    @property
    def display_name(self) -> str:
        """The name, or for somebody unnamed a short stable label."""
        return self.name or _("Visitor %(tail)s") % {"tail": self.id.hex[-4:].upper()}

    @property
    def initials(self) -> str:
        words = self.name.split()
        return "".join(word[0] for word in (words[0], *words[1:][-1:])).upper() if words else "?"

    @property
    def hue(self) -> int:
        return self.id.int % 360


class Address(models.Model):
    """How a channel names a customer. Merging contacts repoints addresses."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    channel = models.ForeignKey(Channel, verbose_name=_("channel"), on_delete=models.PROTECT, related_name="addresses")
    kind = models.CharField(_("kind"), max_length=20, help_text=_("What external_id is: guest, phone, email, user …"))
    external_id = models.CharField(max_length=300)
    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="addresses")
    verified = models.BooleanField(
        _("verified"), default=False, help_text=_("The provider or a signed token vouches for it.")
    )
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("address")
        verbose_name_plural = _("addresses")
        constraints = [models.UniqueConstraint(fields=["channel", "kind", "external_id"], name="address_once")]
        indexes = [GinIndex(OpClass(Upper("external_id"), name="gin_trgm_ops"), name="address_id_trgm")]

    def __str__(self) -> str:
        return self.external_id

    @property
    def shown_id(self) -> str:
        """For people: without the provider that issued it."""
        return self.external_id.partition("#")[2] if self.kind == "oidc" else self.external_id
