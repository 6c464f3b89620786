"""Texts of the admin's theme, which brings no catalogues of its own, and texts of Django's that German says otherwise
here: listed, they are translated with ours.
"""

from __future__ import annotations

from django.utils.translation import gettext_noop

BORROWED = (
    gettext_noop("Type to search"),
    gettext_noop("Select value"),
    gettext_noop("Select action"),
    gettext_noop("Select action to run"),
    gettext_noop("Choose file to upload"),
    gettext_noop("Select all rows"),
    gettext_noop("Select record"),
    gettext_noop("Run"),
    gettext_noop("Previous"),
    gettext_noop("Next"),
    gettext_noop("Value"),
    gettext_noop("Date"),
    gettext_noop("Date from"),
    gettext_noop("Date to"),
    gettext_noop("Reset filters"),
    gettext_noop("Save and continue editing"),
    gettext_noop("Save and add another"),
    gettext_noop("Save and view"),
    gettext_noop("Save as new"),
    gettext_noop("History"),
)
