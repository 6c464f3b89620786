"""Left-overs of a killed start, where the kernel doesn't stop them."""

from __future__ import annotations

import subprocess
from pathlib import Path

from contactcenter.up.leftovers import PidFile
from contactcenter.up.programs import Program


def _left(tmp_path: Path, argv: tuple[str, ...], recorded: tuple[str, ...]) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(argv)
    PidFile(tmp_path / "programs.json").add(Program("left", recorded), process.pid)
    return process


def test_a_program_that_still_runs_is_stopped(tmp_path: Path) -> None:
    process = _left(tmp_path, ("sleep", "61.5"), ("sleep", "61.5"))
    PidFile(tmp_path / "programs.json").stop_all()
    assert process.wait(5) < 0


def test_another_program_under_the_same_number_is_not_stopped(tmp_path: Path) -> None:
    process = _left(tmp_path, ("sleep", "62.5"), ("sleep", "61.5"))
    PidFile(tmp_path / "programs.json").stop_all()
    assert process.poll() is None
    process.kill()
    process.wait()


def test_a_program_that_is_gone_is_nothing_to_stop(tmp_path: Path) -> None:
    process = _left(tmp_path, ("true",), ("true",))
    process.wait()
    PidFile(tmp_path / "programs.json").stop_all()


def test_a_folder_without_a_record_has_nothing_to_stop(tmp_path: Path) -> None:
    PidFile(tmp_path / "programs.json").stop_all()
    assert not list(tmp_path.iterdir())
