"""A run of live customers ends: whatever the server does, when its time is over, and when it is told to stop."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import httpx
import pytest
from websockets.asyncio.server import ServerConnection, serve

from contactcenter.demo import traffic
from contactcenter.demo.ledger import Ledger
from contactcenter.demo.plan import Plan
from contactcenter.demo.traffic import Customer, Traffic

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
NOBODY = "http://127.0.0.1:9"  # the port that nothing listens on
ENDS_WITHIN = 8.0


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The waits of a run, shorter."""
    waits = {"OPENED_WITHIN": 0.5, "SILENCE": 0.5, "LAST_ANSWERS": 1.0, "IF_STOPPED": 0.2, "LEAVES_WITHIN": 1.5}
    for name, seconds in waits.items():
        monkeypatch.setattr(traffic, name, seconds)


def a_run(url: str, seconds: float, told: list[str]) -> Traffic:
    return Traffic(Plan(url, ["x"], 20, seconds, 4), Ledger(), told.append)


@asynccontextmanager
async def tcp(handler: Handler) -> AsyncIterator[str]:
    """A server of bytes."""
    server = await asyncio.start_server(handler, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


@asynccontextmanager
async def guest_server(answers: bool) -> AsyncIterator[str]:
    """A WebSocket server that opens sessions, and never says anything to a message."""

    async def serve_one(socket: ServerConnection) -> None:
        async for raw in socket:
            frame: dict[str, Any] = json.loads(raw)
            if answers and frame["action"] == "configureSession":
                said = {"tracingId": frame["tracingId"], "code": 200, "class": "SessionResponse"}
                await socket.send(json.dumps(said | {"body": {"newSession": True}}))

    async with serve(serve_one, "127.0.0.1", 0, close_timeout=0.1) as server:
        yield f"http://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}"


async def mute(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    await reader.read()


async def hang_up(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.close()


async def ended(run: Traffic, *, stop_after: float | None = None) -> float:
    """:returns: the seconds that the run took. :raises TimeoutError: it doesn't end."""
    began = time.monotonic()
    if stop_after is not None:
        asyncio.get_running_loop().call_later(stop_after, run.stopping.set)
    playing = asyncio.create_task(run.run())
    done, _ = await asyncio.wait([playing], timeout=20)
    if not done:
        raise TimeoutError
    await playing
    return time.monotonic() - began


@asynccontextmanager
async def nobody() -> AsyncIterator[str]:
    yield NOBODY


SERVERS: dict[str, Callable[[], AbstractAsyncContextManager[str]]] = {
    "nobody listens": nobody,
    "accepts and says nothing": lambda: tcp(mute),
    "hangs up": lambda: tcp(hang_up),
    "opens no session": lambda: guest_server(answers=False),
    "acknowledges nothing": lambda: guest_server(answers=True),
}


@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize(("seconds", "stop_after"), [(0.5, None), (0, 0.5)], ids=["its time", "told to stop"])
def test_a_run_ends_whatever_the_server_does(server: str, seconds: float, stop_after: float | None) -> None:
    async def play() -> None:
        async with SERVERS[server]() as url:
            run = a_run(url, seconds, told)
            assert await ended(run, stop_after=stop_after) < ENDS_WITHIN
            assert run.ledger.counts.acknowledged == 0

    told: list[str] = []
    asyncio.run(play())
    assert told[-1].split(" s  ")[1].startswith("sent ")


def test_a_run_without_an_end_goes_on_until_it_is_told() -> None:
    """The negative twin: it is the time, or the telling, that ends a run."""

    async def play() -> bool:
        run = a_run(NOBODY, 0, [])
        playing = asyncio.create_task(run.run())
        done, _ = await asyncio.wait([playing], timeout=2.5)
        run.stopping.set()
        await asyncio.wait_for(playing, ENDS_WITHIN)
        return bool(done)

    assert not asyncio.run(play())


@pytest.mark.parametrize(("lost", "ends"), [(1, True), (2, True), (99, False)])
def test_a_run_ends_although_a_customer_loses_a_cancel(
    lost: int, *, ends: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who never leaves is left behind; the run still says its last line."""
    monkeypatch.setattr(traffic, "LEAVES_WITHIN", 0.2)
    left = {"cancels": lost}
    free = asyncio.Event()

    async def visit(_customer: Customer) -> None:
        try:
            await free.wait()
        except asyncio.CancelledError:
            left["cancels"] -= 1
            if left["cancels"] < 0:
                raise

    async def play() -> bool:
        run = a_run(NOBODY, 0.2, told)
        await ended(run)
        there = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        left["cancels"] = 0
        return not there

    monkeypatch.setattr(Customer, "_visit", visit)
    told: list[str] = []
    assert asyncio.run(play()) is ends
    assert told


@pytest.mark.parametrize("cancelled", [True, False])
def test_a_cancel_that_meets_the_answer_is_not_lost(*, cancelled: bool) -> None:
    """The answer is there, and the customer hasn't looked yet: in Python 3.11 `wait_for` would give the answer."""

    class Socket:
        async def send(self, _frame: str) -> None:
            pass

    async def play() -> bool:
        customer = Customer(a_run(NOBODY, 1, []), "x", httpx.AsyncClient(), seed=1)
        customer._answers = {}
        asking = asyncio.create_task(customer._ask(Socket(), "getJwt"))  # type: ignore[arg-type]
        while not customer._answers:
            await asyncio.sleep(0)
        await asyncio.sleep(0)
        next(iter(customer._answers.values())).set_result({"code": 200})
        if cancelled:
            asking.cancel()
        await asyncio.wait([asking], timeout=5)
        return asking.cancelled()

    assert asyncio.run(play()) is cancelled
