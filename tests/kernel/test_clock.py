"""The clock can stand still here, and travel everywhere."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from contactcenter.kernel import clock

NINE = datetime(2026, 11, 22, 9, tzinfo=UTC)
NEAR = timedelta(seconds=30)


@pytest.fixture
def clock_file(tmp_path: Path, settings: Any) -> Path:
    settings.CC_CLOCK_FILE = str(tmp_path / "clock")
    return tmp_path / "clock"


def real() -> datetime:
    return datetime.now(UTC)


def test_it_tells_the_time_in_utc() -> None:
    assert clock.now().tzinfo is UTC
    assert abs(clock.now() - real()) < NEAR


def test_it_stands_still_inside_at_and_goes_on_after() -> None:
    with clock.at(NINE):
        assert clock.now() == clock.now() == NINE
    assert abs(clock.now() - real()) < NEAR


def test_an_inner_moment_ends_with_its_block() -> None:
    with clock.at(NINE):
        with clock.at(NINE + timedelta(days=2)):
            assert clock.now() == NINE + timedelta(days=2)
        assert clock.now() == NINE


def test_it_goes_on_after_an_error() -> None:
    with pytest.raises(ZeroDivisionError), clock.at(NINE):
        raise ZeroDivisionError
    assert clock.now() != NINE


def test_standing_still_is_this_contexts_own() -> None:
    seen: list[datetime] = []
    with clock.at(NINE):
        other = threading.Thread(target=lambda: seen.append(clock.now()))
        other.start()
        other.join(5)
    assert abs(seen[0] - real()) < NEAR


def test_the_file_moves_everybody_and_moves_again(clock_file: Path) -> None:
    clock.move_all(timedelta(days=2))
    assert abs(clock.now() - real() - timedelta(days=2)) < NEAR
    clock.move_all(timedelta(days=-3))
    assert abs(clock.now() - real() + timedelta(days=3)) < NEAR


def test_many_moves_in_one_tick_of_the_file_system_are_all_seen(clock_file: Path) -> None:
    for days in range(50):
        clock.move_all(timedelta(days=days))
        assert abs(clock.now() - real() - timedelta(days=days)) < NEAR


def test_a_file_that_isnt_there_moves_nothing(clock_file: Path) -> None:
    assert abs(clock.now() - real()) < NEAR


def test_standing_still_wins_over_the_file(clock_file: Path) -> None:
    clock.move_all(timedelta(days=2))
    with clock.at(NINE):
        assert clock.now() == NINE
