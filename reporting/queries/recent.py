"""What queues did in the last half hour: offered, answered, abandoned, and the service level of it.

Read from the event log by its index on (name, id): the cost is that of half an hour, however long the log is.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

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


def recent(queue_ids: Collection[int], now: datetime) -> dict[tuple[int, str], Recent]:
    """By queue and medium; what isn't there did nothing. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_RECENT, [_NAMES, ids.floor(now - RECENT), list(queue_ids)])
        return {(row[0], row[1]): Recent(*row[2:]) for row in cursor.fetchall()}
