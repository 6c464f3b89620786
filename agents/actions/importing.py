"""An import of configuration: what it would change, row by row, and the one transaction that applies it.

A plan is made twice: when somebody checks a file, and again inside the transaction that applies it. Only if both say
the same is anything written; so nobody's change in between is overwritten unseen.
"""

from __future__ import annotations

import hashlib
import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Model

from agents.actions.changes import Change, Outcome, note
from contactcenter.kernel.db import Tx, action
from contactcenter.kernel.errors import Refused

NEW, CHANGED, SAME, WRONG = "new", "changed", "same", "wrong"
_LOCK = 0x1A9027  # one import at a time


class Stale(Refused):
    """Somebody changed something since this was checked. Look at it again: nothing was applied."""


class Faulty(Refused):
    """Some rows are wrong, so nothing was applied."""


@dataclass(slots=True)
class RowPlan:
    """What one line of a file would do. `values`: what it sets, by column; `row`: what is there, if something is."""

    number: int
    title: str
    row: Any = None
    values: dict[str, Any] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    problems: list[tuple[str, str]] = field(default_factory=list)

    @property
    def state(self) -> str:
        if self.problems:
            return WRONG
        if self.row is None:
            return NEW
        return CHANGED if self.changes else SAME

    @property
    def digest(self) -> str:
        """Differs as soon as the line would do something else than before."""
        told = (self.number, self.title, self.state, self.row and str(self.row.pk), self.changes, self.problems)
        return hashlib.sha256(repr(told).encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Plan:
    """What a whole file would do."""

    rows: Sequence[RowPlan]

    def of(self, *states: str) -> list[RowPlan]:
        return [row for row in self.rows if row.state in states]

    @property
    def counts(self) -> Counter[str]:
        return Counter(row.state for row in self.rows)

    @property
    def fingerprint(self) -> str:
        return hashlib.sha256("".join(row.digest for row in self.rows).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Imported(Outcome):
    """`added`: how many of the changed rows are new; the log has them with the moment `at`."""

    added: int = 0
    at: datetime | None = None


Write = Callable[[Tx, Plan], None]


@action
def do_import(tx: Tx, by: uuid.UUID, plan: Callable[[], Plan], write: Write, expected: str) -> Imported:
    """Apply a checked file: all of it or nothing.

    `plan` reads the file against what is there now; `expected` is the fingerprint that somebody has looked at.
    `write` makes the new rows, setting each one's `row`, and changes the others.

    :raises Stale: the plan isn't what was looked at. :raises Faulty: a row of it is wrong.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    found = plan()
    if found.fingerprint != expected:
        raise Stale
    if found.of(WRONG):
        raise Faulty
    fresh, changed = found.of(NEW), found.of(CHANGED)
    write(tx, found)
    note(tx.now, by, [(one.row, one.changes) for one in fresh], added=True)
    note(tx.now, by, [(one.row, one.changes) for one in changed])
    return Imported(len(fresh) + len(changed), found.counts[SAME], len(fresh), tx.now)


def set_columns(rows: Sequence[RowPlan], model: type[Model], columns: Sequence[str]) -> None:
    """Write the plain columns of new and known rows, by two statements for five hundred of them."""
    fresh = [one for one in rows if one.row is None]
    known = [one for one in rows if one.row is not None and one.values.keys() & set(columns)]
    for one in fresh:
        one.row = model(**{name: one.values[name] for name in columns if name in one.values})
    for one in known:
        for name in one.values.keys() & set(columns):
            setattr(one.row, name, one.values[name])
    model._base_manager.bulk_create([one.row for one in fresh], batch_size=500)  # noqa: SLF001 documented by Django
    model._base_manager.bulk_update([one.row for one in known], list(columns), batch_size=500)  # noqa: SLF001 likewise
