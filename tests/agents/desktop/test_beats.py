"""The signs of life of many desks at once: what is asked of the database, and what comes of it."""

from __future__ import annotations

import uuid

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test.utils import CaptureQueriesContext

from agents.desktop.beats import Sign, Standing, look
from agents.models import AgentState, User
from channels_app.models import Conversation
from routing.actions.work import do_end, do_wrap_up
from tests.agents.desktop.conftest import Desk, browser
from tests.routing.cast import code


def at_desk(user: User, *opened: Conversation) -> Sign:
    key = browser(user).session.session_key
    assert key
    return Sign(user.id, key, frozenset(one.id for one in opened))


def test_who_works_is_seen_and_who_only_looks_on_isnt(desk: Desk) -> None:
    AgentState.objects.update(seen_at=None)
    found = look([at_desk(desk.ana), at_desk(desk.sam)])
    assert [(one.works, one.supervises) for one in found] == [(True, False), (False, True)]
    assert list(AgentState.objects.exclude(seen_at=None).values_list("user_id", flat=True)) == [desk.ana.id]


def test_an_agent_without_a_state_gets_one(desk: Desk) -> None:
    new = desk.agent("Nora", desk.orders, on_queue=False)
    AgentState.objects.filter(user=new).delete()
    look([at_desk(new), at_desk(desk.ana)])
    assert AgentState.objects.get(user=new).seen_at == AgentState.objects.get(user=desk.ana).seen_at


def test_each_sees_their_own_work_and_not_a_colleagues(desk: Desk) -> None:
    hers, work = desk.talk()
    ana, ben = look([at_desk(desk.ana, hers), at_desk(desk.ben, hers)])
    assert (ana.seen, ben.seen) == ({hers.id}, frozenset())
    do_end(hers.id, desk.ana)
    do_wrap_up(work.id, desk.ana, code=code("Done"))
    assert look([at_desk(desk.ana, hers)])[0].seen == frozenset()


def test_members_of_the_queue_see_what_waits_there_and_others_dont(desk: Desk) -> None:
    waits = desk.scene.writes(desk.channel)
    ben, cleo = look([at_desk(desk.ben, waits), at_desk(desk.cleo, waits)])
    assert (ben.seen, cleo.seen) == ({waits.id}, frozenset())


@pytest.mark.parametrize("how", ["logged out", "switched off", "new password", "no role", "never there"])
def test_a_login_that_is_gone_stands_for_nothing(desk: Desk, how: str) -> None:
    sign = at_desk(desk.ana)
    if how == "logged out":
        Session.objects.all().delete()
    elif how == "switched off":
        User.objects.filter(id=desk.ana.id).update(is_active=False)
    elif how == "new password":
        desk.ana.set_password("another-one-now")
        desk.ana.save()
    elif how == "no role":
        desk.ana.groups.clear()
    else:
        sign = Sign(desk.ana.id, "nosuchsession", frozenset())
    other = at_desk(desk.ben)
    assert look([sign, other]) == [Standing(), Standing(works=True)]


def test_somebody_elses_login_doesnt_count(desk: Desk) -> None:
    bens = at_desk(desk.ben).session_key
    assert look([Sign(desk.ana.id, bens, frozenset())]) == [Standing()]


def test_fifty_desks_cost_as_many_queries_as_one(desk: Desk) -> None:
    conversation, _ = desk.talk()
    one = [at_desk(desk.ana, conversation)]
    many = [*one, at_desk(desk.ben, conversation), at_desk(desk.sam), *(
        at_desk(desk.agent(f"Agent {number}", desk.orders, on_queue=False)) for number in range(10)
    )]  # fmt: skip
    look(many)  # makes the states of the new ones
    counts = []
    for signs in (one, many):
        with CaptureQueriesContext(connection) as queries:
            look(signs)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 9, [query["sql"] for query in queries]


def test_unknown_conversations_are_seen_by_nobody(desk: Desk) -> None:
    sign = Sign(desk.ana.id, at_desk(desk.ana).session_key, frozenset({uuid.uuid4()}))
    assert look([sign])[0].seen == frozenset()
