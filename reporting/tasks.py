"""Tasks of reporting, on the queue `reports`."""

from __future__ import annotations

from celery import shared_task
from django.db import OperationalError

from contactcenter.kernel import clock
from reporting import partitions


@shared_task(
    name="reporting.ensure_partitions",
    autoretry_for=(OperationalError,),
    retry_backoff=30,
    max_retries=5,
)
def ensure_partitions() -> None:
    """Make the event log's partitions of this month and the next two."""
    partitions.ensure(months_ahead=2, now=clock.now())
