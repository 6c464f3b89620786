"""Ids that sort by time: indexes grow at one end, and a time filter is a range of ids.

The layout is RFC 9562's version 7 (48 bits of milliseconds, a counter, randomness), but the version nibble says 4:
foreign clients refuse what isn't a UUID of version 1 to 5, and to every reader these are ordinary ones of version 4
(a "COMB"). Nobody may read a time out of an id that wasn't made here, and none of them is a secret: who has one can
guess its neighbours.
"""

from __future__ import annotations

import os
import threading
import uuid
from datetime import UTC, datetime, timedelta

from contactcenter.kernel import clock

_VERSION = 0x4
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_POOL = 2048  # bytes of randomness fetched at once: each call to the kernel gives up the interpreter's lock
_lock = threading.Lock()
_last = (0, 0)
_random = b""


def new(at: datetime | None = None) -> uuid.UUID:
    """A fresh id for `at` (now). Ids of one process rise, also within one millisecond (up to 4,000)."""
    millis = _millis(at or clock.now())
    with _lock:
        return _build(millis, _counter(millis), int.from_bytes(_take(8)))


def floor(at: datetime) -> uuid.UUID:
    """The smallest id of a moment: `id >= floor(start)` selects what came since `start`."""
    return _build(_millis(at), 0, 0)


def time_of(value: uuid.UUID) -> datetime:
    """When an id was made, to the millisecond."""
    return _EPOCH + timedelta(milliseconds=value.int >> 80)


def _counter(millis: int) -> int:
    """12 bits that rise within one millisecond (RFC 9562, method 1); past 4,095 they stay full."""
    global _last
    count = _last[1] + 1 if _last[0] == millis else int.from_bytes(_take(1))
    _last = (millis, min(count, 0xFFF))
    return _last[1]


def _take(size: int) -> bytes:
    """The operating system's randomness, each byte used once."""
    global _random
    if len(_random) < size:
        _random = os.urandom(_POOL)
    taken, _random = _random[:size], _random[size:]
    return taken


def _forget() -> None:
    """A forked process must not go on with its parent's bytes, nor wait for a lock that was held there."""
    global _random, _lock
    _random, _lock = b"", threading.Lock()


os.register_at_fork(after_in_child=_forget)


def _build(millis: int, count: int, random: int) -> uuid.UUID:
    value = (millis & (1 << 48) - 1) << 80 | _VERSION << 76 | count << 64 | 0b10 << 62 | random & (1 << 62) - 1
    return uuid.UUID(int=value)


def _millis(at: datetime) -> int:
    return (at - _EPOCH) // timedelta(milliseconds=1)
