"""Reading the log on: nothing is missed, nothing comes twice."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction

from contactcenter.kernel import ids
from contactcenter.kernel.events import Event, Recorded
from reporting import log, partitions, recorder
from reporting.models import EventRecord
from tests.product import eventually
from tests.reporting.conftest import Elsewhere

NINE = datetime(2026, 11, 22, 9, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Noted(Event):
    """Something happened (only these tests record it)."""

    name = "log_test.noted"


def write(minute: int, conversation_id: uuid.UUID | None = None) -> uuid.UUID:
    at = NINE + timedelta(minutes=minute)
    recorded = Recorded(ids.new(at), at, Noted(conversation_id=conversation_id))
    recorder.record([recorded])
    return recorded.id


@contextmanager
def uncommitted(minute: int) -> Iterator[Elsewhere]:
    """An event of another connection that commits when the block ends."""
    written, go_on = threading.Event(), threading.Event()

    def write_slowly() -> uuid.UUID:
        with transaction.atomic():
            row = write(minute)
            written.set()
            assert go_on.wait(10)
        return row

    writer = Elsewhere(write_slowly)
    try:
        assert written.wait(10)
        yield writer
    finally:
        go_on.set()
        writer.result()


def read_all(cursor: log.Cursor, limit: int = 100) -> tuple[list[uuid.UUID], log.Cursor]:
    seen: list[uuid.UUID] = []
    while rows := log.since(cursor, limit):
        seen += [row.id for row in rows]
        cursor = log.cursor_at(rows[-1])
    return seen, cursor


def settled() -> None:
    """Wait for older transactions of the whole cluster: those of tests that run at the same time hold us up too."""

    def readable() -> bool:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot()) > max(xid) FROM reporting_eventrecord")
            return bool(cursor.fetchone()[0])

    eventually(readable, seconds=90)


def test_a_late_commit_is_not_missed(transactional_db: None) -> None:
    with uncommitted(minute=1) as writer:
        on_time = write(minute=2)
        first, cursor = read_all(log.START)
        assert first == [], "it waits for the older transaction"
    late = writer.result()
    settled()
    second, _ = read_all(cursor)
    assert sorted(second) == sorted([late, on_time])


def test_a_watermark_of_ids_would_miss_it(transactional_db: None) -> None:
    with uncommitted(minute=1) as writer:
        on_time = write(minute=2)
        seen = list(EventRecord.objects.order_by("id").values_list("id", flat=True))
        assert seen == [on_time]
    late = writer.result()
    after = EventRecord.objects.filter(id__gt=seen[-1])
    assert EventRecord.objects.filter(id=late).exists()
    assert not after.exists(), "behind the watermark: nobody reads it any more"


def test_a_reader_between_two_commits_gets_each_once(transactional_db: None) -> None:
    before = write(minute=5)
    settled()
    first, cursor = read_all(log.START)
    assert first == [before]
    with uncommitted(minute=1) as writer:
        young = write(minute=6)
        between, cursor = read_all(cursor)
    settled()
    rest, cursor = read_all(cursor)
    assert sorted(between + rest) == sorted([writer.result(), young])
    assert read_all(cursor)[0] == []


def test_pages_cut_through_a_transaction_without_loss(transactional_db: None) -> None:
    with transaction.atomic():
        rows = [write(minute) for minute in range(7)]
    settled()
    seen, _ = read_all(log.START, limit=3)
    assert seen == rows


def test_what_was_rolled_back_is_never_read(transactional_db: None) -> None:
    with transaction.atomic():
        write(minute=1)
        transaction.set_rollback(True)
    kept = write(minute=2)
    settled()
    assert read_all(log.START)[0] == [kept]


@pytest.mark.django_db
def test_a_timeline_is_one_conversations_events_in_order_of_time() -> None:
    mine, other = ids.new(NINE), ids.new(NINE)
    later, earlier = write(3, mine), write(1, mine)
    write(2, other)
    assert [event.id for event in log.events_of(mine)] == [earlier, later]


@pytest.mark.django_db
def test_reading_on_goes_by_the_index_of_transactions() -> None:
    partitions.ensure(months_ahead=0, now=NINE)
    recorder.record([Recorded(ids.new(NINE), NINE, Noted()) for _ in range(3000)])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE reporting_eventrecord")
        cursor.execute("EXPLAIN " + log._SINCE, ["0", uuid.uuid4(), 10])
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "using reporting_eventrecord_2026_11_xid_id_idx" in plan
    assert "Seq Scan on reporting_eventrecord_2026_11" not in plan
