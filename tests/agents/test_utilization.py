"""Capacity: exact counting, and limits that only ever stop new work."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.utilization import effective_limit, free, in_use, may_add

COUNTS = st.integers(0, 50)
HUNDREDTHS = st.integers(0, 100)
LIMITS = st.integers(1, 25)

CASES = [
    # alerting, connected, wrap-up, parked, wrap-up counts, parked weight → slots in use
    (0, 0, 0, 0, True, "1", "0.00"),
    (1, 0, 0, 0, True, "0", "1.00"),
    (0, 2, 0, 0, True, "0", "2.00"),
    (0, 0, 3, 0, True, "0", "3.00"),
    (0, 0, 3, 0, False, "0", "0.00"),
    (0, 0, 0, 4, True, "0", "0.00"),
    (0, 0, 0, 4, True, "0.25", "1.00"),
    (0, 0, 0, 4, True, "1", "4.00"),
    (1, 2, 3, 4, True, "0.1", "6.40"),
    (1, 2, 3, 4, False, "0.1", "3.40"),
]


@pytest.mark.parametrize(("alerting", "connected", "wrapup", "parked", "counts", "weight", "expected"), CASES)
def test_what_is_in_use_is_counted_by_state(
    alerting: int, connected: int, wrapup: int, parked: int, counts: bool, weight: str, expected: str
) -> None:
    used = in_use(alerting, connected, wrapup, parked, count_wrapup=counts, parked_weight=Decimal(weight))
    assert str(used) == expected


@given(COUNTS, COUNTS, COUNTS, COUNTS, st.booleans(), HUNDREDTHS)
def test_counting_in_whole_hundredths_gives_the_same(
    alerting: int, connected: int, wrapup: int, parked: int, counts: bool, weight: int
) -> None:
    used = in_use(alerting, connected, wrapup, parked, count_wrapup=counts, parked_weight=Decimal(weight) / 100)
    assert used * 100 == 100 * alerting + 100 * connected + 100 * wrapup * counts + weight * parked


@given(COUNTS, HUNDREDTHS)
def test_a_weight_given_as_a_float_counts_like_the_decimal(parked: int, weight: int) -> None:
    by_float = in_use(0, 0, 0, parked, count_wrapup=True, parked_weight=weight / 100)
    assert by_float == in_use(0, 0, 0, parked, count_wrapup=True, parked_weight=Decimal(weight) / 100)


def test_ten_parked_at_a_tenth_added_one_by_one_are_exactly_one_slot() -> None:
    one = in_use(0, 0, 0, 1, count_wrapup=True, parked_weight=0.1)
    assert sum([one] * 10, Decimal(0)) == 1
    assert sum([0.1] * 10) < 1, "the reason why this isn't done with floats"


@pytest.mark.parametrize("state", range(4))
def test_a_negative_number_is_refused(state: int) -> None:
    numbers = [0, 0, 0, 0]
    numbers[state] = -1
    with pytest.raises(ValueError, match="negative"):
        in_use(*numbers, count_wrapup=False, parked_weight=0)


@pytest.mark.parametrize("weight", [-0.01, 1.01, Decimal(2)])
def test_a_weight_outside_nought_to_one_is_refused(weight: Decimal | float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        in_use(0, 0, 0, 1, count_wrapup=False, parked_weight=weight)


@pytest.mark.parametrize("weight", [0, 0.01, Decimal("0.5"), 1])
def test_a_weight_from_nought_to_one_is_accepted(weight: Decimal | float) -> None:
    assert in_use(0, 0, 0, 1, count_wrapup=False, parked_weight=weight) == Decimal(str(weight))


FREE = [(4, "0.00", "4.00"), (4, "3.90", "0.10"), (4, "4.00", "0.00"), (1, "3.00", "0.00")]


@pytest.mark.parametrize(("limit", "used", "left"), FREE)
def test_free_slots_are_what_is_left_and_never_negative(limit: int, used: str, left: str) -> None:
    assert str(free(limit, Decimal(used))) == left


MAY_ADD = [
    (1, "0.00", 1, True),
    (1, "1.00", 1, False),
    (4, "3.00", 1, True),
    (4, "3.01", 1, False),
    (4, "3.90", Decimal("0.1"), True),
    (4, "3.90", 0.1, True),
    (4, "3.91", 0.1, False),
    (1, "5.00", 1, False),
]


@pytest.mark.parametrize(("limit", "used", "weight", "expected"), MAY_ADD)
def test_work_is_added_up_to_the_limit_and_not_past_it(
    limit: int, used: str, weight: Decimal | float, expected: bool
) -> None:
    assert may_add(limit, Decimal(used), weight) is expected


@given(LIMITS, st.integers(0, 3000))
def test_a_whole_slot_is_free_exactly_when_work_may_be_added(limit: int, hundredths: int) -> None:
    used = Decimal(hundredths) / 100
    assert (free(limit, used) >= 1) == may_add(limit, used)


@given(LIMITS, HUNDREDTHS.filter(bool))
def test_adding_while_it_is_allowed_fills_the_limit_and_never_passes_it(limit: int, weight: int) -> None:
    each, used = Decimal(weight) / 100, Decimal("0.00")
    for _ in range(25 * 100 + 1):
        if not may_add(limit, used, each):
            break
        used += each
    assert limit - each < used <= limit


@pytest.mark.parametrize(("default", "override", "expected"), [(4, None, 4), (4, 1, 1), (1, 25, 25), (25, 4, 4)])
def test_the_agents_own_limit_wins_over_the_organisations(default: int, override: int | None, expected: int) -> None:
    assert effective_limit(default, override) == expected


@pytest.mark.parametrize(("default", "override"), [(0, None), (26, None), (4, 0), (4, 26), (4, -1), (0, 4)])
def test_a_limit_outside_1_to_25_is_refused(default: int, override: int | None) -> None:
    with pytest.raises(ValueError, match="between 1 and 25"):
        effective_limit(default, override)


@given(LIMITS, st.none() | LIMITS)
def test_a_limit_from_1_to_25_is_accepted(default: int, override: int | None) -> None:
    assert effective_limit(default, override) == (default if override is None else override)
