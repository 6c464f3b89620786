"""Tasks of reporting, on the queue `reports`."""

from __future__ import annotations

from datetime import timedelta

import structlog
from celery import shared_task
from django.conf import settings
from django.db import OperationalError

from contactcenter.kernel import clock
from reporting import partitions

log = structlog.get_logger(__name__)


@shared_task(
    name="reporting.ensure_partitions",
    autoretry_for=(OperationalError,),
    retry_backoff=30,
    max_retries=5,
)
def ensure_partitions() -> None:
    """Make the event log's partitions of this month and the next two."""
    partitions.ensure(months_ahead=2, now=clock.now())


@shared_task(
    name="reporting.drop_partitions",
    autoretry_for=(OperationalError,),
    retry_backoff=30,
    max_retries=5,
)
def drop_partitions() -> None:
    """Drop the log's months that are older than `CC_LOG_RETENTION_MONTHS` whole ones before this; 0 keeps all."""
    kept = settings.CC_LOG_RETENTION_MONTHS
    if not kept:
        return
    start = partitions.month_of(clock.now())
    for _ in range(kept):
        start = partitions.month_of(start - timedelta(days=1))
    if dropped := partitions.drop_before(start):
        log.info("old events dropped", partitions=dropped, months_kept=kept)
