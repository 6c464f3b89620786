"""What queues did in the last half hour: offered, answered, abandoned, and the service level of it.

Read from the event log by its index on (name, id): the cost is that of half an hour, however long the log is.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from contactcenter.kernel import ids

RECENT = timedelta(minutes=30)
_NAMES = ["visit.entered", "visit.left"]
_RECENT = """
    SELECT event.queue_id, event.data->>'medium' AS medium,
           count(*) FILTER (WHERE event.name = 'visit.entered'),
           count(*) FILTER (WHERE event.data->>'outcome' = 'answered'),
           count(*) FILTER (WHERE event.data->>'outcome' = 'answered' AND (event.data->>'waited_s')::float
                                  <= extract(epoch FROM queue.service_level_within)),
           count(*) FILTER (WHERE event.data->>'outcome' = 'abandoned')
    FROM reporting_eventrecord event JOIN routing_queue queue ON queue.id = event.queue_id
    WHERE event.name = ANY(%s) AND event.id >= %s AND event.queue_id = ANY(%s)
    GROUP BY 1, 2
"""


@dataclass(frozen=True, slots=True)
class Recent:
    """Visits of the last half hour: `offered` came, the others left; `in_time`: answered within the queue's time."""

    offered: int = 0
    answered: int = 0
    in_time: int = 0
    abandoned: int = 0

    def __add__(self, other: Recent) -> Recent:
        return Recent(
            self.offered + other.offered,
            self.answered + other.answered,
            self.in_time + other.in_time,
            self.abandoned + other.abandoned,
        )

    @property
    def decided(self) -> int:
        """What the service level counts: answered or abandoned. What left a queue otherwise isn't in it."""
        return self.answered + self.abandoned

    @property
    def service_level(self) -> float | None:
        """Percent answered in time of those answered or abandoned; None while there are none."""
        return 100 * self.in_time / self.decided if self.decided else None

    @property
    def abandon_rate(self) -> float | None:
        """Percent abandoned of those answered or abandoned."""
        return 100 * self.abandoned / self.decided if self.decided else None


def recent(queue_ids: Collection[uuid.UUID], now: datetime) -> dict[tuple[uuid.UUID, str], Recent]:
    """By queue and medium; what isn't there did nothing. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_RECENT, [_NAMES, ids.floor(now - RECENT), list(queue_ids)])
        return {(row[0], row[1]): Recent(*row[2:]) for row in cursor.fetchall()}


# --- its course --------------------------------------------------------------------------------

STEP = timedelta(minutes=5)
_COURSE = """
    SELECT floor(extract(epoch FROM occurred_at - %s) / %s)::int,
           count(*) FILTER (WHERE name = 'visit.entered'),
           count(*) FILTER (WHERE data->>'outcome' = 'answered'),
           count(*) FILTER (WHERE data->>'outcome' = 'abandoned')
    FROM reporting_eventrecord
    WHERE name = ANY(%s) AND id >= %s AND queue_id = ANY(%s) AND (%s = '' OR data->>'medium' = %s)
    GROUP BY 1
"""


@dataclass(frozen=True, slots=True)
class Step:
    """Five minutes of all queues together; `most` is the highest number of all steps."""

    start: datetime
    end: datetime
    recent: Recent
    running: bool
    most: int

    @property
    def shares(self) -> tuple[float, float, float]:
        """Offered, answered, abandoned in percent of the highest number."""
        offered, answered, abandoned = (100 * count / self.most for count in self.counts)
        return offered, answered, abandoned

    @property
    def counts(self) -> tuple[int, int, int]:
        return self.recent.offered, self.recent.answered, self.recent.abandoned


def course(queue_ids: Collection[uuid.UUID], now: datetime, medium: str = "") -> list[Step]:
    """The six steps up to now, the last one still running. One query."""
    start = now.replace(minute=now.minute - now.minute % 5, second=0, microsecond=0) - RECENT + STEP
    values: list[Any] = [start, STEP.total_seconds(), _NAMES, ids.floor(start), list(queue_ids), medium, medium]
    with connection.cursor() as cursor:
        cursor.execute(_COURSE, values)
        found = {row[0]: Recent(offered=row[1], answered=row[2], abandoned=row[3]) for row in cursor.fetchall()}
    most = max([1, *(max(part.offered, part.answered, part.abandoned) for part in found.values())])
    moments = [(number, start + number * STEP) for number in range(int(RECENT / STEP))]
    return [
        Step(begin, begin + STEP, found.get(number, Recent()), begin + STEP > now, most) for number, begin in moments
    ]
