"""What the sockets of agents and supervisors have in common: who gets in, for how long, and how frames are read."""

from __future__ import annotations

import contextlib
import json
import uuid
from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import parse_qs

from django.conf import settings

from agents import beats
from agents.models import User
from contactcenter.kernel import live

LOGIN_GONE = 4401
NOT_ALLOWED = 4403
MOST_FRAME = 2_000  # characters


class StaffConsumer(live.LiveConsumer):
    """One open page of one person. Closed with 4401 when the login is gone, with 4403 without the permission.

    A subclass says who is admitted, what a frame does, and what a heartbeat asks (`sign`, `stand`).
    """

    heart: ClassVar[beats.Beats[Any, Any]]
    user: User
    language = settings.LANGUAGE_CODE
    _ready = False

    async def connect(self) -> None:
        await self.accept()  # a refused handshake would tell the browser nothing about why
        user = self.scope["user"]
        if not user.is_authenticated:
            await self.close(LOGIN_GONE)
            return
        self.user = user
        self.language = _language(self.scope.get("query_string", b""))
        if not await self.admitted():
            await self.close(NOT_ALLOWED)
            return
        await self.begin()
        self._ready = True
        await self.send_frame({"beat": beats.SECONDS})
        self.heart.watch(self)

    async def admitted(self) -> bool:
        """Whether `self.user` may have this page."""
        raise NotImplementedError

    async def begin(self) -> None:
        """Join what is heard from the start, and greet."""
        raise NotImplementedError

    async def take(self, frame: Mapping[str, Any]) -> bool:
        """One frame. False: it isn't known."""
        raise NotImplementedError

    async def disconnect(self, code: int) -> None:
        self.heart.forget(self)
        for stream in list(self.streams):
            await self.leave(stream)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """What can't be read is answered and forgotten; the socket lives on."""
        try:
            frame = json.loads(text_data or "") if len(text_data or "") <= MOST_FRAME else None
        except ValueError:
            frame = None
        if not (self._ready and isinstance(frame, dict) and await self.take(frame)):
            await self.send_frame({"error": "unknown frame"})

    async def stays(self, *, allowed: bool) -> bool:
        """A heartbeat's end: a sign of life for the page too, or the socket is closed."""
        if not allowed:
            await self.close(LOGIN_GONE)
            return False
        await self.send_frame({"beat": beats.SECONDS})
        return True

    async def send_frame(self, frame: Mapping[str, Any]) -> None:
        with contextlib.suppress(RuntimeError):  # closed a moment ago
            await self.send(json.dumps(frame))


def _language(query: bytes) -> str:
    asked = parse_qs(query.decode("latin-1")).get("lang", [""])[0].split("-")[0]
    return asked if asked in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


# --- reading frames ----------------------------------------------------------------------------


def read_id(value: Any) -> uuid.UUID | None:
    """An id, or None for what isn't one."""
    try:
        return uuid.UUID(str(value))
    except ValueError:
        return None


def read_seq(frame: Mapping[str, Any]) -> int:
    """The frame's sequence; 0 for what isn't one."""
    seq = frame.get("seq")
    return seq if isinstance(seq, int) and not isinstance(seq, bool) and 0 <= seq < 2**62 else 0
