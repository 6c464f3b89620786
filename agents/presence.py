"""Presence and routing status: what an agent says about themselves, and what the ACD makes of it. Pure.

*Presence* is the agent's own choice. *Routing status* says whether work may come, and follows from events.
Both are stored as spans by the actions that call these functions.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum


class Presence(StrEnum):
    """What the agent chose. `agents.models.status` has the words for it."""

    AVAILABLE = "available"
    BUSY = "busy"
    BREAK = "break"
    MEAL = "meal"
    MEETING = "meeting"
    TRAINING = "training"
    AWAY = "away"
    OFFLINE = "offline"


class RoutingStatus(StrEnum):
    """What routing may do with the agent."""

    OFF_QUEUE = "off_queue"
    IDLE = "idle"
    INTERACTING = "interacting"
    NOT_RESPONDING = "not_responding"


class Event(StrEnum):
    GO_ON_QUEUE = "go_on_queue"
    GO_OFF_QUEUE = "go_off_queue"
    LOAD_CHANGED = "load_changed"
    OFFER_EXPIRED = "offer_expired"
    SOCKET_GONE = "socket_gone"


# Statuses in which the ACD may offer work.
TAKES_WORK = frozenset({RoutingStatus.IDLE, RoutingStatus.INTERACTING})

# Does an agent on the queue stay there when they choose this presence?
KEEPS_QUEUE: Mapping[Presence, bool] = {
    Presence.AVAILABLE: True,
    Presence.BUSY: False,
    Presence.BREAK: False,
    Presence.MEAL: False,
    Presence.MEETING: False,
    Presence.TRAINING: False,
    Presence.AWAY: False,
    Presence.OFFLINE: False,
}


def on_queue_after(chosen: Presence, *, on_queue: bool) -> bool:
    """Whether the agent is on the queue after choosing a presence; choosing one never puts them on it."""
    return on_queue and KEEPS_QUEUE[chosen]


def status_after(current: RoutingStatus, *, on_queue: bool, load: Decimal | int, event: Event) -> RoutingStatus:
    """The routing status after an event.

    on_queue: whether the agent wants to be on the queue (`on_queue_after`); read for the events that don't
    settle it themselves: load_changed, offer_expired.
    load: capacity in use over all media, after the event. Raises ValueError for a negative load.
    """
    if load < 0:
        raise ValueError("the load can't be negative")
    match event:
        case Event.GO_ON_QUEUE:
            return _working(load)
        case Event.GO_OFF_QUEUE | Event.SOCKET_GONE:
            return RoutingStatus.OFF_QUEUE
        case Event.OFFER_EXPIRED | Event.LOAD_CHANGED:
            return _unasked(current, load, event, on_queue=on_queue)


def _unasked(current: RoutingStatus, load: Decimal | int, event: Event, *, on_queue: bool) -> RoutingStatus:
    """What happens to an agent without their doing: it never brings them to the queue, or back to it."""
    if current == RoutingStatus.OFF_QUEUE or not on_queue:
        return RoutingStatus.OFF_QUEUE
    if current == RoutingStatus.NOT_RESPONDING or event == Event.OFFER_EXPIRED:
        return RoutingStatus.NOT_RESPONDING
    return _working(load)


def _working(load: Decimal | int) -> RoutingStatus:
    return RoutingStatus.INTERACTING if load > 0 else RoutingStatus.IDLE
