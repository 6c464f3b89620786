"""Reading the event log: a conversation's timeline, and on from where a reader was.

Ids and times don't rise in the order of commits: a transaction that began earlier may commit later,
behind a reader that has already passed its time. So readers go by transaction number, and only as
far as no older transaction is still running. That order isn't time's: who needs time sorts by id.
Transaction numbers belong to one database cluster; after a restore, readers start again.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from reporting.models import EventRecord, EventRecordQuerySet

_SINCE = """
    SELECT * FROM reporting_eventrecord
    WHERE (xid, id) > (%s::xid8, %s) AND xid < pg_snapshot_xmin(pg_current_snapshot())
    ORDER BY xid, id LIMIT %s
"""


@dataclass(frozen=True, slots=True)
class Cursor:
    """The place of the last event that a reader has had."""

    xid: int
    id: uuid.UUID


START = Cursor(0, uuid.UUID(int=0))


def since(cursor: Cursor, limit: int) -> Sequence[EventRecord]:
    """The next events after `cursor`, at most `limit`, each exactly once over all calls."""
    return list(EventRecord.objects.raw(_SINCE, [str(cursor.xid), cursor.id, limit]))


def cursor_at(event: EventRecord) -> Cursor:
    """Where to go on after `event`."""
    return Cursor(event.xid, event.id)


def events_of(conversation_id: uuid.UUID) -> EventRecordQuerySet:
    """The timeline of an interaction: all events of its conversation, in order of time."""
    return EventRecord.objects.about(conversation_id)
