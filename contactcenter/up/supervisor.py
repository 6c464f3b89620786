"""Starts programs, starts them again when they die, stops them all. One thread, no Django."""

from __future__ import annotations

import os
import select
import signal
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from types import FrameType
from typing import NoReturn, Self

from contactcenter.up.child import Process, spawn
from contactcenter.up.config import UpError
from contactcenter.up.logs import Logs
from contactcenter.up.policy import RestartPolicy
from contactcenter.up.programs import Program

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD)
POLL = 0.02  # seconds between two looks while something is awaited
ROTATE_EVERY = 10.0


class Interrupted(Exception):
    """Ctrl-C, or another signal that asks for the end."""


@dataclass
class Child:
    """One program under supervision. `restart_at` is set while it waits to be started again; somebody waits
    for the end of one that is `awaited`."""

    program: Program
    awaited: bool = False
    process: Process | None = None
    deaths: list[float] = field(default_factory=list)
    restart_at: float | None = None
    exit_code: int | None = None


class Supervisor:
    """Use as a context manager: it owns the process's signals, and leaving it stops every program."""

    def __init__(
        self,
        logs: Logs,
        policy: RestartPolicy,
        *,
        say: Callable[[str], None],
        environ: Mapping[str, str] = os.environ,
        lock: int | None = None,
        started: Callable[[Program, int], None] = lambda _program, _pid: None,
        spawn: Callable[..., Process] = spawn,
    ) -> None:
        self.environ = dict(environ)
        self._logs = logs
        self._policy = policy
        self._say = say
        self._inherit = () if lock is None else (lock,)
        self._started = started
        self._start_process = spawn
        self._children: list[Child] = []
        self._asked_to_stop = 0
        self._rotate_at = 0.0

    def __enter__(self) -> Self:
        self._woken, self._waker = os.pipe()
        os.set_blocking(self._woken, False)
        os.set_blocking(self._waker, False)
        self._former_wakeup = signal.set_wakeup_fd(self._waker, warn_on_full_buffer=False)
        self._former_handlers = {number: signal.signal(number, self._on_signal) for number in SIGNALS}
        return self

    def __exit__(self, *_exception: object) -> None:
        self._stop_all()
        signal.set_wakeup_fd(self._former_wakeup)
        for number, handler in self._former_handlers.items():
            signal.signal(number, handler)
        os.close(self._woken)
        os.close(self._waker)

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        if number != signal.SIGCHLD:  # that one only wakes the loop
            self._asked_to_stop += 1

    # --- starting ------------------------------------------------------------------------------

    def start(self, program: Program, *, awaited: bool = False) -> Child:
        child = Child(program, awaited)
        self._children.append(child)
        self._spawn(child)
        return child

    def run(self, program: Program, *, seconds: float) -> None:
        """Runs a program to its end. Raises UpError when it fails (with its last log lines) or takes too long."""
        child = self.start(program, awaited=True)
        self.wait_until(lambda: child.exit_code is not None, seconds=seconds, what=program.name)
        if child.exit_code:
            raise UpError(self._obituary(child))

    def wait_until(self, condition: Callable[[], bool], *, seconds: float, what: str) -> None:
        """Raises UpError after `seconds`, Interrupted when asked to stop."""
        if not self.wait_for(condition, seconds=seconds):
            raise UpError(f"{what} was not ready within {seconds:.0f} s. Logs: {self._logs.folder}")

    def wait_for(self, condition: Callable[[], bool], *, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline:
                return False
            self.tick(POLL)
        return True

    def _spawn(self, child: Child) -> None:
        program = child.program
        log = self._logs.open(program.name)
        try:
            child.process = self._start_process(
                list(program.argv),
                log=log,
                env={**self.environ, **program.env},
                cwd=program.cwd,
                identity=program.identity,
                death_signal=program.death_signal,
                inherit=(*program.inherit, *self._inherit),
                nice=program.nice,
            )
        finally:
            os.close(log)
        child.restart_at = None
        self._started(program, child.process.pid)

    # --- watching ------------------------------------------------------------------------------

    def watch(self) -> NoReturn:
        """Until asked to stop (Interrupted), or until one program died too often (UpError)."""
        while True:
            self.tick(1.0)

    def tick(self, seconds: float) -> None:
        """One look at everything; sleeps for at most `seconds`, less if a signal or a restart is due."""
        due = min((c.restart_at for c in self._children if c.restart_at is not None), default=None)
        now = time.monotonic()
        self._sleep(seconds if due is None else max(0.0, min(seconds, due - now)))
        if self._asked_to_stop:
            raise Interrupted
        now = time.monotonic()
        for child in list(self._children):
            self._look_at(child, now)
        if now >= self._rotate_at:
            self._rotate_at = now + ROTATE_EVERY
            self._logs.bound()

    def _sleep(self, seconds: float) -> None:
        if select.select([self._woken], [], [], seconds)[0]:
            os.read(self._woken, 4096)

    def _look_at(self, child: Child, now: float) -> None:
        if child.process is not None and child.process.poll() is not None:
            self._bury(child, now)
        elif child.restart_at is not None and child.restart_at <= now:
            self._spawn(child)

    def _bury(self, child: Child, now: float) -> None:
        """Takes note of a death; decides on the next life."""
        assert child.process is not None
        child.exit_code = child.process.returncode or 0
        _kill_group(child.process)  # what it started dies with it
        child.process = None
        if child.program.once:
            self._children.remove(child)
            if child.exit_code and not child.awaited:
                self._say(self._obituary(child))
            return
        child.deaths = [*child.deaths[-31:], now]
        delay = self._policy.delay(child.deaths)
        if delay is None:
            times = f"{child.program.name} died {self._policy.limit} times within {self._policy.window:.0f} s."
            raise UpError(f"{times}\n{self._obituary(child)}")
        child.restart_at = now + delay
        self._say(f"{child.program.name} {_ending(child.exit_code)}; it starts again in {delay:.1f} s")

    def _obituary(self, child: Child) -> str:
        name = child.program.name
        lines = "\n".join(f"  {line}" for line in self._logs.tail(name))
        return f"{name} {_ending(child.exit_code or 0)}. The end of {self._logs.path(name)}:\n{lines}"

    # --- stopping ------------------------------------------------------------------------------

    def _stop_all(self) -> None:
        """Stage by stage, from web and workers down to PostgreSQL. A second Ctrl-C cuts the grace short."""
        heard = self._asked_to_stop
        living = [c for c in self._children if c.process is not None]
        for stage in sorted({c.program.stage for c in living}, reverse=True):
            self._stop([c for c in living if c.program.stage == stage], heard)
        self._children.clear()

    def _stop(self, children: list[Child], heard: int) -> None:
        processes = [(c.program, c.process) for c in children if c.process is not None]
        for program, process in processes:
            process.send_signal(program.stop_signal)
        deadline = time.monotonic() + max(program.grace for program, _ in processes)
        while any(process.poll() is None for _, process in processes):
            if time.monotonic() > deadline or (self._asked_to_stop > heard and processes[0][0].stage > 0):
                break
            self._sleep(POLL)
        for _, process in processes:
            _kill_group(process)
            process.wait()


def _kill_group(process: Process) -> None:
    with suppress(ProcessLookupError, PermissionError):  # nobody left; macOS says the second for zombies
        os.killpg(process.pid, signal.SIGKILL)


def _ending(code: int) -> str:
    return f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"
