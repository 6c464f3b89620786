"""The whole product beside a test: web, workers and beat as real processes on the test's own database and Valkey.

`product` starts them once a test session (and worker); a test then acts in Chromium or over sockets, reads
the same database, moves the clock of all processes, and kills what it likes. A start that fails ends the run: none of
the tests behind it could do anything.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from signal import SIGKILL, SIGTERM, Signals
from typing import Any

import pytest
from django.conf import settings
from django.db import OperationalError, connection

from contactcenter.kernel import clock, db
from contactcenter.up.child import spawn
from contactcenter.up.config import read_config
from contactcenter.up.leftovers import WORKERS_NOTE
from contactcenter.up.programs import Program, table
from tests import bundles
from tests.stores import say

PATIENCE = 600.0  # seconds; as long as all processes live, a start is only slow
SAYS_EVERY = 10.0


class StartFailed(Exception):
    """The product doesn't start, with the end of the log that says why."""


def eventually(what: Callable[[], Any], *, seconds: float = 10, message: str = "") -> Any:
    """The first true answer of `what` within `seconds`; for what another process is to do."""
    deadline = time.monotonic() + seconds
    while True:
        if found := what():
            return found
        if time.monotonic() > deadline:
            raise AssertionError(message or f"didn't happen within {seconds} s: {what}")
        time.sleep(0.05)


@dataclass
class Product:
    """The running processes, by program name."""

    folder: Path
    listener: socket.socket
    environ: Mapping[str, str]
    programs: dict[str, Program] = field(default_factory=dict)
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    unready: str = "not asked yet"

    @property
    def port(self) -> int:
        return int(self.listener.getsockname()[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def alike(self, name: str) -> list[str]:
        """The processes that do a program's work: `web` is also `web-2`."""
        return [one for one in self.programs if one == name or one.startswith(f"{name}-")]

    def start(self, name: str) -> None:
        """Start a program, all its processes, or start it again after it was killed."""
        for one in self.alike(name):
            self._start(one)

    def whole(self) -> None:
        """Start what a test left dead, and wait until the product is ready."""
        for name, process in self.processes.items():
            if process.poll() is not None:
                self._start(name)
        self.ready()

    def _start(self, name: str) -> None:
        if (living := self.processes.get(name)) and living.poll() is None:
            raise RuntimeError(f"{name} runs: a second one would be nobody's, and survive every kill")
        program = self.programs[name]
        with self.log(name).open("ab") as log:
            self.processes[name] = spawn(
                list(program.argv),
                log=log.fileno(),
                env={**self.environ, **program.env},
                cwd=program.cwd,
                identity=program.identity,
                death_signal=SIGKILL,
                inherit=program.inherit,
            )

    def worker(self, name: str) -> int:
        """The process id of a queue's worker or of beat, as their parent notes it."""
        return int(json.loads((self.folder / WORKERS_NOTE).read_text())[name][0])

    def kill(self, name: str, signal: Signals = SIGKILL) -> None:
        """Kill all processes of a program with their children and see that they are dead."""
        killed = [self.processes[one] for one in self.alike(name)]
        for process in killed:
            os.killpg(process.pid, signal)
        for process in killed:
            process.wait(15)

    def stop_all(self) -> None:
        """End everything the ordinary way, all at once."""
        living = [process for process in self.processes.values() if process.poll() is None]
        for process in living:
            process.send_signal(SIGTERM)
        for process in living:
            try:
                process.wait(8)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, SIGKILL)
                process.wait(5)

    def log(self, name: str) -> Path:
        return self.folder / f"{name}.log"

    def ready(self, patience: float = PATIENCE) -> None:
        """Wait until the web process answers that it is ready, and say what is missing every ten seconds. The time of
        the test that waits stands still meanwhile.

        :raises StartFailed: at once when a process has died, or after `patience` seconds.
        """
        with stopped_timer():
            began = said = time.monotonic()
            while not self._answers():
                now = time.monotonic()
                if dead := next((name for name, process in self.processes.items() if process.poll() is not None), None):
                    raise StartFailed(f"{dead} ended with code {self.processes[dead].returncode}. {self._end_of(dead)}")
                if now - began > patience:
                    raise StartFailed(f"not ready after {patience:.0f} s: {self.unready}. {self._end_of('web')}")
                if now - said > SAYS_EVERY:
                    said = now
                    say(f"{now - began:4.0f} s  waiting for the product to be ready: {self.unready}")
                time.sleep(0.05)

    def _end_of(self, name: str) -> str:
        return f"The end of {self.log(name)}:\n{self.log(name).read_text(errors='replace')[-4000:]}"

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/readyz", timeout=5) as answer:
                return bool(answer.status == 200)
        except urllib.error.HTTPError as refused:
            self.unready = refused.read().decode()
        except OSError as error:
            self.unready = f"web: {error}"
        return False

    def travel(self, by: timedelta) -> None:
        """Let all processes, and this one, live `by` later than the real time."""
        clock.move_all(by)


def build_product(folder: Path, *, redis_url: str) -> Product:
    """All programs with their environment, none of them started."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=512)
    environ = {
        **os.environ,
        "REDIS_URL": redis_url,
        "CC_DATA": os.environ["CC_DATA"],
        "CC_CLOCK_FILE": str(folder / "clock"),
        "CC_BASE_URL": f"http://127.0.0.1:{listener.getsockname()[1]}",
        "PORT": str(listener.getsockname()[1]),
        "PYTHONUNBUFFERED": "1",
    }
    config = read_config(["--no-demo"], environ={**environ, "CC_DATA": str(folder)})
    programs = {program.name: program for program in table(config, listener.fileno())}
    return Product(folder, listener, environ, programs)


@contextmanager
def stopped_timer() -> Iterator[None]:
    """pytest-timeout's, for what takes as long as the machine needs."""
    left, _ = signal.setitimer(signal.ITIMER_REAL, 0)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, left)


