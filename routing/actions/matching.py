"""Matching: give what waits to who is free, by the pure decision over one snapshot."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import contextmanager

import structlog
from django.db import connection

from contactcenter.kernel import clock
from contactcenter.kernel.errors import ContactCentreError
from routing.acd import select, snapshot, values
from routing.actions.offers import do_offer_decided

log = structlog.get_logger(__name__)
_LOCK = 0x6363_0001  # advisory: one matcher at a time, so that nobody is overtaken between two snapshots
MOST_RUNS = 20


def match() -> None:
    """Make all offers that can be made now.

    A decision that can't be carried out shows that the state moved on under it; what was decided after it
    could overtake it, so all is decided anew. A pass that fails twice is left for the next call.
    """
    failed: Counter[str] = Counter()
    with _only_one():
        for _ in range(MOST_RUNS):
            stale = _run({pass_id for pass_id, times in failed.items() if times > 1})
            if stale is None:
                return
            failed[stale] += 1


def _run(left_out: Collection[str]) -> str | None:
    """Page by page until nobody waits or nobody is free; gives the pass whose decision couldn't be carried out."""
    after: snapshot.Place | None = None
    while True:
        now, team = clock.now(), snapshot.team()
        page = snapshot.waiting(now, team, after=after)
        items = {item.pass_id: item for item in page if item.pass_id not in left_out}
        for decision in select.decide(list(items.values()), team, now):
            if not _carry_out(items[decision.pass_id], decision):
                return decision.pass_id
        if len(page) < snapshot.PAGE:
            return None
        after = page[-1].order_at, page[-1].pass_id


def _carry_out(item: values.Waiting, decision: values.Decision) -> bool:
    try:
        return do_offer_decided(item, decision) is not None
    except ContactCentreError as refused:
        log.info("decision not carried out", pass_id=item.pass_id, why=refused.message)
    except Exception:  # a named edge: one bad row doesn't keep the others from being served
        log.exception("decision failed", pass_id=item.pass_id)
    return False


@contextmanager
def _only_one() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])
