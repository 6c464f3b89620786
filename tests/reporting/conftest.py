"""What the tests of the event log share."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

from contactcenter.kernel import events
from reporting import recorder
from tests.reporting.floor import Floor
from tests.routing.cast import Scene


@pytest.fixture
def recording(monkeypatch: pytest.MonkeyPatch) -> list[events.Sink]:
    """The recorder as the only sink of the transaction, none after it. Append to it to add one."""
    sinks: list[events.Sink] = [recorder.record]
    monkeypatch.setattr(events, "_in_transaction", sinks)
    monkeypatch.setattr(events, "_after_commit", [])
    return sinks


@pytest.fixture
def scene(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    """A contact centre under a standing clock; nothing runs after a commit."""
    monkeypatch.setattr(events, "_after_commit", [])
    made = Scene()
    yield made
    made.close()


@pytest.fixture
def floor(scene: Scene) -> Floor:
    return Floor(scene)


@pytest.fixture
def spare_months(transactional_db: None) -> Iterator[None]:
    """Drops the partitions that the test made."""
    before = partition_names()
    yield
    with connection.cursor() as cursor:
        for name in partition_names() - before:
            cursor.execute(f"DROP TABLE {name}")


def partition_names() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'reporting_eventrecord'::regclass"
        )
        return {row[0] for row in cursor.fetchall()}


class Elsewhere(threading.Thread):
    """Runs a function in a thread with a database connection of its own; `result()` gives or raises."""

    def __init__(self, function: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(daemon=True)
        self._call = (function, args, kwargs)
        self._result: Any = None
        self._error: BaseException | None = None
        self.start()

    def run(self) -> None:
        function, args, kwargs = self._call
        try:
            self._result = function(*args, **kwargs)
        except BaseException as error:
            self._error = error
        finally:
            connection.close()

    def result(self, within: float = 15) -> Any:
        self.join(within)
        assert not self.is_alive(), "still running"
        if self._error:
            raise self._error
        return self._result
