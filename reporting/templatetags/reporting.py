"""How times and shares look in the supervisors' pages."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import template
from django.utils.formats import number_format

from routing.queries.facts import clock_text

register = template.Library()


@register.filter
def span(length: timedelta | None) -> str:
    """0:38, 12:41, 2:14:05; empty for None."""
    return clock_text(length)


@register.filter
def percent(value: float | None) -> str:
    """78, or 78.5 below 10; in the reader's way of writing numbers. Empty for None."""
    if value is None:
        return ""
    places = 1 if 0 < value < 10 and round(value, 1) != round(value) else 0
    return str(number_format(value, decimal_pos=places))


@register.filter
def css(value: Any) -> str:
    """A number as CSS reads it, whatever the reader's language."""
    return f"{float(value or 0):.2f}"


@register.filter
def get(mapping: dict[str, Any], key: Any) -> Any:
    """`mapping[key]`, None if it isn't there."""
    return mapping.get(str(key))


@register.filter
def at(values: Any, place: int) -> Any:
    """`values[place]`."""
    return values[place]
