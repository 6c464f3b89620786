"""Agents whose desk is gone: nothing alerts at nobody, and no customer waits for nobody."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from agents.actions.status import do_seen
from agents.models import RoutingStatusSpan, User
from agents.presence import RoutingStatus
from channels_app.actions.outbound import do_reply
from channels_app.models import Channel, Conversation
from routing.actions.availability import do_go_off_queue, do_leave_vanished
from routing.actions.work import do_park
from routing.models import Assignment
from tests.routing.cast import Scene, in_use, last_pass, live, offered_to, owner, status


def talking(scene: Scene, **settings: Any) -> tuple[Channel, Conversation, User]:
    service = scene.queue(**settings)
    ana = scene.agent("Ana", service)
    channel = scene.channel(service)
    conversation, _ = scene.talks(channel)
    scene.agent("Ben", service)
    return channel, conversation, ana


def test_after_a_minute_without_a_desk_the_agent_is_off_queue(scene: Scene) -> None:
    _, conversation, ana = talking(scene)
    scene.leaves_desk(ana)
    scene.later(seconds=61)
    assert status(ana) == RoutingStatus.OFF_QUEUE
    assert RoutingStatusSpan.objects.get(user=ana, ended_at=None).reason == "socket_gone"
    assert owner(conversation) == "Ana"


def test_a_desk_that_is_gone_for_a_moment_changes_nothing(scene: Scene) -> None:
    _, _, ana = talking(scene)
    scene.leaves_desk(ana)
    scene.later(seconds=60)
    assert status(ana) == RoutingStatus.INTERACTING


def test_who_comes_back_just_before_is_left_alone(scene: Scene) -> None:
    _, _, ana = talking(scene)
    scene.leaves_desk(ana)
    scene.pause(seconds=61)
    do_seen(ana.id)  # after the sweep has listed them, before it acts
    assert not do_leave_vanished(ana.id)
    assert status(ana) == RoutingStatus.INTERACTING


def test_what_alerts_at_a_vanished_agent_goes_on(scene: Scene) -> None:
    service = scene.queue(alert_timeout=timedelta(minutes=10))
    ana = scene.agent("Ana", service)
    conversation = scene.writes(scene.channel(service))
    scene.agent("Ben", service)
    scene.leaves_desk(ana)
    scene.later(seconds=61)
    assert (offered_to(conversation), in_use(ana), status(ana)) == (["Ben"], 0, RoutingStatus.OFF_QUEUE)


def test_connected_work_stays_for_the_queues_time(scene: Scene) -> None:
    _, conversation, ana = talking(scene, abandon_after=timedelta(minutes=15))
    scene.leaves_desk(ana)
    scene.later(minutes=14)
    assert owner(conversation) == "Ana"


def test_after_the_queues_time_it_goes_to_somebody_else(scene: Scene) -> None:
    _, conversation, ana = talking(scene, abandon_after=timedelta(minutes=15))
    scene.leaves_desk(ana)
    scene.later(minutes=15)
    assert (offered_to(conversation), last_pass(conversation).state) == (["Ben"], "offered")
    assert conversation.assignments.get().state == Assignment.State.WRAPUP
    assert conversation.passes.get(state="closed").closed_by == "system"


def test_a_customer_who_writes_waits_two_minutes_at_most(scene: Scene) -> None:
    channel, conversation, ana = talking(scene)
    scene.leaves_desk(ana)
    scene.later(seconds=70)
    scene.writes(channel)
    scene.later(seconds=60)
    scene.writes(channel)  # writing again doesn't start the two minutes anew
    assert owner(conversation) == "Ana"
    scene.later(seconds=60)
    assert (owner(conversation), offered_to(conversation)) == (None, ["Ben"])


def test_what_was_answered_last_rests(scene: Scene) -> None:
    _, conversation, ana = talking(scene)
    do_reply(conversation.id, author=ana, text="It is on its way.")
    scene.leaves_desk(ana)
    scene.later(minutes=16)
    conversation.refresh_from_db()
    assert (conversation.state, owner(conversation)) == (Conversation.State.RESTING, None)


def test_who_is_back_keeps_their_work(scene: Scene) -> None:
    channel, conversation, ana = talking(scene)
    scene.leaves_desk(ana)
    scene.later(minutes=5)
    scene.goes_on_queue(ana)
    scene.writes(channel)
    scene.later(minutes=20)
    assert owner(conversation) == "Ana"


def test_who_left_the_queue_and_then_the_desk_has_vanished_too(scene: Scene) -> None:
    channel, conversation, ana = talking(scene)
    do_go_off_queue(ana.id)
    scene.leaves_desk(ana)
    scene.pause(seconds=5)
    scene.writes(channel)
    scene.later(minutes=3)
    assert offered_to(conversation) == ["Ben"]


def test_who_left_the_queue_and_sits_at_the_desk_keeps_their_work(scene: Scene) -> None:
    channel, conversation, ana = talking(scene)
    do_go_off_queue(ana.id)
    scene.writes(channel)
    scene.later(minutes=20)
    assert owner(conversation) == "Ana"


def test_a_reply_to_what_a_vanished_agent_parked_is_not_stranded(scene: Scene) -> None:
    channel, conversation, ana = talking(scene)
    do_park(conversation.id, ana)
    scene.leaves_desk(ana)
    scene.later(hours=8)
    scene.writes(channel)
    scene.later(minutes=3)
    assert live(conversation).state == "offered"
    assert offered_to(conversation) == ["Ben"]
