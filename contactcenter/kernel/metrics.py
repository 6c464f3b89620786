"""Figures that no store has by itself, of all processes together: statement times, open sockets, when tasks ended.

A process counts in its memory, where that costs next to nothing, and a thread of its own adds it every three seconds to
hashes in Redis, which any web process reads. So one scrape of one process tells of all, on every machine, and sums only
grow: a process that ends takes nothing away. With Redis emptied they start at 0 again, as counters may; what a process
counted in its last seconds is lost with it. Nothing of this runs until `measure` is called.
"""

from __future__ import annotations

import json
import os
import socket
import threading
import time
from bisect import bisect_left
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any

import structlog
from celery.signals import task_success
from django.conf import settings
from django.db.backends.signals import connection_created
from redis import Redis, RedisError

from contactcenter.kernel import clock

log = structlog.get_logger(__name__)

#: upper bounds in seconds; what takes longer is in one more bucket
BOUNDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
EVERY = 3.0  # seconds between two additions
GONE_AFTER = 10 * EVERY  # a process that said nothing for so long holds no sockets
STATEMENTS, SOCKETS, TASKS = "cc:metrics:statements", "cc:metrics:sockets", "cc:metrics:tasks"

Application = Callable[[Any, Any, Any], Awaitable[None]]


@dataclass
class _Counted:
    """What this process has counted since it was last added. Its parts are touched by many threads, each step whole."""

    took: deque[float] = field(default_factory=lambda: deque(maxlen=100_000))  # seconds of statements
    ended: dict[str, float] = field(default_factory=dict)  # task -> Unix time of its last good end
    open: Counter[str] = field(default_factory=Counter)  # kind -> sockets; changed by the event loop only
    running: bool = False  # the thread that adds


_here = _Counted()
_measuring = False


def measure() -> None:
    """Begin: in this process, and in those that it forks."""
    global _measuring
    _measuring = True
    connection_created.connect(_time_statements)
    task_success.connect(_note_task)
    os.register_at_fork(after_in_child=_start_anew)


def _start_anew() -> None:
    global _here
    _here = _Counted()


def _time_statements(connection: Any, **_: Any) -> None:
    if timed not in connection.execute_wrappers:
        connection.execute_wrappers.append(timed)


def timed(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:  # noqa: FBT001 Django's
    """Around each statement: two looks at the clock and one append: 2.4 µs on a busy machine (measured)."""
    began = time.perf_counter()
    try:
        return execute(sql, params, many, context)
    finally:
        _here.took.append(time.perf_counter() - began)
        if not _here.running:
            _run()


def _note_task(sender: Any, **_: Any) -> None:
    _here.ended[sender.name] = clock.now().timestamp()
    _run()


def counted(kind: str, application: Application) -> Application:
    """An ASGI application whose open connections are counted."""
    if not _measuring:
        return application

    async def run(scope: Any, receive: Any, send: Any) -> None:
        _here.open[kind] += 1
        _run()
        try:
            await application(scope, receive, send)
        finally:
            _here.open[kind] -= 1

    return run


# --- adding ------------------------------------------------------------------------------------

_starting = threading.Lock()


def _run() -> None:
    """Not before there is something to add: a thread doesn't survive a fork."""
    if _here.running:
        return
    with _starting:
        if not _here.running:
            _here.running = True
            threading.Thread(target=_keep_adding, args=[_here], name="metrics", daemon=True).start()


def _keep_adding(here: _Counted) -> None:
    statements: Counter[str] = Counter()  # kept until Redis has them
    seconds = 0.0
    with Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2) as redis:
        while True:
            time.sleep(EVERY)
            more, took = _drained(here)
            statements.update(more)
            seconds += took
            try:
                _add(redis, here, statements, seconds)
            except RedisError as error:
                log.warning("metrics not added", error=str(error))
                continue
            statements.clear()
            seconds = 0.0


def _drained(here: _Counted) -> tuple[Counter[str], float]:
    """Statements by bucket, and their seconds together, that weren't drained before."""
    took = [here.took.popleft() for _ in range(len(here.took))]
    return Counter(str(bisect_left(BOUNDS, one)) for one in took), sum(took)


def _add(redis: Redis, here: _Counted, statements: Mapping[str, int], seconds: float) -> None:
    with redis.pipeline(transaction=True) as pipeline:
        for bucket, number in statements.items():
            pipeline.hincrby(STATEMENTS, f"{settings.PROCESS}:{bucket}", number)
        if statements:
            pipeline.hincrbyfloat(STATEMENTS, f"{settings.PROCESS}:seconds", seconds)
        if here.open:
            said = {"at": clock.now().timestamp(), "open": dict(here.open)}
            pipeline.hset(SOCKETS, f"{socket.gethostname()}:{os.getpid()}", json.dumps(said))
        for name, at in here.ended.copy().items():
            pipeline.hset(TASKS, name, str(at))
        if pipeline.command_stack:
            pipeline.execute()


# --- reading -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Times:
    """Statements of one kind of process: how many took at most each of BOUNDS, how many in all, seconds together."""

    at_most: tuple[int, ...]
    count: int
    seconds: float


def statement_times(redis: Redis) -> dict[str, Times]:
    """By kind of process. `redis` here and below decodes its answers. :raises RedisError: it is gone."""
    found: dict[str, dict[str, float]] = {}
    for key, value in redis.hgetall(STATEMENTS).items():
        process, _, part = str(key).rpartition(":")
        found.setdefault(process, {})[part] = float(value)
    times = {}
    for process, parts in found.items():
        *at_most, count = accumulate(int(parts.get(str(bucket), 0)) for bucket in range(len(BOUNDS) + 1))
        times[process] = Times(tuple(at_most), count, parts.get("seconds", 0.0))
    return times


def open_sockets(redis: Redis) -> Counter[str]:
    """By kind, of all processes that live; what others left behind is removed. :raises RedisError: it is gone."""
    total: Counter[str] = Counter()
    oldest = clock.now().timestamp() - GONE_AFTER
    for process, said in redis.hgetall(SOCKETS).items():
        one = json.loads(said)
        if one["at"] < oldest:
            redis.hdel(SOCKETS, process)
        else:
            total.update(one["open"])
    return total


def tasks_ended(redis: Redis) -> dict[str, float]:
    """When each task last ended well, as Unix time. :raises RedisError: it is gone."""
    return {str(name): float(at) for name, at in redis.hgetall(TASKS).items()}
