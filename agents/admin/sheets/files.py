"""CSV files as spreadsheets write and read them. Pure.

A spreadsheet runs a cell that begins with = + - or @ as a formula. What we write puts an apostrophe before such a
cell, and what we read takes one off, so that export and import together change nothing.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

TRIGGERS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
DELIMITERS = (";", ",", "\t")
MOST_ROWS = 5_000
MOST_BYTES = 5_000_000


class Unreadable(Exception):
    """A file that no row can be read from. `code` names why; `values` fill the sentence."""

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(code)
        self.code, self.values = code, values


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the file: the number that a spreadsheet shows, and its cells by column."""

    number: int
    cells: dict[str, str]
    too_many: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A file that was read. `encoding`: how it was taken."""

    columns: list[str]
    lines: list[Line]
    encoding: str


def write(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """UTF-8 with a byte order mark, which tells Excel the encoding."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(columns)
    writer.writerows([guarded(cell) for cell in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def guarded(cell: str) -> str:
    """A cell that no spreadsheet runs."""
    return f"'{cell}" if cell.startswith(TRIGGERS) or _looks_guarded(cell) else cell


def unguarded(cell: str) -> str:
    """What `guarded` was given."""
    return cell[1:] if _looks_guarded(cell) else cell


def _looks_guarded(cell: str) -> bool:
    return cell.startswith("'") and cell[1:].startswith((*TRIGGERS, "'"))


def read(data: bytes, known: Sequence[str]) -> Table:
    """A file with a header of `known` columns, in any order and case.

    UTF-8 with and without byte order mark, UTF-16 with one, else Windows-1252; commas, semicolons or tabs.

    :raises Unreadable: empty, large, binary, quotes that don't end, a column that isn't known or comes twice.
    """
    if len(data) > MOST_BYTES:
        raise Unreadable("large", most=MOST_BYTES // 1_000_000)
    text, encoding = decoded(data)
    first, rows = _rows(text, known)
    header = _header(rows[0], known)
    lines = [
        _line(number, row, header) for number, row in enumerate(rows[1:], start=first + 1) if any(map(str.strip, row))
    ]
    if not lines:
        raise Unreadable("empty")
    if len(lines) > MOST_ROWS:
        raise Unreadable("long", most=MOST_ROWS, rows=len(lines))
    return Table(header, lines, encoding)


def decoded(data: bytes) -> tuple[str, str]:
    """The text of a file, and the encoding that it was read in."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return _strictly(data, "utf-16"), "UTF-16"
    if b"\0" in data:
        raise Unreadable("binary")
    try:
        return data.decode("utf-8-sig"), "UTF-8"
    except UnicodeDecodeError:
        return _strictly(data, "cp1252"), "Windows-1252"


def _strictly(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        raise Unreadable("binary") from None


def _rows(text: str, known: Sequence[str]) -> tuple[int, list[list[str]]]:
    """The number of the header's row, and the rows from there on."""
    first = 1
    head, _newline, rest = text.partition("\n")
    if head.strip().lower().startswith("sep=") and len(head.strip()) == 5:  # Excel's own hint
        text, first = rest, 2
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text, known), strict=True))
    except csv.Error as error:
        raise Unreadable("broken", why=str(error)) from None
    if not rows or not any(map(str.strip, rows[0])):
        raise Unreadable("empty")
    return first, rows


def _delimiter(text: str, known: Sequence[str]) -> str:
    """The one by which the first line falls into the most columns that we know."""
    head = text.partition("\n")[0]

    def found(delimiter: str) -> int:
        return sum(_name(cell) in known for cell in head.replace('"', "").split(delimiter))

    return max(DELIMITERS, key=found)


def _header(cells: Sequence[str], known: Sequence[str]) -> list[str]:
    header = [_name(cell) for cell in cells]
    while header and not header[-1]:
        header.pop()
    for name in header:
        if name not in known:
            raise Unreadable("column", name=name, known=", ".join(known))
        if header.count(name) > 1:
            raise Unreadable("twice", name=name)
    return header


def _name(cell: str) -> str:
    return cell.strip().strip("\ufeff").lower().replace(" ", "_")


def _line(number: int, row: Sequence[str], header: Sequence[str]) -> Line:
    cells = {name: unguarded(cell.strip()).strip() for name, cell in zip(header, row, strict=False)}
    extra = any(cell.strip() for cell in row[len(header) :])
    return Line(number, {name: cells.get(name, "") for name in header}, extra)