@contextmanager
def ends_the_run(session: pytest.Session) -> Iterator[None]:
    """For what starts the product: where it fails, nothing else is tried."""
    try:
        yield
    except StartFailed as failed:
        session.shouldstop = str(failed)  # which a worker of xdist tells the others
        pytest.exit(str(failed), returncode=1)


@contextmanager
def running(product: Product) -> Iterator[Product]:
    """Start everything, wait until it is ready, stop it at the end."""
    for program in product.programs:
        product._start(program)
    settings.CC_CLOCK_FILE = product.environ["CC_CLOCK_FILE"]
    try:
        product.ready()
        yield product
    finally:
        settings.CC_CLOCK_FILE = ""
        product.stop_all()
        product.listener.close()


@pytest.fixture(scope="session")
def running_product(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, django_db_setup: None
) -> Iterator[Product]:
    """All processes, for the whole session."""
    bundles.build()  # without Node.js pages do without, as people's do
    made = build_product(tmp_path_factory.mktemp("product"), redis_url=settings.REDIS_URL)
    with ends_the_run(request.session), running(made) as product:
        yield product


#: what migrations made, and no test changes
KEPT = {"django_migrations", "django_content_type", "auth_permission", "auth_group", "auth_group_permissions"}


def empty_database() -> None:
    """All rows gone but those that migrations made: far quicker than Django's flush, which makes them anew."""
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor)) - KEPT - {"routing_wrapupcode"}
        filled = [name for name in sorted(tables) if _has_rows(cursor, name)]
        for _ in range(5):
            try:
                if filled:
                    cursor.execute(f"TRUNCATE {', '.join(filled)} CASCADE")
                cursor.execute("DELETE FROM routing_wrapupcode WHERE NOT is_timeout")
                return
            except OperationalError:  # a deadlock with a worker's sweep
                continue
    raise AssertionError("the database can't be emptied")


def _has_rows(cursor: Any, table: str) -> bool:
    cursor.execute(f"SELECT EXISTS (SELECT 1 FROM {table})")
    return bool(cursor.fetchone()[0])


def close_connections() -> None:
    """Those of the sockets' threads, which would outlive the test: one task for each thread, all at once, so that
    none does two."""
    if not db._socket_threads.cache_info().currsize:
        return
    barrier = threading.Barrier(settings.CC_SOCKET_THREADS)

    def close() -> None:
        barrier.wait(10)
        connection.close()  # looked up here: each thread has its own

    pool = db._socket_threads()
    for done in [pool.submit(close) for _ in range(settings.CC_SOCKET_THREADS)]:
        done.result(15)


@pytest.fixture
def transactional_db(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The test database with real commits, emptied before and after: pytest-django's fixture, made quick.

    Ask for it by its name, not by the mark with `transaction=True`, whose flush also throws away what
    migrations made.
    """
    with django_db_blocker.unblock():
        empty_database()
        yield
        empty_database()
        close_connections()


@pytest.fixture
def product(request: pytest.FixtureRequest, running_product: Product, transactional_db: None) -> Iterator[Product]:
    """The running product on an empty database, at the real time."""
    clock.move_all(timedelta(0))
    yield running_product
    clock.move_all(timedelta(0))
    with ends_the_run(request.session):
        running_product.whole()
