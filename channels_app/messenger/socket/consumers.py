"""The guest socket: the Genesys web messaging protocol over one WebSocket.

It parses (pure), asks the database on the sockets' own threads, and answers. A bad frame gets the
protocol's error and the socket lives on.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from functools import cache
from typing import Any
from urllib.parse import parse_qs

import structlog
from django.conf import settings
from django.db import DatabaseError

from channels_app.messenger import errors, frames
from channels_app.messenger.actions import guests, sessions
from channels_app.messenger.limits import Bucket, a_minute, check_messages, client_address, messages_of
from channels_app.messenger.models import GuestSession
from channels_app.messenger.policy import ChallengeRequest, own_limits
from channels_app.messenger.socket import session, uploads
from channels_app.messenger.socket.housekeeping import tended
from channels_app.messenger.socket.pushes import GuestStreams
from channels_app.messenger.socket.session_sockets import Peers
from contactcenter.kernel import clock, ids, live
from contactcenter.kernel.db import in_thread
from contactcenter.kernel.errors import ContactCentreError, NotFound, TooFast

log = structlog.get_logger(__name__)
Handler = Callable[["GuestConsumer", Any], Awaitable[None]]
#: refusals of actions whose status is also the protocol's code; any other is a bad request
CODES = {errors.UNAUTHORIZED, errors.FORBIDDEN, errors.NOT_FOUND}
TRY_LATER = 1013  # close code


class GuestConsumer(GuestStreams):
    """One socket of one guest."""

    messages: Bucket

    async def connect(self) -> None:
        query = parse_qs(self.scope["query_string"].decode("latin-1"))
        self.features = frozenset(",".join(query.get("features", [])).split(","))
        self.requests = a_minute(settings.CC_GUEST_REQUESTS_PER_MINUTE)
        self.echoes = a_minute(settings.CC_GUEST_HEALTH_CHECKS_PER_MINUTE)
        self.agents_typing = a_minute(settings.CC_GUEST_TYPING_PER_MINUTE)
        self.answered: deque[str] = deque(maxlen=64)
        self.attributes: dict[str, str] = {}
        self.uploads = {}
        self.turn = asyncio.Lock()
        self.address = client_address((self.scope.get("client") or [""])[0], self._header(b"x-forwarded-for"))
        self.origin = self._header(b"origin")
        try:
            await self._enter(query.get("deploymentId", [""])[0])
        except NotFound:
            await self.close()
        except TooFast as wait:
            await self.accept()
            await self._too_fast(wait)
            await self.close(TRY_LATER)

    async def _enter(self, deployment_id: str) -> None:
        access = await in_thread(session.enter)(deployment_id, self.address)
        self.deployment, self.policy = access.deployment, access.policy
        if session.allowed_origin(self.deployment, self.origin, self._header(b"host")):
            await self.accept()
        else:
            await self.close()

    async def disconnect(self, code: int) -> None:
        tended.forget(self)
        self._tell_peers("shut")

    def _header(self, name: bytes) -> str | None:
        return next((value.decode("latin1") for key, value in self.scope["headers"] if key == name), None)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        raw = text_data if text_data is not None else bytes_data or b""
        wait = self.requests.take()  # garbage counts too
        try:
            request = frames.parse(raw, self.policy.limits)
            if wait:
                await self.frame(frames.too_many_requests(wait, tracing_id=request.tracing_id))
            else:
                await self._handle(request)
        except frames.FrameError as refused:
            answer = frames.too_many_requests(wait, tracing_id=refused.tracing_id) if wait else frames.refusal(refused)
            await self.frame(answer)

    async def _handle(self, request: frames.Request) -> None:
        try:
            await HANDLERS[type(request)](self, request)
        except sessions.SessionExpired:
            await self.frame(frames.session_expired(request.tracing_id))
        except TooFast as wait:
            await self._too_fast(wait, request.tracing_id)
        except ContactCentreError as refused:
            code = refused.status if refused.status in CODES else errors.BAD_REQUEST
            raise frames.FrameError(code, refused.message, request.tracing_id) from refused
        except DatabaseError:
            log.exception("guest request failed")
            raise frames.FrameError(errors.UNEXPECTED, errors.REQUEST_FAILED, request.tracing_id) from None

    async def _too_fast(self, wait: TooFast, tracing_id: str | None = None) -> None:
        await self.frame(frames.too_many_requests(max(1, round(wait.retry_after)), tracing_id=tracing_id))

    def own(self, request: frames.SessionRequest) -> GuestSession:
        """The configured session, if the frame's token is its token."""
        current = self.session
        if current is None or sessions.token_hash(self.deployment.id, request.token) != self.token_hash:
            raise frames.FrameError(errors.SESSION_NOT_FOUND, "Session not found.", request.tracing_id)
        return current

    # --- the session -----------------------------------------------------------------------------

    async def configure(self, request: frames.ConfigureSession) -> None:
        challenged = ChallengeRequest(str(self.deployment.id), self.address, self.origin, request.challenge)
        carried = self.session.id if self.session else None
        joined = await in_thread(session.configure)(self.deployment, request, challenged, carried)
        await self._settle(joined, sessions.token_hash(self.deployment.id, request.token))
        if joined.signed_in is not None:
            await self._signed_in(joined, request.tracing_id)
        await self.frame(frames.session_response(joined.state, self.policy.limits, request.tracing_id))
        for receipt in joined.receipts if "receipts" in self.features else ():
            await self.frame(receipt)
        self._tell_peers("opened")

    async def _settle(self, joined: session.Joined, token_hash: str) -> None:
        """This socket's session from now on, and its streams."""
        current = joined.session
        wanted = {f"session:{current.id}"} | ({f"guest:{current.address_id}"} if current.address_id else set())
        for stream in self.streams.keys() - wanted:
            await self.leave(stream)
        self.session, self.token_hash = current, token_hash
        self.conversation, self.seq = joined.conversation_id, joined.seq
        self.read_only = joined.state.read_only
        self.messages = messages_of(current.id)
        self.peers = self.peers or Peers(ids.new(), settings.CC_GUEST_SOCKETS)
        await self.join(f"session:{current.id}")
        if current.address_id:
            await self.join(f"guest:{current.address_id}", joined.head)
        tended.watch(self)

    async def _signed_in(self, joined: session.Joined, tracing_id: str | None) -> None:
        """The customer's own client hears of it; other sockets of theirs, which don't know it, are closed."""
        first, _, last = (joined.signed_in or "").partition(" ")
        time, message_id = clock.now(), ids.new()
        await self.frame(
            frames.presence_event(
                "SignIn", message_id=message_id, time=time, direction="inbound", first_name=first, last_name=last
            )
        )
        away = {"close": "signedIn", "but": str(self.peers.name) if self.peers else ""}
        live.publish(f"session:{joined.session.id}", away)
        if joined.merged:
            live.publish(f"guest:{joined.session.address_id}", away)

    async def jwt(self, request: frames.GetJwt) -> None:
        token, until = session.history_token(self.own(request), clock.now())
        await self.frame(frames.jwt_response(token, expires_at=until, tracing_id=request.tracing_id))

    async def resume_token(self, request: frames.ResumeToken) -> None:
        token, until = session.resume_token(self.own(request), clock.now())
        await self.frame(frames.resume_token_response(token, expires_at=until, tracing_id=request.tracing_id))

    async def configuration(self, request: frames.GetConfiguration) -> None:
        seconds = int(self.deployment.session_duration.total_seconds())
        limits = self.policy.limits
        await self.frame(
            frames.configuration_response(limits, session_duration_seconds=seconds, tracing_id=request.tracing_id)
        )

    async def close_session(self, request: frames.CloseSession) -> None:
        """Alone, this socket ends. With all others it stays: clients go on to configure a new session on it."""
        current = self.own(request)
        if not request.close_all_connections:
            await self.frame(frames.connection_closed())
            await self.close(1000)
            return
        live.publish(f"session:{current.id}", {"close": "", "but": str(self.peers.name) if self.peers else ""})
        # clients begin anew only after an answer that is read-only
        state = frames.SessionState(connected=False, read_only=True, expires_at=current.expires_at)
        await self.frame(frames.session_response(state, self.policy.limits, request.tracing_id))

    async def disconnect_customer(self, request: frames.DisconnectCustomer) -> None:
        """The end reaches this socket like all others, by the line that says so."""
        await in_thread(guests.do_disconnect)(self.own(request))

    async def echo(self, request: frames.Echo) -> None:
        if wait := self.echoes.take():
            await self.frame(frames.too_many_requests(wait, tracing_id=request.tracing_id))
            return
        current = self.session
        duration = int(self.deployment.session_duration.total_seconds()) if current else None
        expires = current.expires_at if current else None
        await self.frame(
            frames.echo_response(request, message_id=ids.new(), duration_seconds=duration, expires_at=expires)
        )

    # --- messages and events -----------------------------------------------------------------------

    async def on_message(self, request: frames.OnMessage) -> None:
        await KINDS[request.kind](self, request)

    async def message(self, request: frames.OnMessage) -> None:
        current = self.own(request)
        if wait := self.messages.take():
            await self.frame(frames.too_many_requests(wait, tracing_id=request.tracing_id))
            return
        if self.messages.low:
            await in_thread(check_messages)(current.id)
        async with self.turn:  # `behind` must not send what is just about to be answered
            received = await in_thread(session.receive)(current, self.deployment, request, self.attributes)
            self.attributes = {}
            await self.answer(received)

    async def typing(self, request: frames.OnMessage) -> None:
        self.own(request)
        if not self.policy.typing_customer:
            raise frames.FrameError(errors.FORBIDDEN, errors.TYPING_OFF, request.tracing_id)
        if self.conversation:
            live.publish(f"conversation:{self.conversation}", {"typing": {"customer": True}})

    async def receipt(self, request: frames.OnMessage) -> None:
        current = self.own(request)
        if "receipts" in self.features and request.receipt:
            await in_thread(session.receipt)(current, request.receipt)

    async def clear(self, request: frames.OnMessage) -> None:
        """First the SessionClearedEvent, then the guest's own event; the push is for the session's other sockets."""
        current = self.own(request)
        if not self.policy.clear:
            raise frames.FrameError(errors.FORBIDDEN, errors.CLEAR_NOT_SUPPORTED, request.tracing_id)
        if ended := await in_thread(session.clear)(current):
            self.answered.append(ended)
        self.conversation, self.seq = None, 0
        self.read_only = False
        await self.frame(frames.session_cleared())
        await self._back("Clear", request)
        await self.let_close()

    async def joined(self, request: frames.OnMessage) -> None:
        """Somebody looks. Where the configuration says so, the conversation begins with that."""
        current = self.own(request)
        if self.policy.auto_start:
            async with self.turn:
                begun = await in_thread(session.auto_start)(current, self.deployment, request)
                if begun is not None:
                    await self.answer(begun)
                    return
        else:
            self.attributes |= request.custom_attributes  # they go with the first message
        await self._back("Join", request)

    async def _back(self, presence: frames.PresenceType, request: frames.OnMessage) -> None:
        """The guest's own event, as clients wait for it."""
        time, tracing_id = clock.now(), request.tracing_id
        await self.frame(
            frames.presence_event(presence, message_id=ids.new(), time=time, direction="inbound", tracing_id=tracing_id)
        )

    async def ignored(self, request: frames.OnMessage) -> None:
        """Events that this socket may send and nobody needs."""
        self.own(request)

    async def left(self, request: frames.OnMessage) -> None:
        """Presence Disconnect of the customer."""
        await in_thread(guests.do_disconnect)(self.own(request))

    async def attach(self, request: frames.OnAttachment) -> None:
        current = self.own(request)
        if not self.policy.attachments:
            about = request.attachment_id if request.errors_as_json else None
            raise frames.FrameError(errors.FEATURE_UNAVAILABLE, "Files can't be sent here.", request.tracing_id, about)
        frame = await in_thread(uploads.request)(current, request, self.policy.limits)
        own = str(uploads.attachment_id(frame["body"]["attachmentId"], None))
        self.uploads[own] = clock.now() + uploads.LOOKED_FOR
        if own in self.answered:  # the same id once more
            self.answered.remove(own)
        await self.frame(frame)

    async def attachment(self, request: frames.GetAttachment) -> None:
        await self.frame(await in_thread(uploads.link)(self.own(request), request))

    async def detach(self, request: frames.DeleteAttachment) -> None:
        await self.frame(await in_thread(uploads.delete)(self.own(request), request))


