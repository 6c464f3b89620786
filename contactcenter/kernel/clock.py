"""The one clock. An action reads it once and passes `now` down; nothing else asks for the time.

Two ways to move it, both for tests and demo data:
* `at(moment)`: this context (thread or task) stands still at a moment;
* the file named by `CC_CLOCK_FILE` holds seconds to add, so all processes travel together.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path

from django.conf import settings

_standing: ContextVar[datetime | None] = ContextVar("standing_clock", default=None)


def now() -> datetime:
    """The time as aware UTC, with the moves described above."""
    standing = _standing.get()
    if standing is not None:
        return standing
    moved = _offset() if settings.CC_CLOCK_FILE else timedelta(0)
    return datetime.now(UTC) + moved


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Stand still at `moment` in this context."""
    token = _standing.set(moment)
    try:
        yield
    finally:
        _standing.reset(token)


def move_all(by: timedelta) -> None:
    """Let every process that shares `CC_CLOCK_FILE` live `by` later than the real time."""
    path = Path(settings.CC_CLOCK_FILE)
    fresh = path.with_suffix(".new")
    fresh.write_text(str(by.total_seconds()))
    fresh.replace(path)


def _offset() -> timedelta:
    try:
        changed = Path(settings.CC_CLOCK_FILE).stat().st_mtime_ns
    except FileNotFoundError:
        return timedelta(0)
    return _read_offset(settings.CC_CLOCK_FILE, changed)


@lru_cache(maxsize=4)
def _read_offset(path: str, changed: int) -> timedelta:
    return timedelta(seconds=float(Path(path).read_text() or 0))
