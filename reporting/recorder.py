"""The recorder: the sink that writes a transaction's events into the log, inside that transaction."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from contactcenter.kernel.db import prepared_cursor
from contactcenter.kernel.events import Recorded

_INSERT = """
    INSERT INTO reporting_eventrecord (id, name, occurred_at, conversation_id, agent_id, queue_id, data) VALUES
"""
_ROW = "(%s, %s, %s, %s::uuid, %s::uuid, %s::uuid, %s::jsonb)"


def record(recorded: Sequence[Recorded]) -> None:
    """Insert all events that the log keeps by one statement.

    :raises django.db.Error: and then the action is undone; the log never disagrees with the state.
    :raises TypeError: an event carries something that isn't a JSON value.
    """
    kept = [item for item in recorded if item.event.recorded]
    if not kept:
        return
    values = [value for item in kept for value in _row(item)]
    with prepared_cursor() as cursor:
        cursor.execute(_INSERT + ", ".join([_ROW] * len(kept)), values)


def _row(item: Recorded) -> tuple[Any, ...]:
    event = item.event
    subject = (event.conversation_id, event.agent_id, event.queue_id)
    return (item.id, event.name, item.at, *subject, json.dumps(event.data()))


def insert_from(source: str, fields: Mapping[str, str]) -> str:
    """What `record` does for one event, as SQL of a larger statement (`kernel.events.in_statement`)."""
    late = ", ".join(f"'{name}', {source}.{column}" for name, column in fields.items())
    return f"""
        INSERT INTO reporting_eventrecord (id, name, occurred_at, conversation_id, data)
        SELECT %(event_id)s, %(event_name)s, %(now)s, {source}.id, %(event_data)s::jsonb || jsonb_build_object({late})
        FROM {source}
    """  # noqa: S608 only our own constants are put in
