"""Form fields that several pages of the admin share."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminPasswordWidget

#: what secrets are called to people; one that isn't here is called by its name
LABELS = {
    "secret": gettext_lazy("Secret"),
    "client_secret": gettext_lazy("Client secret"),
    "verify_token": gettext_lazy("Verify token"),
    "send_url": gettext_lazy("Send address"),
}


class SecretField(forms.CharField):
    """A secret that goes in and never comes back. Left empty, what is stored stays."""

    def __init__(self, name: str) -> None:
        label = LABELS.get(name) or name.replace("_", " ").capitalize()
        super().__init__(label=label, required=False, strip=True, max_length=4000)

    def say(self, *, stored: bool) -> None:
        self.widget = UnfoldAdminPasswordWidget(
            attrs={
                "autocomplete": "new-password",
                "placeholder": "••••••••" if stored else "",
                "aria-label": self.label,
            }
        )
        self.help_text = (
            _("Stored, encrypted. Leave it empty to keep it; type a new one to replace it.")
            if stored
            else _("Nothing stored yet. It is encrypted, and never shown again.")
        )
