"""A floor of agents with their desks open, and guests whose conversations routing has handed out to them."""

from __future__ import annotations

import asyncio
import json
import re
import time
from typing import Self

from django.conf import settings

from benchmarks import guests, world
from benchmarks.guests import Guest
from benchmarks.sockets import Socket
from channels_app.messenger.models import Deployment
from routing.models import Assignment

ASSIGNED_SECONDS = 60
_MARK = re.compile(rb"\[(s\d+)\]")


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


class Floor:
    """The desks by agent, and after `open` the guests and the agents' conversations."""

    def __init__(self, of: Deployment, cookies: dict[str, str]) -> None:
        self.desks = {agent: Desk() for agent in cookies}
        self.people: list[Guest] = []
        self.work: list[tuple[str, str, int]] = []  # agent, conversation, its head
        self._deployment = of
        self._cookies = cookies

    async def open(self, conversations: int) -> Self:
        """Everybody is there, and every guest has said something once."""
        await self._open_desks()
        self.people = await guests.connect(conversations, settings.BASE_URL, str(self._deployment.id), world.token)
        await guests.steady(self.people, Guest.say, 50, len(self.people) / 50)
        self.work = await self._assigned(conversations)
        for agent, conversation_id, seq in self.work:
            self.desks[agent].join(conversation_id, seq)
        return self

    def shown(self, due: dict[str, float]) -> list[float]:
        """The seconds until each message was on its agent's socket; what never came is left out."""
        seen = {name: at for desk in self.desks.values() for name, at in desk.shown.items()}
        return [seen[name] - at for name, at in due.items() if name in seen]

    async def _open_desks(self) -> None:
        gate = asyncio.Semaphore(guests.OPENING)

        async def one(agent: str, desk: Desk) -> None:
            async with gate:
                await desk.connect(self._cookies[agent])

        await asyncio.gather(*(one(agent, desk) for agent, desk in self.desks.items()))

    async def _assigned(self, conversations: int) -> list[tuple[str, str, int]]:
        """Once routing has handed out all of them."""
        deadline = time.perf_counter() + ASSIGNED_SECONDS
        while len(rows := await asyncio.to_thread(_assignments, self._deployment)) < conversations:
            assert time.perf_counter() < deadline, f"routing handed out {len(rows)} of {conversations} conversations"
            await asyncio.sleep(0.5)
        return rows


def _assignments(of: Deployment) -> list[tuple[str, str, int]]:
    rows = Assignment.objects.filter(conversation__channel=of.channel_id, state=Assignment.State.CONNECTED)
    found = rows.values_list("agent_id", "conversation_id", "conversation__change_seq")
    return [(str(agent), str(conversation), seq) for agent, conversation, seq in found]
