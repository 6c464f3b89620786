"""Guests over the real protocol, and two ways to let them write: at a fixed rate, or as fast as they are answered."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from itertools import count, cycle, islice
from typing import Any, Self

from benchmarks.sockets import Socket

PATIENCE = 15.0  # seconds for the last answers
OPENING = 20  # sockets that are opened at once
_TRACING = b'"tracingId":"'
Send = Callable[["Guest", str], None]


@dataclass(slots=True)
class Asked:
    """When each request was due, and the seconds until its answer, by its name."""

    due: dict[str, float] = field(default_factory=dict)
    took: dict[str, float] = field(default_factory=dict)

    @property
    def seconds(self) -> list[float]:
        """One that was never answered counts as if it had taken all our patience."""
        return [self.took.get(name, PATIENCE) for name in self.due]

    @property
    def lost(self) -> int:
        return len(self.due) - len(self.took)

    def answered(self, name: str) -> None:
        if name in self.due and name not in self.took:
            self.took[name] = time.perf_counter() - self.due[name]


class Guest:
    """One socket of one guest."""

    def __init__(self, token: str, deployment_id: str) -> None:
        self.token = token
        self._deployment_id = deployment_id
        self.answered: Callable[[str], None] = lambda _tracing_id: None
        self._awaited: dict[str, asyncio.Future[dict[str, Any]]] = {}

    async def connect(self, base_url: str, token: str) -> Self:
        address = f"{base_url.replace('http', 'ws', 1)}/v1?deploymentId={self._deployment_id}"
        self.socket = await Socket.open(address, self._heard)
        answer = await self.ask("configure", {"action": "configureSession", "deploymentId": self._deployment_id})
        assert answer["code"] == 200, answer
        return self

    async def ask(self, tracing_id: str, frame: dict[str, Any]) -> dict[str, Any]:
        answer = self._awaited[tracing_id] = asyncio.get_running_loop().create_future()
        self._send(tracing_id, frame)
        return await asyncio.wait_for(answer, PATIENCE)

    def say(self, tracing_id: str) -> None:
        """A message of an ordinary length, marked by its tracing id."""
        text = f"[{tracing_id}] Hello, my parcel hasn't come yet. Could you please have a look where it is?"
        self._send(tracing_id, {"action": "onMessage", "message": {"type": "Text", "text": text}})

    def echo(self, tracing_id: str) -> None:
        """The protocol's health check: parsed and answered, nothing stored."""
        text = f"[{tracing_id}] Hello, my parcel hasn't come yet. Could you please have a look where it is?"
        self._send(tracing_id, {"action": "echo", "message": {"type": "Text", "text": text}})

    def type(self, _tracing_id: str) -> None:
        """A sign of typing: it isn't answered."""
        typing = {"eventType": "Typing", "typing": {"type": "On"}}
        self._send("", {"action": "onMessage", "message": {"type": "Event", "events": [typing]}})

    def _send(self, tracing_id: str, frame: dict[str, Any]) -> None:
        self.socket.send(json.dumps({"token": self.token, "tracingId": tracing_id, **frame}).encode())

    def _heard(self, frame: bytes) -> None:
        at = frame.rfind(_TRACING)
        if at < 0:
            return  # a push
        start = at + len(_TRACING)
        tracing_id = frame[start : frame.index(b'"', start)].decode()
        if waiting := self._awaited.pop(tracing_id, None):
            waiting.set_result(json.loads(frame))
        elif b'"code":200' in frame[:80]:
            self.answered(tracing_id)


async def connect(number: int, base_url: str, deployment_id: str, token: Callable[[], str]) -> list[Guest]:
    """So many configured sockets, a few at a time."""
    gate = asyncio.Semaphore(OPENING)

    async def one() -> Guest:
        async with gate:
            own = token()
            return await Guest(own, deployment_id).connect(base_url, own)

    return list(await asyncio.gather(*(one() for _ in range(number))))


_names = count()


async def steady(guests: list[Guest], send: Send, rate: float, seconds: float) -> Asked:
    """Open loop: `rate` requests a second, answered or not. Each is timed from the moment when it was due."""
    asked = Asked()
    for guest in guests:
        guest.answered = asked.answered
    start = time.perf_counter() + 0.05
    for number, guest in enumerate(islice(cycle(guests), int(rate * seconds))):
        due = start + number / rate
        if (ahead := due - time.perf_counter()) > 0:
            await asyncio.sleep(ahead)
        name = f"s{next(_names)}"
        asked.due[name] = due
        send(guest, name)
    await _settled(asked)
    return asked


async def as_fast_as_answered(guests: list[Guest], send: Send, seconds: float) -> tuple[Asked, float]:
    """Closed loop: each guest writes again once answered. :returns: with the seconds until the last answer."""
    asked = Asked()
    start = time.perf_counter()

    def go(guest: Guest) -> None:
        name = f"c{next(_names)}"
        asked.due[name] = time.perf_counter()
        send(guest, name)

    def answered(guest: Guest, name: str) -> None:
        asked.answered(name)
        if time.perf_counter() - start < seconds:
            go(guest)

    for guest in guests:
        guest.answered = partial(answered, guest)
        go(guest)
    await asyncio.sleep(seconds)
    await _settled(asked)
    return asked, time.perf_counter() - start


async def _settled(asked: Asked) -> None:
    deadline = time.perf_counter() + PATIENCE
    while asked.lost and time.perf_counter() < deadline:
        await asyncio.sleep(0.01)
