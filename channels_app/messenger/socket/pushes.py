"""What reaches a guest's socket by itself: messages in order without a gap, notices, and what ends it."""

from __future__ import annotations

import asyncio
import uuid
from collections import deque
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from channels_app.messenger import errors, frames
from channels_app.messenger.limits import Bucket
from channels_app.messenger.models import Deployment, GuestSession
from channels_app.messenger.policy import GuestPolicy
from channels_app.messenger.socket import session
from channels_app.messenger.socket.session_sockets import Peers
from contactcenter.kernel import live
from contactcenter.kernel.db import in_thread


class GuestStreams(live.LiveConsumer):
    """The streams of one guest's socket. Requests are handled by `GuestConsumer`."""

    deployment: Deployment
    policy: GuestPolicy
    features: frozenset[str]
    answered: deque[str]
    turn: asyncio.Lock
    agents_typing: Bucket
    session: GuestSession | None = None
    token_hash: str = ""
    peers: Peers | None = None
    conversation: str | None = None  # the newest of the session, and the number of its last message that is known
    seq: int = 0
    read_only: bool = False  # as its client was told last
    uploads: dict[str, datetime]  # asked for over this socket, and until when somebody asks what became of them

    async def frame(self, wire: Mapping[str, Any]) -> None:
        """Send one frame."""
        shown = wire if self.shows_names else frames.without_names(dict(wire))
        await self.send(text_data=frames.encode(dict(shown)))

    @property
    def shows_names(self) -> bool:
        """Before the deployment is known there is nobody to name."""
        return not hasattr(self, "policy") or self.policy.humanize

    async def answer(self, received: session.Answer) -> None:
        """The guest's own message, back to the socket that sent it; the caller holds `turn`."""
        here, stream = received.place, f"guest:{received.address_id}"
        self.answered.append(here["id"])
        if stream in self.streams and self._misses(here):
            await self.catch_up(stream)
        await self.frame(received.frame)
        if stream not in self.streams:
            await self.join(stream, here["head"])
            assert self.session is not None
            live.publish(f"session:{self.session.id}", {"address": stream, "head": here["head"] - 1})
        self._advance(stream, here)

    # --- from the streams --------------------------------------------------------------------------

    async def pushed(self, stream: str, message: Mapping[str, Any]) -> None:
        if "seq" in message:
            async with self.turn:
                await self._forward(stream, message)
        elif "address" in message:
            if self.session is not None:  # another socket of the session got it its address
                self.session.address_id = uuid.UUID(message["address"].partition(":")[2])
            await self.join(message["address"], message["head"])
            await self.behind(message["address"], message["head"])
        elif "socket" in message:
            await self._heard(stream, message)
        elif "close" in message:
            await self._close(message)
        elif message.keys() & {"logout", "blocked"}:
            await self._send_away(message)
        elif "typing" in message:
            await self._agent_types(message["typing"]["agent"])
        elif "about" in message:
            await self.once(message["about"], message["frame"], closes="closes" in message)
        elif message.get("feature") in (None, *self.features):
            await self.frame(message["frame"])

    async def once(self, about: str, frame: Mapping[str, Any], *, closes: bool = False) -> None:
        """What became of an upload, or the end of a cleared conversation; it may come in two ways."""
        self.uploads.pop(about, None)
        if about not in self.answered:
            self.answered.append(about)
            await self.frame(frame)
            if closes:
                await self.let_close()

    async def let_close(self) -> None:
        """After a clear, clients of the protocol close and come back for a new session. Ours stay, and who doesn't
        close may go on."""
        if "notices" not in self.features:
            await self.frame(frames.connection_closed())

    async def _agent_types(self, nickname: str) -> None:
        if self.policy.typing_agent and not self.agents_typing.take():
            await self.frame(session.serializers.typing(nickname))

    async def _send_away(self, message: Mapping[str, Any]) -> None:
        reason = frames.logout() if "logout" in message else frames.error(errors.FORBIDDEN, message["blocked"])
        await self.frame(reason)
        await self.close(1000)

    async def _close(self, message: Mapping[str, Any]) -> None:
        if self.peers and message.get("but") == str(self.peers.name):
            return
        await self.frame(frames.connection_closed(message["close"]))
        await self.close(1000)

    async def _forward(self, stream: str, message: Mapping[str, Any]) -> None:
        """Pass on the next of its conversation. If something before it was lost, the database has both."""
        if self._misses(message):
            await self.catch_up(stream)
        else:
            await self._show(stream, message)

    async def _show(self, stream: str, message: Mapping[str, Any]) -> None:
        """What only the company sees has no frame, but its number."""
        frame = self._ending(message) if "ended" in message else message.get("frame")
        heard = message.get("feature") in (None, *self.features)
        if frame and self.read_only and "ended" not in message:
            await self._go_on()
        if frame and heard and message["id"] not in self.answered:
            self.answered.append(message["id"])
            await self.frame(frame)
        self._advance(stream, message)

    def _ending(self, message: Mapping[str, Any]) -> dict[str, Any] | None:
        """Where the configuration keeps the end to itself, only those hear it that asked for notices."""
        if not (self.policy.announces_end or "notices" in self.features):
            return None
        self.read_only = self.policy.closes_read_only
        return session.serializers.ending(message["id"], message["ended"], read_only=self.policy.closes_read_only)

    async def _go_on(self) -> None:
        """The company wrote in a conversation that was read-only, or another tab began anew: what configuring would
        now say. Clients leave their read-only state by it."""
        assert self.session is not None
        state = await in_thread(session.reopened)(self.session, self.deployment)
        if state is not None:
            self.read_only = False
            await self.frame(frames.session_response(state, self.policy.limits))

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

    # --- the session's other sockets, and its end --------------------------------------------------

    def _tell_peers(self, says: str) -> None:
        if self.peers and self.session:
            told = self.peers.opened() if says == "opened" else self.peers.shut()
            live.publish(f"session:{self.session.id}", told)

    async def _heard(self, stream: str, told: Mapping[str, Any]) -> None:
        if self.peers is None:
            return
        answer, leave = self.peers.hear(told)
        if answer:
            live.publish(stream, answer)
        if leave:
            await self.frame(frames.connection_closed())
            await self.close(1000)

    async def expire(self) -> None:
        """The session's time is over: unless another socket moved its end, the client is told."""
        current = self.session
        if current is None or await in_thread(session.still_valid)(current):
            return
        self.session = None
        for stream in list(self.streams):
            await self.leave(stream)
        await self.frame(frames.session_expired())
