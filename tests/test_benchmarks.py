"""The benchmarks run, on a small scale. Nothing here looks at a time: that is what `make bench` is for."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from benchmarks import figures
from benchmarks.__main__ import save
from benchmarks.figures import Aim, Figure, Outcome
from benchmarks.machine import ROOT
from benchmarks.stand import Stand, work

TINY: dict[str, dict[str, Any]] = {
    "inbound": {"conversations": 8, "rounds": 1, "seconds": 1},
    "guest": {"sockets": 6, "rate": 20, "seconds": 1, "in_flight": 2, "closed_seconds": 0.5},
    "desk": {"desks": 4, "conversations": 6, "rate": 10, "seconds": 1},
    "idle": {"sockets": 20, "bare": 5, "rate": 10, "seconds": 1},
    "screen": {"desks": 3, "conversations": 6, "rate": 10, "sentences": 2},
}
MUST_BE_NONE = {
    "applied and not stored",
    "sent and not acknowledged",
    "sent and not shown",
    "programs gone meanwhile",
}


@pytest.fixture(scope="module")
def stand() -> Iterator[Stand]:
    with Stand() as running:
        yield running
    assert not running.folder.exists()


@pytest.fixture
def fresh(stand: Stand) -> Stand:
    """The stand with an empty database again, where the demo company is made."""
    empty = [sys.executable, "manage.py", "flush", "--no-input"]
    subprocess.run(empty, cwd=ROOT, env=stand.environ | {"CC_PROCESS": "command"}, check=True, capture_output=True)
    return stand


@pytest.mark.parametrize("name", TINY)
def test_a_benchmark_measures_beside_its_limit_and_loses_nothing(stand: Stand, name: str) -> None:
    outcome = figures.load(work(name, stand, TINY[name], 100))
    assert any(figure.limit for figure in outcome.figures)
    counted = {figure.name: figure.value for figure in outcome.figures if figure.name in MUST_BE_NONE}
    assert counted
    assert set(counted.values()) == {0}


def test_memory_is_measured_of_every_program_with_the_demo_in_it(fresh: Stand) -> None:
    outcome = figures.load(work("memory", fresh, {"conversations": 4, "days": 1, "pages": 2}, 100))
    values = {figure.name: figure.value for figure in outcome.figures}
    assert values.pop("programs gone meanwhile") == 0
    assert all(value > 100 for value in values.values()), "MiB, of more than one process"
    assert {"web", "worker-routing", "beat", "postgresql", "supervisor"} <= set(outcome.details["MiB"]["demo used"])


@pytest.mark.parametrize(("percent", "expected"), [(0, 1), (50, 2), (51, 3), (75, 3), (99, 4), (100, 4)], ids=str)
def test_a_percentile_is_the_value_that_so_many_dont_exceed(percent: float, expected: float) -> None:
    assert figures.percentile([3, 1, 4, 2], percent) == expected


@pytest.mark.parametrize(
    ("aim", "value", "limit", "passed"),
    [
        (Aim(0.4, ratio=True), 40, 100, True),
        (Aim(0.4, ratio=True), 39, 100, False),
        (Aim(50, at_least=False), 50, 1, True),
        (Aim(50, at_least=False), 51, 1, False),
        (Aim(0.4, ratio=True), 40, None, False),
        (None, 40, 100, None),
    ],
)
def test_an_aim_is_met_or_isnt(aim: Aim | None, value: float, limit: float | None, *, passed: bool | None) -> None:
    figure = Figure(benchmark="b", name="n", value=value, unit="/s", limit=limit, aim=aim)
    assert figure.passed is passed
    verdict = figures.table([figure])[1][-1]
    assert verdict == {True: "pass", False: "SHORT", None: ""}[passed]


def test_what_a_process_found_comes_back_whole() -> None:
    figure = Figure(benchmark="b", name="n", value=1.5, unit="ms", limit=2, limit_name="echo", aim=Aim(3))
    outcome = Outcome([figure, Figure(benchmark="b", name="other", value=1, unit="")], {"cpu": {"web": 50}})
    assert figures.load(figures.dump(outcome)) == outcome


def test_results_are_kept_for_people_and_for_programs(tmp_path: Path) -> None:
    facts = {"date": "2026-03-02 09:00 UTC", "commit": "abc1234", "machine": "2 cores"}
    figure = Figure(benchmark="guest socket", name="p99", value=60, unit="ms", aim=Aim(50, at_least=False), note="web")
    readable = save(tmp_path, facts, {"guest": Outcome([figure], {"lost": 0})})
    assert readable.name == "2026-03-02-abc1234.md"
    assert "| guest socket: p99 | 60 ms |  |  | ≤ 50 | SHORT |" in readable.read_text()
    kept = json.loads(readable.with_suffix(".json").read_text())
    assert (kept["figures"][0]["passed"], kept["details"]["guest"]["lost"]) == (False, 0)
