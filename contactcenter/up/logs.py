"""Each program's output in a file of bounded size."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

LARGEST = 5 * 1024 * 1024  # bytes; one older file of that size is kept beside it
TAIL = 16 * 1024


class Logs:
    """`<folder>/<name>.log`, appended to by the programs themselves. Not `bounded`: another process does that."""

    def __init__(self, folder: Path, *, bounded: bool = True) -> None:
        folder.mkdir(mode=0o700, exist_ok=True)
        self.folder = folder
        self._bounded = bounded

    def path(self, name: str) -> Path:
        return self.folder / f"{name}.log"

    def open(self, name: str) -> int:
        return os.open(self.path(name), os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)

    def bound(self, largest: int = LARGEST) -> None:
        """Moves what has grown too large aside. The programs append, so they go on at the start of the
        emptied file; a line written between the copy and the cut is lost."""
        for path in self.folder.glob("*.log") if self._bounded else ():
            if path.stat().st_size > largest:
                shutil.copyfile(path, path.with_suffix(".log.1"))
                os.truncate(path, 0)

    def tail(self, name: str, lines: int = 15) -> list[str]:
        """The last lines, without their ends."""
        with self.path(name).open("rb") as file:
            file.seek(max(0, self.path(name).stat().st_size - TAIL))
            return file.read().decode(errors="replace").splitlines()[-lines:]
