"""Event and state commit or vanish together."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import DataError, connection
from django.test.utils import CaptureQueriesContext

from agents.models import Team
from contactcenter.kernel import clock, events, ids
from contactcenter.kernel.db import Tx, action
from contactcenter.kernel.errors import Refused
from contactcenter.kernel.events import Event, Recorded, Sink
from reporting import recorder
from reporting.models import EventRecord


@dataclass(frozen=True, kw_only=True)
class TeamRenamed(Event):
    """A team has another name (only these tests record it)."""

    name = "recorder_test.renamed"
    team_id: Any
    odd: Any = None


@action
def do_rename(tx: Tx, team: Team, name: str, *, times: int = 1, odd: Any = None, fail: bool = False) -> None:
    Team.objects.filter(pk=team.pk).update(name=name)
    for _ in range(times):
        tx.record(TeamRenamed(team_id=team.pk, odd=odd))
    if fail:
        raise Refused


@pytest.fixture
def team(transactional_db: None) -> Team:
    return Team.objects.create(name="Sales")


def name_of(team: Team) -> str:
    return Team.objects.get(pk=team.pk).name


def recorded_events(count: int) -> list[Recorded]:
    now = datetime(2026, 11, 22, 9, tzinfo=UTC)
    return [Recorded(ids.new(now), now, TeamRenamed(team_id=number)) for number in range(count)]


def test_state_and_event_commit_together(team: Team, recording: list[Sink]) -> None:
    do_rename(team, "Service")
    assert name_of(team) == "Service"
    assert EventRecord.objects.get().data == {"team_id": str(team.pk), "odd": None}


@dataclass(frozen=True, kw_only=True)
class TeamGlanced(Event):
    """Somebody looked at a team (only these tests record it): nothing that a report would read."""

    name = "recorder_test.glanced"
    recorded = False


def test_what_no_report_reads_reaches_the_sinks_and_not_the_log(
    team: Team, recording: list[Sink], monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[str] = []
    monkeypatch.setattr(events, "_after_commit", [lambda recorded: heard.extend(one.event.name for one in recorded)])

    @action
    def do_look(tx: Tx, *kinds: Event) -> None:
        for one in kinds:
            tx.record(one)

    do_look(TeamGlanced())
    assert (heard, EventRecord.objects.count()) == (["recorder_test.glanced"], 0)
    do_look(TeamGlanced(), TeamRenamed(team_id=1), TeamGlanced())
    assert heard[1:] == ["recorder_test.glanced", "recorder_test.renamed", "recorder_test.glanced"]
    assert [row.name for row in EventRecord.objects.all()] == ["recorder_test.renamed"]


def test_an_action_that_fails_after_recording_leaves_neither(team: Team, recording: list[Sink]) -> None:
    with pytest.raises(Refused):
        do_rename(team, "Service", fail=True)
    assert name_of(team) == "Sales"
    assert not EventRecord.objects.exists()


def test_a_sink_that_refuses_undoes_state_and_log(team: Team, recording: list[Sink]) -> None:
    def refuse(recorded: Sequence[Recorded]) -> None:
        assert EventRecord.objects.count() == len(recorded), "the recorder ran before"
        raise Refused

    recording.append(refuse)
    with pytest.raises(Refused):
        do_rename(team, "Service")
    assert name_of(team) == "Sales"
    assert not EventRecord.objects.exists()


def test_a_log_that_the_database_refuses_undoes_the_state(team: Team, recording: list[Sink]) -> None:
    with pytest.raises(DataError):
        do_rename(team, "Service", odd="\x00")
    assert name_of(team) == "Sales"


def test_an_event_that_is_no_json_undoes_the_state(team: Team, recording: list[Sink]) -> None:
    with pytest.raises(TypeError):
        do_rename(team, "Service", odd=object())
    assert name_of(team) == "Sales"


@pytest.mark.django_db
@pytest.mark.parametrize("count", [1, 2, 40])
def test_all_events_of_a_transaction_are_one_statement(count: int) -> None:
    with CaptureQueriesContext(connection) as queries:
        recorder.record(recorded_events(count))
    assert len(queries) == 1
    assert EventRecord.objects.count() == count


@pytest.mark.django_db
def test_no_events_are_no_statement() -> None:
    with CaptureQueriesContext(connection) as queries:
        recorder.record([])
    assert len(queries) == 0


def test_an_action_with_many_events_writes_the_log_once(team: Team, recording: list[Sink]) -> None:
    with CaptureQueriesContext(connection) as queries:
        do_rename(team, "Service", times=5)
    inserts = [query for query in queries if "INSERT" in query["sql"]]
    assert len(inserts) == 1
    assert EventRecord.objects.count() == 5


@pytest.mark.django_db
def test_the_row_says_what_when_and_about_whom() -> None:
    now = datetime(2026, 11, 22, 9, 30, 0, 123456, tzinfo=UTC)
    conversation, agent = uuid.uuid4(), uuid.uuid4()
    queue = uuid.uuid4()
    event = TeamRenamed(conversation_id=conversation, agent_id=agent, queue_id=queue, team_id=1, odd=(agent, 2.5))
    recorded = Recorded(ids.new(now), now, event)
    recorder.record([recorded])
    row = EventRecord.objects.get(pk=recorded.id)
    assert (row.name, row.occurred_at) == ("recorder_test.renamed", now)
    assert (row.conversation_id, row.agent_id, row.queue_id) == (conversation, agent, queue)
    assert row.data == {"team_id": 1, "odd": [str(agent), 2.5]}


def test_events_of_one_action_share_its_time_and_transaction(team: Team, recording: list[Sink]) -> None:
    moment = datetime(2026, 11, 22, 9, tzinfo=UTC)
    with clock.at(moment):
        do_rename(team, "Service", times=3)
    rows = list(EventRecord.objects.order_by("id"))
    assert {row.occurred_at for row in rows} == {moment}
    assert len({row.xid for row in rows}) == 1
    do_rename(team, "Care")
    assert EventRecord.objects.order_by("xid").last().xid > rows[0].xid
