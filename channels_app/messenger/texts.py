"""What the messenger's page says, translated on the server; the page's script has no words of its own."""

from __future__ import annotations

from django.utils.translation import gettext as _


def texts() -> dict[str, str]:
    """Key to text in the visitor's language."""
    return {
        "write": _("Write a message"),
        "send": _("Send"),
    }
