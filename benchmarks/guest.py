"""A guest's message over the socket until its echo: at a steady rate, and as much as there is room for.

The limit beside it is the protocol's own `echo` over the same sockets and server: what framing, parsing and
the event loop cost without a database.
"""

from __future__ import annotations

import gc
from typing import Any

import uvloop
from django.conf import settings

from benchmarks import guests, world
from benchmarks.figures import Aim, Figure, Outcome, spread
from benchmarks.guests import Asked, Guest
from benchmarks.machine import Busy
from channels_app.models import Message

ROUNDS = 2


def run(
    *,
    pids: dict[str, int],
    sockets: int = 120,
    rate: float = 300,
    seconds: float = 20,
    in_flight: int = 32,
    closed_seconds: float = 6,
) -> Outcome:
    made = world.deployment("Benchmark guests")
    load = _Load(pids, rate=rate, seconds=seconds, in_flight=in_flight, closed_seconds=closed_seconds)
    uvloop.run(load.run(str(made.id), sockets))
    stored = Message.objects.filter(conversation__channel=made.channel).count()
    return Outcome(load.figures(stored), load.details)


class _Load:
    def __init__(
        self, pids: dict[str, int], *, rate: float, seconds: float, in_flight: int, closed_seconds: float
    ) -> None:
        self._pids = pids
        self._rate, self._seconds = rate, seconds
        self._in_flight, self._closed_seconds = in_flight, closed_seconds
        self._said = 0
        self.details: dict[str, Any] = {}

    async def run(self, deployment_id: str, sockets: int) -> None:
        people = await guests.connect(sockets, settings.BASE_URL, deployment_id, world.token)
        await self._warm_up(people)
        gc.freeze()
        self._steady_echo = await self._steadily(people, Guest.echo, "steady echo", self._seconds / 4)
        self._steady = await self._steadily(people, Guest.say, "steady messages", self._seconds)
        self._count(self._steady)
        few = people[: self._in_flight]
        rounds = [(await self._fully(few, Guest.echo, "echo"), await self._fully(few, Guest.say, "messages"))
                  for _ in range(ROUNDS)]  # fmt: skip
        self._echoes = max(echo for echo, _ in rounds)
        self._messages = sorted(message for _, message in rounds)

    async def _warm_up(self, people: list[Guest]) -> None:
        """Each guest's first message makes a conversation; only later ones are measured."""
        self._count(await guests.steady(people, Guest.say, 100, len(people) / 100))
        self._count(await guests.steady(people, Guest.say, self._rate / 2, min(3, self._seconds)))

    async def _steadily(self, people: list[Guest], send: guests.Send, name: str, seconds: float) -> Asked:
        with Busy(self._pids) as busy:
            asked = await guests.steady(people, send, self._rate, seconds)
        self.details[name] = {"ms": spread(asked.seconds), "lost": asked.lost, "cpu": busy.percent}
        self._busy = str(busy)
        return asked

    async def _fully(self, people: list[Guest], send: guests.Send, name: str) -> float:
        with Busy(self._pids) as busy:
            asked, took = await guests.as_fast_as_answered(people, send, self._closed_seconds)
        if send is Guest.say:
            self._count(asked)
            self._full, self._full_busy = asked, str(busy)
        rate = len(asked.took) / took
        found = {"per second": round(rate, 1), "ms": spread(asked.seconds), "lost": asked.lost, "cpu": busy.percent}
        self.details.setdefault(f"saturated {name}", []).append(found)
        return rate

    def _count(self, asked: Asked) -> None:
        self._said += len(asked.took)

    def figures(self, stored: int) -> list[Figure]:
        """`stored` messages are in the database."""
        steady, echo, full = spread(self._steady.seconds), spread(self._steady_echo.seconds), spread(self._full.seconds)
        at = f"at {self._rate:g}/s"
        return [
            self._figure(f"acknowledged {at}, p50", steady["p50"], "ms", echo["p50"], "echo"),
            self._figure(
                f"acknowledged {at}, p99", steady["p99"], "ms", echo["p99"], "echo", Aim(50, at_least=False), self._busy
            ),
            self._figure("sent and not acknowledged", self._steady.lost, "", aim=Aim(0, at_least=False)),
            self._figure(
                "acknowledged and not stored, or stored twice", abs(stored - self._said), "", aim=Aim(0, at_least=False)
            ),
            self._figure(
                "acknowledged at saturation", self._messages[0], "/s", self._echoes, "echo", Aim(600), self._full_busy
            ),
            self._figure(f"p99 there, {self._in_flight} in flight", full["p99"], "ms"),
        ]

    def _figure(
        self, name: str, value: float, unit: str, limit: float | None = None, limit_name: str = "",
        aim: Aim | None = None, note: str = "",
    ) -> Figure:  # fmt: skip
        return Figure(
            benchmark="guest socket", name=name, value=value, unit=unit, limit=limit, limit_name=limit_name, aim=aim,
            note=note,
        )  # fmt: skip
