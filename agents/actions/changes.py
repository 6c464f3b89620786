"""Who changed what, field by field: noted in the transaction of the change, in Django's log of the admin.

Django's message is a list of JSON objects; ours adds one, `{"values": [...], "about": [...]}`, which Django's own
reading of it passes over. Labels and words of closed lists are kept in English and translated when they are shown.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.contrib.admin.models import ADDITION, CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model
from django.utils.translation import override

WORDS, SECRET = "words", "secret"
LONGEST = 500


@dataclass(frozen=True, slots=True)
class Change:
    """One field before and after. `part`: the row on the object's page that it belongs to, e.g. member “Ana”.

    `kind`: WORDS are of a closed list, so they are translated; a SECRET has no values, only that it changed.
    """

    field: str
    old: str = ""
    new: str = ""
    kind: str = ""
    part: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an action on many rows did: how many it changed, and how many were so already."""

    changed: int
    same: int = 0


def english(text: Any) -> str:
    """A lazy text as the log keeps it."""
    with override(None):
        return str(text)


def yes_no(field: str, *, new: bool) -> Change:
    """A switch that was turned."""
    return Change(field, "No" if new else "Yes", "Yes" if new else "No", WORDS)


def key_of(row: Model) -> str:
    """A row as the log refers to it: `agents.skill:0190…`."""
    return f"{row._meta.label_lower}:{row.pk}"  # noqa: SLF001 documented by Django in spite of its name


def extra(changes: Sequence[Change], about: Iterable[str] = ()) -> dict[str, Any]:
    """Our part of the message. `about`: keys of other rows in whose history it is shown, too."""
    values = [{key: value[:LONGEST] for key, value in asdict(one).items() if value} for one in changes]
    return {"values": values, "about": sorted(set(about))}


def note(
    now: datetime,
    by: uuid.UUID,
    changed: Iterable[tuple[Model, Sequence[Change]]],
    *,
    about: Iterable[str] = (),
    added: bool = False,
) -> None:
    """Write down what somebody did to these rows, in one statement for a thousand of them."""
    others = sorted(set(about))
    kinds: dict[type[Model], int] = {}
    entries = []
    for row, changes in changed:
        kind = kinds.setdefault(type(row), 0) or ContentType.objects.get_for_model(row).pk
        kinds[type(row)] = kind
        head = {"added": {}} if added else {"changed": {"fields": [one.field for one in changes]}}
        entries.append(
            LogEntry(
                action_time=now,
                user_id=by,
                content_type_id=kind,
                object_id=str(row.pk),
                object_repr=str(row)[:200],
                action_flag=ADDITION if added else CHANGE,
                change_message=json.dumps([head, extra(changes, others)], ensure_ascii=False),
            )
        )
    LogEntry.objects.bulk_create(entries, batch_size=1000)
