"""Opening hours: what people write, when it is open, and when next."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels_app.messenger.page.opening import BadHours, Hours, Span, is_open, next_opening, parse, written

BERLIN = ZoneInfo("Europe/Berlin")
OFFICE = [parse("9-12, 13-17:30")] * 5 + [parse("10-14"), []]
SHOP = Hours(BERLIN, OFFICE, {date(2026, 12, 25): [], date(2026, 12, 27): parse("12-16")})


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("", []),
        ("9-17", [(540, 1020)]),
        ("09:00 – 17:30", [(540, 1050)]),
        ("13-18, 9-12", [(540, 720), (780, 1080)]),
        ("9-12; 12-18", [(540, 1080)]),
        ("0-24", [(0, 1440)]),
        ("9.30-10", [(570, 600)]),
    ],
)
def test_hours_are_read_as_people_write_them(text: str, spans: list[Span]) -> None:
    assert parse(text) == spans


@pytest.mark.parametrize("text", ["nine to five", "9", "17-9", "9-9", "9-25", "9:75-10", "9-24:30", "-"])
def test_what_is_no_span_is_refused(text: str) -> None:
    with pytest.raises(BadHours):
        parse(text)


@pytest.mark.parametrize(
    ("local", "opened"),
    [
        ("2026-11-23T09:00", True),  # a Monday
        ("2026-11-23T08:59", False),
        ("2026-11-23T12:00", False),
        ("2026-11-23T17:29", True),
        ("2026-11-23T17:30", False),
        ("2026-11-22T11:00", False),  # a Sunday
        ("2026-12-25T11:00", False),  # a Friday that is different
        ("2026-12-27T13:00", True),  # a Sunday that is different
    ],
)
def test_it_is_open_by_the_wall_clock_of_its_zone(local: str, opened: bool) -> None:
    assert is_open(SHOP, datetime.fromisoformat(local).replace(tzinfo=BERLIN)) is opened


@pytest.mark.parametrize(
    ("local", "following"),
    [
        ("2026-11-23T08:00", "2026-11-23T09:00"),
        ("2026-11-23T12:30", "2026-11-23T13:00"),
        ("2026-11-20T18:00", "2026-11-21T10:00"),
        ("2026-11-21T18:00", "2026-11-23T09:00"),
        ("2026-12-24T18:00", "2026-12-26T10:00"),
    ],
)
def test_the_next_opening_is_found(local: str, following: str) -> None:
    found = next_opening(SHOP, datetime.fromisoformat(local).replace(tzinfo=BERLIN))
    assert found == datetime.fromisoformat(following).replace(tzinfo=BERLIN)


def test_who_never_opens_has_no_next_opening() -> None:
    assert next_opening(Hours(BERLIN, [[]] * 7), datetime(2026, 1, 1, tzinfo=UTC)) is None


def test_a_beginning_that_clocks_skip_is_the_first_minute_after_it() -> None:
    night = Hours(BERLIN, [parse("2:30-5")] * 7)
    found = next_opening(night, datetime(2026, 3, 29, 0, 30, tzinfo=UTC))
    assert found == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)  # 03:00 in summer time


def test_an_hour_that_clocks_repeat_opens_twice() -> None:
    night = Hours(BERLIN, [parse("2:30-2:45")] * 7)
    found = next_opening(night, datetime(2026, 10, 25, 0, 50, tzinfo=UTC))  # 02:50 in summer time
    assert found == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


minutes = st.integers(0, 1440)
spans = st.lists(st.tuples(minutes, minutes).filter(lambda pair: pair[0] < pair[1]), max_size=3)
zones = st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe"])


@given(spans)
def test_what_is_written_reads_the_same(given_spans: list[Span]) -> None:
    read = parse(written(given_spans))
    assert parse(written(read)) == read
    covered = {minute for start, end in given_spans for minute in range(start, end)}
    assert covered == {minute for start, end in read for minute in range(start, end)}


@settings(max_examples=60, deadline=None)
@given(zones, st.lists(spans, min_size=7, max_size=7), st.integers(0, 525_600), st.data())
def test_until_the_next_opening_it_is_closed_and_then_it_is_open(
    zone: str, week: list[list[Span]], minute: int, data: st.DataObject
) -> None:
    hours, at = Hours(ZoneInfo(zone), week), datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minute)
    if is_open(hours, at):
        return
    found = next_opening(hours, at)
    if found is None:
        assert not any(week)
        return
    assert found > at
    assert is_open(hours, found)
    between = int((found - at) / timedelta(minutes=1)) - 1
    assert not is_open(hours, at + timedelta(minutes=data.draw(st.integers(0, max(between, 0)))))
