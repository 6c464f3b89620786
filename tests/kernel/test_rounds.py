"""Looking after many things of a loop, some at a time."""

from __future__ import annotations

import asyncio
import gc
import time
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import pairwise

from contactcenter.kernel.rounds import Round


class Thing:
    pass


async def until(holds: Callable[[], object]) -> None:
    async with asyncio.timeout(5):
        while not holds():
            await asyncio.sleep(0.005)


def round_of(look: Callable[[Sequence[Thing]], object], seconds: float = 0.02, at_once: int = 3) -> Round[Thing]:
    async def asked(things: Sequence[Thing]) -> None:
        look(things)

    return Round("things", asked, seconds=lambda: seconds, at_once=at_once)


def test_each_is_looked_after_again_and_again_and_never_more_than_a_few_at_once() -> None:
    looks: list[list[Thing]] = []

    async def story() -> list[Thing]:
        made, things = round_of(lambda some: looks.append(list(some))), [Thing() for _ in range(7)]
        for thing in things:
            made.watch(thing)
        assert made.watched() == things
        await until(lambda: len(looks) >= 6)
        return things

    things = asyncio.run(story())
    assert [len(some) for some in looks[:6]] == [3, 3, 1] * 2
    assert Counter(one for some in looks[:6] for one in some) == dict.fromkeys(things, 2)


def test_the_looks_of_a_round_are_spread_over_its_time() -> None:
    at: list[float] = []

    async def story() -> None:
        made, things = round_of(lambda _: at.append(time.monotonic()), seconds=0.4), [Thing() for _ in range(12)]
        for thing in things:
            made.watch(thing)
        await until(lambda: len(at) >= 4)

    asyncio.run(story())
    assert all(later - earlier > 0.09 for earlier, later in pairwise(at))


def test_what_is_forgotten_or_gone_is_looked_after_no_more() -> None:
    looks: list[int] = []

    async def story() -> None:
        made, kept, left, gone = round_of(lambda some: looks.append(len(some))), Thing(), Thing(), Thing()
        for thing in (kept, left, gone):
            made.watch(thing)
        await until(lambda: 3 in looks)
        made.forget(left)
        made.forget(left)
        del gone, thing
        gc.collect()
        await until(lambda: 1 in looks)
        assert made.watched() == [kept]

    asyncio.run(story())
    assert 2 not in looks


def test_a_look_that_fails_isnt_the_last() -> None:
    looks: list[int] = []

    def look(things: Sequence[Thing]) -> None:
        looks.append(1)
        if len(looks) < 3:
            raise ConnectionRefusedError

    async def story() -> None:
        made, thing = round_of(look), Thing()
        made.watch(thing)
        await until(lambda: len(looks) >= 4)

    asyncio.run(story())
