"""The statements that put a message into a conversation: exactly once, in order, one round trip.

DESIGN, Data: insert the provider's key; from it, bump the conversation; from it, insert the message.
A duplicate finds its key taken and changes nothing; the conversation's row lock gives the order.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from django.conf import settings

from contactcenter.kernel.db import prepared_cursor


@dataclass(frozen=True, slots=True)
class Position:
    """Where a message went. `active_since` equals `now` if it woke the conversation."""

    conversation_id: uuid.UUID
    seq: int
    change_seq: int
    time: datetime
    active_since: datetime
    address_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class Row:
    """The message's own columns, before it has a place."""

    id: uuid.UUID
    direction: str
    audience: str
    kind: str
    text: str
    content: list[dict[str, Any]]
    author_kind: str
    author_id: uuid.UUID | None = None
    client_id: str | None = None
    metadata: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Incoming:
    """A customer's message as it comes in: its row, and under which key of its channel it counts once."""

    row: Row
    channel_id: uuid.UUID
    key: str
    thread_key: str
    attributes: dict[str, Any]
    now: datetime

    def values(self) -> dict[str, Any]:
        """The statements' parameters."""
        return {
            **_written(self.row, self.attributes),
            "channel": self.channel_id,
            "key": self.key,
            "thread_key": self.thread_key,
            "now": self.now,
            "inbound": True,
            "wakes": True,
        }


@dataclass(frozen=True, slots=True)
class Admission:
    """Who writes, as SQL: whether they may, and from which address.

    `sender` selects `address_id`: no row refuses the message, NULL is an address that isn't known yet. `also` are
    further queries of the statement (`name AS (…),`) that run with a fresh message, which has a row in `key`.
    `values` are the parameters of both.
    """

    sender: str
    values: Mapping[str, Any]
    also: str = ""


# What a customer's client says about the conversation, counted in bytes of keys and values. Past the limit the
# newest remain, without the older ones.
_MERGED = """
        CASE WHEN %(attributes)s::jsonb = '{}' THEN c.attributes
             WHEN (SELECT sum(octet_length(k) + octet_length(v))
                   FROM jsonb_each_text(c.attributes || %(attributes)s::jsonb) AS pair(k, v)) <= %(attributes_bytes)s
             THEN c.attributes || %(attributes)s::jsonb
             ELSE %(attributes)s::jsonb END
"""
#: what a message does to its conversation `c`
_PLACE = f"""
        last_seq = c.last_seq + 1,
        change_seq = c.change_seq + 1,
        last_time = greatest(%(now)s, c.last_time + interval '1 millisecond'),
        last_inbound_at = CASE WHEN %(inbound)s THEN %(now)s ELSE c.last_inbound_at END,
        active_since = CASE WHEN %(wakes)s AND c.state = 'resting' THEN %(now)s ELSE c.active_since END,
        ends_at = CASE WHEN %(wakes)s THEN NULL ELSE c.ends_at END,
        state = CASE WHEN %(wakes)s THEN 'active' ELSE c.state END,
        attributes = {_MERGED}
"""
#: what `Position` takes of a conversation `c`
_RETURN = "c.id, c.last_seq, c.change_seq, c.last_time, c.active_since, c.address_id"
#: the message into `conv`, the conversation that was just moved on
_INSERT = """
    INSERT INTO channels_app_message (id, conversation_id, seq, changed_seq, direction, audience, kind, text,
        content, author_kind, author_id, client_id, metadata, created_at)
    SELECT %(id)s, conv.id, conv.last_seq, conv.change_seq, %(direction)s, %(audience)s, %(kind)s, %(text)s,
        %(content)s::jsonb, %(author_kind)s, %(author_id)s::uuid, %(client_id)s, %(metadata)s::jsonb, conv.last_time
    FROM conv
"""

#: a sender by the address that the channel names, unless it is blocked
SENDER_BY_ADDRESS = """
    SELECT a.id AS address_id FROM (SELECT 1) AS one
    LEFT JOIN channels_app_address a
        ON a.channel_id = %(channel)s AND a.kind = %(address_kind)s AND a.external_id = %(external_id)s
    WHERE NOT EXISTS (SELECT 1 FROM channels_app_block b WHERE b.address_id = a.id AND b.lifted_at IS NULL)
"""


