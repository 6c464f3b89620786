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
from itertools import cycle, islice
from typing import Any

import uvloop
from django.conf import settings

from benchmarks import guests, world
from benchmarks.figures import Aim, Figure, Outcome, spread
from benchmarks.guests import Guest
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
    """The socket of one agent. `shown`: when each message was there, by its mark."""

    def __init__(self) -> None:
        self.shown: dict[str, float] = {}
        self.typed = asyncio.Event()
        self._ready = asyncio.Event()

    async def connect(self, cookie: str) -> None:
        headers = {"Cookie": cookie, "Origin": settings.BASE_URL}
        self._socket = await Socket.open(f"{settings.BASE_URL.replace('http', 'ws', 1)}/ws/desk/", self._heard, headers)
        await asyncio.wait_for(self._ready.wait(), guests.PATIENCE)

    def join(self, conversation_id: str, seq: int) -> None:
        self._socket.send(json.dumps({"join": conversation_id, "seq": seq}).encode())

    def _heard(self, frame: bytes) -> None:
        if found := _MARK.search(frame):
            self.shown.setdefault(found[1].decode(), time.perf_counter())
        elif b'"typing"' in frame:
            self.typed.set()
        elif b'"hello"' in frame:
            self._ready.set()


class _Load:
    def __init__(self, pids: dict[str, int], of: Deployment, cookies: dict[str, str]) -> None:
        self._pids = pids
        self._deployment = of
        self._cookies = cookies
        self._desks = {agent: Desk() for agent in cookies}

    async def run(self, conversations: int, rate: float, seconds: float) -> Outcome:
        await self._open_desks()
        people = await guests.connect(conversations, settings.BASE_URL, str(self._deployment.id), world.token)
        await guests.steady(people, Guest.say, 50, len(people) / 50)
        for agent, conversation_id, seq in await self._assigned(conversations):
            self._desks[agent].join(conversation_id, seq)
        await guests.steady(people, Guest.say, rate, min(3, seconds))
        gc.freeze()
        typing = await self._typing(people, int(rate * seconds / 4))
        with Busy(self._pids) as busy:
            asked = await guests.steady(people, Guest.say, rate, seconds)
        await asyncio.sleep(1)
        shown = self._shown(asked.due)
        details: dict[str, Any] = {"shown ms": spread(shown), "acknowledged ms": spread(asked.seconds)}
        details |= {"typing ms": spread(typing), "cpu": busy.percent}
        missing = len(asked.due) - len(shown)
        return Outcome(_figures(shown, typing, missing, f"{rate:g}/s, {len(self._desks)} desks", str(busy)), details)

    def _shown(self, due: dict[str, float]) -> list[float]:
        seen = {name: at for desk in self._desks.values() for name, at in desk.shown.items()}
        return [seen[name] - at for name, at in due.items() if name in seen]

    async def _open_desks(self) -> None:
        gate = asyncio.Semaphore(guests.OPENING)

        async def one(agent: str, desk: Desk) -> None:
            async with gate:
                await desk.connect(self._cookies[agent])

        await asyncio.gather(*(one(agent, desk) for agent, desk in self._desks.items()))

    async def _assigned(self, conversations: int) -> list[tuple[str, str, int]]:
        """(agent, conversation, its head) once routing has handed out all of them."""
        deadline = time.perf_counter() + ASSIGNED_SECONDS
        while len(rows := await asyncio.to_thread(_assignments, self._deployment)) < conversations:
            assert time.perf_counter() < deadline, f"routing handed out {len(rows)} of {conversations} conversations"
            await asyncio.sleep(0.5)
        return rows

    async def _typing(self, people: list[Guest], times: int) -> list[float]:
        """One sign after the other, each until any desk has it. :returns: the seconds of each."""
        typed = asyncio.Event()
        for desk in self._desks.values():
            desk.typed = typed
        took = []
        for guest in islice(cycle(people), times):
            typed.clear()
            began = time.perf_counter()
            guest.type("")
            await asyncio.wait_for(typed.wait(), guests.PATIENCE)
            took.append(time.perf_counter() - began)
        return took


def _assignments(of: Deployment) -> list[tuple[str, str, int]]:
    rows = Assignment.objects.filter(conversation__channel=of.channel_id, state=Assignment.State.CONNECTED)
    found = rows.values_list("agent_id", "conversation_id", "conversation__change_seq")
    return [(str(agent), str(conversation), seq) for agent, conversation, seq in found]


def _figures(shown: list[float], typing: list[float], missing: int, at: str, busy: str) -> list[Figure]:
    ms, alone = spread(shown), spread(typing)
    beside = {"benchmark": "send to agent", "unit": "ms", "limit_name": "typing, live layer alone"}
    return [
        Figure(name=f"on the agent's socket at {at}, p50", value=ms["p50"], limit=alone["p50"], **beside),
        Figure(
            name=f"on the agent's socket at {at}, p99", value=ms["p99"], limit=alone["p99"],
            aim=Aim(100, at_least=False), note=busy, **beside,
        ),
        Figure(
            benchmark="send to agent", name="sent and not shown", value=missing, unit="", aim=Aim(0, at_least=False)
        ),
    ]  # fmt: skip
