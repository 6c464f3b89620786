"""The channel layer of the live layer: who listens is known, what nobody hears isn't made, many go at once."""

from __future__ import annotations

import asyncio
import threading
import uuid
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest
from channels.layers import get_channel_layer
from django.db import connection

from contactcenter.kernel import db, live
from contactcenter.kernel.live import StreamLayer


@pytest.fixture
def fresh_sender(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A sender of this test's own."""
    for name in ("_sender", "_drain"):
        monkeypatch.setattr(live, name, None)
    yield
    loop = live._sender
    if loop is not None:
        asyncio.run_coroutine_threadsafe(_stop(), loop).result(5)
        loop.call_soon_threadsafe(loop.stop)
        while loop.is_running():
            pass
        loop.close()


async def _stop() -> None:
    if live._drain is not None:
        live._drain.cancel()
        await asyncio.wait([live._drain])


def on_the_layer(story: Callable[[StreamLayer, str], Awaitable[Any]]) -> Any:
    """Run a story with the layer and a channel of its own."""

    async def run() -> Any:
        layer = get_channel_layer()
        assert isinstance(layer, StreamLayer)
        async with asyncio.timeout(10):
            found = await story(layer, await layer.new_channel())
        await layer.flush()
        return found

    return asyncio.run(run())


def stream() -> str:
    return f"thing:{uuid.uuid4()}"


def test_only_groups_that_somebody_joined_are_listened_to() -> None:
    joined, other = live.group(stream()), live.group(stream())

    async def story(layer: StreamLayer, channel: str) -> set[str]:
        await layer.group_add(joined, channel)
        while not await layer.listened([joined]):
            pass
        return await layer.listened([joined, other])

    assert on_the_layer(story) == {joined}


def test_what_is_sent_together_arrives_in_order_like_a_group_send() -> None:
    group = live.group(stream())

    async def story(layer: StreamLayer, channel: str) -> list[Any]:
        await layer.group_add(group, channel)
        await layer.send_many([(group, {"type": "x", "number": number}) for number in range(50)])
        return [await layer.receive(channel) for _ in range(50)]

    assert on_the_layer(story) == [{"type": "x", "number": number} for number in range(50)]


def test_a_push_that_somebody_hears_is_made_on_another_thread(fresh_sender: None) -> None:
    name = stream()
    threads: list[str] = []

    def made() -> dict[str, Any]:
        threads.append(threading.current_thread().name)
        return {"seq": 1}

    async def story(layer: StreamLayer, channel: str) -> Any:
        await layer.group_add(live.group(name), channel)
        live.publish(name, made)
        return await layer.receive(channel)

    assert on_the_layer(story) == {"type": "live.push", "stream": name, "message": {"seq": 1}}
    assert threads[0].startswith("socket-db")


def test_a_push_that_nobody_hears_isnt_made(fresh_sender: None) -> None:
    made: list[str] = []
    heard, unheard = stream(), stream()

    async def story(layer: StreamLayer, channel: str) -> Any:
        await layer.group_add(live.group(heard), channel)
        live.publish(unheard, lambda: made.append(unheard) or {})
        live.publish(heard, {"seq": 2})
        return await layer.receive(channel)

    assert on_the_layer(story)["message"] == {"seq": 2}
    assert made == []


def test_a_push_that_cant_be_made_doesnt_stop_the_next(fresh_sender: None) -> None:
    name = stream()

    async def story(layer: StreamLayer, channel: str) -> Any:
        await layer.group_add(live.group(name), channel)
        live.publish(name, lambda: {"seq": 1 // 0})
        live.publish(name, {"seq": 2})
        return await layer.receive(channel)

    assert on_the_layer(story)["message"] == {"seq": 2}


@pytest.mark.django_db
def test_a_prepared_cursor_leaves_other_cursors_as_they_are() -> None:
    with db.prepared_cursor() as prepared:
        prepared.execute("SELECT %(number)s::int + 1", {"number": 41})
        assert prepared.fetchone() == (42,)
    with connection.cursor() as ordinary:
        ordinary.execute("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE 'SELECT %% + 1'")
        assert ordinary.fetchone() == (1,)
        ordinary.execute("SELECT %s + 2", [40])
        ordinary.execute("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE 'SELECT %% + 2'")
        assert ordinary.fetchone() == (0,)
