"""The desk's one socket, `/ws/desk/`: joins streams, forwards pushes, passes on what is read and typed.

Frames of the client, JSON objects:
* `{"join": <conversation>, "seq": n}` listen to a conversation whose thread is shown up to change `n`
* `{"leave": <conversation>}` · `{"at": <stream>, "seq": n}` the client has caught up to `n`
* `{"read": <conversation>, "seq": n}` · `{"delivered": …}` messages up to `n` were shown, or arrived
* `{"typing": <conversation>}` the agent is writing

Frames to it:
* `{"hello": <user>, "stream", "seq"}` connected · `{"beat": seconds}` until the next sign of life
* `{"stream", "seq", "html"}` · `{"stream", "seq", "refresh"}` the change number `seq` of a stream
* `{"stream", "behind": head}` ask for what is missing · `{"stream", "typing": true}` the customer writes
* `{"stream", "left": true}` it isn't theirs to see, or not any more
Replies go by POST. Closed with 4401 when the login is gone, with 4403 without the permission.
"""

from __future__ import annotations

import contextlib
import json
import time
import uuid
from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import parse_qs

import structlog
from django.conf import settings

from agents.actions.status import do_seen
from agents.desktop import beats
from agents.desktop.live import agent_heads
from agents.models import User
from channels_app.actions.outbound import do_staff_receipt
from channels_app.models import Conversation
from contactcenter.kernel import live
from contactcenter.kernel.db import in_thread
from contactcenter.kernel.errors import ContactCentreError
from routing.queries import SUPERVISE, WORK, owns, seen_by

log = structlog.get_logger(__name__)
LOGIN_GONE = 4401
NOT_ALLOWED = 4403
MOST_STREAMS = 200
MOST_FRAME = 2_000  # characters
TYPING_SECONDS = 2  # between two signs of typing that are passed on


