"""Log files of bounded size."""

from __future__ import annotations

import os
from pathlib import Path

from contactcenter.up.logs import Logs


def _write(logs: Logs, text: bytes) -> int:
    descriptor = logs.open("web")
    os.write(descriptor, text)
    return descriptor


def test_a_log_that_grew_too_large_is_moved_aside_and_goes_on(tmp_path: Path) -> None:
    logs = Logs(tmp_path / "log")
    descriptor = _write(logs, b"old\n" * 100)
    logs.bound(largest=100)
    os.write(descriptor, b"new\n")
    os.close(descriptor)
    assert logs.path("web").read_bytes() == b"new\n"
    assert (tmp_path / "log" / "web.log.1").read_bytes() == b"old\n" * 100


def test_a_small_log_is_left_alone(tmp_path: Path) -> None:
    logs = Logs(tmp_path / "log")
    os.close(_write(logs, b"old\n"))
    logs.bound(largest=100)
    assert logs.path("web").read_bytes() == b"old\n"


def test_logs_that_another_process_bounds_are_left_alone(tmp_path: Path) -> None:
    logs = Logs(tmp_path / "log", bounded=False)
    os.close(_write(logs, b"old\n" * 100))
    logs.bound(largest=100)
    assert logs.path("web").stat().st_size == 400


def test_the_tail_is_the_last_lines(tmp_path: Path) -> None:
    logs = Logs(tmp_path / "log")
    os.close(_write(logs, b"".join(b"%d\n" % n for n in range(20_000))))
    assert logs.tail("web", lines=3) == ["19997", "19998", "19999"]


def test_the_tail_of_a_program_that_said_nothing_is_empty(tmp_path: Path) -> None:
    logs = Logs(tmp_path / "log")
    os.close(_write(logs, b""))
    assert logs.tail("web") == []


def test_logs_are_for_their_owner_only(tmp_path: Path) -> None:
    logs = Logs(tmp_path / "log")
    os.close(_write(logs, b"x"))
    assert logs.path("web").stat().st_mode & 0o077 == 0
