"""Ids sort by time and tell it."""

from __future__ import annotations

import re
import threading
import uuid
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from contactcenter.kernel import clock, ids

MILLISECOND = timedelta(milliseconds=1)
NINE = datetime(2026, 11, 22, 9, tzinfo=UTC)
moments = st.integers(0, 500 * 365 * 86_400_000_000).map(
    lambda micros: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros)
)


def to_the_millisecond(moment: datetime) -> datetime:
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


@given(moments)
def test_an_id_tells_its_time(moment: datetime) -> None:
    assert ids.time_of(ids.new(moment)) == to_the_millisecond(moment)


#: as a foreign client looks for ids in what it gets; old validators and many JSON schemas have the same
KNOWN_VERSIONS = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[1-5][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


@given(moments)
def test_to_every_reader_an_id_is_an_ordinary_version_4_uuid(moment: datetime) -> None:
    for value in (ids.new(moment), ids.floor(moment)):
        assert (value.version, value.variant) == (4, uuid.RFC_4122)
        assert KNOWN_VERSIONS.fullmatch(str(value))


def test_that_clients_pattern_refuses_a_version_7() -> None:
    assert not KNOWN_VERSIONS.fullmatch("01a2284c-ff6a-703c-9a3e-5b1f0f5f3c11")


@given(moments)
def test_the_floor_is_below_its_moments_ids_and_above_all_before(moment: datetime) -> None:
    assert ids.floor(moment) <= ids.new(moment)
    if moment - MILLISECOND >= datetime(1970, 1, 1, tzinfo=UTC):
        assert ids.new(moment - MILLISECOND) < ids.floor(moment)


@given(moments, moments)
def test_ids_sort_like_their_times(one: datetime, other: datetime) -> None:
    first, second = ids.new(one), ids.new(other)
    if to_the_millisecond(one) != to_the_millisecond(other):
        assert (first < second) == (one < other)


def test_ids_of_one_millisecond_rise_strictly() -> None:
    moment = NINE + timedelta(hours=1)  # no other test's, so its counter is fresh
    made = [ids.new(moment) for _ in range(3000)]
    assert all(one < next_one for one, next_one in pairwise(made))


def test_past_what_the_counter_holds_ids_are_still_unique_and_in_their_millisecond() -> None:
    made = [ids.new(NINE) for _ in range(6000)]
    assert len(set(made)) == 6000
    assert {ids.time_of(value) for value in made} == {NINE}


def test_threads_never_make_the_same_id() -> None:
    made: list[uuid.UUID] = []

    def make() -> None:
        made.extend([ids.new(NINE) for _ in range(500)])

    threads = [threading.Thread(target=make) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert len(made) == len(set(made)) == 2000


def test_without_a_moment_it_is_the_clocks() -> None:
    with clock.at(NINE):
        assert ids.time_of(ids.new()) == NINE


def test_another_zone_is_the_same_moment() -> None:
    from zoneinfo import ZoneInfo

    assert ids.floor(NINE.astimezone(ZoneInfo("Asia/Tokyo"))) == ids.floor(NINE)