@cache
def _receive(sender: str, also: str) -> str:
    return f"""
WITH sender AS ({sender}), key AS (
    INSERT INTO channels_app_inboundkey (channel_id, key, message_id, received_at)
    SELECT %(channel)s, %(key)s, %(id)s, %(now)s FROM sender
    ON CONFLICT (channel_id, key) DO NOTHING RETURNING message_id
), {also} conv AS (
    UPDATE channels_app_conversation c SET {_PLACE} FROM key, sender
    WHERE c.address_id = sender.address_id AND c.thread_key = %(thread_key)s AND c.state <> 'ended'
    RETURNING {_RETURN}
), message AS ({_INSERT})
SELECT (SELECT count(*) FROM sender), (SELECT count(*) FROM key), conv.*
FROM (SELECT 1) AS one LEFT JOIN conv ON true
"""  # noqa: S608 only our own texts are put in


@cache
def _at_once(sender: str, also: str, event_inserts: tuple[str, ...]) -> str:
    """The same for an active conversation. It is held before the key is taken, so that nothing is ever half done."""
    inserts = "".join(f", event{number} AS ({insert})" for number, insert in enumerate(event_inserts))
    return f"""
WITH sender AS ({sender}), open AS (
    SELECT c.id FROM channels_app_conversation c, sender
    WHERE c.address_id = sender.address_id AND c.thread_key = %(thread_key)s AND c.state = 'active'
    FOR NO KEY UPDATE OF c
), key AS (
    INSERT INTO channels_app_inboundkey (channel_id, key, message_id, received_at)
    SELECT %(channel)s, %(key)s, %(id)s, %(now)s FROM open
    ON CONFLICT (channel_id, key) DO NOTHING RETURNING message_id
), {also} conv AS (
    UPDATE channels_app_conversation c SET {_PLACE} FROM key, open WHERE c.id = open.id
    RETURNING {_RETURN}
), message AS ({_INSERT}) {inserts}
SELECT conv.* FROM conv
"""  # noqa: S608


#: what of its event only the statement knows: field -> column of `conv`
LATE_FIELDS = {"seq": "last_seq", "change_seq": "change_seq"}

_APPEND = f"""
WITH conv AS (
    UPDATE channels_app_conversation c SET {_PLACE}
    WHERE c.id = %(conversation)s AND c.state <> 'ended' RETURNING {_RETURN}
), message AS ({_INSERT})
SELECT conv.* FROM conv
"""  # noqa: S608


def receive(incoming: Incoming, admission: Admission) -> tuple[bool, bool, Position | None]:
    """Apply an inbound message in the usual case: the address is known and its conversation not ended.

    :returns: (allowed, fresh, placed). Not allowed: the writer may not write, and nothing was done. Not fresh: a
        duplicate, nothing was done. Fresh without a place: only the key was written, and the caller makes the
        conversation and appends.
    """
    found = _run(_receive(admission.sender, admission.also), incoming.values() | dict(admission.values))
    assert found is not None
    return bool(found[0]), bool(found[1]), Position(*found[2:]) if found[2] else None


def receive_at_once(
    incoming: Incoming,
    admission: Admission,
    *,
    event_inserts: Sequence[str],
    event: tuple[uuid.UUID, str, dict[str, Any]],
) -> Position | None:
    """`receive` for an active conversation, with its event (id, name, data), to be run outside a transaction.

    :returns: None: a duplicate, not allowed, or not this case; nothing was written.
    """
    event_id, event_name, data = event
    recorded = {"event_id": event_id, "event_name": event_name, "event_data": json.dumps(data)}
    statement = _at_once(admission.sender, admission.also, tuple(event_inserts))
    found = _run(statement, incoming.values() | dict(admission.values) | recorded)
    return Position(*found) if found else None


def append(
    row: Row,
    conversation_id: uuid.UUID,
    *,
    now: datetime,
    inbound: bool,
    wakes: bool,
    attributes: dict[str, Any] | None = None,
) -> Position | None:
    """Put a message at the end of a conversation. None: it has ended, or isn't there."""
    place = {"conversation": conversation_id, "now": now, "inbound": inbound, "wakes": wakes}
    found = _run(_APPEND, _written(row, attributes or {}) | place)
    return Position(*found) if found else None


def _written(row: Row, attributes: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": row.id,
        "direction": row.direction,
        "audience": row.audience,
        "kind": row.kind,
        "text": row.text,
        "content": json.dumps(row.content),
        "author_kind": row.author_kind,
        "author_id": row.author_id,
        "client_id": row.client_id,
        "metadata": json.dumps(row.metadata),
        "attributes": json.dumps(attributes),
        "attributes_bytes": settings.CC_GUEST_ATTRIBUTES_BYTES,
    }


def _run(statement: str, values: dict[str, Any]) -> tuple[Any, ...] | None:
    with prepared_cursor() as cursor:
        cursor.execute(statement, values)
        found: tuple[Any, ...] | None = cursor.fetchone()
    return found
