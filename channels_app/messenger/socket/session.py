"""What a guest socket asks of the database, as plain functions that run on the sockets' threads."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from channels_app import content
from channels_app.actions.inbound import Received
from channels_app.actions.outbound import do_customer_receipt
from channels_app.adapters.base import InboundMessage, Sender
from channels_app.files.refusal import FileRefused
from channels_app.messenger import errors, frames, limits, serializers
from channels_app.messenger.actions import guests, identity, sessions
from channels_app.messenger.identity import tokens
from channels_app.messenger.models import Deployment, GuestSession, SignIn
from channels_app.messenger.policy import ChallengeRequest, GuestPolicy, check_challenge, policy_of
from channels_app.messenger.socket import uploads
from channels_app.models import Conversation, Message
from contactcenter.kernel import clock
from contactcenter.kernel.errors import TooFast

HISTORY_TOKEN = timedelta(hours=1)
CUSTOMER_TOKEN = timedelta(hours=1)
RESUME_TOKEN = timedelta(hours=24)


@dataclass(slots=True)
class Joined:
    """A configured session, and where its streams stand. `signed_in`: the customer's name, if this request did it."""

    session: GuestSession
    state: frames.SessionState
    head: int
    conversation_id: str | None
    seq: int
    receipts: list[dict[str, Any]]
    signed_in: str | None = None
    merged: bool = False


@dataclass(frozen=True, slots=True)
class DeploymentAccess:
    """An open deployment, and how its guests are treated."""

    deployment: Deployment
    policy: GuestPolicy


def enter(deployment_id: str, address: str) -> DeploymentAccess:
    """A socket opens. :raises NotFound: no such deployment, or it is off. :raises TooFast:"""
    deployment = sessions.access_deployment(deployment_id)
    limits.check_connection(deployment.id, address)
    return DeploymentAccess(deployment, policy_of(deployment))


def allowed_origin(deployment: Deployment, origin: str | None, own_host: str | None = None) -> bool:
    """Whether a client with this origin may connect: a page on a listed domain, or our own page.

    Clients without an origin (apps, servers) may. Those that aren't browsers name a bare host: the mobile SDK the
    host that it connects to, without the port.
    """
    if origin is None or not deployment.allowed_domains:
        return True
    bare = "//" not in origin
    try:
        parts = urlsplit(f"//{origin}" if bare else origin)
        own = urlsplit(f"//{own_host or ''}")
        host = (parts.hostname or "").lower()
        if own.netloc and (parts.netloc.lower() == own.netloc.lower() or (bare and host == own.hostname)):
            return True
    except ValueError:  # not an address at all
        return False
    return any(host == domain or host.endswith(f".{domain}") for domain in deployment.allowed_domains)


def configure(
    deployment: Deployment,
    request: frames.ConfigureSession,
    challenged: ChallengeRequest,
    carried: uuid.UUID | None = None,
) -> Joined:
    """Find or make the session. `carried`: the one that this socket has had so far.

    :raises FrameError: with the protocol's code.
    """
    try:
        limits.check_configure(sessions.token_hash(deployment.id, request.token))
        check_challenge(challenged)
        return _joined(deployment, _configured(deployment, request, carried))
    except TooFast:
        raise
    except sessions.SessionExpired:
        raise frames.FrameError(errors.SESSION_EXPIRED, "Session expired.", request.tracing_id) from None
    except sessions.SessionMissing as missing:
        raise frames.FrameError(errors.SESSION_NOT_FOUND, missing.message, request.tracing_id) from None
    except sessions.Downgrade as refused:
        raise frames.FrameError(errors.CANNOT_DOWNGRADE, refused.message, request.tracing_id) from None


def _configured(
    deployment: Deployment, request: frames.ConfigureSession, carried: uuid.UUID | None
) -> sessions.Configured:
    if request.deployment_id.lower() != str(deployment.id):
        raise frames.FrameError(errors.NOT_FOUND, "Deployment not found.", request.tracing_id)
    now = clock.now()
    if isinstance(request, frames.ConfigureAuthenticatedSession):
        sign_in = _subject("customer", request.code, deployment, now)
        if sign_in is None:
            raise frames.FrameError(errors.UNAUTHORIZED, errors.SESSION_AUTH_FAILED, request.tracing_id)
        anew = request.start_new
        return identity.do_authenticate(deployment, request.token, sign_in, start_new=anew, carried=carried)
    resumed = _subject("resume", request.resume_token, deployment, now) if request.resume_token else None
    return sessions.do_configure(deployment, request.token, start_new=request.start_new, resumed=resumed)


def _subject(kind: tokens.Kind, token: str, deployment: Deployment, now: datetime) -> uuid.UUID | None:
    """Whom a token of ours is about; None: not for this deployment, or not valid."""
    try:
        claims = tokens.read(kind, token, now=now)
    except tokens.BadToken:
        return None
    return claims.subject if claims.deployment_id == deployment.id else None


def _joined(deployment: Deployment, made: sessions.Configured) -> Joined:
    session, current = made.session, made.conversation
    state = replace(
        _state(session, deployment),
        new_session=made.new,
        read_only=made.read_only,
        cleared_existing_session=made.merged,
    )
    head = serializers.moment(current.last_time) if current else serializers.moment(clock.now())
    known = serializers.receipts(current) if current else []
    here = (str(current.id), current.last_seq) if current else (None, 0)
    name = session.address.contact.name if made.signed_in and session.address else None
    return Joined(session, state, head, *here, known, name, made.merged)


