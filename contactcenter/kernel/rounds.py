"""Looking after many things of one event loop, some at a time: each once in a while, the work evenly spread.

A thousand at once would hold the loop, and with it everybody's messages, for as long as that takes.
"""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

import structlog

log = structlog.get_logger(__name__)
Thing = TypeVar("Thing")
_Things = weakref.WeakKeyDictionary[Thing, None]


class Round(Generic[Thing]):
    """`look(things)` is called for all that are watched, `at_once` at a time, each once in `seconds()`.

    What it raises is logged, and the next round tries again. What nobody else holds is forgotten by itself.
    """

    def __init__(
        self,
        name: str,
        look: Callable[[Sequence[Thing]], Awaitable[None]],
        *,
        seconds: Callable[[], float],
        at_once: int,
    ) -> None:
        self._name, self._look, self._seconds, self._at_once = name, look, seconds, at_once
        self._things: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, _Things[Thing]]
        self._things = weakref.WeakKeyDictionary()  # in the order in which they came, so that none is passed over
        self._rounds: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Task[None]]
        self._rounds = weakref.WeakKeyDictionary()

    def watch(self, thing: Thing) -> None:
        """Look after it from now on, until `forget`."""
        loop = asyncio.get_running_loop()
        self._things.setdefault(loop, weakref.WeakKeyDictionary())[thing] = None
        running = self._rounds.get(loop)
        if running is None or running.done():
            self._rounds[loop] = loop.create_task(self._go_round())

    def forget(self, thing: Thing) -> None:
        """No more of it. What isn't watched is no error."""
        self._things.get(asyncio.get_running_loop(), weakref.WeakKeyDictionary()).pop(thing, None)

    def watched(self) -> list[Thing]:
        """All that the running loop looks after."""
        return list(self._things.get(asyncio.get_running_loop(), ()))

    async def _go_round(self) -> None:
        while True:
            # weakly: a round is always under way, and would keep for ever whom it holds
            things = [weakref.ref(thing) for thing in self.watched()]
            chunks = [things[start : start + self._at_once] for start in range(0, len(things), self._at_once)]
            for chunk in chunks or [[]]:
                await asyncio.sleep(self._seconds() / max(1, len(chunks)))
                await self._look_after(chunk)

    async def _look_after(self, chunk: Sequence[weakref.ref[Thing]]) -> None:
        watched = self._things.get(asyncio.get_running_loop(), ())
        there = [thing for one in chunk if (thing := one()) is not None and thing in watched]
        try:
            if there:
                await self._look(there)
        except Exception:  # a named edge: the database may be away for a while
            log.exception("round failed", of=self._name, things=len(there))
