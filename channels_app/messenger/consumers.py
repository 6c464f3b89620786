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
from channels_app.actions.files import own_limits
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
    conversation: str | None = None  # the newest of the session, and the number of its last message that is known
    seq: int = 0

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
        self.session, self.conversation, self.seq = joined.session, joined.conversation_id, joined.seq
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
        here = session.wire.place(message)
        self.answered.append(here["id"])
        stream = f"guest:{message.address_id}"  # type: ignore[attr-defined]
        if stream in self.streams and self._misses(here):
            await self.catch_up(stream)
        await self.frame(frames.structured_message(session.wire.guest_message(message), request.tracing_id))
        if stream not in self.streams:
            await self.join(stream, here["head"])
            assert self.session is not None
            live.publish(f"session:{self.session.id}", {"address": stream, "head": here["head"] - 1})
        self._advance(stream, here)

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
        self.conversation, self.seq = None, 0
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
            await self.behind(message["address"], message["head"])
        elif "close" in message:
            await self.frame(frames.connection_closed(message["close"]))
            await self.close(1000)
        elif "typing" in message:
            await self.frame(session.wire.typing(message["typing"]["agent"]))
        elif "seq" in message:
            async with self.turn:
                await self._forward(stream, message)
        elif message.get("feature") in (None, *self.features):
            await self.frame(message["frame"])

    async def _forward(self, stream: str, message: Mapping[str, Any]) -> None:
        """Pass on the next of its conversation. If something before it was lost, the database has both."""
        if self._misses(message):
            await self.catch_up(stream)
        else:
            await self._show(stream, message)

    async def _show(self, stream: str, message: Mapping[str, Any]) -> None:
        """What only the company sees has no frame, but its number."""
        if message.get("frame") and message["id"] not in self.answered:
            self.answered.append(message["id"])
            await self.frame(message["frame"])
        self._advance(stream, message)

    def _misses(self, place: Mapping[str, Any]) -> bool:
        """Whether there is a gap before this place."""
        known = self.seq if place["conversation"] == self.conversation else 0
        return bool(place["seq"] > known + 1)

    def _advance(self, stream: str, place: Mapping[str, Any]) -> None:
        if place["head"] >= self.streams.get(stream, 0):
            self.conversation, self.seq = place["conversation"], place["seq"]
            self.streams[stream] = place["head"]

    async def behind(self, stream: str, head: int) -> None:
        async with self.turn:
            await self.catch_up(stream)

    async def catch_up(self, stream: str) -> None:
        """Send what this socket missed, in order; what it has sent already it doesn't send again."""
        kind, _, address = stream.partition(":")
        if kind == "guest" and stream in self.streams:
            for message in await in_thread(session.missed)(address, self.streams[stream]):
                await self._show(stream, message)


limits = cache(own_limits)  # the limits in force

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
