"""Presence and routing status as stored: one open span that agrees with the agent's row."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from agents.actions.status import do_choose_presence, do_enter_queue, do_seen, do_status_event
from agents.models import AgentState, PresenceSpan, RoutingStatusSpan, User
from agents.presence import Event, Presence, RoutingStatus
from contactcenter.kernel import clock

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.fixture
def ana(db: None) -> User:
    return User.objects.create_user("ana@example.com", name="Ana")


def spans(kind: type[RoutingStatusSpan] | type[PresenceSpan]) -> list[tuple[str, float, float | None]]:
    """Status, and the minutes after nine when it began and ended."""
    return [
        (one.status, _minutes(one.started_at), None if one.ended_at is None else _minutes(one.ended_at))
        for one in kind.objects.order_by("id")
    ]


def _minutes(moment: datetime) -> float:
    return (moment - NINE).total_seconds() / 60


def test_going_on_queue_makes_available_and_idle(ana: User) -> None:
    with clock.at(NINE):
        assert do_enter_queue(ana.id) == RoutingStatus.IDLE
    state = AgentState.objects.get(user=ana)
    assert (state.presence, state.status, state.status_since) == (Presence.AVAILABLE, RoutingStatus.IDLE, NINE)
    assert (spans(PresenceSpan), spans(RoutingStatusSpan)) == ([("available", 0, None)], [("idle", 0, None)])


def test_a_span_ends_where_the_next_begins(ana: User) -> None:
    with clock.at(NINE):
        do_enter_queue(ana.id)
    with clock.at(NINE + timedelta(minutes=5)):
        do_choose_presence(ana.id, Presence.MEAL)
    assert spans(PresenceSpan) == [("available", 0, 5), ("meal", 5, None)]
    assert spans(RoutingStatusSpan) == [("idle", 0, 5), ("off_queue", 5, None)]


def test_the_same_again_begins_no_span(ana: User) -> None:
    for minutes in (0, 5):
        with clock.at(NINE + timedelta(minutes=minutes)):
            do_enter_queue(ana.id)
    assert spans(RoutingStatusSpan) == [("idle", 0, None)]


def test_a_clock_that_is_behind_ends_no_span_before_it_began(ana: User) -> None:
    """Whoever waits for the lock has read the clock before its last holder did."""
    with clock.at(NINE + timedelta(minutes=5)):
        do_enter_queue(ana.id)
    with clock.at(NINE):
        do_status_event(ana.id, Event.GO_OFF_QUEUE)
    assert spans(RoutingStatusSpan) == [("idle", 5, 5), ("off_queue", 5, None)]
    assert AgentState.objects.get(user=ana).status_since == NINE + timedelta(minutes=5)


def test_every_change_moves_the_desks_head(ana: User) -> None:
    heads = []
    for presence in (Presence.AVAILABLE, Presence.BUSY, Presence.BUSY):
        do_choose_presence(ana.id, presence)
        heads.append(AgentState.objects.get(user=ana).seq)
    assert heads[0] < heads[1] == heads[2]


def test_a_heartbeat_is_kept_and_changes_nothing_else(ana: User) -> None:
    with clock.at(NINE):
        do_seen(ana.id)
    state = AgentState.objects.get(user=ana)
    assert (state.seen_at, state.status, state.seq) == (NINE, RoutingStatus.OFF_QUEUE, 0)
