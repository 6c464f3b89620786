"""The week is there as a whole or not at all, and who comes meanwhile waits for it."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from django.db import connection

from agents.models import AgentState, RoutingStatusSpan, User
from channels_app.models import Conversation
from contactcenter.demo import company, week
from contactcenter.kernel import clock
from reporting.models import EventRecord
from routing.actions.availability import do_go_on_queue

NOW = datetime(2026, 3, 12, 19, 30, tzinfo=UTC)  # a Thursday evening


@pytest.mark.usefixtures("transactional_db")
def test_a_week_that_fails_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_self: object) -> None:
        raise RuntimeError("somebody pulled the plug")

    company.do_found("x")
    monkeypatch.setattr("contactcenter.demo.floor.Floor.go_home", fail)
    with clock.at(NOW), pytest.raises(RuntimeError):
        week.make_week(conversations=3, days=2)
    assert not week.is_there()
    assert not Conversation.objects.exists()
    assert not EventRecord.objects.exists()
    assert not RoutingStatusSpan.objects.exists()


@pytest.mark.usefixtures("transactional_db")
def test_a_second_week_is_never_made() -> None:
    company.do_found("x")
    with clock.at(NOW):
        assert week.make_week(conversations=2, days=2) == 2
        threads = Conversation.objects.count()
        assert week.make_week(conversations=2, days=2) == 0
    assert Conversation.objects.count() == threads


@pytest.mark.usefixtures("transactional_db")
def test_without_enough_agents_whom_nobody_plays_there_is_no_week() -> None:
    company.do_found("x")
    for agent in User.objects.filter(groups__name="agent")[: len(company.AGENTS) - week.FEWEST + 1]:
        do_go_on_queue(agent)
    with clock.at(NOW):
        assert week.make_week(conversations=2, days=2) == 0
    assert not Conversation.objects.exists()


@pytest.mark.usefixtures("transactional_db")
def test_somebody_who_goes_on_queue_meanwhile_is_on_queue_afterwards() -> None:
    company.do_found("x")
    ben = User.objects.get(name="Ben Castell")
    with ThreadPoolExecutor(1) as elsewhere:
        going: list[Future[None]] = []

        def go(_line: str) -> None:
            if not going:
                going.append(elsewhere.submit(_go_on_queue, ben))

        with clock.at(NOW):
            week.make_week(conversations=2, days=1, tell=go)
        going[0].result(20)
    assert AgentState.objects.get(user=ben).status == "idle"
    spans = list(RoutingStatusSpan.objects.filter(user=ben).order_by("started_at"))
    assert all(one.ended_at == then.started_at for one, then in pairwise(spans))
    assert (spans[-1].status, spans[-1].ended_at) == ("idle", None)


@pytest.mark.usefixtures("transactional_db")
def test_the_first_login_goes_on_queue_while_the_week_is_being_made() -> None:
    company.do_found("x")
    first = User.objects.get(email=company.NEWCOMER)
    with ThreadPoolExecutor(1) as elsewhere:

        def go(_line: str) -> None:
            elsewhere.submit(_go_on_queue, first).result(10)  # before the week's transaction has ended

        with clock.at(NOW):
            assert week.make_week(conversations=2, days=1, tell=go) == 2
    assert AgentState.objects.get(user=first).status == "idle"


def _go_on_queue(agent: User) -> None:
    try:
        do_go_on_queue(agent)
    finally:
        connection.close()
