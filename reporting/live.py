"""Sink after the commit: supervisors' pages hear that something changed, and fetch their panels again.

* `activity:all`: `{seq}` after every change of what the activity and the agents' status show;
* `interaction:<conversation>`: `{seq}` after every change of the work on a conversation.

A push says only that; so what a panel shows after it equals a fresh load. Sequences are made from the ids of the
events (they rise with time). What arrives late in another transaction may be missed by the comparison of
heads; pages ask anyway every few seconds, because half hours move on without events.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta

from django.db import connection

from agents.events import PresenceChanged, RoutingStatusChanged
from contactcenter.kernel import clock, ids, live
from contactcenter.kernel.events import Event, Recorded
from routing.events import (
    AssignmentLeft,
    AssignmentParked,
    AssignmentResumed,
    AssignmentStarted,
    OfferClosed,
    OfferMade,
    PassClosed,
    PassOpened,
    VisitEntered,
    VisitLeft,
    WrapUpDone,
)

ACTIVITY = "activity:all"
_WORK: tuple[type[Event], ...] = (
    PassOpened,
    PassClosed,
    VisitEntered,
    VisitLeft,
    OfferMade,
    OfferClosed,
    AssignmentStarted,
    AssignmentParked,
    AssignmentResumed,
    AssignmentLeft,
    WrapUpDone,
)
_ALL: tuple[type[Event], ...] = (*_WORK, PresenceChanged, RoutingStatusChanged)
_LOOK_BACK = timedelta(hours=1)  # heads older than that don't matter: who connects has just loaded its page
_NEWEST = """
    SELECT max(newest.id::text) FROM unnest(%s::text[]) AS kind(name) CROSS JOIN LATERAL (
        SELECT id FROM reporting_eventrecord WHERE name = kind.name AND id >= %s ORDER BY id DESC LIMIT 1
    ) newest
"""
_NEWEST_OF = """
    SELECT id FROM reporting_eventrecord WHERE conversation_id = %s AND id >= %s AND name = ANY(%s)
    ORDER BY id DESC LIMIT 1
"""


def push(recorded: Sequence[Recorded]) -> None:
    """Tell the pages what this transaction changed."""
    seqs = [sequence(one.id) for one in recorded if isinstance(one.event, _ALL)]
    if not seqs:
        return
    live.publish(ACTIVITY, {"seq": max(seqs)})
    work = {one.event.conversation_id for one in recorded if isinstance(one.event, _WORK)}
    for conversation_id in work - {None}:
        live.publish(f"interaction:{conversation_id}", {"seq": max(seqs)})


def sequence(event_id: uuid.UUID) -> int:
    """The upper half of an event's id: milliseconds and the counter within them."""
    return event_id.int >> 64


def activity_heads(keys: Collection[str]) -> Mapping[str, int]:
    """The sequence of the newest event that changes the activity: one look into the index for each kind of event."""
    names = [event.name for event in _ALL]
    with connection.cursor() as cursor:
        cursor.execute(_NEWEST, [names, _from()])
        row = cursor.fetchone()
    return dict.fromkeys(keys, sequence(uuid.UUID(row[0])) if row and row[0] else 0)


def interaction_heads(keys: Collection[str]) -> Mapping[str, int]:
    """The same for the work on single conversations; pages show one each."""
    names = [event.name for event in _WORK]
    heads = {}
    with connection.cursor() as cursor:
        for key in keys:
            cursor.execute(_NEWEST_OF, [key, _from(), names])
            row = cursor.fetchone()
            heads[key] = sequence(row[0]) if row else 0
    return heads


def _from() -> uuid.UUID:
    return ids.floor(clock.now() - _LOOK_BACK)


def register() -> None:
    """Make the streams comparable. Called at start-up."""
    live.register_heads("activity", activity_heads)
    live.register_heads("interaction", interaction_heads)
