"""The one transaction of an action: durable, retried when PostgreSQL asks, announced when it stands."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction

from agents.models import Team
from contactcenter.kernel import clock, events
from contactcenter.kernel.db import Tx, action, in_thread
from contactcenter.kernel.errors import Refused
from contactcenter.kernel.events import Event, Recorded
from tests.reporting.conftest import Elsewhere

NINE = datetime(2026, 11, 22, 9, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class TeamMade(Event):
    """There is a new team (only these tests record it)."""

    name = "db_test.made"
    number: int = 0


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[Recorded]]:
    """What the sinks got, in the transaction and after it."""
    sinks: dict[str, list[Recorded]] = {"written": [], "announced": []}
    monkeypatch.setattr(events, "_in_transaction", [sinks["written"].extend])
    monkeypatch.setattr(events, "_after_commit", [sinks["announced"].extend])
    return sinks


@action
def do_make(tx: Tx, name: str, *, fail: bool = False) -> Team:
    """Make a team."""
    team = Team.objects.create(name=name)
    tx.record(TeamMade(number=1), about=team)
    if fail:
        raise Refused
    return team


@action
def do_make_two(tx: Tx, name: str, *, fail: bool = False) -> None:
    do_make.within(tx, f"{name} 1")
    do_make.within(tx, f"{name} 2", fail=fail)


@pytest.mark.django_db
def test_an_action_gives_its_result_and_keeps_its_name(heard: dict[str, list[Recorded]]) -> None:
    assert do_make("Sales").name == "Sales"
    assert (do_make.__name__, do_make.__doc__) == ("do_make", "Make a team.")


@pytest.mark.django_db
def test_the_clock_is_read_once(heard: dict[str, list[Recorded]]) -> None:
    with clock.at(NINE):
        do_make_two("Sales")
    assert {recorded.at for recorded in heard["written"]} == {NINE}


def test_events_are_announced_only_after_the_commit(
    transactional_db: None, heard: dict[str, list[Recorded]], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[bool, bool]] = []

    def look(recorded: Sequence[Recorded]) -> None:
        others = Elsewhere(Team.objects.filter(name="Sales").exists).result()
        seen.append((connection.in_atomic_block, others))

    monkeypatch.setattr(events, "_in_transaction", [look])
    monkeypatch.setattr(events, "_after_commit", [look])
    do_make("Sales")
    assert seen == [(True, False), (False, True)]


@pytest.mark.django_db
def test_an_action_that_fails_writes_and_announces_nothing(heard: dict[str, list[Recorded]]) -> None:
    with pytest.raises(Refused):
        do_make_two("Sales", fail=True)
    assert heard == {"written": [], "announced": []}
    assert not Team.objects.exists()


def test_what_a_sink_refuses_is_not_announced(
    transactional_db: None, heard: dict[str, list[Recorded]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(recorded: Sequence[Recorded]) -> None:
        raise Refused

    monkeypatch.setattr(events, "_in_transaction", [refuse])
    with pytest.raises(Refused):
        do_make("Sales")
    assert heard["announced"] == []
    assert not Team.objects.exists()


@pytest.mark.django_db
def test_steps_share_one_transaction_and_one_write(
    heard: dict[str, list[Recorded]], monkeypatch: pytest.MonkeyPatch
) -> None:
    writes: list[int] = []
    monkeypatch.setattr(events, "_in_transaction", [lambda recorded: writes.append(len(recorded))])
    do_make_two("Sales")
    assert writes == [2]
    assert [recorded.about.name for recorded in heard["announced"]] == ["Sales 1", "Sales 2"]


@pytest.mark.django_db
def test_an_action_called_inside_another_is_an_error(heard: dict[str, list[Recorded]]) -> None:
    @action
    def do_nest(tx: Tx) -> None:
        do_make("Sales")

    with pytest.raises(RuntimeError, match="durable"):
        do_nest()
    assert not Team.objects.exists()


def test_an_action_called_inside_a_transaction_is_an_error(
    transactional_db: None, heard: dict[str, list[Recorded]]
) -> None:
    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        do_make("Sales")


def test_a_deadlock_is_run_again_and_both_actions_stand(
    transactional_db: None, heard: dict[str, list[Recorded]]
) -> None:
    one, other = Team.objects.create(name="One"), Team.objects.create(name="Other")
    both_hold_a_lock = threading.Barrier(2)
    runs: list[str] = []

    @action
    def do_mark(tx: Tx, first: Team, second: Team, mark: str) -> None:
        runs.append(mark)
        append(first, mark)
        if runs.count(mark) == 1:
            both_hold_a_lock.wait(10)
        append(second, mark)
        tx.record(TeamMade(number=len(runs)))

    def append(team: Team, mark: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute("UPDATE agents_team SET name = name || %s WHERE id = %s", [mark, team.pk])

    threads = [Elsewhere(do_mark, one, other, "-a"), Elsewhere(do_mark, other, one, "-b")]
    for thread in threads:
        thread.result(within=30)
    assert sorted(runs) in (["-a", "-a", "-b"], ["-a", "-b", "-b"]), "one of them ran again, once"
    for team in (one, other):
        team.refresh_from_db()
        assert team.name.count("-a") == team.name.count("-b") == 1
    assert len(heard["written"]) == len(heard["announced"]) == 2, "the run that was undone left no event"


def failing(times: int, sqlstate: str) -> tuple[Any, list[Tx]]:
    """An action that meets PostgreSQL's error `sqlstate` on its first `times` runs."""
    runs: list[Tx] = []

    @action
    def do_fail(tx: Tx) -> str:
        runs.append(tx)
        if len(runs) <= times:
            with connection.cursor() as cursor:
                cursor.execute(f"DO $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '{sqlstate}'; END $$")
        return "done"

    return do_fail, runs


@pytest.mark.parametrize("sqlstate", ["40001", "40P01"])
def test_what_postgresql_asks_for_is_run_again(transactional_db: None, sqlstate: str) -> None:
    do_fail, runs = failing(3, sqlstate)
    assert do_fail() == "done"
    assert len(set(runs)) == len(runs) == 4, "each run has its own time and events"


def test_but_not_for_ever(transactional_db: None) -> None:
    do_fail, runs = failing(99, "40P01")
    with pytest.raises(OperationalError):
        do_fail()
    assert len(runs) == 4


def test_another_error_of_the_database_is_not_run_again(transactional_db: None) -> None:
    do_fail, runs = failing(1, "57014")  # cancelled by a statement time-out
    with pytest.raises(OperationalError):
        do_fail()
    assert len(runs) == 1


def test_sockets_have_database_threads_of_their_own() -> None:
    name = asyncio.run(in_thread(lambda: threading.current_thread().name)())
    assert name.startswith("socket-db")
