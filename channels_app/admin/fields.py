"""Form fields that several pages of the admin share."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from unfold.widgets import UnfoldAdminPasswordWidget


class SecretField(forms.CharField):
    """A secret that goes in and never comes back. Left empty, what is stored stays."""

    def __init__(self, label: Any, about: Any = "") -> None:
        super().__init__(label=label, required=False, strip=True, max_length=4000)
        self.about = about

    def say(self, *, stored: bool) -> None:
        self.widget = UnfoldAdminPasswordWidget(
            attrs={
                "autocomplete": "new-password",
                "placeholder": "••••••••" if stored else "",
                "aria-label": self.label,
            }
        )
        kept = (
            _("Stored, encrypted. Leave it empty to keep it; type a new one to replace it.")
            if stored
            else _("Nothing stored yet. It is encrypted, and never shown again.")
        )
        self.help_text = f"{self.about} {kept}".strip()
