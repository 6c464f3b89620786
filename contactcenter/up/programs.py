"""The programs that `up` runs, as a table: adding one is one line in `table`."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from signal import SIGKILL, SIGTERM, Signals

from contactcenter.up.child import ORDINARY, Identity
from contactcenter.up.config import ROOT, Config

# Stop order: the highest stage first, each stage gone before the next is asked.
DATABASE, BROKER, SERVICE = 0, 1, 2
LARGEST_FRAME = 128 * 1024  # bytes of one websocket message


@dataclass(frozen=True)
class Program:
    """One row: what runs and how it is stopped. `grace` is the seconds between asking and killing.

    `death_signal` comes from the kernel when the supervisor dies; `once` means that it ends by itself; `late`
    that a start doesn't wait for it.
    """

    name: str
    argv: tuple[str, ...]
    stage: int = SERVICE
    env: Mapping[str, str] = field(default_factory=dict)
    stop_signal: Signals = SIGTERM
    death_signal: Signals = SIGKILL
    grace: float = 5.0
    once: bool = False
    late: bool = False
    nice: int = 0
    cwd: Path = ROOT
    identity: Identity = ORDINARY
    inherit: tuple[int, ...] = ()


def table(config: Config, listener: int) -> tuple[Program, ...]:
    """Everything that runs beside the stores, in the order of its start; `listener` is a descriptor.

    web holds the sockets, and Python lets one thread of a process run at a time: two processes use both cores, and
    take new connections from one listener as they have time.
    """
    return (
        _web(config.server, listener),
        Program(
            "workers",
            _python("-m", "contactcenter.up.workers", str(config.data), str(config.max_deaths)),
            env=_process("worker"),
            grace=8.0,  # more than each of its workers has
        ),
        *(_web(config.server, listener, number) for number in range(2, config.web + 1)),
    )


def workers(data: Path) -> tuple[Program, ...]:
    """What `contactcenter.up.workers` forks; as commands they run alone too.

    routing decides, in Python: two processes use both cores, and one that dies takes one task with it.
    outbound waits for providers: threads. timers are short sweeps: two, so that a long one holds up no
    other. reports may eat memory: a process of its own, replaced when it has grown.
    """
    return (
        _worker("routing", "prefork", 2),
        _worker("outbound", "threads", 8),
        _worker("timers", "threads", 2),
        _worker("reports", "prefork", 1, "--max-memory-per-child=400000"),
        _beat(data / "beat-schedule"),
    )


def manage(name: str, *arguments: str, nice: int = 0) -> Program:
    """A Django command that runs once."""
    command = _python(str(ROOT / "manage.py"), *arguments)
    return Program(name, command, env=_process("command"), once=True, nice=nice)


def bundles() -> Program:
    """What is made of npm's packages, while all else starts: nobody waits for it."""
    return Program("bundles", _python("-m", "contactcenter.up.bundles"), once=True, nice=10)


def _web(server: str, listener: int, number: int = 1) -> Program:
    command = _uvicorn(listener) if server == "uvicorn" else _daphne(listener)
    name = "web" if number == 1 else f"web-{number}"
    return Program(name, command, env=_process("web"), inherit=(listener,), late=number > 1)


def _uvicorn(listener: int) -> tuple[str, ...]:
    return _python(
        *("-m", "uvicorn", "contactcenter.asgi:application", f"--fd={listener}", "--lifespan=off"),
        *("--loop=uvloop", "--http=contactcenter.up.http:PlainHttp", "--no-access-log", "--no-server-header"),
        *("--ws=websockets-sansio", f"--ws-max-size={LARGEST_FRAME}"),
        # pushes are one or two kilobytes: a compressor for each socket costs more than it saves
        "--ws-per-message-deflate=false",
        "--timeout-graceful-shutdown=3",
    )


def _daphne(listener: int) -> tuple[str, ...]:
    return _python(
        *("-m", "daphne", f"--fd={listener}", "--verbosity=0", "--no-server-name"),
        *(f"--websocket-max-message-size={LARGEST_FRAME}", f"--websocket-max-frame-size={LARGEST_FRAME}"),
        "contactcenter.asgi:application",
    )


def _worker(queue: str, pool: str, concurrency: int, *more: str) -> Program:
    """One Celery worker for one queue. Nothing listens to other workers' events, so none are sent."""
    command = _python(
        *("-m", "celery", "-A", "contactcenter", "worker", f"--queues={queue}", f"--hostname={queue}@%h"),
        *(f"--pool={pool}", f"--concurrency={concurrency}", "--loglevel=WARNING"),
        *("--without-gossip", "--without-mingle", "--without-heartbeat", *more),
    )
    return Program(f"worker-{queue}", command, env=_process("worker"))


def _beat(schedule: Path) -> Program:
    command = _python(
        *("-m", "celery", "-A", "contactcenter", "beat", f"--schedule={schedule}"),
        *("--pidfile=", "--loglevel=WARNING"),
    )
    return Program("beat", command, env=_process("worker"))


def _python(*arguments: str) -> tuple[str, ...]:
    return (sys.executable, *arguments)


def _process(kind: str) -> dict[str, str]:
    # Celery would repeat Django's checks in each worker: `migrate` has just run them
    return {"CC_PROCESS": kind, "CELERY_SKIP_CHECKS": "1"}
