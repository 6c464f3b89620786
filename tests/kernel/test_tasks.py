"""Nudges: the first goes at once, a burst becomes one more, a lost one is no error."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import pytest
from celery import Celery
from kombu.exceptions import OperationalError as BrokerGone

from contactcenter.kernel.tasks import Nudge


class FakeTask:
    """Keeps what would be sent."""

    name = "fake"

    def __init__(self, error: Exception | None = None) -> None:
        self.sent: list[tuple[float, tuple[Any, ...]]] = []
        self.error = error
        self.arrived = threading.Condition()

    def apply_async(self, args: tuple[Any, ...], **options: Any) -> None:
        with self.arrived:
            self.sent.append((time.monotonic(), args))
            self.arrived.notify_all()
        if self.error:
            raise self.error

    def wait_for(self, count: int) -> bool:
        with self.arrived:
            return self.arrived.wait_for(lambda: len(self.sent) >= count, timeout=5)


def test_the_first_goes_at_once() -> None:
    task = FakeTask()
    Nudge(task, gap=60)("queue", 7)
    assert [args for _, args in task.sent] == [("queue", 7)]


def test_a_burst_becomes_one_more_after_the_gap() -> None:
    task = FakeTask()
    nudge = Nudge(task, gap=0.2)
    for _ in range(50):
        nudge(7)
    assert len(task.sent) == 1
    assert task.wait_for(2)
    assert task.sent[1][0] - task.sent[0][0] >= 0.19
    nudge(7)  # within the next gap: it waits again, so nothing else was under way
    assert len(task.sent) == 2
    assert task.wait_for(3)


def test_after_a_quiet_gap_the_next_goes_at_once() -> None:
    task = FakeTask()
    nudge = Nudge(task, gap=0.01)
    nudge(7)
    deadline = time.monotonic() + 5
    while nudge._open_at[(7,)] > time.monotonic() < deadline:
        pass
    nudge(7)
    assert len(task.sent) == 2


def test_keys_dont_wait_for_each_other() -> None:
    task = FakeTask()
    nudge = Nudge(task, gap=60)
    nudge(1)
    nudge(2)
    nudge()
    assert [args for _, args in task.sent] == [(1,), (2,), ()]


def test_what_changes_during_the_gap_is_looked_at_after_it_changed() -> None:
    task = FakeTask()
    nudge = Nudge(task, gap=0.05)
    nudge(7)
    changed = time.monotonic()
    nudge(7)
    assert task.wait_for(2)
    assert task.sent[1][0] >= changed


def test_old_keys_are_forgotten() -> None:
    nudge = Nudge(FakeTask(), gap=0)
    for key in range(10_050):
        nudge(key)
    assert len(nudge._open_at) < 10_050


@pytest.mark.parametrize("error", [BrokerGone("gone"), ConnectionRefusedError(), TimeoutError()])
def test_a_broker_that_is_gone_is_no_error(error: Exception) -> None:
    Nudge(FakeTask(error))(7)


def test_a_mistake_in_our_own_code_is_one() -> None:
    with pytest.raises(ZeroDivisionError):
        Nudge(FakeTask(ZeroDivisionError()))(7)


def test_a_real_broker_that_isnt_there_is_no_error_and_no_wait(tmp_path: Path) -> None:
    app = Celery("nobody", set_as_current=False)
    app.config_from_object("django.conf:settings", namespace="CELERY")
    app.conf.broker_url = f"redis+socket://{tmp_path}/none.sock"

    @app.task(name="kernel_test.nothing")
    def look(key: int) -> None:
        pass

    started = time.monotonic()
    Nudge(look)(7)
    assert time.monotonic() - started < 1