class DeskConsumer(live.LiveConsumer):
    """One open desk of one person."""

    user: User
    supervises = False
    language = settings.LANGUAGE_CODE
    _ready = False

    async def connect(self) -> None:
        await self.accept()  # a refused handshake would tell the browser nothing about why
        user = self.scope["user"]
        if not user.is_authenticated:
            await self.close(LOGIN_GONE)
            return
        self.user = user
        works, self.supervises = await in_thread(_permissions)(user)
        if not (works or self.supervises):
            await self.close(NOT_ALLOWED)
            return
        self.language = _language(self.scope.get("query_string", b""))
        self._typed_at = 0.0
        mine = f"agent:{user.id}"
        head = (await in_thread(agent_heads)([str(user.id)])).get(str(user.id), 0)
        await self.join(mine, head)
        await self._send({"hello": str(user.id), "stream": mine, "seq": head})
        if works:
            await in_thread(do_seen)(user.id)
        self._ready = True
        await self._send({"beat": beats.SECONDS})
        beats.watch(self)

    async def disconnect(self, code: int) -> None:
        beats.forget(self)
        for stream in list(self.streams):
            await self.leave(stream)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """One frame. What can't be read is answered and forgotten; the socket lives on."""
        try:
            frame = json.loads(text_data or "") if len(text_data or "") <= MOST_FRAME else None
        except ValueError:
            frame = None
        handlers = {
            "join": self._join,
            "leave": self._leave,
            "at": self._at,
            "read": self._receipt,
            "delivered": self._receipt,
            "typing": self._typing,
        }
        kind = next((name for name in handlers if isinstance(frame, dict) and name in frame), None)
        if kind is None or frame is None or not self._ready:
            await self._send({"error": "unknown frame"})
            return
        try:
            await handlers[kind](kind, frame)
        except ContactCentreError as error:
            await self._send({"error": error.code})

    # --- the client's frames -------------------------------------------------------------------

    async def _join(self, kind: str, frame: dict[str, Any]) -> None:
        conversation_id = _id(frame[kind])
        stream = f"conversation:{conversation_id}"
        if conversation_id is None or (stream not in self.streams and len(self.streams) >= MOST_STREAMS):
            await self._send({"error": "not joined"})
            return
        if not await self._sees(conversation_id):
            await self._left(stream)
            return
        await self.join(stream, _seq(frame))
        head = await in_thread(_head)(conversation_id)
        if head > self.streams.get(stream, head):
            await self.behind(stream, head)

    async def _leave(self, kind: str, frame: dict[str, Any]) -> None:
        await self.leave(f"conversation:{_id(frame[kind])}")

    async def _at(self, kind: str, frame: dict[str, Any]) -> None:
        if frame[kind] in self.streams:
            self.streams[frame[kind]] = _seq(frame)

    async def _receipt(self, kind: str, frame: dict[str, Any]) -> None:
        """Only the owner's screen counts: a supervisor who looks on hasn't read it for the company."""
        conversation_id = _id(frame[kind])
        if conversation_id and f"conversation:{conversation_id}" in self.streams:
            state = "read" if kind == "read" else "delivered"
            await in_thread(_receive)(self.user, conversation_id, state, _seq(frame))

    async def _typing(self, kind: str, frame: dict[str, Any]) -> None:
        conversation_id = _id(frame[kind])
        if conversation_id is None or time.monotonic() - self._typed_at < TYPING_SECONDS:
            return
        self._typed_at = time.monotonic()
        address = await in_thread(_address_of_owner)(self.user.id, conversation_id)
        if address:
            live.publish(f"guest:{address}", {"typing": {"agent": self.user.nickname}})

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
        await self._send(shown)

    async def behind(self, stream: str, head: int) -> None:
        """Something was lost, perhaps also that this isn't theirs to see any more."""
        if stream.startswith("conversation:"):
            await self._recheck([stream])
            if stream not in self.streams:
                return
        await self._send({"stream": stream, "behind": head})
        if stream.startswith("agent:"):
            self.streams[stream] = head  # panels are fetched whole, there is nothing to catch up on

    # --- still allowed, still here -------------------------------------------------------------

    def sign(self) -> beats.Sign:
        opened = (stream.partition(":") for stream in self.streams)
        conversations = frozenset(uuid.UUID(key) for kind, _, key in opened if kind == "conversation")
        return beats.Sign(self.user.id, self.scope["session"].session_key, conversations)

    async def stand(self, standing: beats.Standing) -> None:
        """The login is gone, or what isn't theirs to see any more is; else a sign of life for the desk too."""
        self.supervises = standing.supervises
        if not (standing.works or standing.supervises):
            await self.close(LOGIN_GONE)
            return
        if not standing.supervises:
            for stream in [one for one in self.streams if one.startswith("conversation:")]:
                if uuid.UUID(stream.partition(":")[2]) not in standing.seen:
                    await self._recheck([stream])  # joined since we were asked, or really gone
        await self._send({"beat": beats.SECONDS})

    async def _sees(self, conversation_id: uuid.UUID) -> bool:
        return self.supervises or conversation_id in await in_thread(seen_by)(self.user.id, [conversation_id])

    async def _recheck(self, streams: Collection[str]) -> None:
        if self.supervises or not streams:
            return
        ids = {stream: uuid.UUID(stream.partition(":")[2]) for stream in streams}
        seen = await in_thread(seen_by)(self.user.id, list(ids.values()))
        for stream, conversation_id in ids.items():
            if conversation_id not in seen:
                await self._left(stream)

    async def _left(self, stream: str) -> None:
        await self.leave(stream)
        await self._send({"stream": stream, "left": True})

    async def _send(self, frame: Mapping[str, Any]) -> None:
        with contextlib.suppress(RuntimeError):  # closed a moment ago
            await self.send(json.dumps(frame))


# --- what is asked of the database ---------------------------------------------------------------


def _permissions(user: User) -> tuple[bool, bool]:
    """Works, supervises."""
    return user.has_perm(WORK), user.has_perm(SUPERVISE)


def _receive(user: User, conversation_id: uuid.UUID, state: str, seq: int) -> None:
    if owns(user.id, conversation_id):
        do_staff_receipt(conversation_id, state=state, seq=seq, agent=user)


def _head(conversation_id: uuid.UUID) -> int:
    return Conversation.objects.filter(id=conversation_id).values_list("change_seq", flat=True).first() or 0


def _address_of_owner(user_id: uuid.UUID, conversation_id: uuid.UUID) -> uuid.UUID | None:
    if not owns(user_id, conversation_id):
        return None
    return Conversation.objects.values_list("address_id", flat=True).get(id=conversation_id)


# --- reading frames ----------------------------------------------------------------------------


def _id(value: Any) -> uuid.UUID | None:
    try:
        return uuid.UUID(str(value))
    except ValueError:
        return None


def _seq(frame: Mapping[str, Any]) -> int:
    seq = frame.get("seq")
    return seq if isinstance(seq, int) and not isinstance(seq, bool) and 0 <= seq < 2**62 else 0


def _language(query: bytes) -> str:
    asked = parse_qs(query.decode("latin-1")).get("lang", [""])[0].split("-")[0]
    return asked if asked in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
