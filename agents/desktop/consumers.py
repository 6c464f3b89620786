"""The desk's one socket, `/ws/desk/`: joins streams, forwards pushes, passes on what is read and typed.

Frames of the client, JSON objects:
* `{"join": <conversation>, "seq": n}` listen to a conversation whose thread is shown up to change `n`
* `{"leave": <conversation>}` · `{"at": <stream>, "seq": n}` the client has caught up to `n`
* `{"read": <conversation>, "seq": n}` · `{"delivered": …}` messages up to `n` were shown, or arrived
* `{"typing": <conversation>}` the agent is writing a reply
* `{"here": <conversation>, "doing": "look" | "note"}` the person looks at it without having it, or writes a note

Frames to it:
* `{"hello": <user>, "stream", "seq"}` connected · `{"beat": seconds}` until the next sign of life
* `{"stream", "seq", "html", "inbound", "system"}` · `{"stream", "seq", "refresh"}` the change number `seq` of a stream;
  `inbound`: the number of the customer's newest message in it, 0 without one; `system`: whether it has a system line
* `{"stream", "behind": head}` ask for what is missing · `{"stream", "typing": true}` the customer writes
* `{"stream", "here": {"id", "name", "doing"}}` a colleague looks at it, writes a note or a reply
* `{"stream", "left": true}` it isn't theirs to see, or not any more
Replies go by POST. Closed with 4401 when the login is gone, with 4403 without the permission.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Collection, Mapping
from typing import Any

from agents.actions.status import do_seen
from agents.desktop import beats
from agents.desktop.live import agent_heads
from agents.models import User
from agents.sockets import StaffConsumer, read_id, read_seq
from channels_app.actions.outbound import do_staff_receipt
from channels_app.models import Conversation
from channels_app.tasks import signal_soon
from contactcenter.kernel import live
from contactcenter.kernel.db import in_thread
from contactcenter.kernel.errors import ContactCentreError
from routing.queries import SUPERVISE, WORK, owns, seen_by

MOST_STREAMS = 200
TYPING_SECONDS = 2  # between two signs of typing that are passed on
HERE_SECONDS = 2  # between two words about the same thing that somebody does here


class DeskConsumer(StaffConsumer):
    """One open desk of one person."""

    heart = beats.heart
    supervises = False

    async def admitted(self) -> bool:
        self._works, self.supervises = await in_thread(_permissions)(self.user)
        return self._works or self.supervises

    async def begin(self) -> None:
        self._typed_at = 0.0
        self._here_at: dict[str, float] = {}  # what was told last, when
        mine, key = f"agent:{self.user.id}", str(self.user.id)
        head = (await in_thread(agent_heads)([key])).get(key, 0)
        await self.join(mine, head)
        await self.send_frame({"hello": key, "stream": mine, "seq": head})
        if self._works:
            await in_thread(do_seen)(self.user.id)

    async def take(self, frame: Mapping[str, Any]) -> bool:
        handlers = {
            "join": self._join,
            "leave": self._leave,
            "at": self._at,
            "read": self._receipt,
            "delivered": self._receipt,
            "typing": self._typing,
            "here": self._here,
        }
        kind = next((name for name in handlers if name in frame), None)
        if kind is None:
            return False
        try:
            await handlers[kind](kind, frame)
        except ContactCentreError as error:
            await self.send_frame({"error": error.code})
        return True

    # --- the client's frames -------------------------------------------------------------------

    async def _join(self, kind: str, frame: Mapping[str, Any]) -> None:
        conversation_id = read_id(frame[kind])
        stream = f"conversation:{conversation_id}"
        if conversation_id is None or (stream not in self.streams and len(self.streams) >= MOST_STREAMS):
            await self.send_frame({"error": "not joined"})
            return
        if not await self._sees(conversation_id):
            await self._left(stream)
            return
        await self.join(stream, read_seq(frame))
        head = await in_thread(_head)(conversation_id)
        if head > self.streams.get(stream, head):
            await self.behind(stream, head)

    async def _leave(self, kind: str, frame: Mapping[str, Any]) -> None:
        await self.leave(f"conversation:{read_id(frame[kind])}")

    async def _at(self, kind: str, frame: Mapping[str, Any]) -> None:
        if frame[kind] in self.streams:
            self.streams[frame[kind]] = read_seq(frame)

    async def _receipt(self, kind: str, frame: Mapping[str, Any]) -> None:
        """Only the owner's screen counts: a supervisor who looks on hasn't read it for the company."""
        conversation_id = read_id(frame[kind])
        if conversation_id and f"conversation:{conversation_id}" in self.streams:
            state = "read" if kind == "read" else "delivered"
            await in_thread(_receive)(self.user, conversation_id, state, read_seq(frame))

    async def _typing(self, kind: str, frame: Mapping[str, Any]) -> None:
        conversation_id = read_id(frame[kind])
        if conversation_id is None or time.monotonic() - self._typed_at < TYPING_SECONDS:
            return
        self._typed_at = time.monotonic()
        address = await in_thread(_typed)(self.user.id, conversation_id)
        if address:
            live.publish(f"guest:{address}", {"typing": {"agent": self.user.nickname}})
            self._tell_colleagues(conversation_id, "reply")

    async def _here(self, kind: str, frame: Mapping[str, Any]) -> None:
        """Told to whoever listens to the conversation; whoever listens was authorised when they joined."""
        conversation_id, doing = read_id(frame[kind]), frame.get("doing")
        joined = f"conversation:{conversation_id}" in self.streams
        if conversation_id is None or not joined or doing not in ("look", "note"):
            return
        if time.monotonic() - self._here_at.get(doing, -HERE_SECONDS) < HERE_SECONDS:
            return
        self._here_at[doing] = time.monotonic()
        self._tell_colleagues(conversation_id, doing)

    def _tell_colleagues(self, conversation_id: uuid.UUID, doing: str) -> None:
        here = {"id": str(self.user.id), "name": self.user.name, "doing": doing}
        live.publish(f"conversation:{conversation_id}", {"here": here})

    # --- from the streams ----------------------------------------------------------------------

    async def pushed(self, stream: str, message: Mapping[str, Any]) -> None:
        """Forward it; a recheck is for us."""
        if message.get("recheck"):
            await self._recheck([stream])
            return
        seq = message.get("seq")
        # a gap isn't hidden: the number stays behind, and the client drops the push and asks
        if seq is not None and (stream.startswith("agent:") or seq == self.streams[stream] + 1):
            self.streams[stream] = max(seq, self.streams[stream])
        shown = {**message, "stream": stream}
        if "html" in shown:
            shown["html"] = shown["html"].get(self.language, "")
        await self.send_frame(shown)

    async def behind(self, stream: str, head: int) -> None:
        """Something was lost, perhaps also that this isn't theirs to see any more."""
        if stream.startswith("conversation:"):
            await self._recheck([stream])
            if stream not in self.streams:
                return
        await self.send_frame({"stream": stream, "behind": head})
        if stream.startswith("agent:"):
            self.streams[stream] = head  # panels are fetched whole, there is nothing to catch up on

    # --- still allowed, still here -------------------------------------------------------------

    def sign(self) -> beats.Sign:
        conversations = frozenset(_conversation(stream) for stream in self._threads())
        return beats.Sign(self.user.id, self.scope["session"].session_key, conversations)

    async def stand(self, standing: beats.Standing) -> None:
        """The login is gone, or what isn't theirs to see any more is; else a sign of life for the desk too."""
        self.supervises = standing.supervises
        if await self.stays(allowed=standing.works or standing.supervises):
            # what isn't seen was joined since we were asked, or is really gone
            await self._recheck([one for one in self._threads() if _conversation(one) not in standing.seen])

    def _threads(self) -> list[str]:
        return [stream for stream in self.streams if stream.startswith("conversation:")]

    async def _sees(self, conversation_id: uuid.UUID) -> bool:
        return self.supervises or conversation_id in await in_thread(seen_by)(self.user.id, [conversation_id])

    async def _recheck(self, streams: Collection[str]) -> None:
        if self.supervises or not streams:
            return
        ids = {stream: _conversation(stream) for stream in streams}
        seen = await in_thread(seen_by)(self.user.id, list(ids.values()))
        for stream, conversation_id in ids.items():
            if conversation_id not in seen:
                await self._left(stream)

    async def _left(self, stream: str) -> None:
        await self.leave(stream)
        await self.send_frame({"stream": stream, "left": True})


def _conversation(stream: str) -> uuid.UUID:
    return uuid.UUID(stream.partition(":")[2])


# --- what is asked of the database ---------------------------------------------------------------


def _permissions(user: User) -> tuple[bool, bool]:
    """Works, supervises."""
    return user.has_perm(WORK), user.has_perm(SUPERVISE)


def _receive(user: User, conversation_id: uuid.UUID, state: str, seq: int) -> None:
    if owns(user.id, conversation_id):
        do_staff_receipt(conversation_id, state=state, seq=seq, agent=user)


def _head(conversation_id: uuid.UUID) -> int:
    return Conversation.objects.filter(id=conversation_id).values_list("change_seq", flat=True).first() or 0


def _typed(user_id: uuid.UUID, conversation_id: uuid.UUID) -> uuid.UUID | None:
    """The owner types: told to the customer's provider, if there is one that takes it. Gives the customer's address."""
    if not owns(user_id, conversation_id):
        return None
    rows = Conversation.objects.values_list("address_id", "channel_id")
    address_id, channel_id = rows.get(id=conversation_id)
    signal_soon(conversation_id, channel_id, "typing")
    return address_id
