"""Connections to the staff's sockets, over the real ASGI application and Valkey."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from channels.layers import get_channel_layer
from channels.testing import WebsocketCommunicator
from django.conf import settings
from django.db import connection
from django.test import Client

from contactcenter.asgi import application
from contactcenter.kernel import live

ORIGIN = b"http://127.0.0.1:8000"
PATIENCE = 6  # seconds


class Socket(WebsocketCommunicator):
    """One page's connection."""

    async def say(self, **frame: Any) -> None:
        await self.send_to(text_data=json.dumps(frame))

    async def until(self, wanted: Callable[[dict[str, Any]], Any], seconds: float = PATIENCE) -> dict[str, Any]:
        """The first frame that is wanted; others are passed over."""
        async with asyncio.timeout(seconds):
            while True:
                # longer than ours, which is the one that ends: theirs would cancel the application
                frame: dict[str, Any] = json.loads(await self.receive_from(timeout=seconds + 5))
                if wanted(frame):
                    return frame

    async def closed_with(self) -> int:
        async with asyncio.timeout(PATIENCE):
            while True:
                output = await self.receive_output(timeout=PATIENCE + 5)
                if output["type"] == "websocket.close":
                    return int(output["code"])

    async def quiet(self, unwanted: Callable[[dict[str, Any]], Any], seconds: float = 0.4) -> None:
        """Nothing of that sort arrives."""
        with pytest.raises(TimeoutError):
            await self.until(unwanted, seconds)


def socket(path: str, client: Client | None, *, origin: bytes | None = ORIGIN) -> Socket:
    """A connection that isn't opened yet, with the login of `client`."""
    headers = [(b"origin", origin)] if origin else []
    if client is not None:
        headers.append((b"cookie", f"{settings.SESSION_COOKIE_NAME}={client.session.session_key}".encode()))
    return Socket(application, path, headers=headers)


@asynccontextmanager
async def connected(made: Socket) -> AsyncIterator[Socket]:
    """It, opened and at the end closed. What it says first is still to be read."""
    assert (await made.connect())[0]
    try:
        yield made
    finally:
        await made.disconnect()


async def joined(*streams: str) -> None:
    """Wait until the layer knows that somebody listens: joining isn't answered."""
    async with asyncio.timeout(PATIENCE):
        while len(await get_channel_layer().listened([live.group(one) for one in streams])) < len(streams):
            await asyncio.sleep(0.02)


def run(story: Callable[[], Awaitable[None]]) -> None:
    """Play a story in a loop of its own, and leave nothing of it in the layer."""

    async def told() -> None:
        try:
            await story()
        finally:
            await get_channel_layer().flush()
            await sync_to_async(_close)()  # of the thread that looked at sessions

    asyncio.run(told())


def _close() -> None:
    connection.close()  # looked up here: each thread has its own
