"""Figures and how they are shown. Pure: values in, text out."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Aim:
    """What a figure should reach. `ratio`: its ratio to the limit, else the figure itself."""

    bound: float
    at_least: bool = True
    ratio: bool = False

    def met(self, reached: float) -> bool:
        return reached >= self.bound if self.at_least else reached <= self.bound

    def __str__(self) -> str:
        return f"{'ratio ' if self.ratio else ''}{'≥' if self.at_least else '≤'} {self.bound:g}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One measured figure, and the limit that the same run measured for it."""

    benchmark: str
    name: str
    value: float
    unit: str
    limit: float | None = None
    limit_name: str = ""
    aim: Aim | None = None
    note: str = ""

    @property
    def ratio(self) -> float | None:
        return self.value / self.limit if self.limit else None

    @property
    def passed(self) -> bool | None:
        """None: nothing to reach."""
        if self.aim is None:
            return None
        return self.aim.met((self.ratio or 0.0) if self.aim.ratio else self.value)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one benchmark found. `details` are further numbers for the JSON file."""

    figures: list[Figure]
    details: dict[str, Any] = field(default_factory=dict)


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that `percent` of all don't exceed (nearest rank). `values` isn't empty."""
    ordered = sorted(values)
    rank = -(-len(ordered) * percent // 100)
    return ordered[max(int(rank), 1) - 1]


def spread(seconds: Sequence[float]) -> dict[str, float]:
    """Latencies in milliseconds."""
    found = {f"p{percent:g}": percentile(seconds, percent) for percent in (50, 95, 99, 99.9)} | {"max": max(seconds)}
    return {name: round(value * 1000, 2) for name, value in found.items()}


def dump(outcome: Outcome) -> str:
    """One line of JSON: how a benchmark's process hands over what it found."""
    return json.dumps(asdict(outcome))


def load(line: str) -> Outcome:
    found = json.loads(line)
    figures = [Figure(**row | {"aim": Aim(**row["aim"]) if row["aim"] else None}) for row in found["figures"]]
    return Outcome(figures, found["details"])


HEAD = ("what", "measured", "limit in the same run", "ratio", "aim", "")


def table(figures: Sequence[Figure]) -> list[tuple[str, ...]]:
    """Rows of text, the head first."""
    return [HEAD, *(_row(figure) for figure in figures)]


def _row(figure: Figure) -> tuple[str, ...]:
    limit = f"{_number(figure.limit)} {figure.unit} {figure.limit_name}" if figure.limit else ""
    ratio = f"{figure.ratio:.2f}" if figure.ratio is not None else ""
    verdict = {None: "", True: "pass", False: "SHORT"}[figure.passed]
    measured = f"{_number(figure.value)} {figure.unit}"
    return (f"{figure.benchmark}: {figure.name}", measured, limit, ratio, str(figure.aim or ""), verdict)


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:,.1f}"


def as_text(rows: Sequence[tuple[str, ...]]) -> str:
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)


def as_markdown(figures: Sequence[Figure], facts: Mapping[str, Any]) -> str:
    """A results file."""
    head, *rows = table(figures)
    lines = [f"# Benchmark {facts['date']}, commit {facts['commit']}", ""]
    lines += [f"* {name}: {value}" for name, value in facts.items() if name not in {"date", "commit"}]
    lines += ["", _cells(head), _cells(["---"] * len(head)), *(_cells(row) for row in rows)]
    notes = [f"* {figure.benchmark}, {figure.name}: {figure.note}" for figure in figures if figure.note]
    return "\n".join([*lines, "", *notes]).rstrip() + "\n"


def _cells(row: Sequence[str]) -> str:
    return "| " + " | ".join(row) + " |"
