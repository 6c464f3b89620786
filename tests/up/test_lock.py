"""One start per data folder."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from contactcenter.up.config import UpError
from contactcenter.up.lock import DataFolderLock


def test_a_second_start_is_refused_and_names_the_first(tmp_path: Path) -> None:
    first = DataFolderLock(tmp_path).acquire()
    with pytest.raises(UpError, match=rf"Already running .* \(process {os.getpid()}\)"):
        DataFolderLock(tmp_path).acquire()
    first.release()


def test_a_folder_that_was_released_is_free_again(tmp_path: Path) -> None:
    DataFolderLock(tmp_path).acquire().release()
    DataFolderLock(tmp_path).acquire().release()


def test_two_folders_do_not_disturb_each_other(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    locks = [DataFolderLock(tmp_path / name).acquire() for name in ("a", "b")]
    for lock in locks:
        lock.release()


def _program_left_behind(folder: Path, seconds: str) -> subprocess.Popen[bytes]:
    """A program that outlives the supervisor which started it."""
    lock = DataFolderLock(folder).acquire()
    program = subprocess.Popen(["sleep", seconds], pass_fds=[lock.inherited])
    lock.release()
    return program


def test_a_start_waits_for_the_programs_of_a_killed_one(tmp_path: Path) -> None:
    program = _program_left_behind(tmp_path, "0.3")
    lock = DataFolderLock(tmp_path).acquire()
    assert program.wait(0.2) == 0
    lock.release()


def test_a_start_stops_the_programs_of_a_killed_one(tmp_path: Path) -> None:
    program = _program_left_behind(tmp_path, "30")
    lock = DataFolderLock(tmp_path).acquire(stop_leftovers=program.terminate)
    assert program.wait(1) < 0
    lock.release()


def test_a_start_gives_up_when_such_programs_stay(tmp_path: Path) -> None:
    program = _program_left_behind(tmp_path, "30")
    lock = DataFolderLock(tmp_path)
    with pytest.raises(UpError, match="earlier start"):
        lock.acquire(patience=0.1)
    lock.release()
    program.kill()
    program.wait()
