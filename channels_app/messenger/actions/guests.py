"""What guests say and do over a session: messages, the start, the end."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from channels_app import sql
from channels_app.actions.blocks import Blocked
from channels_app.actions.files import access_uploads, content_for, do_attach
from channels_app.actions.inbound import (
    Received,
    Writer,
    applied,
    arrived,
    do_receive,
    first_time,
    known_address,
    receive_at_once,
)
from channels_app.actions.lifecycle import do_end, do_rest
from channels_app.actions.outbound import locked
from channels_app.adapters.base import InboundMessage, Sender
from channels_app.messenger.actions.sessions import ReadOnly, SessionExpired, SessionMissing, current_conversation
from channels_app.messenger.models import Deployment, GuestSession
from channels_app.models import Address, Conversation, InboundKey
from contactcenter.kernel import clock
from contactcenter.kernel.db import Tx, action
from contactcenter.kernel.errors import Refused

SURVEY = "surveyRating"  # metadata of an answer to the survey at the end

# The session's row decides, not what its socket remembers: whether it may write, and on which address.
_SENDER_BY_SESSION = """
    SELECT s.address_id FROM messenger_guestsession s
    WHERE s.id = %(session)s AND s.expires_at > %(now)s AND NOT s.blocked AND (NOT s.read_only OR EXISTS (
        SELECT 1 FROM channels_app_conversation o WHERE o.address_id = s.address_id AND o.state = 'active'))
"""
_SLIDES_ON = """slid AS (
    UPDATE messenger_guestsession s SET expires_at = greatest(s.expires_at, %(session_expires)s)
    FROM key WHERE s.id = %(session)s
),"""


@dataclass(frozen=True, slots=True)
class GuestWriter(Writer):
    """A guest by their session, which slides on with the message. Of `sender` only name and locale count."""

    session: GuestSession
    deployment: Deployment
    sender: Sender

    def admission(self, now: datetime) -> sql.Admission:
        values = {"session": self.session.id, "session_expires": now + self.deployment.session_duration}
        return sql.Admission(_SENDER_BY_SESSION, values, also=_SLIDES_ON)

    def refusal(self, now: datetime) -> Refused:
        found = GuestSession.objects.filter(id=self.session.id).first()
        if found is None:
            return SessionMissing()
        if found.blocked:
            return Blocked()
        return SessionExpired() if found.expires_at <= now else ReadOnly()

    def address(self, tx: Tx) -> tuple[Address, bool]:
        """The session's row, locked, says for which address a conversation is opened."""
        rows = GuestSession.objects.select_for_update(of=("self",), no_key=True).select_related("address")
        mine = rows.get(id=self.session.id)
        if mine.address is not None:
            return mine.address, False
        sender = replace(self.sender, external_id=str(mine.id), kind="guest", verified=False)
        address, new_contact = known_address(tx, self.deployment.channel, sender)
        GuestSession.objects.filter(id=mine.id).update(address=address)
        return address, new_contact


def guest_message(
    session: GuestSession, deployment: Deployment, inbound: InboundMessage, *, attachment_ids: Sequence[uuid.UUID] = ()
) -> Received:
    """`do_guest_message`, by one statement where that is enough."""
    if session.address_id is None or attachment_ids:
        return do_guest_message(session, deployment, inbound, attachment_ids=attachment_ids)
    writer = GuestWriter(session, deployment, inbound.sender)
    received = receive_at_once(deployment.channel, inbound, writer)
    if received is None:
        return do_guest_message(session, deployment, inbound)
    _goes_on(session, received, clock.now() + deployment.session_duration)
    return received


def _goes_on(session: GuestSession, received: Received, until: datetime) -> None:
    """The row changed in the statement; so does what the socket holds of it."""
    session.expires_at = max(session.expires_at, until)
    session.address_id = received.address_id


