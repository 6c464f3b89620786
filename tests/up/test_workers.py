"""The forks that are the workers: what their parent sees of them, and when it gives up."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from signal import SIGKILL, SIGTERM
from typing import Any

import pytest

from contactcenter.up import workers
from contactcenter.up.programs import Program
from contactcenter.up.workers import Forked
from tests.up.running import wait_until


def forked(monkeypatch: pytest.MonkeyPatch, does: Any, log: Path) -> Forked:
    """A fork that does this instead of Celery."""
    monkeypatch.setattr(workers, "celery", lambda _argv: does())
    with log.open("ab") as file:
        return Forked(["python", "-m", "celery"], log=file.fileno(), env={}, death_signal=SIGKILL)


@pytest.mark.parametrize(
    ("does", "code"),
    [(lambda: 0, 0), (lambda: 3, 3), (lambda: 1 / 0, 1), (lambda: os.kill(os.getpid(), SIGKILL), -9)],
    ids=["ends", "fails", "raises", "is killed"],
)
def test_the_parent_sees_how_a_fork_ended(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, does: Any, code: int
) -> None:
    fork = forked(monkeypatch, does, tmp_path / "log")
    wait_until(lambda: fork.poll() is not None, seconds=20, what="its end")
    assert (fork.returncode, fork.poll(), fork.wait()) == (code, code, code)
    fork.send_signal(SIGTERM)  # to nobody


def test_a_fork_that_goes_on_is_seen_to_and_can_be_ended(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    fork = forked(monkeypatch, signal.pause, tmp_path / "log")
    assert fork.poll() is None
    fork.send_signal(SIGTERM)
    assert fork.wait() == -SIGTERM


@pytest.fixture
def parent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The data folder of a parent that has one worker, and nothing to load."""
    monkeypatch.setattr(workers, "load", lambda: None)
    monkeypatch.setattr(workers, "workers", lambda _data: (Program("worker-routing", ("python", "-m", "celery")),))
    return tmp_path


def test_who_dies_again_and_again_ends_the_parent_with_its_log(
    parent: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def dies(_argv: list[str]) -> int:
        os.write(2, b"no such queue\n")
        return 2

    monkeypatch.setattr(workers, "celery", dies)
    assert workers.main(parent, deaths=2) == 1
    output = capfd.readouterr()
    assert "worker-routing ended with code 2; it starts again" in output.out
    assert "worker-routing died 2 times within 60 s." in output.err
    assert "no such queue" in output.err


def test_the_parent_ends_its_worker_when_asked_to(parent: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def goes_on(_argv: list[str]) -> int:
        os.kill(os.getppid(), SIGTERM)
        signal.pause()
        return 0

    monkeypatch.setattr(workers, "celery", goes_on)
    assert workers.main(parent, deaths=2) == 0
    ((pid, command, _),) = json.loads((parent / "workers.json").read_text()).values()
    assert not Path(f"/proc/{pid}/exe").exists(), "it is gone"
    assert command, "by which it would be found after a crash"
