"""`manage.py up` in a test: started, asked, and looked for in the process table."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path

from contactcenter.up.child import die_with_parent
from contactcenter.up.config import ROOT
from contactcenter.up.leftovers import PROGRAMS_NOTE, WORKERS_NOTE

STARTED = 120.0  # seconds; a bound, not an expectation
STOPPED = 30.0


def wait_until(condition: Callable[[], bool], *, seconds: float, what: str) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"{what} took more than {seconds} s"
        time.sleep(0.02)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Up:
    """One start on a data folder, without demo data; with stores of its own, or those that `stores` names."""

    def __init__(self, data: Path, port: int | None = None, stores: Mapping[str, str] | None = None) -> None:
        self.data = data
        self.port = port or free_port()
        own = {"DATABASE_URL", "REDIS_URL", "CC_BASE_URL", "CC_TEST_FOLDER"}
        environ = {name: value for name, value in os.environ.items() if name not in own}
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "up", "--no-demo"],
            cwd=ROOT,
            env=environ | dict(stores or {}) | {"CC_DATA": str(data), "PORT": str(self.port)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            preexec_fn=lambda: die_with_parent(signal.SIGTERM),  # noqa: PLW1509  (it takes no lock)
        )

    def wait_until_ready(self) -> None:
        def ready() -> bool:
            assert self.process.poll() is None, self.output()
            return self.status("/readyz") == 200

        wait_until(ready, seconds=STARTED, what="the start")
        wait_until(lambda: "beat" in self.programs(), seconds=STARTED, what="the last program's start")

    def programs(self) -> dict[str, int]:
        """The process id of each program and worker, as the two supervisors note it."""
        notes = [self.data / name for name in (PROGRAMS_NOTE, WORKERS_NOTE)]
        found = [entry for note in notes if note.exists() for entry in json.loads(note.read_text()).items()]
        return {name: pid for name, (pid, _, _) in found}

    def status(self, path: str, timeout: float = 10.0) -> int | None:
        """The HTTP status, or None: refused or cut."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=timeout) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return None

    def stop(self) -> int:
        """Its exit code after SIGTERM."""
        self.process.terminate()
        return self.process.wait(STOPPED)

    def output(self) -> str:
        """All that it said; only once it has ended."""
        assert self.process.stdout is not None
        return self.process.stdout.read()


def processes_of(data: Path) -> list[str]:
    """Everything alive that belongs to a data folder: by its environment, or by its working folder
    (PostgreSQL's processes overwrite their environment with their titles)."""
    others = [entry for entry in Path("/proc").iterdir() if entry.name.isdigit() and int(entry.name) != os.getpid()]
    return [command for entry in others if (command := _command_of(entry, data))]


def _command_of(entry: Path, data: Path) -> str:
    """Its command line; empty if it belongs to another folder, has ended, or is a zombie."""
    try:
        environ = (entry / "environ").read_bytes().split(b"\0")
        if f"CC_DATA={data}".encode() in environ or (entry / "cwd").readlink().is_relative_to(data):
            return (entry / "cmdline").read_text().replace("\0", " ")
    except OSError:
        pass
    return ""
