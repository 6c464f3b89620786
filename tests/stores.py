"""Stores for the tests: a pytest plugin (`-p tests.stores` in pyproject.toml).

Where DATABASE_URL or REDIS_URL is not set, a test run starts its own PostgreSQL or Valkey on unix sockets in
a short temporary folder, and stops it at the end. The environment must be ready before pytest-django reads
the settings, which it does before any conftest: hence a plugin.

Under pytest-xdist the first process starts PostgreSQL for all (pytest-django gives each worker a database of
its own); each worker starts a Valkey of its own, because pub/sub knows no database numbers.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from signal import SIGKILL
from subprocess import Popen

import pytest

from contactcenter.up.child import die_with_parent, spawn
from contactcenter.up.config import UpError
from contactcenter.up.lock import DataFolderLock
from contactcenter.up.programs import Program
from contactcenter.up.sockets import socket_folder
from contactcenter.up.stores import PostgreSQL, Valkey, embedded

PREFIX = "cc-tests-"
ABANDONED_AFTER = 300  # seconds
FOLDER = "CC_TEST_FOLDER"  # in the environment: the folder of this run, for its xdist workers
_TERMINAL = os.dup(2)  # from before pytest captures it


def say(text: str) -> None:
    """A line for who watches the run, while a test is under way."""
    os.write(_TERMINAL, f"{text}\n".encode())


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests() -> None:
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker is None:
        _remove_abandoned()
        TestStores(_new_folder()).start_all()
        return
    die_with_parent(SIGKILL)
    if folder := os.environ.get(FOLDER):
        TestStores(Path(folder)).start_valkey(worker)


class TestStores:
    """The stores of one test process. They die with it, even after `kill -9`."""

    __test__ = False

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._sockets = socket_folder(folder)
        self._inherit: tuple[int, ...] = ()

    def start_all(self) -> None:
        self._inherit = (DataFolderLock(self._folder).acquire().inherited,)
        os.environ["CC_DATA"] = str(self._folder)
        postgres, _ = embedded(self._folder, self._sockets, unsafe=True)
        if not os.environ.get("DATABASE_URL"):
            self._start_postgres(postgres)
        if not os.environ.get("REDIS_URL"):
            os.environ[FOLDER] = str(self._folder)
            self.start_valkey("main")

    def start_valkey(self, name: str) -> None:
        valkey = Valkey(self._folder / f"valkey-{name}", self._sockets / f"{name}.sock", unsafe=True)
        self._start(valkey.program(), valkey.answers)
        os.environ["REDIS_URL"] = valkey.url()

    def _start_postgres(self, postgres: PostgreSQL) -> None:
        initdb = postgres.initdb()
        if initdb is not None and self._spawn(initdb).wait(60):
            pytest.exit(self._log(initdb).read_text(), returncode=1)
        postgres.keep_new_cluster()
        self._start(postgres.program(), postgres.answers)
        postgres.create_database()
        os.environ["DATABASE_URL"] = postgres.url()

    def _start(self, program: Program, answers: Callable[[], bool]) -> None:
        process = self._spawn(program)
        atexit.register(_stop, process, program)
        deadline = time.monotonic() + 30
        while not answers():
            if process.poll() is not None or time.monotonic() > deadline:
                pytest.exit(self._log(program).read_text(), returncode=1)
            time.sleep(0.01)

    def _spawn(self, program: Program) -> Popen[bytes]:
        with self._log(program).open("ab") as log:
            return spawn(
                list(program.argv),
                log=log.fileno(),
                env=os.environ,
                cwd=program.cwd,
                identity=program.identity,
                death_signal=program.death_signal,
                inherit=self._inherit,
            )

    def _log(self, program: Program) -> Path:
        return self._folder / f"{program.name}.log"


def _new_folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _remove_abandoned() -> None:
    """Folders of runs that were killed: some minutes old, and nobody holds their locks any more."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        lock = DataFolderLock(folder)
        try:
            if time.time() - folder.stat().st_mtime > ABANDONED_AFTER:
                lock.acquire(patience=0)
                shutil.rmtree(folder, ignore_errors=True)
        except (UpError, OSError):  # in use, or somebody else's
            continue
        finally:
            lock.release()


def _stop(process: Popen[bytes], program: Program) -> None:
    process.send_signal(program.stop_signal)
    process.wait(15)
