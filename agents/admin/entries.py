"""The log of changes as people read it: who, when, and each field before and after."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model, Q, QuerySet
from django.utils.text import capfirst
from django.utils.translation import gettext

from agents.actions.changes import SECRET, WORDS


@dataclass(frozen=True, slots=True)
class Value:
    """A field before and after, in the reader's language."""

    field: str
    old: str
    new: str
    secret: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the log. `sentence` is Django's own, for what has no values: a deletion, an entry of old."""

    at: datetime
    who: str
    flag: int
    what: str
    kind: str
    url: str
    values: list[Value]
    sentence: str
    elsewhere: bool = False

    @classmethod
    def of(cls, entry: LogEntry, page: str = "") -> Entry:
        """`page`: the key of the object whose history shows it, which needn't be named there."""
        kind = str(entry.content_type.name) if entry.content_type else ""
        url = "" if entry.is_deletion() else entry.get_admin_url() or ""
        values = values_of(entry)
        sentence = "" if values else _sentence(entry)
        what, elsewhere = entry.object_repr, bool(page) and entry.object_id != page
        return cls(entry.action_time, str(entry.user), entry.action_flag, what, kind, url, values, sentence, elsewhere)


def entries_of(model: type[Model], key: Any) -> QuerySet[LogEntry]:
    """What was noted of a row, or of another with a word about this one; newest first."""
    kind = ContentType.objects.get_for_model(model)
    mention = f'"{model._meta.label_lower}:{key}"'  # noqa: SLF001 documented by Django in spite of its name
    ours = Q(content_type=kind, object_id=str(key)) | Q(change_message__contains=mention)
    return LogEntry.objects.filter(ours).select_related("user", "content_type").order_by("-id")


def values_of(entry: LogEntry) -> list[Value]:
    """The fields that an entry tells of; none for an entry in Django's own shape."""
    try:
        parts = json.loads(entry.change_message)
    except ValueError:
        return []
    stored = [one for part in parts if isinstance(part, dict) for one in part.get("values", ())]
    return [_value(one) for one in stored]


def _value(stored: dict[str, str]) -> Value:
    label = capfirst(translated(stored["field"]))
    part = capfirst(_part(stored.get("part", "")))
    field = f"{part} · {label}" if part else label
    if stored.get("kind") == SECRET:
        return Value(field, "", "", secret=True)
    words = stored.get("kind") == WORDS
    old, new = stored.get("old", ""), stored.get("new", "")
    return Value(field, translated(old) if words else old, translated(new) if words else new)


def translated(label: str) -> str:
    """A label in the reader's language. Forms begin theirs with a capital where models don't."""
    if not label:
        return ""
    said = gettext(label)
    if said != label:
        return said
    small = label[0].lower() + label[1:]
    other = gettext(small)
    return other[0].upper() + other[1:] if other != small else label


def _part(part: str) -> str:
    kind, quote, rest = part.partition(" “")
    return f"{translated(kind)}{quote}{rest}"


def _sentence(entry: LogEntry) -> str:
    said = "" if entry.is_deletion() else entry.get_change_message()
    return said or {1: gettext("Added"), 3: gettext("Deleted")}.get(entry.action_flag, "")
