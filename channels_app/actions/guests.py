"""Guest sessions of the web messenger: a token that the client made is the session."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace

from channels_app.actions.files import access_uploads, content_for, do_attach
from channels_app.actions.inbound import Received, SessionTouch, do_receive
from channels_app.actions.lifecycle import do_end
from channels_app.adapters.base import InboundMessage
from channels_app.models import Conversation, Deployment, GuestSession
from contactcenter.kernel import ids
from contactcenter.kernel.db import Tx, action
from contactcenter.kernel.errors import NotFound, Refused
from contactcenter.kernel.secrets import digest


class SessionExpired(Refused):
    """The session has expired."""


@dataclass(frozen=True, slots=True)
class Configured:
    """A session as the client gets it back."""

    session: GuestSession
    new: bool
    read_only: bool


def token_hash(deployment_id: uuid.UUID, token: str) -> str:
    """A token belongs to one deployment: the same one elsewhere is another session."""
    return digest(f"{deployment_id}:{token}")


@action
def do_configure(tx: Tx, deployment: Deployment, token: str, *, start_new: bool = False) -> Configured:
    """Find or make the session of a token. A read-only one starts again only when asked to.

    :raises SessionExpired: the token's session is over; the client makes a new token.
    """
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
    if session.expires_at <= tx.now:
        raise SessionExpired
    if start_new and session.read_only:
        _restart(tx, session, deployment)
    return Configured(session, new=session.id == fresh.id, read_only=session.read_only)


def _restart(tx: Tx, session: GuestSession, deployment: Deployment) -> None:
    session.read_only = False
    session.started_at = tx.now
    session.expires_at = tx.now + deployment.session_duration
    session.save(update_fields=["read_only", "started_at", "expires_at"])


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

    :raises SessionExpired: nothing is stored. :raises FileRefused: a file isn't there or not the guest's.
    """
    if session.expires_at <= tx.now and not _still_valid(tx, session):
        raise SessionExpired
    until = tx.now + deployment.session_duration
    touch = SessionTouch(session.id, until)
    if attachment_ids:
        carried = [content_for(one) for one in access_uploads(attachment_ids, session=session)]
        inbound = replace(inbound, content=[*inbound.content, *carried])
    received = do_receive.within(tx, deployment.channel, inbound, session=touch)
    if attachment_ids and not received.duplicate:
        do_attach.within(tx, received.message, attachment_ids, session=session)
    session.expires_at = max(session.expires_at, until)
    if session.address_id is None:
        session.address_id = received.message.address_id  # type: ignore[attr-defined]
        GuestSession.objects.filter(id=session.id).update(address_id=session.address_id)
    return received


def _still_valid(tx: Tx, session: GuestSession) -> bool:
    """Another socket of this session may have moved it on."""
    session.refresh_from_db(fields=["expires_at"])
    return session.expires_at > tx.now


@action
def do_clear(tx: Tx, session: GuestSession) -> Conversation | None:
    """The customer clears: the conversation ends for good and the session forgets it."""
    if session.address_id is None:
        return None
    current = Conversation.objects.open().filter(address_id=session.address_id).first()
    if current:
        do_end.within(tx, current.id, Conversation.EndReason.CLEARED)
    GuestSession.objects.filter(id=session.id).update(started_at=tx.now)
    session.started_at = tx.now
    return current


def current_conversation(session: GuestSession) -> Conversation | None:
    """The session's conversation that hasn't ended, if it has one."""
    if session.address_id is None:
        return None
    return Conversation.objects.open().filter(address_id=session.address_id, thread_key="").first()


def access_deployment(deployment_id: str) -> Deployment:
    """An active deployment by the id that a client named. :raises NotFound:"""
    try:
        wanted = uuid.UUID(deployment_id)
    except (ValueError, AttributeError, TypeError):
        raise NotFound("Deployment not found.") from None
    found = (
        Deployment.objects.select_related("channel", "configuration__published").filter(id=wanted, active=True).first()
    )
    if found is None or not found.channel.active:
        raise NotFound("Deployment not found.")
    return found
