"""Guest sessions of the web messenger: a token that the client made is the session."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from datetime import timedelta

from channels_app.actions.blocks import Blocked
from channels_app.actions.lifecycle import do_end
from channels_app.messenger.models import Deployment, GuestSession
from channels_app.models import Conversation
from contactcenter.kernel import ids
from contactcenter.kernel.db import Tx, action
from contactcenter.kernel.errors import NotFound, Refused
from contactcenter.kernel.secrets import digest

_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


class SessionExpired(Refused):
    """The session has expired."""


class SessionMissing(Refused):
    """Session not found."""


class Downgrade(Refused):
    """This session belongs to a known customer: it can't go on without signing in."""


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
    rows = Deployment.objects.select_related("channel", "configuration__published")
    found = rows.filter(id=wanted, active=True).first()
    if found is None or not found.channel.active:
        raise NotFound("Deployment not found.")
    return found
