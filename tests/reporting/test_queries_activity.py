"""The live numbers, against a brute-force count over the rows."""

from __future__ import annotations

import random
from collections import Counter
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from agents.models import User
from agents.presence import Presence
from channels_app.actions.lifecycle import do_end as do_clear
from channels_app.models import Conversation
from contactcenter.kernel import ids as uuids
from reporting.models import EventRecord
from reporting.queries import activity as queries
from reporting.queries.activity import Activity, QueueActivity, activity, grade, wait_grade
from reporting.queries.recent import RECENT, course
from reporting.queries.scope import all_queues, my_queues
from routing.actions import engine, supervise
from routing.actions.availability import do_set_presence
from routing.actions.offers import do_accept, do_decline
from routing.actions.work import do_end, do_park, do_wrap_up
from routing.models import Assignment, Offer, Queue, QueueMember, QueueVisit, RoutingPass
from tests.reporting.floor import Floor
from tests.routing.cast import MONDAY, alert


def now_of(floor: Floor, medium: str = "") -> Activity:
    return activity(list(all_queues()), floor.scene.now, medium)


def row(floor: Floor, queue: Queue) -> QueueActivity:
    return next(one for one in now_of(floor).rows if one.queue == queue)


# --- the oracle --------------------------------------------------------------------------------


def oracle(queue: Queue, now: Any) -> dict[str, Any]:
    """The same numbers by looking at every row there is."""
    visits = [visit for visit in QueueVisit.objects.all() if visit.queue_id == queue.id]
    waiting = [visit for visit in visits if visit.left_at is None]
    works = [one for one in Assignment.objects.all() if one.queue_id == queue.id]
    left = [visit for visit in visits if visit.left_at and visit.left_at >= now - RECENT]
    answered = [visit for visit in left if visit.outcome == "answered"]
    members = QueueMember.objects.filter(queue=queue, active=True, user__is_active=True).select_related("user__state")
    return {
        "waiting": len(waiting),
        "longest": min((visit.entered_at for visit in waiting), default=None),
        "interacting": sum(one.state == "connected" for one in works),
        "wrapup": sum(one.state == "wrapup" for one in works),
        "parked": sum(one.state == "parked" for one in works),
        "offered": sum(visit.entered_at >= now - RECENT for visit in visits),
        "answered": len(answered),
        "in_time": sum(visit.left_at - visit.entered_at <= queue.service_level_within for visit in answered),
        "abandoned": sum(visit.outcome == "abandoned" for visit in left),
        "agents": Counter(
            member.user.state.status if hasattr(member.user, "state") else "off_queue" for member in members
        ),
    }


def told(shown: QueueActivity) -> dict[str, Any]:
    now, recent = shown.now, shown.now.recent
    return {
        "waiting": now.waiting,
        "longest": now.longest_since,
        "interacting": now.interacting,
        "wrapup": now.wrapup,
        "parked": now.parked,
        "offered": recent.offered,
        "answered": recent.answered,
        "in_time": recent.in_time,
        "abandoned": recent.abandoned,
        "agents": Counter(shown.agents.by_status),
    }


