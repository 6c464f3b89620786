"""Guest sessions of the web messenger: a token that the client made is the session."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from channels_app import sql
from channels_app.actions.files import access_uploads, content_for, do_attach
from channels_app.actions.inbound import Received, applied, arrived, first_time, known_address, open_and_append
from channels_app.actions.lifecycle import do_end, do_rest
from channels_app.actions.outbound import locked
from channels_app.adapters.base import InboundMessage, Sender
from channels_app.events import ConversationWoken
from channels_app.models import Block, Conversation, Deployment, GuestSession, InboundKey
from contactcenter.kernel import ids
from contactcenter.kernel.db import Tx, action
from contactcenter.kernel.errors import NotFound, Refused
from contactcenter.kernel.secrets import digest

SURVEY = "surveyRating"  # metadata of an answer to the survey at the end
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


class SessionExpired(Refused):
    """The session has expired."""


class SessionMissing(Refused):
    """Session not found."""


class Downgrade(Refused):
    """This session belongs to a known customer: it can't go on without signing in."""


class Blocked(Refused):
    """You can't write here any more."""

    status = 403


class ReadOnly(Refused):
    """This conversation has ended. Start a new one to write again."""

    status = 403


@dataclass(frozen=True, slots=True)
class Configured:
    """A session as the client gets it back. `merged`: signing in joined the customer's other conversation to it."""

    session: GuestSession
    new: bool
    read_only: bool
    conversation: Conversation | None
    merged: bool = False
    signed_in: bool = False  # by this very request


def token_hash(deployment_id: uuid.UUID, token: str) -> str:
    """A token belongs to one deployment: the same one elsewhere is another session.

    A UUID is the same in capitals: the Transport SDK sends it in small letters where it registers a phone.
    """
    same = token.lower() if _UUID.fullmatch(token) else token
    return digest(f"{deployment_id}:{same}")


@action
def do_configure(
    tx: Tx, deployment: Deployment, token: str, *, start_new: bool = False, resumed: uuid.UUID | None = None
) -> Configured:
    """Find or make the session of a token. A read-only or expired one starts again only when asked to.

    `resumed`: the session that a resume token names; a client with another token takes it over.

    :raises SessionExpired: the token's session is over; the client makes a new token.
    :raises Downgrade: it is a known customer's. :raises Blocked: nothing is made.
    """
    if resumed is not None:
        take_over(resumed, token_hash(deployment.id, token), deployment)
    session, new = session_of(tx, deployment, token, start_new=start_new)
    if session.sign_in_id is not None:
        raise Downgrade
    return configured(tx, session, deployment, new=new, start_new=start_new)


def session_of(tx: Tx, deployment: Deployment, token: str, *, start_new: bool) -> tuple[GuestSession, bool]:
    """The token's session, locked, and whether it begins here. :raises SessionExpired, Blocked:"""
    hashed = token_hash(deployment.id, token)
    fresh = GuestSession(
        id=ids.new(tx.now),
        token_hash=hashed,
        deployment=deployment,
        started_at=tx.now,
        expires_at=tx.now + deployment.session_duration,
    )
    GuestSession.objects.bulk_create([fresh], ignore_conflicts=True)
    session = GuestSession.objects.select_for_update(of=("self",), no_key=True).get(token_hash=hashed)
    if session.blocked:
        raise Blocked
    if session.expires_at > tx.now:
        return session, session.id == fresh.id
    if not start_new:
        raise SessionExpired
    _forget(session)
    _begin(tx, session, deployment)
    return session, True


def configured(
    tx: Tx,
    session: GuestSession,
    deployment: Deployment,
    *,
    new: bool,
    start_new: bool,
    merged: bool = False,
    signed_in: bool = False,
) -> Configured:
    """What the client learns of a session that is locked; a read-only one begins anew if that is asked for."""
    current = current_conversation(session)
    if current is None and _cleared(session):
        _set(session, started_at=session.started_at + timedelta(microseconds=1))  # told once
        new = True
    active = current is not None and current.state == Conversation.State.ACTIVE
    if session.read_only and (active or start_new):
        if not active:
            current = _restart(tx, session, deployment, current)
            new = True
        _set(session, read_only=False)
    return Configured(session, new, session.read_only, current, merged, signed_in)


def _cleared(session: GuestSession) -> bool:
    """It began with a clear, and no client was told so yet."""
    mine = Conversation.objects.filter(address_id=session.address_id, end_reason=Conversation.EndReason.CLEARED)
    return session.address_id is not None and mine.filter(ended_at=session.started_at).exists()


def _restart(tx: Tx, session: GuestSession, deployment: Deployment, current: Conversation | None) -> None:
    """What was said before stays with the company; the guest's next message opens a new conversation."""
    if current is not None:
        do_end.within(tx, current.id, Conversation.EndReason.RESTARTED)
    _begin(tx, session, deployment)


