"""What agents write."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from routing.forms import DeskForm

MOST_TEXT = 20_000  # characters; the channel's own limit is lower, and is named when it is passed
MOST_FILES = 10


class MessageForm(DeskForm):
    """A reply or a note. `client_id` is made by the composer and names this message for ever."""

    client_id = forms.UUIDField(error_messages={"required": _("This message has no id. Reload the page.")})
    text = forms.CharField(
        required=False,
        strip=False,
        max_length=MOST_TEXT,
        error_messages={"max_length": _("The text has %(show_value)d characters, %(limit_value)d are possible.")},
    )
    uploads = forms.CharField(required=False)

    def clean_uploads(self) -> list[uuid.UUID]:
        """Ids of uploads, separated by spaces."""
        named = str(self.cleaned_data["uploads"]).split()
        if len(named) > MOST_FILES:
            raise forms.ValidationError(_("At most %(most)d files in one message.") % {"most": MOST_FILES})
        try:
            return [uuid.UUID(one) for one in named]
        except ValueError:
            raise forms.ValidationError(_("A file isn't known. Remove it and add it again.")) from None

    def values(self) -> dict[str, Any]:
        found = super().values()
        return found | {"text": found["text"].strip(), "client_id": str(found["client_id"])}
