"""The live layer: pushes may be lost, and the comparison of heads finds what was."""

from __future__ import annotations

import asyncio
import threading
import time
import uuid
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from channels.layers import BaseChannelLayer, get_channel_layer
from channels_redis.pubsub import RedisPubSubChannelLayer

from contactcenter.kernel import live


class GoneLayer:
    """A channel layer whose store isn't there."""

    async def group_add(self, group: str, channel: str) -> None:
        raise ConnectionRefusedError

    group_discard = group_add


class QuietLayer(GoneLayer):
    """A channel layer that loses every push."""

    async def group_add(self, group: str, channel: str) -> None:
        pass

    group_discard = group_add


class Socket(live.LiveConsumer):
    """A socket that keeps what it is told."""

    def __init__(self, layer: Any = None) -> None:
        super().__init__()
        self.channel_layer = layer or QuietLayer()
        self.channel_name = f"test!{uuid.uuid4().hex}"
        self.told: list[tuple[str, int]] = []
        self.got: list[tuple[str, Mapping[str, Any]]] = []

    async def behind(self, stream: str, head: int) -> None:
        self.told.append((stream, head))

    async def pushed(self, stream: str, message: Mapping[str, Any]) -> None:
        self.got.append((stream, message))


class Heads:
    """Heads of the kind `thing`, counting how often somebody asks."""

    def __init__(self) -> None:
        self.now: dict[str, int] = {}
        self.asked: list[set[str]] = []

    def __call__(self, keys: Collection[str]) -> Mapping[str, int]:
        self.asked.append(set(keys))
        return {key: head for key, head in self.now.items() if key in keys}


@pytest.fixture
def heads(monkeypatch: pytest.MonkeyPatch) -> Heads:
    monkeypatch.setattr(live, "_heads", {})
    heads = Heads()
    live.register_heads("thing", heads)
    return heads


def test_a_socket_that_is_behind_is_told(heads: Heads) -> None:
    async def story() -> Socket:
        socket = Socket()
        await socket.join("thing:1", seq=4)
        heads.now = {"1": 6}
        await live.compare_heads()
        return socket

    assert asyncio.run(story()).told == [("thing:1", 6)]


def test_a_socket_that_shows_everything_is_left_alone(heads: Heads) -> None:
    async def story() -> Socket:
        socket = Socket()
        await socket.join("thing:1", seq=6)
        heads.now = {"1": 6}
        await live.compare_heads()
        return socket

    assert asyncio.run(story()).told == []


