"""Columns of a sheet: how a value is written in a cell, and read from one, with what is wrong in plain words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _

from agents.admin.durations import parse, text_of

YES = {"yes", "y", "true", "1", "on", "x", "ja", "wahr"}
NO = {"no", "n", "false", "0", "off", "nein", "falsch"}
World = Mapping[str, Any]


class Wrong(Exception):
    """A cell that can't be read; the message is for people."""


@dataclass(frozen=True, slots=True)
class Column:
    """`read` gets a cell and what is known of other tables; `show` writes a value; `of` takes it from a row."""

    name: str
    label: Any
    about: Any
    read: Callable[[str, World], Any]
    show: Callable[[Any], str]
    of: Callable[[Any], Any]
    required: bool = False
    default: Any = ""


def of_field(field: models.Field, name: str, about: Any, **more: Any) -> Column:
    """A column of a plain model field, with its limits."""
    return Column(
        name,
        field.verbose_name,
        about,
        lambda cell, world: from_cell(field, cell),
        to_cell,
        lambda row: getattr(row, field.name),
        default=field.get_default() if field.has_default() else None if field.null else "",
        **more,
    )


def to_cell(value: Any) -> str:
    """The one way to write a value."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, timedelta):
        return text_of(value)
    if isinstance(value, Decimal | float):
        return f"{Decimal(str(value)).normalize():f}"
    return str(value).strip()


def from_cell(field: models.Field, cell: str) -> Any:
    """A value of the field. :raises Wrong: not one, or past its limits."""
    if not cell:
        return _nothing(field)
    value = _value(field, cell)
    if isinstance(value, timedelta):
        check_length(value, field.validators)
        return value
    try:
        field.run_validators(value)
    except ValidationError as error:
        raise Wrong(" ".join(error.messages)) from None
    return value


def _nothing(field: models.Field) -> Any:
    if field.null:
        return None
    if field.blank and not isinstance(field, models.BooleanField):
        return ""
    raise Wrong(_("This can't be empty."))


def _value(field: models.Field, cell: str) -> Any:
    if field.choices:
        return choice(cell, [str(key) for key, _label in field.flatchoices])
    if isinstance(field, models.BooleanField):
        return yes_or_no(cell)
    if isinstance(field, models.DurationField):
        return length(cell)
    if isinstance(field, models.DecimalField):
        return decimal(cell)
    if isinstance(field, models.IntegerField):
        return whole(cell)
    return cell


def choice(cell: str, keys: Iterable[str]) -> str:
    """One of a closed list."""
    wanted = cell.strip().lower()
    for key in keys:
        if key.lower() == wanted:
            return key
    raise Wrong(_("“%(cell)s” isn't one of: %(keys)s.") % {"cell": cell, "keys": ", ".join(key for key in keys if key)})


def yes_or_no(cell: str) -> bool:
    """A switch."""
    wanted = cell.strip().lower()
    if wanted in YES or wanted in NO:
        return wanted in YES
    raise Wrong(_("Write yes or no."))


def length(cell: str) -> timedelta:
    """A length of time."""
    try:
        return parse(cell)
    except (ValueError, OverflowError):
        raise Wrong(_("Write a number with its unit, e.g. 30 s, 5 min, 2 h or 3 d.")) from None


def check_length(value: timedelta, validators: Iterable[Any]) -> None:
    for validator in validators:
        limit = getattr(validator, "limit_value", None)
        if isinstance(limit, timedelta) and validator.compare(value, limit):
            too_short = validator.code == "min_value"
            text = _("Too short: at least %(limit)s.") if too_short else _("Too long: at most %(limit)s.")
            raise Wrong(text % {"limit": text_of(limit)})


def decimal(cell: str) -> Decimal:
    """A number, with a point or, as German spreadsheets write it, a comma."""
    try:
        found = Decimal(cell.strip().replace(",", "."))
    except InvalidOperation:
        raise Wrong(_("“%(cell)s” isn't a number.") % {"cell": cell}) from None
    if not found.is_finite():
        raise Wrong(_("“%(cell)s” isn't a number.") % {"cell": cell})
    return found


def whole(cell: str) -> int:
    """A whole number."""
    number = decimal(cell)
    if number != number.to_integral_value():
        raise Wrong(_("“%(cell)s” isn't a whole number.") % {"cell": cell})
    return int(number)


# --- several things in one cell: a | b:2 ---------------------------------------------------------


def join(parts: Iterable[str]) -> str:
    """Several things in one cell."""
    return " | ".join(part.replace("\\", "\\\\").replace("|", "\\|") for part in parts)


def split(cell: str) -> list[str]:
    """What `join` was given. A backslash keeps the next character as it is."""
    found, now, kept = [], "", False
    for sign in cell:
        if kept or sign not in "\\|":
            now, kept = now + sign, False
        elif sign == "\\":
            kept = True
        else:
            found.append(now)
            now = ""
    return [part.strip() for part in [*found, now] if part.strip()]


def one_of(found: Any, text: Any, name: str) -> Any:
    """What was looked up by a name. :raises Wrong: nothing was found; `text` says it."""
    if found is None:
        raise Wrong(text % {"name": name})
    return found


def twice(names: Iterable[str]) -> None:
    """:raises Wrong: something is there two times."""
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise Wrong(_("“%(name)s” is there twice.") % {"name": name})
        seen.add(name)
