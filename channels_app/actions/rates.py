"""How fast a provider lets us send: each key of `Adapter.rates` has a row that says when the next send is free (GCRA).

A message that must wait isn't refused: it goes back into the outbox, and says what it waits for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from channels_app.adapters.values import Rate
from channels_app.models import RateBucket
from contactcenter.kernel.db import Tx, action

UNUSED_FOR = timedelta(days=1)


@action
def do_take_places(tx: Tx, wanted: Mapping[int, Sequence[Rate]]) -> dict[int, float]:
    """Take a place in each bucket for each send, by its number; gives the seconds to wait of those that can't go now.

    Whoever waits takes no place anywhere.
    """
    keys = sorted({rate.key for rates in wanted.values() for rate in rates})
    if not keys:
        return {}
    RateBucket.objects.bulk_create([RateBucket(key=key, free_at=tx.now) for key in keys], ignore_conflicts=True)
    rows = RateBucket.objects.select_for_update(of=("self",), no_key=True).filter(key__in=keys).order_by("key")
    free_at = dict(rows.values_list("key", "free_at"))
    waits: dict[int, float] = {}
    for number, rates in wanted.items():
        until = max((_open_at(rate, free_at[rate.key]) for rate in rates), default=tx.now)
        if until > tx.now:
            waits[number] = (until - tx.now).total_seconds()
            continue
        for rate in rates:
            free_at[rate.key] = max(free_at[rate.key], tx.now) + timedelta(seconds=rate.seconds / rate.count)
    RateBucket.objects.bulk_update([RateBucket(key=key, free_at=free_at[key]) for key in keys], ["free_at"])
    return waits


@action
def do_prune_buckets(tx: Tx) -> int:
    """Delete buckets that have been free for a day: there may be one a customer. Gives how many."""
    return RateBucket.objects.filter(free_at__lt=tx.now - UNUSED_FOR).delete()[0]


def _open_at(rate: Rate, free_at: datetime) -> datetime:
    """`count` may go at once; then one in each `seconds / count`."""
    return free_at - timedelta(seconds=rate.seconds * (rate.count - 1) / rate.count)
