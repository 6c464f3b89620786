"""What the times of work mean, defined once: for the desk, supervisors' pages and reports. Pure.

Moments in, lengths out.

* **wait**: all stays in queues, from entering to leaving; an open one up to now;
* **first reply**: from the first agent's connection to the first agent's message after it;
* **talk**: from connection until the agent's part ended (or now), without the time it was parked;
* **after-call work**: from there until the wrap-up was done (or now).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

#: in a queue: entered, and left (None: is there)
Stay = tuple[datetime, datetime | None]
_NONE = timedelta(0)


def waited(stays: Iterable[Stay], now: datetime) -> timedelta | None:
    """None: it stood in no queue."""
    lengths = [(left or now) - entered for entered, left in stays]
    return sum(lengths, _NONE) if lengths else None


def waits_since(stays: Iterable[Stay]) -> datetime | None:
    """Since when it waits now; None: it doesn't."""
    return next((entered for entered, left in stays if left is None), None)


def first_reply(connected_at: datetime | None, replied_at: datetime | None) -> timedelta | None:
    """None: nobody is connected, or nobody has replied since."""
    if connected_at is None or replied_at is None or replied_at < connected_at:
        return None
    return replied_at - connected_at


def talked(
    connected_at: datetime, left_at: datetime | None, now: datetime, *, parked: timedelta, parked_at: datetime | None
) -> timedelta:
    """parked: all parks that are over. parked_at: since when it is parked now."""
    return max(_NONE, (left_at or parked_at or now) - connected_at - parked)


def after_call(left_at: datetime | None, done_at: datetime | None, now: datetime) -> timedelta:
    return (done_at or now) - left_at if left_at else _NONE
