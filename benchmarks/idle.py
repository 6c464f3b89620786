"""Two thousand guests who have their messenger open and mostly say nothing: what each costs, and a message among them.

Memory is the web processes' own (PSS: shared pages counted in part), before the sockets and with them. Beside it
stands what sockets cost that are connected and never configured: the server's share, without a session.
"""

from __future__ import annotations

import asyncio
import gc
from typing import Any

import uvloop
from django.conf import settings

from benchmarks import guests, world
from benchmarks.figures import Aim, Figure, Outcome, spread
from benchmarks.guests import Guest
from benchmarks.machine import Busy, pss_kib
from benchmarks.sockets import Socket
from channels_app.messenger.models import Deployment

SETTLE_SECONDS = 4  # longer than the comparison of heads takes to come round


def run(
    *, pids: dict[str, int], sockets: int = 2000, bare: int = 500, rate: float = 50, seconds: float = 15
) -> Outcome:
    made = world.deployment("Benchmark idle guests")
    return uvloop.run(_measure(pids, made, sockets, bare, rate, seconds))


async def _measure(
    pids: dict[str, int], of: Deployment, sockets: int, bare: int, rate: float, seconds: float
) -> Outcome:
    web = {name: pid for name, pid in pids.items() if name.startswith("web")}
    first = await guests.connect(20, settings.BASE_URL, str(of.id), world.token)  # what the first one costs once
    await guests.steady(first, Guest.say, 20, 1)
    plain = await _each(web, bare, lambda: _open(of, bare))
    people: list[Guest] = []

    async def come() -> None:
        people.extend(await guests.connect(sockets, settings.BASE_URL, str(of.id), world.token))

    whole = await _each(web, sockets, come)
    talkers = people[:: max(1, sockets // 200)]
    await guests.steady(talkers, Guest.say, rate, len(talkers) / rate)  # each begins a conversation
    gc.freeze()
    echo = await guests.steady(talkers, Guest.echo, rate, seconds / 3)
    with Busy(pids) as busy:
        said = await guests.steady(talkers, Guest.say, rate, seconds)
    ms, beside = spread(said.seconds), spread(echo.seconds)
    details: dict[str, Any] = {"KiB each": {"configured": whole, "connected": plain}, "ms": ms, "cpu": busy.percent}
    return Outcome(_figures(sockets, rate, whole, plain, ms, beside, said.lost, str(busy)), details)


async def _open(of: Deployment, number: int) -> None:
    address = f"{settings.BASE_URL.replace('http', 'ws', 1)}/v1?deploymentId={of.id}"
    _kept.extend([await Socket.open(address, lambda _frame: None) for _ in range(number)])


_kept: list[Socket] = []  # open until the process ends


async def _each(web: dict[str, int], number: int, come: Any) -> float:
    """KiB of memory for each of so many sockets."""
    before = pss_kib(web)
    await come()
    await asyncio.sleep(SETTLE_SECONDS)
    return (pss_kib(web) - before) / number


def _figures(
    sockets: int, rate: float, whole: float, plain: float, ms: dict[str, float], echo: dict[str, float], lost: int,
    busy: str,
) -> list[Figure]:  # fmt: skip
    own: dict[str, Any] = {"benchmark": "idle guests"}
    at = f"at {rate:g}/s among {sockets:,}"
    return [
        Figure(name=f"memory of each of {sockets:,} sockets", value=whole, unit="KiB", limit=plain,
               limit_name="connected only", aim=Aim(64, at_least=False), **own),
        Figure(name=f"acknowledged {at}, p50", value=ms["p50"], unit="ms", limit=echo["p50"], limit_name="echo", **own),
        Figure(name=f"acknowledged {at}, p99", value=ms["p99"], unit="ms", limit=echo["p99"], limit_name="echo",
               note=busy, **own),
        Figure(name="sent and not acknowledged", value=lost, unit="", aim=Aim(0, at_least=False), **own),
    ]  # fmt: skip
