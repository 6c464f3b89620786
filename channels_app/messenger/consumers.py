"""The guest socket: the Genesys web messaging protocol over one WebSocket.

It parses (pure), asks the database on the sockets' own threads, and answers. A bad frame gets the
protocol's error and the socket lives on.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from functools import cache
from typing import Any
from urllib.parse import parse_qs

import structlog
from django.conf import settings
from django.db import DatabaseError

from channels_app.actions import guests
from channels_app.messenger import errors, frames, session, uploads
from channels_app.messenger.limits import Bucket
from channels_app.models import Deployment, GuestSession
from contactcenter.kernel import clock, ids, live
from contactcenter.kernel.db import in_thread
from contactcenter.kernel.errors import ContactCentreError, NotFound

log = structlog.get_logger(__name__)
Handler = Callable[["GuestConsumer", Any], Awaitable[None]]


class GuestConsumer(live.LiveConsumer):
    """One socket of one guest."""

    deployment: Deployment
    session: GuestSession | None = None
    conversation: str | None = None

    async def connect(self) -> None:
        query = parse_qs(self.scope["query_string"].decode())
        self.features = frozenset(",".join(query.get("features", [])).split(","))
        self.requests = Bucket(settings.CC_GUEST_REQUESTS_PER_MINUTE / 60, settings.CC_GUEST_REQUESTS_PER_MINUTE)
        self.messages = Bucket(settings.CC_GUEST_MESSAGES_PER_SECOND, settings.CC_GUEST_MESSAGES_PER_SECOND)
        self.answered: deque[str] = deque(maxlen=64)
        self.turn = asyncio.Lock()
        try:
            self.deployment = await in_thread(guests.access_deployment)(query.get("deploymentId", [""])[0])
        except NotFound:
            await self.close()
            return
        if not session.allowed_origin(self.deployment, self._header(b"origin"), self._header(b"host")):
            await self.close()
            return
        await self.accept()

    def _header(self, name: bytes) -> str | None:
        return next((value.decode("latin1") for key, value in self.scope["headers"] if key == name), None)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        raw = text_data if text_data is not None else bytes_data or b""
        try:
            request = frames.parse(raw, limits())
            if wait := self.requests.take():
                await self.frame(frames.too_many_requests(wait, tracing_id=request.tracing_id))
                return
            await self._handle(request)
        except frames.FrameError as refused:
            await self.frame(frames.refusal(refused))

    async def _handle(self, request: frames.Request) -> None:
        handler = HANDLERS.get(type(request))
        if handler is None:
            raise frames.FrameError(errors.FEATURE_UNAVAILABLE, "This feature isn't available.", request.tracing_id)
        try:
            await handler(self, request)
        except guests.SessionExpired:
            await self.frame(frames.session_expired(request.tracing_id))
        except ContactCentreError as refused:
            raise frames.FrameError(errors.BAD_REQUEST, refused.message, request.tracing_id) from refused
        except DatabaseError:
            log.exception("guest request failed")
            raise frames.FrameError(errors.UNEXPECTED, errors.REQUEST_FAILED, request.tracing_id) from None

    async def frame(self, wire: Mapping[str, Any]) -> None:
        """Send one frame."""
        await self.send(text_data=frames.encode(wire))

    def own(self, request: frames.SessionRequest) -> GuestSession:
        """The configured session, if the frame's token is its token."""
        current = self.session
        if current is None or guests.token_hash(self.deployment.id, request.token) != current.token_hash:
            raise frames.FrameError(errors.SESSION_NOT_FOUND, "Session not found.", request.tracing_id)
        return current

    # --- requests ------------------------------------------------------------------------------

    async def configure(self, request: frames.ConfigureSession) -> None:
        joined = await in_thread(session.configure)(self.deployment, request)
        self.session, self.conversation = joined.session, joined.conversation_id
        await self.join(f"session:{joined.session.id}")
        if joined.session.address_id:
            await self.join(f"guest:{joined.session.address_id}", joined.head)
        await self.frame(frames.session_response(joined.state, limits(), request.tracing_id))
        for receipt in joined.receipts if "receipts" in self.features else ():
            await self.frame(receipt)

    async def on_message(self, request: frames.OnMessage) -> None:
        await KINDS[request.kind](self, request)

    async def message(self, request: frames.OnMessage) -> None:
        current = self.own(request)
        if wait := self.messages.take():
            await self.frame(frames.too_many_requests(wait, tracing_id=request.tracing_id))
            return
        async with self.turn:  # `behind` must not send what is just about to be answered
            received = await in_thread(session.receive)(current, self.deployment, request)
            await self.answer(received, request)

    async def answer(self, received: session.Received, request: frames.OnMessage) -> None:
        message = received.message
        self.answered.append(str(message.id))
        guest = session.wire.guest_message(message)
        await self.frame(frames.structured_message(guest, request.tracing_id))
        self.conversation = str(message.conversation_id)
        stream = f"guest:{message.address_id}"  # type: ignore[attr-defined]
        head = session.wire.moment(message.created_at)
        if stream not in self.streams:
            await self.join(stream, head)
            assert self.session is not None
            live.publish(f"session:{self.session.id}", {"address": stream, "head": head - 1})

    async def typing(self, request: frames.OnMessage) -> None:
        self.own(request)
        if self.conversation:
            live.publish(f"conversation:{self.conversation}", {"typing": {"customer": True}})

    async def receipt(self, request: frames.OnMessage) -> None:
        current = self.own(request)
        if "receipts" in self.features and request.receipt:
            await in_thread(session.receipt)(current, request.receipt)

    async def clear(self, request: frames.OnMessage) -> None:
        """The SessionClearedEvent reaches this socket like all others: by the push of the ended conversation."""
        current = self.own(request)
        if not await in_thread(session.clear)(current):
            await self.frame(frames.session_cleared())
        self.conversation = None
        await self.frame(
            frames.presence_event(
                "Clear",
                message_id=ids.new(),
                time=clock.now(),
                direction="inbound",
                tracing_id=request.tracing_id,
            )
        )

    async def ignored(self, request: frames.OnMessage) -> None:
        """Events that this socket may send and nobody needs."""

    async def joined(self, request: frames.OnMessage) -> None:
        """Presence Join says that somebody looks; a conversation begins with a message."""
        self.own(request)

    async def echo(self, request: frames.Echo) -> None:
        current = self.session
        duration = int(self.deployment.session_duration.total_seconds()) if current else None
        expires = current.expires_at if current else None
        await self.frame(
            frames.echo_response(request, message_id=ids.new(), duration_seconds=duration, expires_at=expires)
        )

    async def jwt(self, request: frames.GetJwt) -> None:
        current = self.own(request)
        until = clock.now() + timedelta(seconds=session.JWT_SECONDS)
        token = session.history_token(current)
        await self.frame(frames.jwt_response(token, expires_at=until, tracing_id=request.tracing_id))

    async def configuration(self, request: frames.GetConfiguration) -> None:
        seconds = int(self.deployment.session_duration.total_seconds())
        await self.frame(
            frames.configuration_response(limits(), session_duration_seconds=seconds, tracing_id=request.tracing_id)
        )

    async def close_session(self, request: frames.CloseSession) -> None:
        current = self.own(request)
        if request.close_all_connections:
            live.publish(f"session:{current.id}", {"close": "closed"})
        await self.frame(frames.connection_closed())
        await self.close(1000)

    async def attach(self, request: frames.OnAttachment) -> None:
        await self.frame(await in_thread(uploads.request)(self.own(request), request, limits()))

    async def attachment(self, request: frames.GetAttachment) -> None:
        await self.frame(await in_thread(uploads.link)(self.own(request), request))

    async def detach(self, request: frames.DeleteAttachment) -> None:
        await self.frame(await in_thread(uploads.delete)(self.own(request), request))

    # --- pushes --------------------------------------------------------------------------------

    async def pushed(self, stream: str, message: Mapping[str, Any]) -> None:
        if "address" in message:
            await self.join(message["address"], message["head"])
            await self.catch_up(message["address"])
        elif "close" in message:
            await self.frame(frames.connection_closed(message["close"]))
            await self.close(1000)
        elif "typing" in message:
            await self.frame(session.wire.typing(message["typing"]["agent"]))
        elif message.get("feature") in (None, *self.features):
            await self._forward(stream, message)

    async def _forward(self, stream: str, message: Mapping[str, Any]) -> None:
        head = message.get("head", 0)
        if message.get("conversation"):
            self.conversation = message["conversation"]
        if message.get("id") not in self.answered:
            await self.frame(message["frame"])
            if message.get("id"):
                self.answered.append(message["id"])
        self.streams[stream] = max(self.streams[stream], head)

    async def behind(self, stream: str, head: int) -> None:
        async with self.turn:
            await self.catch_up(stream)
            if stream in self.streams:
                self.streams[stream] = max(self.streams[stream], head)

    async def catch_up(self, stream: str) -> None:
        """Send what this socket missed; clients know a message they have by its id."""
        kind, _, address = stream.partition(":")
        if kind != "guest":
            return
        for message_id, head, frame in await in_thread(session.missed)(address, self.streams[stream]):
            await self._forward(stream, {"id": message_id, "head": head, "frame": frame})


@cache
def limits() -> frames.Limits:
    """The limits in force."""
    return frames.Limits(max_file_size_kb=settings.CC_ATTACHMENT_MAX_BYTES // 1024)


KINDS: dict[str, Handler] = {
    "message": GuestConsumer.message,
    "typing_on": GuestConsumer.typing,
    "typing_off": GuestConsumer.ignored,
    "unknown_event": GuestConsumer.ignored,
    "receipt": GuestConsumer.receipt,
    "clear": GuestConsumer.clear,
    "join": GuestConsumer.joined,
}
HANDLERS: dict[type[frames.Request], Handler] = {
    frames.ConfigureSession: GuestConsumer.configure,
    frames.OnMessage: GuestConsumer.on_message,
    frames.Echo: GuestConsumer.echo,
    frames.GetJwt: GuestConsumer.jwt,
    frames.GetConfiguration: GuestConsumer.configuration,
    frames.CloseSession: GuestConsumer.close_session,
    frames.OnAttachment: GuestConsumer.attach,
    frames.GetAttachment: GuestConsumer.attachment,
    frames.DeleteAttachment: GuestConsumer.detach,
}
