"""Canned responses: texts that agents insert, in libraries that belong to queues."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from contactcenter.kernel import ids
from routing import placeholders
from routing.models.queue import Queue

_TAG = RegexValidator(r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$", _("Write a language tag such as de or pt-BR."))


def check_placeholders(text: str) -> None:
    """:raises ValidationError: the text has a placeholder that isn't on the list."""
    wrong = placeholders.faults(text)
    if wrong:
        known = ", ".join(f"{{{{{name}}}}}" for name in placeholders.NAMES)
        said = {"wrong": ", ".join(wrong), "known": known}
        raise ValidationError(_("There is no placeholder “%(wrong)s”. Possible are: %(known)s."), params=said)


class ResponseLibrary(models.Model):
    """Canned responses that the agents of some queues, or of all, have at hand."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    name = models.CharField(_("name"), max_length=100, unique=True)
    active = models.BooleanField(_("active"), default=True)
    queues = models.ManyToManyField(
        Queue,
        related_name="libraries",
        blank=True,
        verbose_name=_("queues"),
        help_text=_("Its responses are offered in conversations of these queues. None chosen: in all conversations."),
    )

    class Meta:
        verbose_name = _("response library")
        verbose_name_plural = _("response libraries")
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class CannedResponse(models.Model):
    """A text to insert into a reply, with placeholders that are filled in then."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    library = models.ForeignKey(
        ResponseLibrary, on_delete=models.CASCADE, related_name="responses", verbose_name=_("library")
    )
    name = models.CharField(_("name"), max_length=100, help_text=_("What agents search for after typing /."))
    text = models.TextField(
        _("text"),
        max_length=4000,
        validators=[check_placeholders],
        help_text=_(
            "Filled in when it is inserted: {{customer.name}}, {{agent.name}}, {{conversation.channel}}, "
            "{{conversation.queue}}."
        ),
    )
    language = models.CharField(
        _("language"),
        max_length=12,
        blank=True,
        validators=[_TAG],
        help_text=_("A tag such as de: offered first to customers of this language. Empty: for all."),
    )
    active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("canned response")
        verbose_name_plural = _("canned responses")
        ordering = ("name", "language")
        constraints = [
            models.UniqueConstraint(
                fields=["library", "name", "language"],
                name="canned_once",
                violation_error_message=_("This library has a response of this name in this language already."),
            )
        ]

    def __str__(self) -> str:
        return self.name
