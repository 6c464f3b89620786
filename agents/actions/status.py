"""Presence and routing status as stored: the current values on AgentState, their history as spans."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import F, Sum

from agents.events import PresenceChanged, RoutingStatusChanged
from agents.models import AgentLoad, AgentState, PresenceSpan, RoutingStatusSpan
from agents.models.status import Span
from agents.presence import Event, Presence, RoutingStatus, on_queue_after, status_after
from contactcenter.kernel.db import Tx, action


def locked_state(tx: Tx, user_id: uuid.UUID) -> AgentState:
    """The agent's state row, made at first use, locked: the last lock in the order."""
    rows = AgentState.objects.select_for_update(of=("self",), no_key=True)
    if found := rows.filter(user_id=user_id).first():
        return found
    fresh = AgentState(user_id=user_id, status_since=tx.now, idle_since=tx.now)
    AgentState.objects.bulk_create([fresh], ignore_conflicts=True)
    return rows.get(user_id=user_id)


@action
def do_status_event(tx: Tx, user_id: uuid.UUID, event: Event, *, reason: str = "") -> RoutingStatus:
    """Let an event work on an agent's routing status; gives the status after it."""
    state = locked_state(tx, user_id)
    load = AgentLoad.objects.filter(user_id=user_id).aggregate(sum=Sum("in_use"))["sum"] or 0
    current = RoutingStatus(state.status)
    after = status_after(current, on_queue=current != RoutingStatus.OFF_QUEUE, load=load, event=event)
    if after != current:
        _change_status(tx, state, after, reason)
    return after


@action
def do_choose_presence(tx: Tx, user_id: uuid.UUID, presence: Presence) -> AgentState:
    """The agent chooses a presence; most of them leave the queue."""
    state = locked_state(tx, user_id)
    if state.presence != presence:
        _change_presence(tx, state, presence)
    on_queue = state.status != RoutingStatus.OFF_QUEUE
    if on_queue and not on_queue_after(presence, on_queue=True):
        _change_status(tx, state, RoutingStatus.OFF_QUEUE, f"presence_{presence}")
    return state


@action
def do_enter_queue(tx: Tx, user_id: uuid.UUID) -> RoutingStatus:
    """The agent goes on queue, which makes them available."""
    do_choose_presence.within(tx, user_id, Presence.AVAILABLE)
    return do_status_event.within(tx, user_id, Event.GO_ON_QUEUE)


@action
def do_seen(tx: Tx, user_id: uuid.UUID) -> None:
    """A desk of this agent is connected: its heartbeat."""
    if not AgentState.objects.filter(user_id=user_id).update(seen_at=tx.now):
        locked_state(tx, user_id)
        AgentState.objects.filter(user_id=user_id).update(seen_at=tx.now)


@action
def do_all_seen(tx: Tx, user_ids: Collection[uuid.UUID]) -> None:
    """`do_seen` for many, by two statements; their rows are locked in order. Who has no state yet gets one."""
    rows = AgentState.objects.select_for_update(of=("self",), no_key=True).filter(user_id__in=user_ids)
    found = list(rows.order_by("user_id").values_list("user_id", flat=True))
    AgentState.objects.filter(user_id__in=found).update(seen_at=tx.now)
    for user_id in sorted(set(user_ids) - set(found)):
        do_seen.within(tx, user_id)


def touch(tx: Tx, *user_ids: uuid.UUID, worked: bool = False) -> None:
    """What these agents' desks show has changed; `worked`: work came or went, so the idle clock starts anew."""
    changes = {"seq": F("seq") + 1} | ({"idle_since": tx.now} if worked else {})
    for user_id in sorted(set(user_ids)):
        AgentState.objects.filter(user_id=user_id).update(**changes)


def _change_status(tx: Tx, state: AgentState, status: RoutingStatus, reason: str) -> None:
    tx.record(RoutingStatusChanged(agent_id=state.user_id, previous=state.status, status=status, reason=reason))
    state.status_since = _next_span(tx, RoutingStatusSpan, state.user_id, status, reason)
    state.status = status
    state.seq += 1
    state.save(update_fields=["status", "status_since", "seq"])


def _change_presence(tx: Tx, state: AgentState, presence: Presence) -> None:
    tx.record(PresenceChanged(agent_id=state.user_id, previous=state.presence, presence=presence))
    _next_span(tx, PresenceSpan, state.user_id, presence, "")
    state.presence = presence
    state.seq += 1
    state.save(update_fields=["presence", "seq"])


def _next_span(tx: Tx, spans: type[Span], user_id: uuid.UUID, status: str, reason: str) -> datetime:
    """End the open span and begin the next there; gives that moment.

    It isn't before the open span's start: who waited for the lock has read the clock earlier than its last holder.
    """
    rows: models.Manager[Any] = spans.objects  # type: ignore[attr-defined]
    moment = tx.now
    if current := rows.filter(user_id=user_id, ended_at=None).first():
        moment = max(moment, current.started_at)
        rows.filter(id=current.id).update(ended_at=moment)
    rows.create(user_id=user_id, status=status, started_at=moment, reason=reason)
    return moment
