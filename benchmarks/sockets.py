"""A websocket client that costs little: one asyncio protocol a socket, text frames only.

The load generator shares the machine with what it measures. A general client spends more on a frame than the
server does; this one writes frames with a mask of zeros, and hands over each text as it comes.
"""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Callable, Mapping
from typing import Self, cast
from urllib.parse import urlsplit

CONTINUATION, TEXT, CLOSE, PING, PONG = 0, 1, 8, 9, 10
_KEY = "dGhlIHNhbXBsZSBub25jZQ=="  # RFC 6455's own; nothing between us and the server caches
OPEN_SECONDS = 20


class SocketClosed(Exception):
    """The server closed a socket, or refused to open it."""


class Socket(asyncio.Protocol):
    """An open socket. `heard` gets the bytes of each text frame."""

    def __init__(self, request: bytes, heard: Callable[[bytes], None]) -> None:
        self.heard = heard
        self._request = request
        self._buffer = bytearray()
        self._partial = b""
        self._upgraded = False
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.closed: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    @classmethod
    async def open(cls, url: str, heard: Callable[[bytes], None], headers: Mapping[str, str] | None = None) -> Self:
        """:raises SocketClosed: the server refused. :raises TimeoutError: it said nothing."""
        parts = urlsplit(url)
        lines = [
            f"GET {parts.path}?{parts.query} HTTP/1.1",
            f"Host: {parts.netloc}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            f"Sec-WebSocket-Key: {_KEY}",
            "Sec-WebSocket-Version: 13",
            *(f"{name}: {value}" for name, value in (headers or {}).items()),
        ]
        request = "\r\n".join([*lines, "", ""]).encode()
        loop = asyncio.get_running_loop()
        _, made = await loop.create_connection(lambda: cls(request, heard), parts.hostname, parts.port)
        await asyncio.wait_for(made.opened, OPEN_SECONDS)
        return made

    def send(self, text: bytes) -> None:
        """At most 64 KiB. What is sent to a closed socket is lost, and missed by who counts answers."""
        if self.closed.done():
            return
        size = len(text)
        head = struct.pack("!BB", 0x81, 0x80 | size) if size < 126 else struct.pack("!BBH", 0x81, 0xFE, size)
        self._transport.write(head + b"\0\0\0\0" + text)

    def close(self) -> None:
        self._transport.write(b"\x88\x80\0\0\0\0")
        self._transport.close()

    # --- the protocol --------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is one without saying so
        transport.write(self._request)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.opened.done():
            self.opened.set_exception(SocketClosed("the connection was cut"))
        if not self.closed.done():
            self.closed.set_result(str(exc or "cut"))

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if not self._upgraded and not self._upgrade():
            return
        while self._frame():
            pass

    def _upgrade(self) -> bool:
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return False
        status = bytes(self._buffer[: self._buffer.find(b"\r\n")])
        del self._buffer[: end + 4]
        self._upgraded = b" 101" in status
        if not self.opened.done():
            self.opened.set_result(None) if self._upgraded else self.opened.set_exception(SocketClosed(status.decode()))
        return self._upgraded

    def _frame(self) -> bool:
        """Take one whole frame from the buffer, if there is one."""
        buffer = self._buffer
        if len(buffer) < 2:
            return False
        size, start = buffer[1] & 0x7F, 2
        if size >= 126:
            wide = 2 if size == 126 else 8
            if len(buffer) < 2 + wide:
                return False
            size, start = int.from_bytes(buffer[2 : 2 + wide]), 2 + wide
        if len(buffer) < start + size:
            return False
        kind, payload = buffer[0], bytes(buffer[start : start + size])
        del buffer[: start + size]
        self._take(kind & 0x0F, payload, final=bool(kind & 0x80))
        return True

    def _take(self, kind: int, payload: bytes, *, final: bool) -> None:
        if kind in (TEXT, CONTINUATION):
            self._partial += payload
            if final:
                whole, self._partial = self._partial, b""
                self.heard(whole)
        elif kind == PING:
            self._transport.write(bytes((0x80 | PONG, 0x80 | len(payload))) + b"\0\0\0\0" + payload)
        elif kind == CLOSE:
            if not self.closed.done():
                self.closed.set_result(f"closed {int.from_bytes(payload[:2])}")
            self._transport.close()
