"""Anything that can happen, in any order, on real PostgreSQL: the states of DESIGN hold after every step.

One example is one transaction that is rolled back, so every example starts with empty tables.
`make deep` looks for longer.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from agents.models import UserSkill
from agents.presence import TAKES_WORK, Presence
from channels_app.actions.inbound import do_receive
from channels_app.actions.lifecycle import do_end as end_for_good
from channels_app.models import Conversation, Message
from contactcenter.kernel import events
from contactcenter.kernel.errors import ContactCentreError
from contactcenter.kernel.events import Recorded
from routing.actions import engine
from routing.actions.availability import do_go_off_queue, do_set_presence
from routing.actions.offers import do_accept, do_decline
from routing.actions.transfers import (
    do_agent_reply,
    do_cancel_transfer,
    do_pick,
    do_transfer_to_agent,
    do_transfer_to_queue,
)
from routing.actions.work import do_end, do_park, do_resume, do_wrap_up
from routing.models import Assignment, Offer, Queue, QueueMember, QueueVisit, RoutingPass, WrapUp
from tests import factories
from tests.routing import invariants
from tests.routing.cast import Scene, code, skill

DEEP = os.environ.get("CC_HYPOTHESIS") == "deep"
PROFILE = settings(
    max_examples=400 if DEEP else 20,
    stateful_step_count=60 if DEEP else 40,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
CUSTOMERS = ("jonas", "marta", "emil", "lea")
Which = st.integers(0, 11)
Who = st.sampled_from(range(3))
Mostly = st.sampled_from([True, True, True, False])
QUEUES = st.fixed_dictionaries(
    {
        "last_agent": st.sampled_from(Queue.LastAgent.values),
        "wrapup_prompt": st.sampled_from(Queue.WrapUpPrompt.values),
        "wrapup_counts": st.booleans(),
        "parked_weight": st.sampled_from([Decimal(0), Decimal("0.5"), Decimal(1)]),
        "auto_answer": st.sampled_from([False, False, True]),
        "inactivity_timeout": st.sampled_from([None, None, timedelta(minutes=10)]),
        "reclaim_after": st.sampled_from([timedelta(minutes=1), timedelta(minutes=30)]),
    }
)


_LOG: list[Recorded] = []


def pick(rows: Any, which: int) -> Any:
    """One of the rows, or None if there are none."""
    found = list(rows.order_by("id"))
    return found[which % len(found)] if found else None


def held(which: int) -> Assignment:
    """Work that somebody has."""
    found: Assignment = pick(Assignment.objects.filter(state__in=["connected", "parked"]), which)
    return found


def alerts(machine: Routing) -> bool:
    """Something alerts."""
    return any(machine.before.alerting.values())


def holds(machine: Routing) -> bool:
    """Somebody has work."""
    return any(machine.before.owners.values())


class Routing(RuleBasedStateMachine):
    """Three agents, two queues, two channels, four customers."""

    def __init__(self) -> None:
        super().__init__()
        self._outer = transaction.atomic()
        self._outer._from_testcase = True  # type: ignore[attr-defined]  # as Django's own tests mark theirs
        self._outer.__enter__()
        self.scene = Scene()
        self.log = _LOG
        self.log.clear()
        self.settled = False
        self.last: Any = None

    def teardown(self) -> None:
        try:
            check_log(self.log)
            connection.check_constraints()
        finally:
            self.scene.close()
            transaction.set_rollback(True)
            self._outer.__exit__(None, None, None)

    @initialize(
        first=QUEUES,
        second=QUEUES,
        strangers=st.sets(st.tuples(Who, st.booleans()), max_size=2),
        unskilled=st.sets(Who, max_size=2),
        limits=st.tuples(*[st.integers(1, 3)] * 3),
        window=st.sampled_from([timedelta(hours=72), timedelta(0)]),
    )
    def opens(self, first: Any, second: Any, strangers: Any, unskilled: Any, limits: Any, window: Any) -> None:
        self.queues = [self.scene.queue("Service", **first), self.scene.queue("Sales", **second)]
        self.channels = [
            self.scene.channel(self.queues[0], window=window),
            self.scene.channel(self.queues[1], needs={"German": 3}, priority=2),
        ]
        self.agents = [self.scene.agent(name, limit=limit) for name, limit in zip("ABC", limits, strict=True)]
        for number, agent in enumerate(self.agents):
            if number not in unskilled:
                UserSkill.objects.create(user=agent, skill=skill("German"), proficiency=4)
            for place, queue in enumerate(self.queues):
                if (number, bool(place)) not in strangers:
                    QueueMember.objects.create(queue=queue, user=agent)
        code()
        self.before = invariants.Rows()

    # --- customers ------------------------------------------------------------------------------

    @rule(who=st.sampled_from(CUSTOMERS), on=st.booleans(), look=Mostly)
    def writes(self, who: str, on: bool, look: bool) -> None:
        self.last = self.channels[on], factories.inbound(who)
        do_receive(*self.last)
        self.step()
        if look:
            self.reacts()

    @precondition(lambda self: self.last)
    @rule(which=Which, clears=st.sampled_from([True, False, False]))
    def is_delivered_twice_or_clears(self, which: int, clears: bool) -> None:
        if not clears:
            count = Message.objects.count()
            assert do_receive(*self.last).duplicate
            assert Message.objects.count() == count
            self.step(settled=self.settled)
        elif one := pick(Conversation.objects.open(), which):
            end_for_good(one.id, Conversation.EndReason.CLEARED)
            self.step()

    # --- agents ---------------------------------------------------------------------------------

    @precondition(lambda self: any(state.status not in TAKES_WORK for state in self.before.states))
    @rule(which=Which)
    def goes_on_queue(self, which: int) -> None:
        away = [state.user for state in self.before.states if state.status not in TAKES_WORK]
        self.scene.goes_on_queue(away[which % len(away)])
        self.step()

    @rule(who=Who, how=st.sampled_from(["off queue", "desk", *Presence]))
    def goes_away(self, who: int, how: str) -> None:
        if how == "off queue":
            do_go_off_queue(self.agents[who].id)
        elif how == "desk":
            self.scene.leaves_desk(self.agents[who])
        else:
            do_set_presence(self.agents[who], Presence(how))
        self.step()

    @rule(who=Who, level=st.sampled_from([None, 1, 3, 5]), queue=st.booleans(), active=Mostly, limit=st.integers(1, 4))
    def is_set_up_anew(self, who: int, level: int | None, queue: bool, active: bool, limit: int) -> None:
        UserSkill.objects.filter(user=self.agents[who]).delete()
        if level is not None:
            UserSkill.objects.create(user=self.agents[who], skill=skill("German"), proficiency=level)
        member = {"user": self.agents[who], "queue": self.queues[queue]}
        QueueMember.objects.update_or_create(**member, defaults={"active": active})
        self.scene.limit(self.agents[who], limit)
        self.step()

    # --- routing --------------------------------------------------------------------------------

    @precondition(lambda self: not self.settled)
    @rule()
    def reacts(self) -> None:
        engine.react()
        self.step(settled=True)

    @rule(seconds=st.sampled_from([0, 1, 1, 7, 7, 31, 62, 125, 700, 2_000, 90_000, 260_000]), swept=Mostly)
    def time_passes(self, seconds: int, swept: bool) -> None:
        self.scene.pause(seconds=seconds)
        if swept:
            engine.sweep()
            self.step(settled=True)

    # --- work -----------------------------------------------------------------------------------

    @precondition(alerts)
    @rule(which=Which, accepted=Mostly)
    def is_answered(self, which: int, accepted: bool) -> None:
        offer = pick(Offer.objects.filter(state="alerting"), which)
        self.attempt(lambda: (do_accept if accepted else do_decline)(offer.id, offer.agent))

    @precondition(alerts)
    @rule(times=st.integers(1, 3))
    def all_is_accepted(self, times: int) -> None:
        for _ in range(times):
            if any(self.before.alerting.values()):
                self.is_answered(0, True)
        self.reacts()

    @precondition(lambda self: any(one.state == "waiting" for one in self.before.passes))
    @rule(which=Which, who=Who)
    def picks(self, which: int, who: int) -> None:
        live = pick(RoutingPass.objects.filter(state="waiting"), which)
        self.attempt(lambda: do_pick(live.conversation_id, self.agents[who]))

    @precondition(holds)
    @rule(which=Which, queue=st.booleans())
    def transfers_to_queue(self, which: int, queue: bool) -> None:
        one = held(which)
        self.attempt(lambda: do_transfer_to_queue(one.conversation_id, one.agent, self.queues[queue]))

    @precondition(holds)
    @rule(which=Which, to=Who)
    def transfers_to_agent(self, which: int, to: int) -> None:
        one = held(which)
        self.attempt(lambda: do_transfer_to_agent(one.conversation_id, one.agent, self.agents[to]))

    @precondition(lambda self: any(one.kind == "transfer" for of in self.before.alerting.values() for one in of))
    @rule(which=Which)
    def takes_transfer_back(self, which: int) -> None:
        offer = pick(Offer.objects.filter(state="alerting", kind="transfer"), which)
        self.attempt(lambda: do_cancel_transfer(offer.routing_pass.conversation_id, offer.by))

    @precondition(holds)
    @rule(which=Which, seconds=st.sampled_from([None, 30, 3_000]), on_reply=Mostly)
    def parks(self, which: int, seconds: int | None, on_reply: bool) -> None:
        until = None if seconds is None else self.scene.now + timedelta(seconds=seconds)
        one = held(which)
        self.attempt(lambda: do_park(one.conversation_id, one.agent, resume_at=until, on_reply=on_reply))

    @precondition(lambda self: any(one.state == "parked" for one in self.before.assignments))
    @rule(which=Which)
    def gets_a_reply(self, which: int) -> None:
        one = pick(Assignment.objects.filter(state="parked"), which).conversation
        do_receive(one.channel, factories.inbound(one.address.external_id))
        self.reacts()

    @precondition(lambda self: any(one.state == "parked" for one in self.before.assignments))
    @rule(which=Which)
    def resumes(self, which: int) -> None:
        one = pick(Assignment.objects.filter(state="parked"), which)
        self.attempt(lambda: do_resume(one.conversation_id, one.agent))

    @precondition(holds)
    @rule(which=Which)
    def ends(self, which: int) -> None:
        one = held(which)
        self.attempt(lambda: do_end(one.conversation_id, one.agent))

    @precondition(lambda self: self.before.passes)
    @rule(which=Which, who=Who)
    def agent_writes(self, which: int, who: int) -> None:
        one = pick(Conversation.objects.all(), which)
        self.attempt(lambda: do_agent_reply(one.id, self.agents[who], text="Hello"))

    @precondition(lambda self: any(one.state == "wrapup" for one in self.before.assignments))
    @rule(which=Which, skip=st.booleans())
    def wraps_up(self, which: int, skip: bool) -> None:
        one = pick(Assignment.objects.filter(state="wrapup"), which)
        self.attempt(lambda: do_wrap_up(one.id, one.agent, code=code(), skip=skip))

    # --- after every step -------------------------------------------------------------------------

    def attempt(self, what: Callable[[], Any]) -> None:
        """A refusal is an answer too, but then nothing has changed."""
        heard = len(self.log)
        try:
            what()
        except ContactCentreError:
            assert len(self.log) == heard
        self.step()

    def step(self, *, settled: bool = False) -> None:
        self.settled = settled
        rows = invariants.Rows()
        invariants.check_passes(rows)
        invariants.check_conversations(rows, settled=settled)
        invariants.check_loads(rows)
        invariants.check_limits(rows, self.before)
        invariants.check_status(rows)
        invariants.check_new_offers(rows, self.before)
        invariants.check_decisions(rows, self.before)
        if settled:
            invariants.check_order(rows, self.before)
        self.before = rows


def check_log(log: list[Recorded]) -> None:
    """The events tell the same story as the rows, and no length of time is negative."""
    told = {name: sum(one.event.name == name for one in log) for name in {one.event.name for one in log}}
    closed = QueueVisit.objects.exclude(left_at=None)
    rows = {
        "pass.opened": RoutingPass.objects.all(),
        "pass.closed": RoutingPass.objects.filter(state="closed"),
        "visit.entered": QueueVisit.objects.all(),
        "visit.left": closed,
        "offer.made": Offer.objects.all(),
        "offer.closed": Offer.objects.exclude(state="alerting"),
        "assignment.started": Assignment.objects.all(),
        "assignment.left": Assignment.objects.filter(state__in=["wrapup", "done"]),
        "wrapup.done": WrapUp.objects.filter(assignment__state="done"),
    }
    for name, found in rows.items():
        assert told.get(name, 0) == found.count(), name
    assert not WrapUp.objects.filter(assignment__state__in=["connected", "parked"]).exists()
    for one in log:
        assert all(value >= 0 for name, value in one.event.data().items() if name.endswith("_s"))


@pytest.mark.hypothesis  # which Hypothesis itself gives to what it calls
@pytest.mark.timeout(7_200 if DEEP else 600)
def test_the_states_hold_whatever_happens(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "_in_transaction", [_LOG.extend])
    monkeypatch.setattr(events, "_after_commit", [])
    run_state_machine_as_test(Routing, settings=PROFILE)
