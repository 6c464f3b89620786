"""When a program that died starts again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contactcenter.up.policy import RestartPolicy

POLICY = RestartPolicy()


@pytest.mark.parametrize(
    ("deaths", "delay"),
    [
        ([0], 0.2),
        ([0, 1], 0.4),
        ([0, 1, 2], 0.8),
        ([0, 1, 2, 3], 1.6),
        ([0, 20, 40, 60, 80], 3.2),
        ([0, 20, 40, 60, 80, 100], 5.0),  # never more than the longest
        ([0, 1, 2, 100], 0.2),  # a long life clears the record
    ],
)
def test_the_delay_doubles_while_deaths_follow_each_other(deaths: list[float], delay: float) -> None:
    assert POLICY.delay(deaths) == pytest.approx(delay)


@pytest.mark.parametrize("deaths", [[0, 1, 2, 3, 4], [0, 14, 28, 42, 56], [-900, 0, 1, 2, 3, 4]])
def test_five_deaths_within_a_minute_are_the_end(deaths: list[float]) -> None:
    assert POLICY.delay(deaths) is None


def test_five_deaths_in_more_than_a_minute_are_not_the_end() -> None:
    assert POLICY.delay([0, 15, 30, 45, 60]) is not None


def test_another_limit_allows_more_deaths() -> None:
    assert RestartPolicy(limit=6).delay([0, 1, 2, 3, 4]) is not None


@given(st.lists(st.floats(min_value=0, max_value=1e6), min_size=1, max_size=40).map(sorted))
def test_a_delay_is_never_shorter_than_the_first_nor_longer_than_the_longest(deaths: list[float]) -> None:
    delay = POLICY.delay(deaths)
    assert delay is None or POLICY.first_delay <= delay <= POLICY.longest_delay
