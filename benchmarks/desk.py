"""A guest's message until it is on the agent's socket, with many desks open.

Routing hands each guest's conversation to an agent (auto-answer), whose desk joins it as the page does. The
limit beside it is a sign of typing on the same way: guest's socket, live layer, agent's socket, with nothing
stored and nothing drawn.
"""

from __future__ import annotations

import asyncio
import gc
import time
from itertools import cycle, islice
from typing import Any

import uvloop

from benchmarks import guests, world
from benchmarks.figures import Aim, Figure, Outcome, spread
from benchmarks.floor import Floor
from benchmarks.guests import Guest
from benchmarks.machine import Busy


def run(
    *, pids: dict[str, int], desks: int = 200, conversations: int = 400, rate: float = 50, seconds: float = 20
) -> Outcome:
    made = world.deployment("Benchmark desks")
    cookies = world.logins_by_agent(world.agents(desks, made))
    return uvloop.run(_measure(pids, Floor(made, cookies), conversations, rate, seconds))


async def _measure(pids: dict[str, int], floor: Floor, conversations: int, rate: float, seconds: float) -> Outcome:
    await floor.open(conversations)
    await guests.steady(floor.people, Guest.say, rate, min(3, seconds))
    gc.freeze()
    typing = await _typing(floor, int(rate * seconds / 4))
    with Busy(pids) as busy:
        asked = await guests.steady(floor.people, Guest.say, rate, seconds)
    await asyncio.sleep(1)
    shown = floor.shown(asked.due)
    details: dict[str, Any] = {"shown ms": spread(shown), "acknowledged ms": spread(asked.seconds)}
    details |= {"typing ms": spread(typing), "cpu": busy.percent}
    missing = len(asked.due) - len(shown)
    return Outcome(_figures(shown, typing, missing, f"{rate:g}/s, {len(floor.desks)} desks", str(busy)), details)


async def _typing(floor: Floor, times: int) -> list[float]:
    """One sign after the other, each until any desk has it. :returns: the seconds of each."""
    typed = asyncio.Event()
    for desk in floor.desks.values():
        desk.typed = typed
    took = []
    for guest in islice(cycle(floor.people), times):
        typed.clear()
        began = time.perf_counter()
        guest.type("")
        await asyncio.wait_for(typed.wait(), guests.PATIENCE)
        took.append(time.perf_counter() - began)
    return took


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
