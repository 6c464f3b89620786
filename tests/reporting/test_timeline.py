"""The timeline as values: lanes, places on the axis, ticks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporting.timeline import MOST_TICKS, Lane, Segment, draw, talk_and_parked

NINE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def at(minutes: float) -> datetime:
    return NINE + timedelta(minutes=minutes)


def test_places_are_percent_of_the_axis() -> None:
    lanes = [
        Lane("queue", "1", [Segment("wait", at(0), at(5))]),
        Lane("agent", "2", [Segment("talk", at(5), at(20), "")]),
    ]
    drawn = draw(lanes, at(30))
    assert drawn is not None
    assert (drawn.start, drawn.end) == (at(0), at(20))
    talk = drawn.lanes[1].segments[0]
    assert (talk.left, talk.width, talk.style) == (25, 75, "--a:25.000;--w:75.000")


def test_what_goes_on_reaches_to_now() -> None:
    drawn = draw([Lane("agent", "2", [Segment("talk", at(0), None)])], at(10))
    assert drawn is not None
    assert drawn.end == at(10)
    assert drawn.lanes[0].totals == {"talk": timedelta(minutes=10)}


def test_the_customer_is_on_top_then_who_came_first() -> None:
    lanes = [
        Lane("agent", "late", [Segment("talk", at(5), at(6))]),
        Lane("queue", "early", [Segment("wait", at(1), at(5))]),
        Lane("customer", "her", [], [at(3)]),
        Lane("agent", "nobody"),
    ]
    drawn = draw(lanes, at(9))
    assert drawn is not None
    assert [one.lane.key for one in drawn.lanes] == ["her", "early", "late"]


def test_nothing_is_nothing() -> None:
    assert draw([Lane("customer", "her")], NINE) is None


def test_ticks_are_round_moments() -> None:
    drawn = draw([Lane("agent", "2", [Segment("talk", at(2.5), at(24))])], NINE)
    assert drawn is not None
    assert [moment for moment, _ in drawn.ticks] == [at(5), at(10), at(15), at(20)]


@pytest.mark.parametrize(
    ("left", "parked", "expected"),
    [
        (None, [], [("talk", 0, None)]),
        (9, [], [("talk", 0, 9)]),
        (9, [(2, 5)], [("talk", 0, 2), ("parked", 2, 5), ("talk", 5, 9)]),
        (None, [(2, None)], [("talk", 0, 2), ("parked", 2, None)]),
        (9, [(2, None)], [("talk", 0, 2), ("parked", 2, 9)]),
        (9, [(2, 5), (5, 9)], [("talk", 0, 2), ("parked", 2, 5), ("parked", 5, 9)]),
        (0, [], [("talk", 0, 0)]),
    ],
)
def test_parking_cuts_the_talk(left: int | None, parked: list, expected: list) -> None:
    moments = [(at(begin), None if end is None else at(end)) for begin, end in parked]
    segments = talk_and_parked(at(0), None if left is None else at(left), moments)
    wanted = [(kind, at(begin), None if end is None else at(end)) for kind, begin, end in expected]
    assert [(one.kind, one.start, one.end) for one in segments] == wanted


moments = st.integers(0, 20_000).map(lambda minutes: at(minutes / 7))
segments = st.builds(Segment, st.sampled_from(["wait", "talk"]), moments, st.none() | moments)
lanes = st.lists(
    st.builds(
        Lane, st.sampled_from(["queue", "agent"]), st.text("ab", min_size=1), st.lists(segments), st.lists(moments)
    ),
    max_size=5,
)


@given(lanes, moments)
def test_all_lies_on_the_axis(found: list[Lane], now: datetime) -> None:
    drawn = draw(found, now)
    if drawn is None:
        assert not any(lane.segments or lane.dots for lane in found)
        return
    assert len(drawn.ticks) <= MOST_TICKS + 1
    for lane in drawn.lanes:
        assert sum(lane.totals.values(), timedelta(0)) == sum((one.length for one in lane.segments), timedelta(0))
        for one in lane.segments:
            assert -0.001 <= one.left <= one.left + one.width <= 100.001
