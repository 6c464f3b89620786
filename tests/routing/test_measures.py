"""What the times of work mean, case by case."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from routing import measures

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)
NOW = NINE + timedelta(minutes=30)


def at(minutes: float) -> datetime:
    return NINE + timedelta(minutes=minutes)


def minutes(length: timedelta | None) -> float | None:
    return None if length is None else length.total_seconds() / 60


@pytest.mark.parametrize(
    ("stays", "waited", "since"),
    [
        ([], None, None),
        ([(at(0), at(4))], 4, None),
        ([(at(0), at(4)), (at(10), at(11))], 5, None),
        ([(at(0), at(4)), (at(20), None)], 14, at(20)),
    ],
)
def test_a_wait_is_all_stays_up_to_now(stays: list[measures.Stay], waited: float | None, since: datetime) -> None:
    assert minutes(measures.waited(stays, NOW)) == waited
    assert measures.waits_since(stays) == since


@pytest.mark.parametrize(
    ("connected", "replied", "expected"),
    [(at(1), at(3), 2), (at(1), at(1), 0), (at(1), None, None), (None, at(3), None), (at(3), at(1), None)],
)
def test_a_first_reply_counts_from_the_connection(
    connected: datetime | None, replied: datetime | None, expected: float | None
) -> None:
    assert minutes(measures.first_reply(connected, replied)) == expected


@pytest.mark.parametrize(
    ("left", "parked", "parked_at", "expected"),
    [(at(10), 0, None, 10), (at(10), 4, None, 6), (None, 0, None, 30), (None, 4, at(20), 16), (None, 4, None, 26)],
)
def test_talk_is_without_what_was_parked(
    left: datetime | None, parked: float, parked_at: datetime | None, expected: float
) -> None:
    found = measures.talked(NINE, left, NOW, parked=timedelta(minutes=parked), parked_at=parked_at)
    assert minutes(found) == expected


@pytest.mark.parametrize(
    ("left", "done", "expected"), [(None, None, 0), (at(10), at(12), 2), (at(10), None, 20), (at(10), at(10), 0)]
)
def test_after_call_work_runs_from_the_end_of_the_talk(
    left: datetime | None, done: datetime | None, expected: float
) -> None:
    assert minutes(measures.after_call(left, done, NOW)) == expected