@action
def do_guest_message(
    tx: Tx,
    session: GuestSession,
    deployment: Deployment,
    inbound: InboundMessage,
    *,
    attachment_ids: Sequence[uuid.UUID] = (),
) -> Received:
    """A message over a guest socket: applied once, and the session slides on.

    The sender is the session's own address; of `inbound.sender` only name and locale count.

    :raises SessionExpired, Blocked, ReadOnly, SessionMissing: nothing is stored.
    :raises FileRefused: a file isn't there or not the guest's.
    """
    until = tx.now + deployment.session_duration
    if attachment_ids:
        carried = [content_for(one) for one in access_uploads(attachment_ids, guest=session.id)]
        inbound = replace(inbound, content=[*inbound.content, *carried])
    writer = GuestWriter(session, deployment, inbound.sender)
    received = _survey_answer(tx, session, deployment, inbound, until) or do_receive.within(
        tx, deployment.channel, inbound, writer
    )
    if attachment_ids and not received.duplicate:
        do_attach.within(tx, received.message, attachment_ids, guest=session.id)
    _goes_on(session, received, until)
    return received


def _survey_answer(
    tx: Tx, session: GuestSession, deployment: Deployment, inbound: InboundMessage, until: datetime
) -> Received | None:
    """What the customer thinks of a conversation that rests: part of it, also where they begin anew to write, and no
    reason to wake anybody. None: it isn't that."""
    if not inbound.metadata.get(SURVEY, "").isdigit():
        return None
    valid = GuestSession.objects.filter(id=session.id, expires_at__gt=tx.now, blocked=False).first()
    current = current_conversation(valid) if valid else None
    if current is None or locked(current.id).state != Conversation.State.RESTING:
        return None
    row = arrived(tx, deployment.channel_id, inbound).row
    key = InboundKey(channel_id=deployment.channel_id, key=inbound.key, message_id=row.id, received_at=tx.now)
    InboundKey.objects.bulk_create([key], ignore_conflicts=True)
    first = InboundKey.objects.get(channel_id=deployment.channel_id, key=inbound.key)
    if first.message_id != row.id:
        return first_time(deployment.channel, inbound.key)
    attributes = dict(inbound.attributes)
    placed = sql.append(row, current.id, now=tx.now, inbound=True, wakes=False, attributes=attributes)
    assert placed is not None, "a conversation can't end under our own lock"
    GuestSession.objects.filter(id=session.id, expires_at__lt=until).update(expires_at=until)
    return Received(applied(tx, deployment.channel_id, row, placed), placed.address_id, duplicate=False)


@action
def do_auto_start(
    tx: Tx, session: GuestSession, deployment: Deployment, attributes: Mapping[str, str]
) -> Received | None:
    """The customer opened the messenger, and the conversation begins with that. None: it had begun before."""
    if current_conversation(session) is not None:
        return None
    joined = InboundMessage(
        key=f"{session.id}:join:{session.started_at.isoformat()}",
        sender=Sender(str(session.id), kind="guest"),
        content=[{"type": "event", "kind": "join"}],
        attributes=attributes,
    )
    received = do_guest_message.within(tx, session, deployment, joined)
    GuestSession.objects.filter(id=session.id).update(auto_started=True)
    session.auto_started = True
    return received


@action
def do_clear(tx: Tx, session: GuestSession) -> Conversation | None:
    """The customer clears: the conversation ends for good and the session forgets it."""
    if session.address_id is None:
        return None
    current = Conversation.objects.open().filter(address_id=session.address_id).first()
    if current:
        do_end.within(tx, current.id, Conversation.EndReason.CLEARED)
    GuestSession.objects.filter(id=session.id).update(started_at=tx.now, auto_started=False, read_only=False)
    session.started_at = tx.now
    return current


@action
def do_disconnect(tx: Tx, session: GuestSession) -> bool:
    """The customer ends the conversation: it rests, and who has it wraps up. False: nothing was going on."""
    current = current_conversation(session)
    if current is None:
        return False
    conversation = locked(current.id)
    if conversation.state != Conversation.State.ACTIVE:
        return False
    do_rest.within(tx, conversation)
    return True
