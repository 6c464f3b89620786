"""Taking configuration out of use and back."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Sequence
from typing import Any

from django.db.models import Model

from agents.actions.changes import Outcome, english, note, yes_no
from contactcenter.kernel.db import Tx, action


@action
def do_switch(
    tx: Tx,
    by: uuid.UUID,
    model: type[Model],
    keys: Collection[Any],
    *,
    field: str,
    on: bool,
    check: Callable[[Sequence[Any]], None] | None = None,
) -> Outcome:
    """Switch these rows on or off by their boolean `field`; those that are so already stay untouched.

    `check` looks at the rows that would change, and raises a Refused when one of them must stay as it is: then
    none is switched.
    """
    rows = list(
        model._base_manager.select_for_update(of=("self",), no_key=True)  # noqa: SLF001 documented by Django
        .filter(pk__in=list(keys))
        .order_by("pk")
    )
    turned = [row for row in rows if getattr(row, field) != on]
    if check is not None and turned:
        check(turned)
    for row in turned:
        setattr(row, field, on)
    model._base_manager.bulk_update(turned, [field], batch_size=500)  # noqa: SLF001 likewise
    label = english(model._meta.get_field(field).verbose_name)  # type: ignore[union-attr]  # noqa: SLF001 likewise
    note(tx.now, by, [(row, [yes_no(label, new=on)]) for row in turned])
    return Outcome(len(turned), len(rows) - len(turned))
