"""What agents write."""

from __future__ import annotations

import json
import uuid
from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from channels_app.adapters.base import Capabilities
from channels_app.content import dump
from channels_app.content.composing import composed
from channels_app.content.limits import FAULTS, Fault
from routing.forms import DeskForm, NotValid

MOST_TEXT = 20_000  # characters; the channel's own limit is lower, and is named when it is passed
MOST_FILES = 10
MOST_MENTIONS = 20
MOST_CONTENT = 3  # items of rich content in one message
MOST_ATTRIBUTES = 50
MOST_ATTRIBUTE_NAME = 200  # characters
MOST_ATTRIBUTE_TEXT = 2000
TOO_LONG = _("The text has %(show_value)d characters, %(limit_value)d are possible.")


class NoteForm(DeskForm):
    """The new text of a note."""

    text = forms.CharField(
        max_length=MOST_TEXT,
        error_messages={"required": _("Write something, or remove the note."), "max_length": TOO_LONG},
    )


class MessageForm(DeskForm):
    """A reply or a note. `client_id` is made by the composer and names this message for ever."""

    client_id = forms.UUIDField(error_messages={"required": _("This message has no id. Reload the page.")})
    text = forms.CharField(required=False, strip=False, max_length=MOST_TEXT, error_messages={"max_length": TOO_LONG})
    uploads = forms.CharField(required=False)
    content = forms.CharField(required=False, max_length=100_000)
    mentions = forms.CharField(required=False)

    def clean_uploads(self) -> list[uuid.UUID]:
        """Ids of uploads, separated by spaces."""
        named = str(self.cleaned_data["uploads"]).split()
        if len(named) > MOST_FILES:
            raise forms.ValidationError(_("At most %(most)d files in one message.") % {"most": MOST_FILES})
        try:
            return [uuid.UUID(one) for one in named]
        except ValueError:
            raise forms.ValidationError(_("A file isn't known. Remove it and add it again.")) from None

    def clean_mentions(self) -> list[uuid.UUID]:
        """Ids of colleagues, separated by spaces."""
        named = str(self.cleaned_data["mentions"]).split()
        if len(named) > MOST_MENTIONS:
            raise forms.ValidationError(_("At most %(most)d colleagues in one note.") % {"most": MOST_MENTIONS})
        try:
            return [uuid.UUID(one) for one in named]
        except ValueError:
            raise forms.ValidationError(_("A colleague isn't known. Choose them again.")) from None

    def clean_content(self) -> list[Any]:
        """Rich content as a JSON list; what the channel takes of it is checked by `check_content`."""
        try:
            found = json.loads(self.cleaned_data["content"] or "[]")
        except ValueError:
            found = None
        if not isinstance(found, list) or len(found) > MOST_CONTENT:
            raise forms.ValidationError(_("At most %(most)d of quick replies and cards.") % {"most": MOST_CONTENT})
        return found

    def values(self) -> dict[str, Any]:
        found = super().values()
        return found | {"text": found["text"].strip(), "client_id": str(found["client_id"])}


def check_content(given: list[Any], takes: Capabilities) -> list[dict[str, Any]]:
    """Rich content in its stored form. :raises NotValid: the channel doesn't take it as it is."""
    found = []
    for raw in given:
        item, faults = composed(raw, takes.content, takes.limits)
        if item is None or faults:
            raise NotValid(fault_text(faults[0]))
        found.append(item)
    return dump(found)


def fault_text(fault: Fault) -> str:
    """The sentence beside a field."""
    return gettext(FAULTS[fault.code]) % {"limit": fault.limit}


class CustomerForm(DeskForm):
    """A contact's profile. Attributes come as the lists `key` and `value`; a row without a value is left out."""

    name = forms.CharField(
        required=False, max_length=200, error_messages={"max_length": _("The name has more than 200 characters.")}
    )
    locale = forms.CharField(
        required=False,
        max_length=10,
        validators=[RegexValidator(r"^[a-zA-Z]{2,3}([-_][A-Za-z0-9]{2,8})*$", _("Write a language as de or pt-BR."))],
        error_messages={"max_length": _("Write a language as de or pt-BR.")},
    )

    def clean(self) -> dict[str, Any]:
        """With `attributes`, name → text."""
        names, texts = (self.data.getlist(part) for part in ("key", "value"))
        rows = [(name.strip(), text.strip()) for name, text in zip(names, texts, strict=False)]
        attributes: dict[str, str] = {}
        for name, text in rows:
            if not text:
                continue
            self._check_attribute(name, text, attributes)
            attributes[name] = text
        if len(attributes) > MOST_ATTRIBUTES:
            raise forms.ValidationError(_("At most %(most)d attributes.") % {"most": MOST_ATTRIBUTES})
        return self.cleaned_data | {"attributes": attributes}

    def _check_attribute(self, name: str, text: str, before: dict[str, str]) -> None:
        if not name:
            raise forms.ValidationError(_("Name the attribute “%(text)s”.") % {"text": text[:40]})
        if name in before:
            raise forms.ValidationError(_("There are two attributes “%(name)s”.") % {"name": name})
        if len(name) > MOST_ATTRIBUTE_NAME or len(text) > MOST_ATTRIBUTE_TEXT:
            raise forms.ValidationError(_("The attribute “%(name)s” is too long.") % {"name": name[:40]})
        if "\0" in name + text:
            raise forms.ValidationError(_("The attribute “%(name)s” has a character that isn't text.") % {"name": "?"})
