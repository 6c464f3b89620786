"""What a form of the admin changed: each field with its value before and after, in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import Model
from django.utils.translation import override

from agents.actions.changes import SECRET, WORDS, Change, english, key_of
from agents.admin.durations import text_of


def changes_of(form: Any, formsets: Iterable[Any], *, add: bool) -> list[Change]:
    """What the page changed, in the order of its fields, then of its tables."""
    with override(None):
        found = list(_of_form(form, add=add))
        for formset in formsets:
            found += _of_formset(formset)
    return found


def others_of(formsets: Iterable[Any]) -> list[str]:
    """Keys of the rows that the page's tables connect it with: an agent, a queue, a skill."""
    found = set()
    for formset in formsets:
        for row in (*formset.new_objects, *(row for row, _f in formset.changed_objects), *formset.deleted_objects):
            found |= {key_of(other) for other in _connected(row, formset.fk)}
    return sorted(found)


def _of_form(form: Any, *, add: bool, part: str = "") -> Iterator[Change]:
    for name in form.changed_data:
        field = form.fields.get(name)
        label = english(field.label or name) if field else name
        if field is None or isinstance(field.widget, forms.PasswordInput) or "password" in name:
            yield Change(label, kind=SECRET, part=part)
            continue
        old, words = ("", False) if add else said(field, form.initial.get(name, field.initial))
        new, new_words = said(field, form.cleaned_data.get(name))
        if old != new:
            yield Change(label, old, new, WORDS if words or new_words else "", part)


def _of_formset(formset: Any) -> Iterator[Change]:
    kind = english(formset.model._meta.verbose_name)  # noqa: SLF001 documented by Django in spite of its name
    forms_of = {form.instance.pk: form for form in formset.forms}
    for row in formset.new_objects:
        details = [one for one in _of_form(forms_of[row.pk], add=True) if one.kind != SECRET and not _names(row, one)]
        text = ", ".join(f"{one.field} {one.new}" for one in details)
        yield Change(kind, "", f"{_title(row, formset.fk)}: {text}" if text else _title(row, formset.fk))
    for row, _fields in formset.changed_objects:
        yield from _of_form(forms_of[row.pk], add=False, part=f"{kind} “{_title(row, formset.fk)}”")
    for row in formset.deleted_objects:
        yield Change(kind, _title(row, formset.fk), "")


def said(field: forms.Field, value: Any) -> tuple[str, bool]:
    """A field's value in words; True: words of ours, to be translated."""
    if isinstance(field, forms.ModelMultipleChoiceField):
        return ", ".join(sorted(_row(field, one) for one in value or ())), False
    if isinstance(field, forms.ModelChoiceField):
        return _row(field, value), False
    if isinstance(field, forms.MultipleChoiceField):
        return ", ".join(_choice(field, one) for one in value or ()), len(value or ()) == 1
    if isinstance(field, forms.ChoiceField):
        return _choice(field, value), True
    if isinstance(field, forms.BooleanField):
        return ("Yes" if value else "No"), True
    return _plain(value), False


def _plain(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, timedelta):
        return text_of(value)
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, list | tuple):
        return ", ".join(str(one) for one in value)
    return str(value)


def _row(field: forms.ModelChoiceField, value: Any) -> str:
    """A row by its object or, as forms keep what was there before, by its key."""
    if value is None or value == "":
        return ""
    if isinstance(value, Model):
        return str(value)
    found = field.queryset.model._base_manager.filter(pk=value).first() if field.queryset is not None else None  # noqa: SLF001 documented by Django
    return str(found or value)


def _choice(field: forms.ChoiceField | forms.MultipleChoiceField, value: Any) -> str:
    return next((str(label) for key, label in _flat(field.choices) if str(key) == str(value)), str(value or ""))


def _flat(choices: Any) -> Iterator[tuple[Any, Any]]:
    for key, label in choices:
        if isinstance(label, list | tuple):
            yield from label
        else:
            yield key, label


def _connected(row: Model, own: Any) -> list[Model]:
    """The rows that a row of a table points to, but for the page's object."""
    keys = [one for one in row._meta.fields if one.many_to_one and one != own]  # noqa: SLF001 documented by Django
    return [other for one in keys if (other := getattr(row, one.name)) is not None]


def _title(row: Model, own: Any) -> str:
    """What a row of a table is about: its own name, or else what it connects the page's object with."""
    if getattr(row, "name", ""):
        return str(row)
    return ", ".join(str(other) for other in _connected(row, own)) or str(row)


def _names(row: Model, change: Change) -> bool:
    """Whether the change only repeats what the row's title says."""
    titles: Sequence[str] = [str(other) for other in _connected(row, None)]
    return change.new in (str(getattr(row, "name", "")), *titles)
