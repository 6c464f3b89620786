"""Opening hours, shifts and arrivals: pure."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contactcenter.demo.hours import LAST_ARRIVAL, Calendar

ZONE = ZoneInfo("Europe/Berlin")
ENDS = st.integers(0, 365 * 24 * 60).map(lambda minutes: datetime(2026, 1, 10, tzinfo=UTC) + timedelta(minutes=minutes))


def calendar(end: datetime, days: int = 7) -> Calendar:
    return Calendar(end - timedelta(days=days), end, ZONE)


@given(ENDS, st.integers(0, 60))
def test_customers_write_within_the_days_and_early_enough_to_be_answered(end: datetime, count: int) -> None:
    shop = calendar(end)
    moments = shop.arrivals(count, random.Random(1))
    assert len(moments) == count
    assert moments == sorted(moments)
    for moment in moments:
        assert shop.start <= moment
        assert shop.next_open(moment) <= shop.end - LAST_ARRIVAL


@given(ENDS)
def test_the_next_opening_is_open_and_not_before(moment: datetime) -> None:
    shop = calendar(moment)
    opening = shop.next_open(moment)
    assert opening >= moment
    assert shop.is_open(opening)
    assert shop.is_open(shop.next_morning(moment))
    assert shop.next_morning(moment) > moment


@given(ENDS, st.integers(1, 8))
def test_a_shift_has_its_meal_inside_and_ends_on_its_day(end: datetime, agents: int) -> None:
    for shift in calendar(end).shifts(agents, (0,)):
        assert shift.start.date() == shift.end.date()
        assert shift.start < shift.end
        assert shift.meal is None or shift.start < shift.meal < shift.end - timedelta(minutes=30)


def test_without_an_open_hour_nobody_writes() -> None:
    sunday = datetime(2026, 3, 8, 18, 0, tzinfo=UTC)
    assert calendar(sunday, days=1).arrivals(5, random.Random(1)) == []


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        (datetime(2026, 3, 9, 8, 0, tzinfo=ZONE), True),
        (datetime(2026, 3, 9, 7, 59, tzinfo=ZONE), False),
        (datetime(2026, 3, 9, 19, 0, tzinfo=ZONE), False),
        (datetime(2026, 3, 7, 10, 0, tzinfo=ZONE), True),
        (datetime(2026, 3, 7, 16, 0, tzinfo=ZONE), False),
        (datetime(2026, 3, 8, 12, 0, tzinfo=ZONE), False),
    ],
    ids=["opens", "before", "after", "saturday", "saturday afternoon", "sunday"],
)
def test_the_shop_keeps_its_hours(moment: datetime, is_open: bool) -> None:
    assert calendar(moment).is_open(moment) is is_open