limits = cache(own_limits)  # the limits in force, where no deployment narrows them

KINDS: dict[str, Handler] = {
    "message": GuestConsumer.message,
    "typing_on": GuestConsumer.typing,
    "typing_off": GuestConsumer.ignored,
    "unknown_event": GuestConsumer.ignored,
    "receipt": GuestConsumer.receipt,
    "clear": GuestConsumer.clear,
    "join": GuestConsumer.joined,
    "disconnect": GuestConsumer.left,
}
HANDLERS: dict[type[frames.Request], Handler] = {
    frames.ConfigureSession: GuestConsumer.configure,
    frames.ConfigureAuthenticatedSession: GuestConsumer.configure,
    frames.OnMessage: GuestConsumer.on_message,
    frames.Echo: GuestConsumer.echo,
    frames.GetJwt: GuestConsumer.jwt,
    frames.ResumeToken: GuestConsumer.resume_token,
    frames.GetConfiguration: GuestConsumer.configuration,
    frames.CloseSession: GuestConsumer.close_session,
    frames.DisconnectCustomer: GuestConsumer.disconnect_customer,
    frames.OnAttachment: GuestConsumer.attach,
    frames.GetAttachment: GuestConsumer.attachment,
    frames.DeleteAttachment: GuestConsumer.detach,
}
