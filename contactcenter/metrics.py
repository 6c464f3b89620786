"""`/metrics` for Prometheus, behind CC_METRICS_TOKEN: how far behind the product is, as one scrape of any web process.

What is global is asked of PostgreSQL and Redis at the scrape. A store that is gone shows as a 0 of its own, and the
other's figures still come. `docs/alerts.yml` has rules for them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import psycopg
from asgiref.sync import iscoroutinefunction, markcoroutinefunction, sync_to_async
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, HistogramMetricFamily, Metric
from psycopg.rows import namedtuple_row
from redis import Redis, RedisError

from contactcenter.kernel import clock, metrics
from contactcenter.kernel.health import SECONDS, connection_string

# each by an index that holds only what isn't done, so that none grows with history
_LATE = """
    SELECT
        extract(epoch FROM %(now)s - (
            SELECT min(next_at) FROM channels_app_delivery WHERE state = 'queued' AND next_at <= %(now)s
        )) AS outbox,
        extract(epoch FROM %(now)s - (
            SELECT min(expires_at) FROM routing_offer WHERE state = 'alerting' AND expires_at <= %(now)s
        )) AS offer,
        extract(epoch FROM %(now)s - (
            SELECT min(wrapup_due_at) FROM routing_assignment WHERE state = 'wrapup' AND wrapup_due_at <= %(now)s
        )) AS wrap_up,
        extract(epoch FROM %(now)s - (
            SELECT min(ends_at) FROM channels_app_conversation WHERE state = 'resting' AND ends_at <= %(now)s
        )) AS conversation,
        extract(epoch FROM %(now)s - (
            SELECT occurred_at FROM reporting_eventrecord
            WHERE xid >= pg_snapshot_xmin(pg_current_snapshot()) ORDER BY xid, id LIMIT 1
        )) AS log
"""
_WAITING = """
    SELECT queue.name, count(waiting.id) AS number, extract(epoch FROM %(now)s - min(waiting.waiting_since)) AS longest
    FROM routing_queue queue LEFT JOIN routing_routingpass waiting
        ON waiting.queue_id = queue.id AND waiting.state <> 'closed' AND waiting.state IN ('waiting', 'offered')
    WHERE queue.active OR waiting.id IS NOT NULL GROUP BY queue.name ORDER BY queue.name
"""


class MetricsMiddleware:
    """Stands before host names and HTTPS are looked at, like the health checks: Prometheus asks by address."""

    sync_capable = False
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self._get_response = get_response
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    async def __call__(self, request: HttpRequest) -> Any:
        if request.path_info != "/metrics":
            return await self._get_response(request)
        if not constant_time_compare(request.headers.get("Authorization", ""), f"Bearer {settings.CC_METRICS_TOKEN}"):
            return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"})
        return HttpResponse(await sync_to_async(scrape, thread_sensitive=False)(), content_type=CONTENT_TYPE_LATEST)


def scrape() -> bytes:
    """All figures in Prometheus' text format."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Figures())
    return generate_latest(registry)


class _Figures:
    """Asks the stores, over connections of its own: a pool that is busy is among what is to be seen."""

    def collect(self) -> Iterator[Metric]:
        yield from _of("database", "PostgreSQL", _in_database, psycopg.Error)
        yield from _of("redis", "Redis", _in_redis, RedisError)


def _of(name: str, store: str, figures: Callable[[], Iterable[Metric]], error: type[Exception]) -> Iterator[Metric]:
    try:
        found = list(figures())
    except error:
        found = []
    yield GaugeMetricFamily(f"contactcenter_{name}_up", f"Whether {store} answers.", value=bool(found))
    yield from found


def _in_database() -> Iterator[Metric]:
    options = f"-c statement_timeout={SECONDS * 1000}"
    with psycopg.connect(connection_string(), options=options, row_factory=namedtuple_row) as own:
        now = {"now": clock.now()}
        late = own.execute(_LATE, now).fetchone()
        waiting = own.execute(_WAITING, now).fetchall()
    yield GaugeMetricFamily(
        "contactcenter_outbox_oldest_due_seconds",
        "How long the oldest message that is due hasn't been sent.",
        value=late.outbox or 0,
    )
    yield _by(
        "contactcenter_timer_overdue_seconds",
        "How late the oldest timer is that the sweep should have seen.",
        "timer",
        {"offer": late.offer, "wrap_up": late.wrap_up, "conversation": late.conversation},
    )
    yield GaugeMetricFamily(
        "contactcenter_log_read_lag_seconds",
        "How old the oldest event is that readers can't have yet, because an older transaction is open.",
        value=late.log or 0,
    )
    yield _by(
        "contactcenter_waiting_conversations",
        "Conversations that wait in a queue or alert.",
        "queue",
        {row.name: row.number for row in waiting},
    )
    yield _by(
        "contactcenter_longest_wait_seconds",
        "How long the first of them has waited.",
        "queue",
        {row.name: row.longest for row in waiting},
    )


def _in_redis() -> Iterator[Metric]:
    with Redis.from_url(
        settings.REDIS_URL, socket_timeout=SECONDS, socket_connect_timeout=SECONDS, decode_responses=True
    ) as redis:
        queues = sorted({route["queue"] for route in settings.CELERY_TASK_ROUTES.values()})
        yield _by(
            "contactcenter_task_queue_length",
            "Tasks that no worker has taken yet.",
            "queue",
            {queue: redis.llen(queue) for queue in queues},
        )
        yield _by(
            "contactcenter_task_last_success_timestamp_seconds",
            "When a task last ended well.",
            "task",
            metrics.tasks_ended(redis),
        )
        yield _by("contactcenter_open_sockets", "Open sockets.", "kind", metrics.open_sockets(redis))
        times = HistogramMetricFamily(
            "contactcenter_statement_seconds", "Seconds that statements took, by kind of process.", labels=["process"]
        )
        for process, one in metrics.statement_times(redis).items():
            bounds = [*map(str, metrics.BOUNDS), "+Inf"]
            times.add_metric([process], list(zip(bounds, [*one.at_most, one.count], strict=True)), one.seconds)
        yield times


def _by(name: str, meaning: str, label: str, values: Any) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, meaning, labels=[label])
    for key, value in values.items():
        family.add_metric([key], value or 0)
    return family
