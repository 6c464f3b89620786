"""The status machine, every cell of it: 4 statuses × 5 events × wish × load, and 8 presences."""

from __future__ import annotations

from decimal import Decimal
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.presence import (
    KEEPS_QUEUE,
    TAKES_WORK,
    Event,
    Presence,
    RoutingStatus,
    on_queue_after,
    status_after,
)

OFF, IDLE, BUSY = RoutingStatus.OFF_QUEUE, RoutingStatus.IDLE, RoutingStatus.INTERACTING
SILENT = RoutingStatus.NOT_RESPONDING

# event, the wish to be on the queue, load → next status from (OFF, IDLE, BUSY, SILENT).
TABLE: dict[tuple[Event, bool, int], tuple[RoutingStatus, ...]] = {
    (Event.GO_ON_QUEUE, True, 0): (IDLE, IDLE, IDLE, IDLE),
    (Event.GO_ON_QUEUE, True, 1): (BUSY, BUSY, BUSY, BUSY),
    (Event.GO_ON_QUEUE, False, 0): (IDLE, IDLE, IDLE, IDLE),
    (Event.GO_ON_QUEUE, False, 1): (BUSY, BUSY, BUSY, BUSY),
    (Event.GO_OFF_QUEUE, True, 0): (OFF, OFF, OFF, OFF),
    (Event.GO_OFF_QUEUE, True, 1): (OFF, OFF, OFF, OFF),
    (Event.GO_OFF_QUEUE, False, 0): (OFF, OFF, OFF, OFF),
    (Event.GO_OFF_QUEUE, False, 1): (OFF, OFF, OFF, OFF),
    (Event.LOAD_CHANGED, True, 0): (OFF, IDLE, IDLE, SILENT),
    (Event.LOAD_CHANGED, True, 1): (OFF, BUSY, BUSY, SILENT),
    (Event.LOAD_CHANGED, False, 0): (OFF, OFF, OFF, OFF),
    (Event.LOAD_CHANGED, False, 1): (OFF, OFF, OFF, OFF),
    (Event.OFFER_EXPIRED, True, 0): (OFF, SILENT, SILENT, SILENT),
    (Event.OFFER_EXPIRED, True, 1): (OFF, SILENT, SILENT, SILENT),
    (Event.OFFER_EXPIRED, False, 0): (OFF, OFF, OFF, OFF),
    (Event.OFFER_EXPIRED, False, 1): (OFF, OFF, OFF, OFF),
    (Event.SOCKET_GONE, True, 0): (OFF, OFF, OFF, OFF),
    (Event.SOCKET_GONE, True, 1): (OFF, OFF, OFF, OFF),
    (Event.SOCKET_GONE, False, 0): (OFF, OFF, OFF, OFF),
    (Event.SOCKET_GONE, False, 1): (OFF, OFF, OFF, OFF),
}
COLUMNS = (OFF, IDLE, BUSY, SILENT)
CELLS = [
    (current, event, wish, load, expected)
    for (event, wish, load), row in TABLE.items()
    for current, expected in zip(COLUMNS, row, strict=True)
]


def test_the_table_leaves_nothing_out() -> None:
    assert set(TABLE) == set(product(Event, (True, False), (0, 1)))
    assert set(COLUMNS) == set(RoutingStatus)


@pytest.mark.parametrize(("current", "event", "wish", "load", "expected"), CELLS)
def test_every_event_leads_where_the_table_says(
    current: RoutingStatus, event: Event, wish: bool, load: int, expected: RoutingStatus
) -> None:
    assert status_after(current, on_queue=wish, load=load, event=event) is expected


def test_a_load_that_is_a_part_of_a_slot_counts_as_work() -> None:
    parked = Decimal("0.10")
    assert status_after(IDLE, on_queue=True, load=parked, event=Event.LOAD_CHANGED) is BUSY


def test_work_that_weighs_nothing_leaves_the_agent_idle() -> None:
    assert status_after(BUSY, on_queue=True, load=Decimal("0.00"), event=Event.LOAD_CHANGED) is IDLE


@pytest.mark.parametrize("event", Event)
def test_a_negative_load_is_an_error(event: Event) -> None:
    with pytest.raises(ValueError, match="negative"):
        status_after(SILENT, on_queue=True, load=-1, event=event)


def test_statuses_read_from_the_database_as_text_work_too() -> None:
    stored: RoutingStatus = "not_responding"  # type: ignore[assignment]
    assert status_after(stored, on_queue=True, load=0, event=Event.LOAD_CHANGED) is SILENT
    assert status_after(stored, on_queue=True, load=0, event=Event.GO_ON_QUEUE) is IDLE


def test_only_the_agent_brings_themselves_back_from_not_responding() -> None:
    unasked = (Event.LOAD_CHANGED, Event.OFFER_EXPIRED)
    assert {status_after(SILENT, on_queue=True, load=load, event=e) for load in (0, 1) for e in unasked} == {SILENT}
    assert status_after(SILENT, on_queue=True, load=0, event=Event.GO_ON_QUEUE) in TAKES_WORK


def test_work_comes_to_idle_and_interacting_agents_and_to_nobody_else() -> None:
    assert {status for status in RoutingStatus if status in TAKES_WORK} == {IDLE, BUSY}


PRESENCES = [
    ("available", True),
    ("busy", False),
    ("break", False),
    ("meal", False),
    ("meeting", False),
    ("training", False),
    ("away", False),
    ("offline", False),
]


def test_the_presences_are_the_known_ones() -> None:
    assert [(presence.value, KEEPS_QUEUE[presence]) for presence in Presence] == PRESENCES
    assert set(KEEPS_QUEUE) == set(Presence)


@pytest.mark.parametrize(("presence", "keeps"), PRESENCES)
def test_choosing_anything_but_available_leaves_the_queue(presence: str, keeps: bool) -> None:
    assert on_queue_after(Presence(presence), on_queue=True) is keeps


@pytest.mark.parametrize("presence", Presence)
def test_choosing_a_presence_never_puts_anyone_on_the_queue(presence: Presence) -> None:
    assert on_queue_after(presence, on_queue=False) is False


STEPS = st.lists(st.tuples(st.one_of(st.sampled_from(Event), st.sampled_from(Presence)), st.integers(0, 3)))


@given(STEPS)
def test_whoever_takes_work_is_available_and_shows_their_load(
    steps: list[tuple[Event | Presence, int]],
) -> None:
    """A day of an agent, as the actions will drive it: choices of presence and events, in any order."""
    presence, status = Presence.OFFLINE, OFF
    for step, load in steps:
        before = status
        if isinstance(step, Presence):
            presence, event = step, Event.LOAD_CHANGED
            wish = on_queue_after(step, on_queue=status is not OFF)
        else:
            event, wish = step, status is not OFF
            presence = Presence.AVAILABLE if step is Event.GO_ON_QUEUE else presence  # as `do_enter_queue` does
        status = status_after(status, on_queue=wish, load=load, event=event)
        assert status is OFF or presence is Presence.AVAILABLE
        assert status not in TAKES_WORK or (status is BUSY) == (load > 0)
        assert before is not OFF or status is OFF or event is Event.GO_ON_QUEUE
