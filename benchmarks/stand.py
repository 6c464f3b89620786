"""The product on the test stand: `manage.py up` on a folder of its own, stopped and removed afterwards."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from signal import SIGINT, SIGKILL, SIGTERM
from typing import Any, Self

from benchmarks.machine import ROOT
from contactcenter.up.child import spawn
from contactcenter.up.leftovers import PROGRAMS_NOTE, WORKERS_NOTE

UNBOUND = {
    "CC_GUEST_MESSAGES_PER_SECOND": "1000000",
    "CC_GUEST_REQUESTS_PER_MINUTE": "60000000",
    "CC_GUEST_HEALTH_CHECKS_PER_MINUTE": "60000000",
    "CC_GUEST_CONNECTIONS_PER_MINUTE": "60000000",
    "CC_GUEST_ADDRESS_PER_MINUTE": "60000000",
}
_GIVEN = ("DATABASE_URL", "REDIS_URL", "CC_BASE_URL", "CC_CLOCK_FILE", "CC_HOST", "CC_PROCESS")
START_SECONDS = 600  # of a busy machine; one that died is noticed at once
STOP_SECONDS = 30


class StandError(Exception):
    """The product didn't start on the stand."""


class Stand:
    """Use as a context manager. The stores are always embedded: nobody's real database is loaded by mistake."""

    def __enter__(self) -> Self:
        self.folder = Path(tempfile.mkdtemp(prefix="cc-bench-"))
        self._log = self.folder / "up.log"
        kept = {name: value for name, value in os.environ.items() if name not in _GIVEN}
        self._environ = {**kept, **UNBOUND, "CC_DATA": str(self.folder), "PORT": "0"}
        with self._log.open("ab") as log:
            self._up = spawn(
                [sys.executable, str(ROOT / "manage.py"), "up", "--no-demo"],
                log=log.fileno(),
                env=self._environ,
                cwd=ROOT,
                death_signal=SIGTERM,
            )
        try:
            self._wait()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_exception: object) -> None:
        self._up.send_signal(SIGINT)
        try:
            self._up.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(self._up.pid, SIGKILL)
            self._up.wait(5)
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def environ(self) -> dict[str, str]:
        """For a process that works beside the product on the same stores."""
        return self._environ | self._running() | {"CC_PROCESS": "web"}

    @property
    def pids(self) -> dict[str, int]:
        """The product's programs and workers; each leads a process group."""
        notes = [path for name in (PROGRAMS_NOTE, WORKERS_NOTE) if (path := self.folder / name).exists()]
        return {name: entry[0] for note in notes for name, entry in json.loads(note.read_text()).items()}

    def _running(self) -> dict[str, str]:
        told: dict[str, str] = json.loads((self.folder / "running.json").read_text())
        return told

    def _wait(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not self._ready():
            if self._up.poll() is not None or time.monotonic() > deadline:
                raise StandError(f"The product didn't start:\n{self._log.read_text()[-3000:]}")
            time.sleep(0.1)

    def _ready(self) -> bool:
        """All programs are started, and web answers for its stores."""
        if "Ctrl-C stops everything" not in self._log.read_text() or "beat" not in self.pids:
            return False
        try:
            with urllib.request.urlopen(f"{self._running()['CC_BASE_URL']}/readyz", timeout=2) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False


def work(name: str, stand: Stand, options: dict[str, Any], seconds: float) -> str:
    """Run one benchmark in a process of its own. :returns: its last line. :raises StandError: it failed."""
    command = [sys.executable, "-m", "benchmarks.run", name, json.dumps(options | {"pids": stand.pids})]
    try:
        done = subprocess.run(
            command, cwd=ROOT, env=stand.environ, stdout=subprocess.PIPE, text=True, timeout=seconds, check=False
        )
    except subprocess.TimeoutExpired:
        raise StandError(f"{name} took longer than {seconds:.0f} s") from None
    if done.returncode:
        web = (stand.folder / "log" / "web.log").read_text()[-2000:]
        raise StandError(f"{name} failed with code {done.returncode}; the end of web's log:\n{web}")
    return done.stdout.strip().splitlines()[-1]