def _state(session: GuestSession, deployment: Deployment) -> frames.SessionState:
    return frames.SessionState(
        auto_started=session.auto_started,
        duration_seconds=int(deployment.session_duration.total_seconds()),
        expires_at=session.expires_at,
    )


def reopened(session: GuestSession, deployment: Deployment) -> frames.SessionState | None:
    """What a client that was read-only learns once its conversation is active again. None: it isn't."""
    current = sessions.current_conversation(session)
    active = current is not None and current.state == Conversation.State.ACTIVE
    return _state(session, deployment) if active else None


@dataclass(frozen=True, slots=True)
class Answer:
    """A guest's own message: where it stands, its address, and the frame that goes back to the socket that sent it.
    The frame is made where the message is stored, on a thread: the links of its files ask the database."""

    place: dict[str, Any]
    address_id: uuid.UUID
    frame: dict[str, Any]


def receive(
    session: GuestSession, deployment: Deployment, request: frames.OnMessage, attributes: Mapping[str, str]
) -> Answer:
    """Apply one message. A `customMessageId` makes it safe to send again."""
    own = request.custom_message_id or uuid.uuid4().hex
    said = {**attributes, **request.custom_attributes}
    inbound = InboundMessage(
        key=f"{session.id}:{own}"[:300],
        sender=Sender(external_id=str(session.id), kind="guest"),
        text=request.text,
        content=content.dump(request.content),
        attributes=said,
        metadata={**request.metadata, **({"_attributes": said} if said else {})},
    )
    files = [uploads.attachment_id(one, request.tracing_id) for one in request.attachment_ids]
    try:
        return _answer(guests.guest_message(session, deployment, inbound, attachment_ids=files), request)
    except FileRefused as refused:
        raise frames.FrameError(errors.FILE_CODES[refused.fault], refused.message, request.tracing_id) from None


def auto_start(session: GuestSession, deployment: Deployment, request: frames.OnMessage) -> Answer | None:
    """The conversation begins with the guest's Join. None: it had begun before."""
    begun = guests.do_auto_start(session, deployment, request.custom_attributes)
    return _answer(begun, request) if begun else None


def _answer(received: Received, request: frames.OnMessage) -> Answer:
    message = received.message
    frame = frames.structured_message(serializers.guest_message(message), request.tracing_id)
    return Answer(serializers.place(message), received.address_id, frame)


def still_valid(session: GuestSession) -> bool:
    """Whether the session goes on: another socket of it may have moved its end. Reads the row again."""
    fresh = GuestSession.objects.filter(id=session.id).values_list("expires_at", flat=True).first()
    session.expires_at = fresh or session.expires_at
    return fresh is not None and fresh > clock.now()


def receipt(session: GuestSession, wanted: frames.Receipt) -> None:
    """The guest's client received or read up to a message of its own thread."""
    if session.address_id is None:
        return
    found = (
        Message.objects.public()
        .filter(id=wanted.message_id, conversation__address_id=session.address_id)
        .values_list("conversation_id", "seq")
        .first()
    )
    if found:
        do_customer_receipt(found[0], state=str(wanted.status).lower(), seq=found[1])


def clear(session: GuestSession) -> str | None:
    """End the conversation for good; gives its id. None: there was none."""
    ended = guests.do_clear(session)
    return str(ended.id) if ended else None


def history_token(session: GuestSession, now: datetime) -> tuple[str, datetime]:
    """A bearer token for the REST history of this session, and when it ends."""
    return _token("history", session, now, now + HISTORY_TOKEN)


def resume_token(session: GuestSession, now: datetime) -> tuple[str, datetime]:
    """A token by which another client takes the session over, and when it ends: with the session, at most a day."""
    return _token("resume", session, now, min(now + RESUME_TOKEN, session.expires_at))


def _token(kind: tokens.Kind, session: GuestSession, now: datetime, until: datetime) -> tuple[str, datetime]:
    claims = tokens.Claims(session.id, session.deployment_id)
    return tokens.make(kind, claims, now=now, until=until), until


def customer_token(sign_in: SignIn, now: datetime) -> str:
    """What a customer who signed in configures sessions with."""
    claims = tokens.Claims(sign_in.id, sign_in.deployment_id)
    return tokens.make("customer", claims, now=now, until=now + CUSTOMER_TOKEN)


def session_by_token(token: str) -> GuestSession | None:
    """The session behind a bearer token, unless it is forged, old or over."""
    now = clock.now()
    try:
        claims = tokens.read("history", token, now=now)
    except tokens.BadToken:
        return None
    rows = GuestSession.objects.select_related("deployment__configuration__published")
    return rows.filter(id=claims.subject, deployment=claims.deployment_id, expires_at__gt=now, blocked=False).first()


def missed(address_id: str, after: int) -> list[dict[str, Any]]:
    """The places of all that was said after a head, with frames; the last one is where the conversation stands."""
    newest = Conversation.objects.filter(address_id=address_id).order_by("-last_time").first()
    if newest is None:
        return []
    rows = serializers.since(newest.address_id, after, until=newest.last_time)
    stands = {"conversation": str(newest.id), "seq": newest.last_seq, "head": serializers.moment(newest.last_time)}
    return [*(serializers.told(row) for row in rows), stands]
