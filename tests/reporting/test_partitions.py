"""The log's months: pruned by id, made ahead of time, mended when late."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import structlog
from django.core.management import call_command
from django.db import OperationalError, connection, transaction
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st

from contactcenter.kernel import clock, ids
from contactcenter.kernel.events import Event, Recorded
from reporting import partitions, recorder, tasks
from reporting.models import EventRecord
from tests.reporting.conftest import Elsewhere, partition_names

MAY, JUNE, JULY = (datetime(2041, month, 1, tzinfo=UTC) for month in (5, 6, 7))
DEFAULT = "reporting_eventrecord_default"


@dataclass(frozen=True, kw_only=True)
class Ticked(Event):
    """Time passed (only these tests record it)."""

    name = "partition_test.ticked"


def write(moment: datetime) -> Recorded:
    recorded = Recorded(ids.new(moment), moment, Ticked())
    recorder.record([recorded])
    return recorded


def partition_of(recorded: Recorded) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tableoid::regclass::text FROM reporting_eventrecord WHERE id = %s", [recorded.id])
        return str(cursor.fetchone()[0])


def wait_for_waiting(count: int) -> None:
    """Until so many connections to this database wait for a lock."""
    deadline = time.monotonic() + 5
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    with connection.cursor() as cursor:
        while time.monotonic() < deadline:
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(waiting)
            if cursor.fetchone()[0] >= count:
                return
    raise AssertionError(f"{count} connections should wait by now")


def scanned(start: datetime, end: datetime) -> str:
    return EventRecord.objects.between(start, end).explain()


@pytest.mark.django_db
def test_the_model_says_what_the_migration_makes() -> None:
    call_command("makemigrations", "reporting", check=True, dry_run=True, stdout=StringIO())


@pytest.mark.django_db
def test_the_migration_made_this_month_and_the_next() -> None:
    made = {name for name in partition_names() if name != DEFAULT}
    assert DEFAULT in partition_names()
    assert len(made) >= 2


@pytest.mark.django_db
def test_a_months_range_reads_one_partition() -> None:
    partitions.ensure(months_ahead=2, now=MAY)
    plan = scanned(JUNE, JULY)
    assert "reporting_eventrecord_2041_06" in plan
    assert plan.count("reporting_eventrecord_20") == plan.count("reporting_eventrecord_2041_06")
    assert DEFAULT not in plan


@pytest.mark.django_db
def test_a_filter_by_time_alone_reads_them_all() -> None:
    partitions.ensure(months_ahead=2, now=MAY)
    plan = EventRecord.objects.filter(occurred_at__gte=JUNE, occurred_at__lt=JULY).explain()
    assert "reporting_eventrecord_2041_05" in plan
    assert DEFAULT in plan


@pytest.mark.django_db
def test_a_row_goes_to_its_month_up_to_the_last_millisecond() -> None:
    partitions.ensure(months_ahead=1, now=MAY)
    assert partition_of(write(MAY)) == "reporting_eventrecord_2041_05"
    assert partition_of(write(JUNE - timedelta(milliseconds=1))) == "reporting_eventrecord_2041_05"
    assert partition_of(write(JUNE)) == "reporting_eventrecord_2041_06"


@pytest.mark.django_db
def test_a_row_without_a_month_waits_in_the_default_and_is_moved() -> None:
    early, late = write(MAY), write(JUNE + timedelta(days=3))
    assert partition_of(early) == partition_of(late) == DEFAULT
    numbers = dict(EventRecord.objects.values_list("id", "xid"))

    made = partitions.ensure(months_ahead=0, now=MAY)

    assert made == ["reporting_eventrecord_2041_05", "reporting_eventrecord_2041_06"]
    assert partition_of(early) == "reporting_eventrecord_2041_05"
    assert partition_of(late) == "reporting_eventrecord_2041_06"
    assert dict(EventRecord.objects.values_list("id", "xid")) == numbers, "readers must not meet them again"


@pytest.mark.django_db
def test_a_row_of_a_month_that_exists_is_left_alone() -> None:
    partitions.ensure(months_ahead=0, now=MAY)
    row = write(MAY)
    assert partitions.ensure(months_ahead=0, now=MAY) == []
    assert partition_of(row) == "reporting_eventrecord_2041_05"


@pytest.mark.django_db
def test_a_made_month_has_the_indexes_of_the_log() -> None:
    partitions.ensure(months_ahead=0, now=MAY)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_inherits JOIN pg_index ON indexrelid = inhrelid"
            " WHERE indrelid = 'reporting_eventrecord_2041_05'::regclass"
        )
        assert cursor.fetchone()[0] == 4  # the key, by conversation, by name, by transaction


def test_two_at_once_make_each_month_once(spare_months: None) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {DEFAULT} IN ACCESS SHARE MODE")  # a reader holds them up, both at once
        made = [Elsewhere(partitions.ensure, months_ahead=3, now=MAY) for _ in range(2)]
        wait_for_waiting(2)
    assert sorted(name for run in made for name in run.result()) == [
        f"reporting_eventrecord_2041_{month:02}" for month in (5, 6, 7, 8)
    ]


def test_a_row_written_while_its_month_is_made_is_not_lost(spare_months: None) -> None:
    written, go_on = threading.Event(), threading.Event()

    def write_slowly() -> Recorded:
        with transaction.atomic():
            row = write(MAY)
            written.set()
            assert go_on.wait(5)
        return row

    writer = Elsewhere(write_slowly)
    assert written.wait(5)
    maker = Elsewhere(partitions.ensure, months_ahead=0, now=MAY)
    wait_for_waiting(1)
    go_on.set()
    row = writer.result()
    assert maker.result() == ["reporting_eventrecord_2041_05"]
    assert partition_of(row) == "reporting_eventrecord_2041_05"


def test_behind_a_long_reader_it_gives_up_and_changes_nothing(spare_months: None) -> None:
    before = partition_names()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {DEFAULT} IN ACCESS SHARE MODE")
        with pytest.raises(OperationalError, match="lock timeout"):
            Elsewhere(partitions.ensure, months_ahead=0, now=MAY).result()
    assert partition_names() == before
    assert partitions.ensure(months_ahead=0, now=MAY) == ["reporting_eventrecord_2041_05"]


@pytest.mark.django_db
def test_the_task_makes_this_month_and_the_next_two() -> None:
    with clock.at(MAY + timedelta(days=20)):
        tasks.ensure_partitions()
    assert {f"reporting_eventrecord_2041_{month:02}" for month in (5, 6, 7)} <= partition_names()


@pytest.mark.parametrize("task", [tasks.ensure_partitions, tasks.drop_partitions])
def test_the_task_runs_on_the_queue_of_reports(task: Any) -> None:
    route = task.app.amqp.router.route({}, task.name)
    assert route["queue"].name == "reports"


def months_left() -> set[str]:
    return {name.removeprefix("reporting_eventrecord_") for name in partition_names() if "_20" in name}


def dropped_in(month: datetime, kept: int) -> tuple[set[str], list[Any]]:
    """What is left of May to July once the task has run in a month, and what it logged."""
    partitions.ensure(months_ahead=2, now=MAY)
    write(MAY)
    write(JUNE)
    with (
        clock.at(month + timedelta(days=20)),
        override_settings(CC_LOG_RETENTION_MONTHS=kept),
        structlog.testing.capture_logs() as said,
    ):
        tasks.drop_partitions()
    return months_left() & {"2041_05", "2041_06", "2041_07"}, said


@pytest.mark.django_db
def test_months_before_those_that_are_kept_are_dropped_with_a_line_in_the_log() -> None:
    left, said = dropped_in(JULY, kept=1)
    assert left == {"2041_06", "2041_07"}
    assert [(row.occurred_at) for row in EventRecord.objects.filter(name=Ticked.name)] == [JUNE]
    (line,) = said
    assert line["event"] == "old events dropped"
    assert "reporting_eventrecord_2041_05" in line["partitions"]
    assert "reporting_eventrecord_2041_06" not in line["partitions"]


@pytest.mark.django_db
@pytest.mark.parametrize(("month", "kept"), [(JUNE, 1), (JULY, 2), (JULY, 0)])
def test_what_is_young_enough_stays(month: datetime, kept: int) -> None:
    left, said = dropped_in(month, kept)
    assert left == {"2041_05", "2041_06", "2041_07"}
    assert EventRecord.objects.filter(name=Ticked.name).count() == 2
    assert not [one for line in said for one in line["partitions"] if "2041" in one]


@pytest.mark.django_db
def test_rows_that_wait_in_the_default_are_not_dropped_with_it() -> None:
    write(MAY)
    with clock.at(JULY + timedelta(days=400)), override_settings(CC_LOG_RETENTION_MONTHS=1):
        tasks.drop_partitions()
    assert EventRecord.objects.filter(name=Ticked.name).count() == 1
    assert DEFAULT in partition_names()


@given(st.integers(0, 100 * 365 * 86_400), st.timezones())
def test_every_moment_lies_in_its_month_in_utc(seconds: int, zone: ZoneInfo) -> None:
    moment = (datetime(2000, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)).astimezone(zone)
    month = partitions.month_of(moment)
    assert month <= moment < partitions.next_month(month)
    assert partitions.next_month(month) - month in {timedelta(days=days) for days in (28, 29, 30, 31)}
