"""Lengths of time as people write them: 30 s, 5 min, 1 h 30 min, 3 d."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

UNITS = {"d": 86_400, "h": 3_600, "min": 60, "s": 1}
_ALIASES = {"sec": "s", "m": "min", "mins": "min", "minutes": "min", "hours": "h", "day": "d", "days": "d"}
_PART = re.compile(r"\s*(\d{1,9})\s*([a-z]+)", re.IGNORECASE)


def parse(text: str) -> timedelta:
    """`1 h 30 min` as a length of time. :raises ValueError: no number with a unit that we know."""
    seconds, at = 0, 0
    while at < len(text.rstrip()):
        part = _PART.match(text, at)
        if part is None:
            raise ValueError(text)
        unit = part[2].lower()
        try:
            seconds += int(part[1]) * UNITS[_ALIASES.get(unit, unit)]
        except KeyError:
            raise ValueError(text) from None
        at = part.end()
    return timedelta(seconds=seconds)


def text_of(length: timedelta) -> str:
    """A length of time in whole units, nothing lost: what `parse` reads."""
    left = int(length.total_seconds())
    if left == 0:
        return "0 s"
    parts = []
    for unit, size in UNITS.items():
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count} {unit}")
    return " ".join(parts)


class DurationField(forms.Field):
    """A form field that reads and shows lengths of time as text."""

    default_error_messages = {
        "unit": gettext_lazy("Write a number with its unit, e.g. 30 s, 5 min, 2 h or 3 d."),
    }

    def prepare_value(self, value: Any) -> Any:
        return text_of(value) if isinstance(value, timedelta) else value

    def to_python(self, value: Any) -> timedelta | None:
        if isinstance(value, timedelta):
            return value
        if not value or not str(value).strip():
            return None
        try:
            return parse(str(value))
        except (ValueError, OverflowError):
            raise ValidationError(self.error_messages["unit"], code="unit") from None

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(initial != self.to_python(data))
        except ValidationError:
            return True

    def say_limits(self, validators: list[Any]) -> None:
        """Let the model's limits be named in the same words."""
        for validator in validators:
            limit = getattr(validator, "limit_value", None)
            if not isinstance(limit, timedelta):
                continue
            if validator.code == "min_value":
                self.error_messages["min_value"] = _("Too short: at least %(limit)s.") % {"limit": text_of(limit)}
            else:
                self.error_messages["max_value"] = _("Too long: at most %(limit)s.") % {"limit": text_of(limit)}