def _begin(tx: Tx, session: GuestSession, deployment: Deployment) -> None:
    _set(session, started_at=tx.now, expires_at=tx.now + deployment.session_duration, auto_started=False)


def _forget(session: GuestSession) -> None:
    """An expired session that starts again is a stranger's."""
    _set(session, address_id=None, sign_in_id=None, read_only=False)


def _set(session: GuestSession, **values: object) -> None:
    for name, value in values.items():
        setattr(session, name, value)
    session.save(update_fields=[name.removesuffix("_id") for name in values])


def take_over(resumed: uuid.UUID, hashed: str, deployment: Deployment) -> None:
    """Give a session the token of another client. A token that is in use stays what it is."""
    if GuestSession.objects.filter(token_hash=hashed).exists():
        return
    mine = GuestSession.objects.filter(id=resumed, deployment=deployment)
    if not mine.update(token_hash=hashed):
        raise SessionMissing


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
        carried = [content_for(one) for one in access_uploads(attachment_ids, session=session)]
        inbound = replace(inbound, content=[*inbound.content, *carried])
    received = _survey_answer(tx, session, deployment, inbound, until) or _receive(
        tx, session, deployment, inbound, until
    )
    if attachment_ids and not received.duplicate:
        do_attach.within(tx, received.message, attachment_ids, session=session)
    session.expires_at = max(session.expires_at, until)
    session.address_id = received.message.address_id  # type: ignore[attr-defined]
    return received


def _receive(
    tx: Tx, session: GuestSession, deployment: Deployment, inbound: InboundMessage, until: datetime
) -> Received:
    arrival = arrived(tx, deployment.channel_id, inbound)
    allowed, fresh, placed = sql.receive_guest(arrival, sql.Over(session.id, until))
    if not allowed:
        _check_known(deployment, inbound.key, session, tx)
    if not allowed or not fresh:
        return Received(first_time(deployment.channel, inbound.key), duplicate=True)
    if placed is None:
        placed = _first_message(tx, session, deployment, inbound, arrival.row)
    elif placed.active_since == tx.now:
        tx.record(ConversationWoken(conversation_id=placed.conversation_id))
    return applied(tx, deployment.channel, arrival.row, placed)


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
        return Received(first_time(deployment.channel, inbound.key), duplicate=True)
    attributes = dict(inbound.attributes)
    placed = sql.append(row, current.id, now=tx.now, inbound=True, wakes=False, attributes=attributes)
    assert placed is not None, "a conversation can't end under our own lock"
    GuestSession.objects.filter(id=session.id, expires_at__lt=until).update(expires_at=until)
    return applied(tx, deployment.channel, row, placed)


def _check_known(deployment: Deployment, key: str, session: GuestSession, tx: Tx) -> None:
    """A message that had come before is answered again; any other is refused, with the reason."""
    if InboundKey.objects.filter(channel_id=deployment.channel_id, key=key).exists():
        return
    found = GuestSession.objects.filter(id=session.id).first()
    if found is None:
        raise SessionMissing
    if found.blocked:
        raise Blocked
    raise SessionExpired if found.expires_at <= tx.now else ReadOnly


def _first_message(
    tx: Tx, session: GuestSession, deployment: Deployment, inbound: InboundMessage, row: sql.Row
) -> sql.Placed:
    """No conversation is open: the session's row, locked, says for which address one is opened."""
    mine = (
        GuestSession.objects.select_for_update(of=("self",), no_key=True).select_related("address").get(id=session.id)
    )
    address, new_contact = mine.address, False
    if address is None:
        sender = replace(inbound.sender, external_id=str(mine.id), kind="guest", verified=False)
        address, new_contact = known_address(tx, deployment.channel, sender)
        GuestSession.objects.filter(id=mine.id).update(address=address)
    return open_and_append(tx, deployment.channel, address, inbound, row, new_contact=new_contact)


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


def current_conversation(session: GuestSession) -> Conversation | None:
    """The session's conversation that hasn't ended, if it has one."""
    if session.address_id is None:
        return None
    return Conversation.objects.open().filter(address_id=session.address_id, thread_key="").first()


def is_blocked(address_id: uuid.UUID) -> bool:
    """Whether a block of the address is in force."""
    return Block.objects.filter(address_id=address_id, lifted_at=None).exists()


def access_deployment(deployment_id: str) -> Deployment:
    """An active deployment by the id that a client named. :raises NotFound:"""
    try:
        wanted = uuid.UUID(deployment_id)
    except (ValueError, AttributeError, TypeError):
        raise NotFound("Deployment not found.") from None
    rows = Deployment.objects.select_related("channel", "configuration__published")
    found = rows.filter(id=wanted, active=True).first()
    if found is None or not found.channel.active:
        raise NotFound("Deployment not found.")
    return found
