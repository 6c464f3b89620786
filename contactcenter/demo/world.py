"""A small discrete-event simulation: virtual time, processes, and the product's own actions and routing.

Everything happens in one transaction of the caller's: nobody sees half a week, a crash leaves nothing behind,
and what lives meanwhile (customers, workers, people who log in) is neither seen nor touched. Hence actions
run by `within`, and after-commit sinks don't run at all: there is nobody to tell about last Thursday.
"""

from __future__ import annotations

import heapq
import itertools
import random
from collections import deque
from collections.abc import Callable, Generator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ParamSpec, TypeVar

from django.db import connection, transaction

from contactcenter.kernel import clock, events
from contactcenter.kernel.db import Action, Tx
from contactcenter.kernel.errors import Refused

P = ParamSpec("P")
R = TypeVar("R")
BATCH = 400  # events in one insert


@dataclass(frozen=True, slots=True)
class Signal:
    """What a process can wait for: somebody calls `World.signal(key)`, or `at` comes first."""

    key: tuple[Any, ...]
    at: datetime


#: A process yields how many seconds pass, or a Signal (and is sent whether it came).
Process = Generator[float | Signal, bool, Any]


class World:
    """The virtual time of one run, with what happens in it."""

    def __init__(self, start: datetime, end: datetime, seed: int) -> None:
        self.now = start
        self.end = end
        self.rng = random.Random(seed)  # noqa: S311 a plausible week, no secret
        self.listeners: list[Callable[[events.Recorded], None]] = []
        self.settle: Callable[[], None] = lambda: None
        self._heap: list[tuple[datetime, int, Callable[[], object]]] = []
        self._order = itertools.count()
        self._signals: dict[tuple[Any, ...], list[Callable[[], None]]] = {}
        self._news: deque[events.Recorded] = deque()
        self._unwritten: list[events.Recorded] = []
        self._hearing = False

    # --- time ----------------------------------------------------------------------------------

    def at(self, moment: datetime, do: Callable[[], object]) -> None:
        """Do something at a moment, or now if that is past."""
        heapq.heappush(self._heap, (max(moment, self.now), next(self._order), do))

    def after(self, seconds: float, do: Callable[[], object]) -> None:
        self.at(self.now + timedelta(seconds=seconds), do)

    def run(self, until: datetime) -> None:
        """Let everything happen up to a moment."""
        while self._heap and self._heap[0][0] <= until:
            self.now, _, do = heapq.heappop(self._heap)
            with clock.at(self.now):
                do()
        self.now = until

    def stop(self) -> None:
        """Nothing that was planned happens any more."""
        self._heap.clear()
        self._signals.clear()

    # --- processes -----------------------------------------------------------------------------

    def start(self, process: Process, moment: datetime | None = None) -> None:
        self.at(moment or self.now, lambda: self._step(process, came=None))

    def _step(self, process: Process, *, came: bool | None) -> None:
        try:
            wanted = next(process) if came is None else process.send(came)
        except StopIteration:
            return
        if isinstance(wanted, Signal):
            self._wait(process, wanted)
        else:
            self.after(wanted, lambda: self._step(process, came=True))

    def _wait(self, process: Process, wanted: Signal) -> None:
        waiting = [True]

        def wake(*, came: bool) -> None:
            if waiting.pop() if waiting else False:
                self._step(process, came=came)

        self._signals.setdefault(wanted.key, []).append(lambda: wake(came=True))
        self.at(wanted.at, lambda: wake(came=False))

    def signal(self, *key: Any) -> None:
        """Wake who waits for this."""
        for wake in self._signals.pop(key, []):
            self.after(0, wake)

    # --- actions -------------------------------------------------------------------------------

    def act(self, do: Action[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run an action of the product now, and let follow what follows from it."""
        result = self._run(do, *args, **kwargs)
        self._hear()
        return result

    def attempt(self, do: Action[P, R], *args: P.args, **kwargs: P.kwargs) -> R | None:
        """Like `act`, for what may be refused: then nothing of it stays, and the answer is None."""
        try:
            with transaction.atomic():
                result = self._run(do, *args, **kwargs)
        except Refused:
            return None
        self._hear()
        return result

    def _run(self, do: Action[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        tx = Tx(self.now)
        with clock.at(self.now):
            result = do.within(tx, *args, **kwargs)
        events.react(tx.recorded)
        self._news.extend(tx.recorded)
        self._unwritten.extend(tx.recorded)
        if len(self._unwritten) > BATCH:
            self.write()
        return result

    def write(self) -> None:
        """Write the events up to here into the log, and check foreign keys now rather than all at the end."""
        if self._unwritten:
            events.keep(self._unwritten)
            self._unwritten.clear()
        connection.check_constraints()

    def _hear(self) -> None:
        """Tell the listeners what was recorded, and let routing settle, until nothing more follows."""
        if self._hearing:
            return
        self._hearing = True
        while self._news:
            while self._news:
                recorded = self._news.popleft()
                for listen in self.listeners:
                    listen(recorded)
            self.settle()
        self._hearing = False

    # --- chance --------------------------------------------------------------------------------

    def chance(self, probability: float) -> bool:
        return self.rng.random() < probability

    def about(self, seconds: float, *, least: float = 1, most: float = 3600) -> float:
        """A span of time as people need it: usually near `seconds`, sometimes much longer."""
        return min(max(self.rng.lognormvariate(0, 0.6) * seconds, least), most)
