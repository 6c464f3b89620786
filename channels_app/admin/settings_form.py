"""A kind's settings as fields of the admin's form: made of its `Settings` model, and checked by it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal, get_args, get_origin

from django import forms
from django.utils.translation import gettext as _
from pydantic import SecretStr, ValidationError
from pydantic.fields import FieldInfo
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from channels_app.adapters.base import Adapter
from channels_app.admin.fields import SecretField

#: what pydantic says, in words for people; anything else is said as it comes
_SAID = {
    "missing": lambda _error: _("This field is required."),
    "string_pattern_mismatch": lambda _error: _("This isn't in the form that is asked for."),
    "int_parsing": lambda _error: _("Write a whole number."),
    "greater_than_equal": lambda error: _("At least %(limit)s.") % {"limit": error["ctx"]["ge"]},
    "less_than_equal": lambda error: _("At most %(limit)s.") % {"limit": error["ctx"]["le"]},
}


def key_of(kind: str, name: str) -> str:
    """The form's name for a setting of a kind: two kinds may call different things the same."""
    return f"set_{kind}_{name}"


def fields_of(adapter: Adapter[Any]) -> dict[str, forms.Field]:
    """The form's fields for the settings of a kind, by the form's names."""
    return {key_of(adapter.kind, name): _field(name, info) for name, info in adapter.settings.model_fields.items()}


def _field(name: str, info: FieldInfo) -> forms.Field:
    common: dict[str, Any] = {
        "label": _(info.title) if info.title else name.replace("_", " ").capitalize(),
        "help_text": _(info.description) if info.description else "",
        "initial": None if info.is_required() or info.annotation is SecretStr else info.default,
    }
    if info.annotation is SecretStr:
        return SecretField(common["label"], common["help_text"])
    if info.annotation is bool:
        return forms.BooleanField(required=False, widget=UnfoldBooleanSwitchWidget, **common)
    if get_origin(info.annotation) is Literal:
        choices = [(one, one) for one in get_args(info.annotation)]
        return forms.ChoiceField(choices=choices, widget=UnfoldAdminSelectWidget, **common)
    widget = UnfoldAdminIntegerFieldWidget if info.annotation is int else UnfoldAdminTextInputWidget
    return forms.CharField(required=False, widget=widget, **common)


def split(
    adapter: Adapter[Any], data: Mapping[str, Any], stored: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, str]]:
    """(settings, secrets) of a form's data. An empty secret keeps the stored one; an empty text is the default.

    :raises ValidationError: by pydantic: `faults` puts it into words.
    """
    given: dict[str, Any] = {}
    for name, info in adapter.settings.model_fields.items():
        value = data.get(key_of(adapter.kind, name))
        if info.annotation is SecretStr:
            value = value or stored.get(name)
        if value not in (None, ""):
            given[name] = value
    checked = adapter.settings.model_validate(given)
    secrets = {name for name, info in adapter.settings.model_fields.items() if info.annotation is SecretStr}
    plain = checked.model_dump(mode="json", exclude=secrets)
    return plain, {name: given[name] for name in secrets if name in given}


def faults(adapter: Adapter[Any], error: ValidationError) -> Iterator[tuple[str, str]]:
    """What is wrong, as (field of the form, sentence)."""
    for one in error.errors():
        say = _SAID.get(one["type"])
        yield key_of(adapter.kind, str(one["loc"][0])), say(one) if say else one["msg"]
