"""How long customers of a channel wait for an answer at the moment: the median of its queue's last answered visits."""

from __future__ import annotations

import uuid
from datetime import timedelta
from statistics import median

from django.core.cache import cache
from django.db.models import QuerySet

from contactcenter.kernel import clock, ids
from routing.models import InboundRoute, QueueVisit

LOOK_BACK = timedelta(days=7)
VISITS = 50  # so many of the last ones
ENOUGH = 5  # fewer say nothing
KEPT_S = 60
_UNKNOWN = -1


def get_answer_seconds(channel_id: uuid.UUID) -> int | None:
    """What to expect, in seconds; None while too few visits are known. Asked once a minute for each channel."""
    key = f"answer-time:{channel_id}"
    found = cache.get(key)
    if found is None:
        found = _ask(channel_id)
        cache.set(key, found, KEPT_S)
    return None if found == _UNKNOWN else int(found)


def _route_of(channel_id: uuid.UUID) -> QuerySet[InboundRoute]:
    return InboundRoute.objects.filter(channel_id=channel_id, active=True)


def _ask(channel_id: uuid.UUID) -> int:
    queue_id = _route_of(channel_id).values_list("queue_id", flat=True).first()
    if queue_id is None:
        return _UNKNOWN
    recent = QueueVisit.objects.filter(
        queue_id=queue_id, outcome=QueueVisit.Outcome.ANSWERED, id__gte=ids.floor(clock.now() - LOOK_BACK)
    )
    waits = [
        (left - entered).total_seconds()
        for entered, left in recent.order_by("-id").values_list("entered_at", "left_at")[:VISITS]
        if left
    ]
    return round(median(waits)) if len(waits) >= ENOUGH else _UNKNOWN
