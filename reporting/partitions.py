"""Months of the event log: one partition for each, made ahead of time, dropped when old; a default for what has none.

Bounds are the smallest id of a month's start (UTC), so an id range names its partitions.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from contactcenter.kernel import ids

TABLE = "reporting_eventrecord"
DEFAULT = f"{TABLE}_default"
_ONE_AT_A_TIME = 7_041_001  # advisory lock: any number that nothing else in the database uses
_FIRST_ID = uuid.UUID(int=0)


def ensure(*, months_ahead: int, now: datetime) -> list[str]:
    """Make the partitions of this month, the next `months_ahead`, and of every month in the default one.

    Rows that wait in the default partition move into their month's. Safe to run at any time, also
    twice at once. A new month needs the default partition for itself for a moment: behind a long
    reader it gives up after two seconds rather than let the recorder queue behind it.

    :returns: the names of the partitions that were made.
    :raises django.db.OperationalError: the lock wasn't to be had; try later.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_ONE_AT_A_TIME])
        cursor.execute("SET LOCAL lock_timeout = '2s'")
        wanted = {*_months_from(now, months_ahead + 1), *_months_in_default(cursor)}
        made = [_name(month) for month in sorted(wanted) if _make(cursor, month)]
        cursor.execute("SET LOCAL lock_timeout = DEFAULT")
    return made


def drop_before(start: datetime) -> list[str]:
    """Drop the months that ended before `start`'s began: their rows are gone. Waits for nobody longer than two seconds.

    :returns: the names of the partitions that were dropped.
    :raises django.db.OperationalError: the lock wasn't to be had; try later.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_ONE_AT_A_TIME])
        cursor.execute("SET LOCAL lock_timeout = '2s'")
        cursor.execute("SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = %s::regclass", [TABLE])
        old = sorted(name for (name,) in cursor.fetchall() if name != DEFAULT and name < _name(month_of(start)))
        for name in old:
            cursor.execute(f"DROP TABLE {name}")
        cursor.execute("SET LOCAL lock_timeout = DEFAULT")
    return old


def month_of(moment: datetime) -> datetime:
    """The start of a moment's month, in UTC."""
    return moment.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def next_month(month: datetime) -> datetime:
    """The start of the month after."""
    years, last = divmod(month.month, 12)
    return month.replace(year=month.year + years, month=last + 1)


def _months_from(now: datetime, count: int) -> Iterator[datetime]:
    month = month_of(now)
    for _ in range(count):
        yield month
        month = next_month(month)


def _months_in_default(cursor: CursorWrapper) -> Iterator[datetime]:
    """By jumps over the index, from the first row of a month to the first row after it."""
    start = _FIRST_ID
    while True:
        cursor.execute(f"SELECT id FROM {DEFAULT} WHERE id >= %s ORDER BY id LIMIT 1", [start])  # noqa: S608
        row = cursor.fetchone()
        if row is None:
            return
        month = month_of(ids.time_of(row[0]))
        yield month
        start = ids.floor(next_month(month))


def _make(cursor: CursorWrapper, month: datetime) -> bool:
    """Make a month's partition beside the table, fill it from the default one, attach it."""
    name = _name(month)
    cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [name])
    if cursor.fetchone()[0]:
        return False
    bounds = [ids.floor(month), ids.floor(next_month(month))]
    # parent before partition, as every insert locks them; nothing can arrive between move and attach
    cursor.execute(f"LOCK TABLE ONLY {TABLE} IN SHARE UPDATE EXCLUSIVE MODE")
    cursor.execute(f"LOCK TABLE {DEFAULT} IN ACCESS EXCLUSIVE MODE")
    cursor.execute(f"CREATE TABLE {name} (LIKE {TABLE} INCLUDING ALL)")
    cursor.execute(
        f"WITH moved AS (DELETE FROM {DEFAULT} WHERE id >= %s AND id < %s RETURNING *)"  # noqa: S608
        f" INSERT INTO {name} SELECT * FROM moved",
        bounds,
    )
    cursor.execute(f"ALTER TABLE {TABLE} ATTACH PARTITION {name} FOR VALUES FROM (%s) TO (%s)", bounds)
    return True


def _name(month: datetime) -> str:
    return f"{TABLE}_{month:%Y_%m}"
