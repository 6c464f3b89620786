"""UUIDv7 ids (RFC 9562): they sort by time, so indexes grow at one end and a time filter is an id range."""

from __future__ import annotations

import os
import threading
import uuid
from datetime import UTC, datetime, timedelta

from contactcenter.kernel import clock

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_lock = threading.Lock()
_last = (0, 0)


def new(at: datetime | None = None) -> uuid.UUID:
    """A fresh UUIDv7 for `at` (now). Ids of one process rise, also within one millisecond (up to 4,000)."""
    millis = _millis(at or clock.now())
    return _build(millis, _counter(millis), int.from_bytes(os.urandom(8)))


def floor(at: datetime) -> uuid.UUID:
    """The smallest UUIDv7 of a moment: `id >= floor(start)` selects what came since `start`."""
    return _build(_millis(at), 0, 0)


def time_of(value: uuid.UUID) -> datetime:
    """When a UUIDv7 was made, to the millisecond."""
    return _EPOCH + timedelta(milliseconds=value.int >> 80)


def _counter(millis: int) -> int:
    """12 bits that rise within one millisecond (RFC 9562, method 1); past 4,095 they stay full."""
    global _last
    with _lock:
        count = _last[1] + 1 if _last[0] == millis else int.from_bytes(os.urandom(1))
        _last = (millis, min(count, 0xFFF))
        return _last[1]


def _build(millis: int, count: int, random: int) -> uuid.UUID:
    value = (millis & (1 << 48) - 1) << 80 | 0x7 << 76 | count << 64 | 0b10 << 62 | random & (1 << 62) - 1
    return uuid.UUID(int=value)


def _millis(at: datetime) -> int:
    return (at - _EPOCH) // timedelta(milliseconds=1)
