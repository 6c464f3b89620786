"""The socket of supervisors' pages, `/ws/reporting/`: says when to look again, and lets them watch a conversation.

Frames of the client: `{"join": "activity"}` · `{"join": "interaction", "id": <conversation>, "seq": n}` with the
change up to which its transcript is shown · `{"at": <stream>, "seq": n}` caught up to `n`.

Frames to it: `{"hello": <user>}` · `{"beat": seconds}` · `{"stream", "refresh": true}` fetch the panels again, at
most once a second · `{"stream", "seq", "html"}` the change number `seq` of a transcript · `{"stream", "behind": n}`
ask for what is missing · `{"stream", "typing": true}`.
Read only: nothing that comes in here writes. Closed with 4401 when the login is gone, 4403 without the permission.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import time
import uuid
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs

import structlog
from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.sessions.backends.db import SessionStore

from agents.models import User
from channels_app.models import Conversation
from contactcenter.kernel import live
from contactcenter.kernel.db import in_thread
from reporting.live import ACTIVITY, activity_heads, interaction_heads
from routing.queries import SUPERVISE

log = structlog.get_logger(__name__)
LOGIN_GONE = 4401
NOT_ALLOWED = 4403
HEARTBEAT_SECONDS = 20
REFRESH_SECONDS = 1.0  # at the least between two refreshes of one page
MOST_FRAME = 2_000  # characters


class SupervisorConsumer(live.LiveConsumer):
    """One open page of one supervisor: the activity, or one interaction."""

    user: User
    language = settings.LANGUAGE_CODE

    async def connect(self) -> None:
        self._beat: asyncio.Task[None] | None = None
        self._refreshing: asyncio.Task[None] | None = None
        self._refreshed_at = 0.0
        self._due: set[str] = set()
        await self.accept()  # a refused handshake would tell the browser nothing about why
        user = self.scope["user"]
        if not user.is_authenticated:
            await self.close(LOGIN_GONE)
            return
        if not await in_thread(user.has_perm)(SUPERVISE):
            await self.close(NOT_ALLOWED)
            return
        self.user = user
        self.language = _language(self.scope.get("query_string", b""))
        await self._send({"hello": str(user.id)})
        self._beat = asyncio.create_task(self._beats())

    async def disconnect(self, code: int) -> None:
        for task in (self._beat, self._refreshing):
            if task is not None:
                task.cancel()
        for stream in list(self.streams):
            await self.leave(stream)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """One frame. What can't be read is answered and forgotten; the socket lives on."""
        try:
            frame = json.loads(text_data or "") if len(text_data or "") <= MOST_FRAME else None
        except ValueError:
            frame = None
        if self._beat is None or not isinstance(frame, dict):
            await self._send({"error": "unknown frame"})
        elif frame.get("join") == "activity":
            await self.join(ACTIVITY, (await in_thread(activity_heads)(["all"]))["all"])
        elif frame.get("join") == "interaction":
            await self._join_interaction(frame)
        elif frame.get("at") in self.streams:
            self.streams[frame["at"]] = _seq(frame)
        else:
            await self._send({"error": "unknown frame"})

    async def _join_interaction(self, frame: Mapping[str, Any]) -> None:
        head = await in_thread(_change_seq)(_id(frame.get("id")))
        if head is None:
            await self._send({"error": "not joined"})
            return
        key = str(_id(frame.get("id")))
        await self.join(f"interaction:{key}", (await in_thread(interaction_heads)([key]))[key])
        await self.join(f"conversation:{key}", _seq(frame))
        if head > _seq(frame):
            await self.behind(f"conversation:{key}", head)

    # --- from the streams ----------------------------------------------------------------------

    async def pushed(self, stream: str, message: Mapping[str, Any]) -> None:
        """A change of a transcript is forwarded, any other only says that there is something to fetch."""
        if not stream.startswith("conversation:"):
            self.streams[stream] = max(message["seq"], self.streams[stream])
            self._refresh(stream)
        elif message.get("typing"):
            await self._send({"stream": stream, "typing": True})
        elif "html" in message:
            # a gap isn't hidden: the number stays behind, and the client drops the push and asks
            if message["seq"] == self.streams[stream] + 1:
                self.streams[stream] += 1
            html = message["html"].get(self.language, "")
            await self._send({"stream": stream, "seq": message["seq"], "html": html})

    async def behind(self, stream: str, head: int) -> None:
        """Something was lost."""
        if stream.startswith("conversation:"):
            await self._send({"stream": stream, "behind": head})
        else:
            self.streams[stream] = head
            self._refresh(stream)

    def _refresh(self, stream: str) -> None:
        """Soon, and once for all that comes until then."""
        self._due.add(stream)
        if self._refreshing is None or self._refreshing.done():
            self._refreshing = asyncio.create_task(self._refresh_later())

    async def _refresh_later(self) -> None:
        await asyncio.sleep(max(0.0, self._refreshed_at + REFRESH_SECONDS - time.monotonic()))
        self._refreshed_at = time.monotonic()
        due, self._due = self._due, set()
        for stream in sorted(due & self.streams.keys()):
            await self._send({"stream": stream, "refresh": True})
        if self._due:  # came while we sent
            self._refreshing = asyncio.create_task(self._refresh_later())

    # --- still allowed -------------------------------------------------------------------------

    async def _beats(self) -> None:
        """Every 20 s: the login still stands, and so does the permission."""
        while True:
            await asyncio.sleep(HEARTBEAT_SECONDS * random.uniform(0.7, 1))  # noqa: S311
            try:
                if not await in_thread(_still_allowed)(self.user.id, self.scope["session"].session_key):
                    await self.close(LOGIN_GONE)
                    return
            except Exception:  # a named edge: the database may be away for a while; the next beat tries again
                log.exception("supervisor's heartbeat failed", user=str(self.user.id))
            await self._send({"beat": HEARTBEAT_SECONDS})

    async def _send(self, frame: Mapping[str, Any]) -> None:
        with contextlib.suppress(RuntimeError):  # closed a moment ago
            await self.send(json.dumps(frame))


# --- what is asked of the database ---------------------------------------------------------------


def _still_allowed(user_id: uuid.UUID, session_key: str) -> bool:
    """The permission behind a session that still stands: not logged out, no new password, not switched off."""
    user = get_user(SimpleNamespace(session=SessionStore(session_key)))  # type: ignore[arg-type]
    return isinstance(user, User) and user.id == user_id and user.has_perm(SUPERVISE)


def _change_seq(conversation_id: uuid.UUID | None) -> int | None:
    if conversation_id is None:
        return None
    return Conversation.objects.filter(id=conversation_id).values_list("change_seq", flat=True).first()


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
