"""What a file would change: each line is compared with what is there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _

from agents.actions.changes import Change, english
from agents.actions.importing import Plan, RowPlan, Write
from agents.admin.sheets.columns import Column, World, Wrong
from agents.admin.sheets.files import Line, Table


@dataclass(frozen=True)
class Sheet:
    """A kind of configuration as a table. Rows are found by their id, else by `key`, whose case doesn't matter."""

    model: type[Model]
    key: str
    columns: Sequence[Column]
    write: Write
    example: Sequence[Sequence[str]]

    def rows(self) -> QuerySet[Any]:
        """All rows with what the columns show of them, locked by an import that runs."""
        return self.model._default_manager.all()  # noqa: SLF001 documented by Django

    def world(self) -> World:
        """What cells refer to, by name."""
        return {}

    def check(self, rows: Sequence[RowPlan], by: Any) -> None:
        """Add what is wrong with rows together, or for this person."""

    @property
    def names(self) -> list[str]:
        return ["id", *(column.name for column in self.columns)]


def cells_of(sheet: Sheet, row: Any) -> list[str]:
    """A row as it is exported."""
    return [str(row.pk), *(column.show(column.of(row)) for column in sheet.columns)]


def plan(sheet: Sheet, table: Table, by: Any) -> Plan:
    """What the table would change, if `by` applied it now."""
    rows = list(sheet.rows())
    by_id = {str(row.pk): row for row in rows}
    by_key = {_key(getattr(row, sheet.key)): row for row in rows}
    world, seen, found = sheet.world(), _Seen(), []
    for line in table.lines:
        given = line.cells.get("id", "").lower()
        row = by_id.get(given) if given else by_key.get(_key(line.cells.get(sheet.key, "")))
        one = _line(sheet, table, line, row, world)
        _check_identity(one, line, sheet, by_key, seen)
        found.append(one)
    sheet.check(found, by)
    return Plan(found)


class _Seen:
    """Rows and names that earlier lines have taken."""

    def __init__(self) -> None:
        self.rows: dict[Any, int] = {}
        self.keys: dict[str, int] = {}


def _line(sheet: Sheet, table: Table, line: Line, row: Any, world: World) -> RowPlan:
    one = RowPlan(line.number, line.cells.get(sheet.key) or str(row or ""), row)
    if line.too_many:
        one.problems.append(("", _("This line has more cells than the file has columns.")))
    for column in sheet.columns:
        if column.name in table.columns:
            _cell(one, column, line.cells[column.name], world)
        elif row is None and column.required:
            one.problems.append((column.name, _("A new one needs this column.")))
    return one


def _cell(one: RowPlan, column: Column, cell: str, world: World) -> None:
    if one.row is None and not cell and not column.required:
        one.values[column.name] = column.default
        return
    try:
        value = column.read(cell, world)
    except Wrong as wrong:
        one.problems.append((column.name, str(wrong)))
        return
    old = "" if one.row is None else column.show(column.of(one.row))
    new = column.show(value)
    if one.row is None or old != new:
        one.values[column.name] = value
    if old != new:
        one.changes.append(Change(english(column.label), old, new))


def _check_identity(one: RowPlan, line: Line, sheet: Sheet, by_key: dict[str, Any], seen: _Seen) -> None:
    given, key = line.cells.get("id", ""), _key(line.cells.get(sheet.key, ""))
    if given and one.row is None:
        one.problems.append(("id", _("There is none with this id. Leave it empty to add a new one.")))
    holder = by_key.get(key)
    if key and holder is not None and one.row is not None and holder.pk != one.row.pk:
        one.problems.append((sheet.key, _("Another one has this already.")))
    for taken, mark, column in ((seen.keys, key, sheet.key), (seen.rows, one.row and one.row.pk, "id")):
        if not mark:
            continue
        if mark in taken:
            one.problems.append((column, _("Line %(line)d is about the same one.") % {"line": taken[mark]}))
            break
        taken[mark] = line.number


def _key(text: Any) -> str:
    return str(text).strip().casefold()
