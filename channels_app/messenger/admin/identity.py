"""Who vouches for known customers, on the page of a deployment: signing keys and an OpenID Connect provider."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import StackedInline
from unfold.widgets import UnfoldAdminURLInputWidget

from agents.admin.base import Inline, ReadableFields
from channels_app.admin.fields import SecretField
from channels_app.messenger.models import IdentityKey, IdentityProvider

SHORTEST = 32  # bytes: HS256 is no stronger than its key


class VouchingForm(forms.ModelForm):
    """A row with one secret, write-only; `kept_as` names it among the row's secrets."""

    kept_as: ClassVar[str] = ""
    needed: ClassVar[bool] = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.stored = bool(self.instance.secrets.get(self.kept_as))
        self.fields["given"].say(stored=self.stored)

    def clean_given(self) -> str:
        given = str(self.cleaned_data["given"])
        if not given and self.needed and not self.stored:
            raise ValidationError(_("Write a secret."))
        if given and self.needed and len(given.encode()) < SHORTEST:
            raise ValidationError(_("Too short: at least %(count)d characters.") % {"count": SHORTEST})
        return given

    def save(self, commit: bool = True) -> Any:  # noqa: FBT001, FBT002 Django's signature
        if given := self.cleaned_data["given"]:
            self.instance.secrets = {**self.instance.secrets, self.kept_as: given}
        return super().save(commit)


class KeyForm(VouchingForm):
    given = SecretField("secret")
    kept_as = "secret"

    class Meta:
        model = IdentityKey
        fields = ("name", "active")


def _https(field: Any, **kwargs: Any) -> Any:
    """An address without a scheme is one over https."""
    return field.formfield(**kwargs, **({"assume_scheme": "https"} if isinstance(field, models.URLField) else {}))


class ProviderForm(VouchingForm):
    given = SecretField("client_secret")
    kept_as = "client_secret"
    needed = False

    class Meta:
        model = IdentityProvider
        fields = ("issuer", "audience", "jwks_url", "token_url", "active")
        formfield_callback = _https


_ACTIVE = {"active": gettext_lazy("Off: customers whom it vouches for come in as strangers from now on.")}


class KeyInline(Inline):
    """Several at once: a new one is added, the site signs with it, then the old one goes."""

    model = IdentityKey
    helps = _ACTIVE
    form = KeyForm
    fields = ("name", "given", "active")
    verbose_name_plural = gettext_lazy("Keys that your site signs customers in with")


class ProviderInline(ReadableFields, StackedInline):
    """One OpenID Connect provider."""

    model = IdentityProvider
    helps = _ACTIVE
    form = ProviderForm
    formfield_overrides = {models.URLField: {"assume_scheme": "https", "widget": UnfoldAdminURLInputWidget}}
    extra = 0
    max_num = 1
    fields = ("issuer", "audience", "jwks_url", "token_url", "given", "active")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True
