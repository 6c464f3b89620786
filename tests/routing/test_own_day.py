"""An agent's own day: what counts, since when, and for whom."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from channels_app.models import Conversation
from routing.actions.transfers import do_agent_reply
from routing.actions.work import do_end, do_wrap_up
from routing.queries.own_day import OwnDay, own_day
from tests.agents.desktop.conftest import Desk, get, words
from tests.routing.cast import Scene, code


@pytest.fixture
def desk(scene: Scene) -> Desk:
    return Desk(scene)


def handles(desk: Desk, who: str, *, reply: float | None, talk: float, wrap_up: float) -> None:
    """Ana answers after `reply` seconds, ends `talk` seconds after accepting, and wraps up for `wrap_up`."""
    conversation, work = desk.talk(who)
    if reply is not None:
        desk.scene.pause(seconds=reply)
        do_agent_reply(conversation.id, desk.ana, text="Hello")
    desk.scene.pause(seconds=talk - (reply or 0))
    do_end(conversation.id, desk.ana, seen_seq=Conversation.objects.get(id=conversation.id).last_seq)
    desk.scene.pause(seconds=wrap_up)
    do_wrap_up(work.id, desk.ana, code=code("Solved"), notes="")


def test_handled_work_with_its_averages(desk: Desk) -> None:
    handles(desk, "jonas", reply=10, talk=60, wrap_up=20)
    handles(desk, "marta", reply=30, talk=100, wrap_up=20)
    expected = OwnDay(2, handle=timedelta(seconds=100), first_reply=timedelta(seconds=20))
    assert own_day(desk.ana, desk.scene.now) == expected
    shown = words(get(desk.ana, "/routing/today/"))
    assert "1:40" in shown
    assert "0:20" in shown


def test_work_without_a_reply_counts_for_the_handle_time_alone(desk: Desk) -> None:
    handles(desk, "jonas", reply=None, talk=60, wrap_up=20)
    assert own_day(desk.ana, desk.scene.now) == OwnDay(1, handle=timedelta(seconds=80), first_reply=None)


def test_open_work_and_others_work_dont_count(desk: Desk) -> None:
    desk.talk()
    nothing = OwnDay(0, None, None)
    assert own_day(desk.ana, desk.scene.now) == nothing
    handles(desk, "marta", reply=5, talk=10, wrap_up=5)
    assert own_day(desk.ben, desk.scene.now) == nothing
    assert "–" in words(get(desk.ben, "/routing/today/"))


@pytest.mark.parametrize(("zone", "handled"), [("UTC", 1), ("Pacific/Auckland", 0), ("nonsense", 1)])
def test_the_day_begins_at_midnight_where_the_agent_is(desk: Desk, zone: str, handled: int) -> None:
    handles(desk, "jonas", reply=5, talk=10, wrap_up=5)  # on Monday at nine, UTC
    desk.ana.time_zone = zone
    assert own_day(desk.ana, datetime(2026, 3, 2, 23, 0, tzinfo=UTC)).handled == handled


def test_one_query_however_much_was_handled(desk: Desk) -> None:
    for who in ("jonas", "marta", "lena"):
        handles(desk, who, reply=5, talk=10, wrap_up=5)
    with CaptureQueriesContext(connection) as queries:
        assert own_day(desk.ana, desk.scene.now).handled == 3
    assert len(queries) == 1


def test_only_people_who_work_have_a_day(desk: Desk) -> None:
    assert get(desk.sam, "/routing/today/").status_code == 403
    assert get(None, "/routing/today/").status_code == 401
