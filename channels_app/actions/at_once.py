"""The commonest message of all, a guest's in an active conversation, as one statement.

`do_guest_message` opens a transaction, applies the message, writes its event and commits: four round trips.
Here the statement does all of it and commits by itself. What isn't this case is left to the action.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from django.db import OperationalError

from channels_app import sql
from channels_app.actions.guests import do_guest_message
from channels_app.actions.inbound import Received, applied, arrived
from channels_app.adapters.base import InboundMessage
from channels_app.events import MessageAdded
from channels_app.models import Deployment, GuestSession
from contactcenter.kernel import clock, events
from contactcenter.kernel.db import Tx, may_try_again

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
#: stands in an event for the place that only the statement will know
_NOWHERE = sql.Placed(uuid.UUID(int=0), 0, 0, _EPOCH, _EPOCH, uuid.UUID(int=0))


def guest_message(
    session: GuestSession, deployment: Deployment, inbound: InboundMessage, *, attachment_ids: Sequence[uuid.UUID] = ()
) -> Received:
    """`do_guest_message`, by one statement where that is enough."""
    if session.address_id is None or attachment_ids:
        return do_guest_message(session, deployment, inbound, attachment_ids=attachment_ids)
    return receive_at_once(session, deployment, inbound) or do_guest_message(session, deployment, inbound)


def receive_at_once(session: GuestSession, deployment: Deployment, inbound: InboundMessage) -> Received | None:
    """None: it isn't this case, a duplicate, refused, or undone by a deadlock; nothing was written."""
    inserts = events.in_statement(MessageAdded, "conv", sql.LATE_FIELDS)
    if inserts is None:
        return None
    tx = Tx(clock.now())
    until = tx.now + deployment.session_duration
    arrival = arrived(tx, deployment.channel_id, inbound)
    planned = _recorded(tx, deployment, arrival.row, _NOWHERE)[1]
    try:
        placed = sql.receive_at_once(
            arrival,
            sql.Over(session.id, until),
            event_inserts=inserts,
            event=(planned.id, planned.event.name, planned.event.data()),
        )
    except OperationalError as error:
        if may_try_again(error):
            return None
        raise
    if placed is None:
        return None
    received, done = _recorded(tx, deployment, arrival.row, placed)
    events.announce([replace(done, id=planned.id)])
    session.expires_at = max(session.expires_at, until)
    session.address_id = placed.address_id
    return received


def _recorded(tx: Tx, deployment: Deployment, row: sql.Row, placed: sql.Placed) -> tuple[Received, events.Recorded]:
    """The message at a place, and its event as the action would record it."""
    own = Tx(tx.now)
    received = applied(own, deployment.channel, row, placed)
    (event,) = own.recorded
    return received, event