class Day:
    """Things happen in an order that only the seed knows, by the real actions."""

    def __init__(self, floor: Floor, seed: int) -> None:
        self.floor, self.rng, self.customers = floor, random.Random(seed), 0
        self.steps = [
            self.writes, self.writes, self.writes, self.accepts, self.accepts, self.declines, self.ends, self.parks,
            self.wraps, self.wraps, self.leaves, self.comes, self.comes, self.comes, self.takes_back, self.clears,
            self.waits,
        ]  # fmt: skip

    def live(self, steps: int) -> None:
        for _ in range(steps):
            self.rng.choice(self.steps)()
            self.floor.scene.pause(seconds=self.rng.randint(1, 90))
            engine.sweep()

    def one(self, rows: Any) -> Any:
        found = list(rows.order_by("id"))
        return self.rng.choice(found) if found else None

    def writes(self) -> None:
        self.customers += 1
        self.floor.scene.writes(self.rng.choice([self.floor.channel, self.floor.bills]), f"customer-{self.customers}")

    def accepts(self) -> None:
        if offer := self.one(Offer.objects.filter(state="alerting").select_related("agent")):
            do_accept(offer.id, offer.agent)

    def declines(self) -> None:
        if offer := self.one(Offer.objects.filter(state="alerting").select_related("agent")):
            do_decline(offer.id, offer.agent)

    def ends(self) -> None:
        if work := self.one(Assignment.objects.filter(state="connected").select_related("agent")):
            do_end(work.conversation_id, work.agent)

    def parks(self) -> None:
        if work := self.one(Assignment.objects.filter(state="connected").select_related("agent")):
            do_park(work.conversation_id, work.agent)

    def wraps(self) -> None:
        if work := self.one(Assignment.objects.filter(state="wrapup").select_related("agent")):
            do_wrap_up(work.id, work.agent, code=self.floor.solved)

    def leaves(self) -> None:
        agent = self.rng.choice([self.floor.ana, self.floor.ben, self.floor.cleo])
        do_set_presence(agent, Presence.AWAY)

    def comes(self) -> None:
        self.floor.scene.goes_on_queue(self.rng.choice([self.floor.ana, self.floor.ben, self.floor.cleo]))

    def takes_back(self) -> None:
        if work := self.one(Assignment.objects.filter(state__in=["connected", "parked"])):
            supervise.do_take_back(work.conversation_id, self.floor.sam)

    def clears(self) -> None:
        """A customer leaves for good."""
        if waits := self.one(RoutingPass.objects.exclude(state="closed").select_related("conversation")):
            do_clear(waits.conversation_id, Conversation.EndReason.CLEARED)

    def waits(self) -> None:
        self.floor.scene.pause(minutes=self.rng.randint(1, 12))


@pytest.mark.parametrize("seed", range(6))
def test_the_numbers_equal_a_count_of_all_rows(floor: Floor, seed: int) -> None:
    floor.scene.goes_on_queue(floor.ben)
    floor.scene.goes_on_queue(floor.cleo)
    day = Day(floor, seed)
    for _ in range(4):
        day.live(12)
        shown = now_of(floor)
        for queue in (floor.orders, floor.billing):
            found = next(one for one in shown.rows if one.queue == queue)
            assert told(found) == oracle(queue, floor.scene.now)
        assert shown.now.waiting == sum(one.now.waiting for one in shown.rows)
    assert Offer.objects.count() > 5, "something happened"


# --- sentences ---------------------------------------------------------------------------------


def test_an_offered_conversation_still_waits_in_its_queue(floor: Floor) -> None:
    conversation = floor.scene.writes(floor.channel)
    assert RoutingPass.objects.get(conversation=conversation).state == "offered"
    shown = row(floor, floor.orders)
    assert (shown.now.waiting, shown.now.interacting) == (1, 0)
    assert shown.now.longest_since == QueueVisit.objects.get().entered_at
    do_accept(alert(conversation).id, floor.ana)
    shown = row(floor, floor.orders)
    assert (shown.now.waiting, shown.now.longest_since, shown.now.interacting) == (0, None, 1)


def test_the_service_level_is_that_of_the_queues_own_time(floor: Floor) -> None:
    first = floor.scene.writes(floor.channel, "one")
    floor.scene.pause(seconds=5)
    do_accept(alert(first).id, floor.ana)
    second = floor.scene.writes(floor.channel, "two")
    floor.scene.pause(seconds=25)
    do_accept(alert(second).id, floor.ana)
    recent = row(floor, floor.orders).now.recent
    assert (recent.offered, recent.answered, recent.in_time, recent.service_level) == (2, 2, 1, 50)
    assert row(floor, floor.billing).now.recent.service_level is None


def test_what_is_older_than_half_an_hour_is_out(floor: Floor) -> None:
    floor.talk()
    assert row(floor, floor.orders).now.recent.answered == 1
    floor.scene.pause(minutes=29)
    assert row(floor, floor.orders).now.recent.answered == 1
    floor.scene.pause(minutes=2)
    recent = row(floor, floor.orders).now.recent
    assert (recent.offered, recent.answered, recent.service_level) == (0, 0, None)


