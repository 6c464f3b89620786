"""One `up` per data folder, and none before the programs of the last one are gone.

Two locks, both held by open files, so the kernel frees them with their last holder, however it ended:
`up.lock` by the supervisor alone; `programs.lock` by every program too, which inherits the open file.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Self

from contactcenter.up.config import UpError


class DataFolderLock:
    """Raises UpError with the reason when the folder is in use."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self._files: list[int] = []
        self.inherited = -1  # the file descriptor that programs keep open

    def acquire(self, *, patience: float = 15.0, stop_leftovers: Callable[[], None] = lambda: None) -> Self:
        """Takes both locks; waits `patience` seconds for programs that a killed `up` left stopping."""
        own = self._open("up.lock")
        if not _try_lock(own):
            pid = os.pread(own, 20, 0).decode().strip()
            raise UpError(
                f"Already running on {self._data} (process {pid}). Stop it, or set CC_DATA to another folder."
            )
        os.ftruncate(own, 0)
        os.pwrite(own, str(os.getpid()).encode(), 0)
        self.inherited = self._open("programs.lock")
        self._wait_for_leftovers(patience, stop_leftovers)
        return self

    def release(self) -> None:
        while self._files:
            os.close(self._files.pop())

    def _open(self, name: str) -> int:
        descriptor = os.open(self._data / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._files.append(descriptor)
        return descriptor

    def _wait_for_leftovers(self, patience: float, stop_leftovers: Callable[[], None]) -> None:
        if _try_lock(self.inherited):
            return
        stop_leftovers()
        deadline = time.monotonic() + patience
        while not _try_lock(self.inherited):
            if time.monotonic() > deadline:
                raise UpError(f"Programs of an earlier start still use {self._data}. Stop them first.")
            time.sleep(0.05)


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