def test_a_push_that_comes_while_heads_are_asked_isnt_a_gap(heads: Heads, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> Socket:
        socket = Socket()
        await socket.join("thing:1", seq=5)

        def ask(keys: Collection[str]) -> Mapping[str, int]:
            socket.streams["thing:1"] = 6  # the push arrived
            return {"1": 6}

        live.register_heads("thing", ask)
        await live.compare_heads()
        return socket

    assert asyncio.run(story()).told == []


def test_all_sockets_of_a_process_ask_once_a_kind(heads: Heads) -> None:
    async def story() -> list[Socket]:
        sockets = [Socket() for _ in range(3)]
        for number, socket in enumerate(sockets):
            await socket.join("thing:shared", seq=1)
            await socket.join(f"thing:{number}", seq=1)
            await socket.join("plain:1")
        heads.now = {"shared": 2, "0": 1, "1": 2}
        await live.compare_heads()
        return sockets

    sockets = asyncio.run(story())
    assert heads.asked == [{"shared", "0", "1", "2"}]
    assert [sorted(socket.told) for socket in sockets] == [
        [("thing:shared", 2)],
        [("thing:1", 2), ("thing:shared", 2)],
        [("thing:shared", 2)],
    ]


def test_what_was_left_is_asked_no_more(heads: Heads) -> None:
    async def story() -> Socket:
        socket = Socket()
        await socket.join("thing:1", seq=1)
        await socket.leave("thing:1")
        await socket.leave("thing:1")
        heads.now = {"1": 9}
        await live.compare_heads()
        return socket

    assert asyncio.run(story()).told == []
    assert heads.asked == []


def test_a_stream_that_is_gone_tells_nobody(heads: Heads) -> None:
    async def story() -> Socket:
        socket = Socket()
        await socket.join("thing:1", seq=1)
        await live.compare_heads()
        return socket

    assert asyncio.run(story()).told == []


def test_one_broken_socket_doesnt_keep_the_others_from_hearing(heads: Heads) -> None:
    class Broken(Socket):
        async def behind(self, stream: str, head: int) -> None:
            raise ConnectionResetError

    async def story() -> list[Socket]:
        sockets = [Socket(), Broken(), Socket()]
        for socket in sockets:
            await socket.join("thing:1", seq=1)
        heads.now = {"1": 2}
        await live.compare_heads()
        return [sockets[0], sockets[2]]

    assert [socket.told for socket in asyncio.run(story())] == [[("thing:1", 2)]] * 2


def test_with_the_store_gone_joining_works_and_heads_serve(heads: Heads) -> None:
    async def story() -> Socket:
        socket = Socket(GoneLayer())
        await socket.join("thing:1", seq=1)
        heads.now = {"1": 2}
        await live.compare_heads()
        await socket.leave("thing:1")
        return socket

    assert asyncio.run(story()).told == [("thing:1", 2)]


def test_heads_are_compared_by_themselves_again_and_again(heads: Heads, settings: Any) -> None:
    settings.CC_HEADS_SECONDS = 0.01

    async def story() -> Socket:
        socket = Socket()
        await socket.join("thing:1", seq=1)
        heads.now = {"1": 2}
        async with asyncio.timeout(5):
            while len(socket.told) < 2:
                await asyncio.sleep(0.01)
        return socket

    assert asyncio.run(story()).told[:2] == [("thing:1", 2)] * 2


def test_a_failed_comparison_isnt_the_last(heads: Heads, settings: Any) -> None:
    settings.CC_HEADS_SECONDS = 0.01
    failures: list[int] = []

    def ask(keys: Collection[str]) -> Mapping[str, int]:
        if len(failures) < 2:
            failures.append(1)
            raise ConnectionRefusedError
        return {"1": 2}

    live.register_heads("thing", ask)

    async def story() -> Socket:
        socket = Socket()
        await socket.join("thing:1", seq=1)
        async with asyncio.timeout(5):
            while not socket.told:
                await asyncio.sleep(0.01)
        return socket

    assert asyncio.run(story()).told[0] == ("thing:1", 2)
    assert len(failures) == 2


def test_a_push_of_a_stream_that_was_left_is_dropped() -> None:
    async def story() -> Socket:
        socket = Socket()
        await socket.join("thing:1")
        await socket.live_push({"stream": "thing:1", "message": {"seq": 1}})
        await socket.leave("thing:1")
        await socket.live_push({"stream": "thing:1", "message": {"seq": 2}})
        return socket

    assert asyncio.run(story()).got == [("thing:1", {"seq": 1})]


# --- over the real store -------------------------------------------------------------------------


@pytest.fixture
def fresh_sender(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A sender of this test's own, so that it meets the channel layer of this test."""
    for name in ("_sender", "_drain"):
        monkeypatch.setattr(live, name, None)
    yield
    if live._sender is not None:
        asyncio.run_coroutine_threadsafe(_stop_draining(), live._sender).result(5)
        live._sender.call_soon_threadsafe(live._sender.stop)
        while live._sender.is_running():
            pass
        live._sender.close()


def stream() -> str:
    return f"thing:{uuid.uuid4()}"


async def receive(layer: Any, channel: str, count: int) -> list[dict[str, Any]]:
    async with asyncio.timeout(10):
        return [await layer.receive(channel) for _ in range(count)]


def test_pushes_reach_who_joined_in_order_and_nobody_else(fresh_sender: None) -> None:
    mine, other = stream(), stream()

    async def story() -> list[dict[str, Any]]:
        layer = get_channel_layer()
        socket = Socket(layer)
        socket.channel_name = await layer.new_channel()
        await socket.join(mine)
        live.publish(other, {"seq": 0})
        for seq in range(1, 21):
            live.publish(mine, {"seq": seq, "html": "<p>å</p>"})
        got = await receive(layer, socket.channel_name, 20)
        await layer.flush()
        return got

    got = asyncio.run(story())
    assert [event["message"]["seq"] for event in got] == list(range(1, 21))
    assert {(event["type"], event["stream"]) for event in got} == {("live.push", mine)}


def test_publishing_without_a_store_is_no_error(
    fresh_sender: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dead = RedisPubSubChannelLayer(hosts=[{"address": f"unix://{tmp_path}/none.sock"}])
    monkeypatch.setattr(live, "get_channel_layer", lambda: dead)
    live.publish("thing:1", {"seq": 1})
    _until_idle()
    live.publish("thing:1", {"seq": 2})  # it goes on after the failure
    _until_idle()


async def _stop_draining() -> None:
    if live._drain is not None:
        live._drain.cancel()
        await asyncio.wait([live._drain])
    layer = live.get_channel_layer()
    if hasattr(layer, "flush"):
        await layer.flush()


def _until_idle() -> None:
    deadline = time.monotonic() + 10
    while live._handed or live._awake.is_set():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_backlog_that_is_full_drops_the_push(
    fresh_sender: None, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.CC_LIVE_BACKLOG = 2
    taken, let_go = threading.Event(), threading.Event()
    sent: list[str] = []

    class Slow:
        async def group_send(self, group: str, event: dict[str, Any]) -> None:
            taken.set()
            await asyncio.to_thread(let_go.wait, 10)
            sent.append(event["message"]["seq"])

    monkeypatch.setattr(live, "get_channel_layer", Slow)
    live.publish("thing:1", {"seq": 1})
    assert taken.wait(10)
    for seq in range(2, 6):
        live.publish("thing:1", {"seq": seq})
    let_go.set()
    _until_idle()
    assert sent == [1, 2, 3]


def test_the_layers_name_of_a_stream_is_one_that_it_allows() -> None:
    longest = live.group(f"conversation:{uuid.uuid4()}")
    layer = BaseChannelLayer()
    assert layer.require_valid_group_name(longest)
    with pytest.raises(TypeError):
        layer.require_valid_group_name(f"conversation:{uuid.uuid4()}")
