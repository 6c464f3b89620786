"""What a guest socket asks of the database, as plain functions that run on the sockets' threads."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.core import signing

from channels_app import content
from channels_app.actions import guests
from channels_app.actions.inbound import Received
from channels_app.actions.outbound import do_customer_receipt
from channels_app.adapters.base import InboundMessage, Sender
from channels_app.files import FileRefused
from channels_app.messenger import errors, frames, uploads, wire
from channels_app.models import Conversation, Deployment, GuestSession, Message
from contactcenter.kernel import clock

JWT_SALT = "guest-history"
JWT_SECONDS = 3600


@dataclass(slots=True)
class Joined:
    """A configured session, and where its streams stand."""

    session: GuestSession
    state: frames.SessionState
    head: int
    conversation_id: str | None
    seq: int
    receipts: list[dict[str, Any]]


def allowed_origin(deployment: Deployment, origin: str | None, own_host: str | None = None) -> bool:
    """Whether a browser on this origin may connect: a listed domain, or our own page.

    Clients without an origin (apps, servers) may.
    """
    if origin is None or not deployment.allowed_domains:
        return True
    parts = urlsplit(origin)
    if own_host and parts.netloc.lower() == own_host.lower():
        return True
    host = (parts.hostname or "").lower()
    return any(host == domain or host.endswith(f".{domain}") for domain in deployment.allowed_domains)


def configure(deployment: Deployment, request: frames.ConfigureSession) -> Joined:
    """Find or make the session. :raises FrameError: expired, or another deployment."""
    if request.deployment_id != str(deployment.id):
        raise frames.FrameError(errors.NOT_FOUND, "Deployment not found.", request.tracing_id)
    try:
        made = guests.do_configure(deployment, request.token, start_new=request.start_new)
    except guests.SessionExpired:
        raise frames.FrameError(errors.SESSION_EXPIRED, "Session expired.", request.tracing_id) from None
    session = made.session
    current = guests.current_conversation(session)
    state = frames.SessionState(
        new_session=made.new,
        read_only=made.read_only,
        duration_seconds=int(deployment.session_duration.total_seconds()),
        expires_at=session.expires_at,
    )
    head = wire.moment(current.last_time) if current else wire.moment(clock.now())
    known = wire.receipts(current) if current else []
    here = (str(current.id), current.last_seq) if current else (None, 0)
    return Joined(session, state, head, *here, known)


def receive(session: GuestSession, deployment: Deployment, request: frames.OnMessage) -> Received:
    """Apply one message. A `customMessageId` makes it safe to send again."""
    own = request.custom_message_id or uuid.uuid4().hex
    inbound = InboundMessage(
        key=f"{session.id}:{own}"[:300],
        sender=Sender(external_id=str(session.id), kind="guest"),
        text=request.text,
        content=content.dump(request.content),
        attributes=dict(request.custom_attributes),
        metadata=dict(request.metadata),
    )
    files = [uploads.attachment_id(one, request.tracing_id) for one in request.attachment_ids]
    try:
        return guests.do_guest_message(session, deployment, inbound, attachment_ids=files)
    except FileRefused as refused:
        raise frames.FrameError(refused.number, refused.message, request.tracing_id) from None


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


def clear(session: GuestSession) -> bool:
    """End the conversation for good. False: there was none."""
    return guests.do_clear(session) is not None


def history_token(session: GuestSession) -> str:
    """A bearer token for the REST history of this session."""
    return signing.dumps(str(session.id), salt=JWT_SALT)


def session_by_token(token: str) -> GuestSession | None:
    """The session behind a bearer token, unless it is forged, old or over."""
    try:
        found = signing.loads(token, salt=JWT_SALT, max_age=JWT_SECONDS)
    except signing.BadSignature:
        return None
    sessions = GuestSession.objects.select_related("deployment").filter(expires_at__gt=clock.now())
    return sessions.filter(id=found).first()


def missed(address_id: str, after: int) -> list[dict[str, Any]]:
    """The places of all that was said after a head, with frames; the last one is where the conversation stands."""
    newest = Conversation.objects.filter(address_id=address_id).order_by("-last_time").first()
    if newest is None:
        return []
    rows = wire.since(newest.address_id, after, until=newest.last_time)
    stands = {"conversation": str(newest.id), "seq": newest.last_seq, "head": wire.moment(newest.last_time)}
    return [*(wire.told(row) for row in rows), stands]