def test_the_course_of_the_half_hour_adds_up(floor: Floor) -> None:
    floor.talk("one")
    floor.scene.pause(minutes=12)
    floor.scene.writes(floor.bills, "two")
    ids = [floor.orders.id, floor.billing.id]
    steps = course(ids, floor.scene.now)
    assert [step.running for step in steps] == [False] * 5 + [True]
    assert all(later.start == step.end for step, later in pairwise(steps))
    assert [step.counts for step in steps[3:]] == [(1, 1, 0), (0, 0, 0), (1, 0, 0)]
    assert steps[3].shares == (100, 100, 0)
    assert course([floor.billing.id], floor.scene.now)[3].counts == (0, 0, 0)
    assert course(ids, floor.scene.now, "email")[3].counts == (0, 0, 0)


def test_who_leaves_unanswered_counts_as_abandoned(floor: Floor) -> None:
    floor.scene.leaves_desk(floor.ana)
    supervise.do_log_out_of_queue(floor.ana, floor.sam)
    conversation = floor.scene.writes(floor.channel)
    do_clear(conversation.id, Conversation.EndReason.CLEARED)
    engine.react()
    recent = row(floor, floor.orders).now.recent
    assert (recent.offered, recent.abandoned, recent.service_level, recent.abandon_rate) == (1, 1, 0, 100)


def test_members_who_are_switched_off_are_not_counted(floor: Floor) -> None:
    assert row(floor, floor.orders).agents.members == 2
    QueueMember.objects.filter(user=floor.ben).update(active=False)
    assert row(floor, floor.orders).agents.members == 1
    User.objects.filter(id=floor.ana.id).update(is_active=False)
    assert row(floor, floor.orders).agents.members == 0


def test_a_queue_names_the_kinds_of_channel_that_lead_to_it_and_no_route_that_is_off(floor: Floor) -> None:
    assert row(floor, floor.orders).channels == (floor.channel.kind,)
    floor.channel.route.active = False
    floor.channel.route.save()
    assert row(floor, floor.orders).channels == ()
    assert row(floor, floor.billing).channels == (floor.bills.kind,)


def test_somebody_in_two_queues_is_one_agent(floor: Floor) -> None:
    QueueMember.objects.create(queue=floor.billing, user=floor.ana)
    shown = now_of(floor)
    assert [one.agents.idle for one in shown.rows] == [1, 1]
    assert (shown.agents.idle, shown.agents.members) == (1, 3)


def test_a_medium_shows_its_part_only(floor: Floor) -> None:
    conversation = floor.scene.writes(floor.channel, "one")
    floor.scene.writes(floor.channel, "two")
    RoutingPass.objects.filter(conversation=conversation).update(medium="email")
    assert now_of(floor).now.waiting == 2
    assert now_of(floor, "email").now.waiting == 1
    assert [label for label, _ in row(floor, floor.orders).parts] == ["Messages", "E-mails"]
    assert row(floor, floor.billing).parts == []


def test_the_longest_wait_is_on_top(floor: Floor) -> None:
    floor.scene.writes(floor.bills, "one")
    floor.scene.pause(seconds=10)
    floor.scene.writes(floor.channel, "two")
    assert [one.queue for one in now_of(floor).rows] == [floor.billing, floor.orders]
    longest = now_of(floor).longest
    assert longest is not None
    assert longest.queue == floor.billing


def test_nothing_is_something(floor: Floor) -> None:
    shown = activity([], floor.scene.now)
    assert (shown.rows, shown.now.waiting, shown.agents.members, shown.target, shown.longest) == ([], 0, 0, 0.0, None)
    assert now_of(floor).longest is None


@pytest.mark.parametrize(
    ("level", "expected"), [(None, ""), (80.0, "ok"), (79.9, "warn"), (70.0, "warn"), (69.9, "bad"), (100.0, "ok")]
)
def test_a_level_is_graded_by_its_goal(level: float | None, expected: str) -> None:
    assert grade(level, 80) == expected


