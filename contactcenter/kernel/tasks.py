"""Celery tasks carry ids, may run twice, and are sent after the commit. A nudge that is lost is found by the sweep."""

from __future__ import annotations

import threading
import time
from typing import Any

import structlog
from celery import Task
from kombu.exceptions import OperationalError as BrokerGone
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)


class Nudge:
    """Ask a worker to look at something, at most once in `gap` seconds for one key and process.

    The first call of a burst goes out at once; calls in the gap are one more, sent when it ends
    (so the last change is always looked at after it happened).
    """

    def __init__(self, task: Task, *, gap: float = 0.05) -> None:
        self._task = task
        self._gap = gap
        self._lock = threading.Lock()
        self._open_at: dict[Any, float] = {}
        self._waiting: set[Any] = set()

    def __call__(self, *key: Any) -> None:
        delay = self._reserve(key)
        if delay is None:
            return
        if delay == 0:
            self._send(key)
        else:
            timer = threading.Timer(delay, self._late, [key])
            timer.daemon = True
            timer.start()

    def _reserve(self, key: Any) -> float | None:
        """Seconds to wait before sending, or None when one is already waiting."""
        now = time.monotonic()
        with self._lock:
            if key in self._waiting:
                return None
            wait = self._open_at.get(key, 0) - now
            if wait > 0:
                self._waiting.add(key)
                return wait
            if len(self._open_at) > 10_000:
                self._open_at = {k: t for k, t in self._open_at.items() if t > now}
            self._open_at[key] = now + self._gap
            return 0

    def _late(self, key: Any) -> None:
        with self._lock:
            self._waiting.discard(key)
            self._open_at[key] = time.monotonic() + self._gap
        self._send(key)

    def _send(self, key: Any) -> None:
        try:
            self._task.apply_async(args=key, retry=False, ignore_result=True)
        except (BrokerGone, RedisError, OSError) as error:
            log.warning("nudge lost, the sweep will find its work", task=self._task.name, error=str(error))
