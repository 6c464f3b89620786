"""A guest's message until it is on the agent's socket, with many desks open.

Routing hands each guest's conversation to an agent (auto-answer), whose desk joins it as the page does. The
limit beside it is a sign of typing on the same way: guest's socket, live layer, agent's socket, with nothing
stored and nothing drawn.
"""

from __future__ import annotations

import asyncio
import gc
import json
import re
import time
from typing import Any

import uvloop
from django.conf import settings

from benchmarks import guests, world
from benchmarks.figures import Aim, Figure, Outcome, spread
from benchmarks.guests import Asked, Guest
from benchmarks.machine import Busy
from benchmarks.sockets import Socket
from channels_app.models import Deployment
from routing.models import Assignment

ASSIGNED_SECONDS = 60
_MARK = re.compile(rb"\[(s\d+)\]")


def run(
    *, pids: dict[str, int], desks: int = 200, conversations: int = 400, rate: float = 50, seconds: float = 20
) -> Outcome:
    made = world.deployment("Benchmark desks")
    users = world.agents(desks, made)
    cookies = dict(zip((str(user.id) for user in users), world.logins(users), strict=True))
    return uvloop.run(_Load(pids, made, cookies).run(conversations, rate, seconds))


class Desk:
    """The socket of one agent."""

    def __init__(self) -> None:
        self.seen: dict[str, float] = {}
        self.typed = asyncio.Event()
        self.frames = 0
        self.typed_at: dict[str, float] = {}
        self.joined: set[str] = set()
        self._hello = asyncio.Event()

    async def connect(self, cookie: str) -> None:
        headers = {"Cookie": cookie, "Origin": settings.BASE_URL}
        self.socket = await Socket.open(f"{settings.BASE_URL.replace('http', 'ws', 1)}/ws/desk/", self._heard, headers)
        await asyncio.wait_for(self._hello.wait(), guests.PATIENCE)

    def join(self, conversation_id: str, seq: int) -> None:
        self.joined.add(conversation_id)
        self.socket.send(json.dumps({"join": conversation_id, "seq": seq}).encode())

    def _heard(self, frame: bytes) -> None:
        now = time.perf_counter()
        self.frames += 1
        if found := _MARK.search(frame):
            self.seen.setdefault(found[1].decode(), now)
        elif b'"typing"' in frame:
            self.typed_at[json.loads(frame)["stream"].partition(":")[2]] = now
        elif b'"hello"' in frame:
            self._hello.set()


class _Load:
    def __init__(self, pids: dict[str, int], of: Deployment, cookies: dict[str, str]) -> None:
        self._pids = pids
        self._deployment = of
        self._cookies = cookies
        self.details: dict[str, Any] = {}

    async def run(self, conversations: int, rate: float, seconds: float) -> Outcome:
        people = await guests.connect(conversations, settings.BASE_URL, str(self._deployment.id), world.token)
        await guests.steady(people, Guest.say, 100, len(people) / 100)
        desks = await self._desks(await self._assigned(conversations))
        await guests.steady(people, Guest.say, rate, min(3, seconds))
        gc.freeze()
        typing = await self._typing(people, desks, rate, seconds / 4)
        with Busy(self._pids) as busy:
            due, asked = await self._write(people, rate, seconds)
        seen = {name: at for desk in desks for name, at in desk.seen.items() if name in due}
        shown = [seen[name] - due[name] for name in due if name in seen]
        self.details |= {
            "ms": spread(shown), "acknowledged ms": spread(asked.took), "typing ms": spread(typing),
            "cpu": busy.percent, "frames to desks": sum(desk.frames for desk in desks),
        }  # fmt: skip
        return Outcome(_figures(shown, typing, len(due) - len(shown), rate, len(desks), str(busy)), self.details)

    async def _assigned(self, conversations: int) -> list[tuple[str, str]]:
        """(agent, conversation) once routing has handed out all of them."""
        deadline = time.perf_counter() + ASSIGNED_SECONDS
        while True:
            rows = await asyncio.to_thread(_assignments, self._deployment)
            if len(rows) >= conversations or time.perf_counter() > deadline:
                assert len(rows) >= conversations, f"routing handed out {len(rows)} of {conversations} conversations"
                return rows
            await asyncio.sleep(0.5)

    async def _desks(self, assigned: list[tuple[str, str]]) -> list[Desk]:
        desks = {agent: Desk() for agent in self._cookies}
        gate = asyncio.Semaphore(guests.OPENING)

        async def open_one(agent: str, desk: Desk) -> None:
            async with gate:
                await desk.connect(self._cookies[agent])

        await asyncio.gather(*(open_one(agent, desk) for agent, desk in desks.items()))
        for agent, conversation_id in assigned:
            desks[agent].join(conversation_id, 0)
        return list(desks.values())

    async def _write(self, people: list[Guest], rate: float, seconds: float) -> tuple[dict[str, float], Asked]:
        """Messages at a steady rate; when each was due, by its mark."""
        due: dict[str, float] = {}

        def say(guest: Guest, name: str) -> None:
            due[name] = asked_at[name]
            guest.say(name)

        asked_at: dict[str, float] = {}
        asked = await guests.steady(people, say, rate, seconds, due=asked_at)
        await asyncio.sleep(1)
        return due, asked

    async def _typing(self, people: list[Guest], desks: list[Desk], rate: float, seconds: float) -> list[float]:
        """One sign of typing after the other reaches a desk. :returns: how long each took."""
        raise NotImplementedError