@pytest.mark.parametrize(("seconds", "expected"), [(None, ""), (20, ""), (21, "warn"), (60, "warn"), (61, "bad")])
def test_a_wait_is_graded_by_the_queues_time(seconds: int | None, expected: str) -> None:
    since = None if seconds is None else MONDAY - timedelta(seconds=seconds)
    assert wait_grade(since, timedelta(seconds=20), MONDAY) == expected


# --- whose queues ------------------------------------------------------------------------------


def test_my_queues_are_those_that_i_or_my_team_serve(floor: Floor) -> None:
    assert list(my_queues(floor.sam)) == [floor.orders], "Ana of Sam's team serves it"
    assert list(my_queues(floor.uma)) == []
    QueueMember.objects.create(queue=floor.billing, user=floor.uma)
    assert list(my_queues(floor.uma)) == [floor.billing]
    assert set(all_queues()) == {floor.orders, floor.billing}


def test_queues_that_are_switched_off_are_nobodys(floor: Floor) -> None:
    Queue.objects.filter(id=floor.orders.id).update(active=False)
    assert list(my_queues(floor.sam)) == []
    assert list(all_queues()) == [floor.billing]


# --- cost --------------------------------------------------------------------------------------


def test_more_queues_and_work_are_not_more_queries(floor: Floor) -> None:
    def asked() -> int:
        with CaptureQueriesContext(
            connection,
        ) as caught:
            activity(list(all_queues()), floor.scene.now)
        return len(caught)

    before = asked()
    for number in range(5):
        extra = floor.scene.queue(f"Queue {number}")
        floor.scene.writes(floor.scene.channel(extra), f"customer {number}")
        floor.scene.agent(f"Agent{number}", extra, floor.orders)
    assert asked() == before == 8


def much_history(floor: Floor) -> None:
    """Thousands of finished stretches of work, and what the planner knows of them."""
    conversation, _ = floor.talk()
    long_ago = floor.scene.now - timedelta(days=30)
    passes = [
        RoutingPass(
            conversation=conversation, state="closed", queue=floor.orders, started_at=long_ago, closed_at=long_ago
        )
        for _ in range(3000)
    ]
    RoutingPass.objects.bulk_create(passes)
    about: dict[str, Any] = {"queue": floor.orders}
    QueueVisit.objects.bulk_create(
        QueueVisit(routing_pass=one, entered_at=long_ago, left_at=long_ago, outcome="answered", **about)
        for one in passes
    )
    Assignment.objects.bulk_create(
        Assignment(
            routing_pass=one, conversation=conversation, agent=floor.ana, state="done", connected_at=long_ago, **about
        )
        for one in passes
    )
    EventRecord.objects.bulk_create(
        EventRecord(id=uuids.new(long_ago), name="visit.left", occurred_at=long_ago, queue_id=floor.orders.id)
        for _ in passes
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE routing_queuevisit, routing_assignment, routing_routingpass, reporting_eventrecord")


@pytest.mark.parametrize(
    ("read", "table", "index"),
    [
        (lambda ids, now: list(queries._waiting()), "routing_queuevisit", "visit_one_open"),
        (lambda ids, now: list(queries._working()), "routing_assignment", "assignment_open_agent"),
        (
            lambda ids, now: list(queries._recently(ids, now)),
            "reporting_eventrecord_default",
            "using reporting_eventrecord_default",
        ),
    ],
    ids=["waiting", "interacting", "last half hour"],
)
def test_the_cost_doesnt_grow_with_history(floor: Floor, read: Any, table: str, index: str) -> None:
    """A partial index, or a range of ids, leads to the rows; neither the whole table nor a queue's past is read."""
    much_history(floor)
    with CaptureQueriesContext(connection) as caught:
        read([floor.orders.id, floor.billing.id], floor.scene.now)
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {caught.captured_queries[-1]['sql']}")
        plan = "\n".join(line for (line,) in cursor.fetchall())
    read_whole = [line for line in plan.splitlines() if "Seq Scan on" in line and table in line]
    assert not read_whole, plan
    assert index in plan, plan
