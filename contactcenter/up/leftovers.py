"""Stopping what a killed `up` left behind where the kernel doesn't do it (anywhere but Linux)."""

from __future__ import annotations

import json
import os
import subprocess
from contextlib import suppress
from pathlib import Path

from contactcenter.up.files import write_private
from contactcenter.up.programs import Program

PROGRAMS_NOTE, WORKERS_NOTE = "programs.json", "workers.json"  # of the supervisor, and of the workers' parent


class PidFile:
    """A file that remembers each program's process id, command and stop signal."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._entries: dict[str, tuple[int, str, int]] = {}

    def add(self, program: Program, pid: int) -> None:
        self._entries[program.name] = (pid, " ".join(program.argv[1:]), int(program.stop_signal))
        write_private(self._path, json.dumps(self._entries))

    def stop_all(self) -> None:
        """Asks each to stop that still runs; a number that another program has now is left alone."""
        if not self._path.exists():
            return
        for pid, arguments, stop_signal in json.loads(self._path.read_text()).values():
            if arguments and arguments in _command(pid):
                with suppress(ProcessLookupError):  # it has just ended
                    os.kill(pid, stop_signal)


def _command(pid: int) -> str:
    ask = ["ps", "-p", str(pid), "-o", "args="]
    try:
        return subprocess.run(ask, capture_output=True, text=True, check=False).stdout
    except FileNotFoundError:  # a machine without ps
        return ""
