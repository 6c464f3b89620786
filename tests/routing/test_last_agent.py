"""A customer who comes back reaches the agent who knows the story, if that agent can take it now."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from agents.models import User, UserSkill
from channels_app.models import Channel, Conversation
from routing.actions import engine
from routing.actions.availability import do_go_off_queue
from routing.actions.offers import do_decline
from routing.actions.work import do_end, do_wrap_up
from routing.models import Offer, Queue, QueueMember, RoutingPass
from tests.routing.cast import Scene, accepts, alert, code, live, offered_to, owner

HELD = {"last_agent_wait": timedelta(minutes=10)}


def served(scene: Scene, *, limit: int | None = None, **settings: Any) -> tuple[Queue, Channel, Conversation, User]:
    """Ana served Jonas, wrapped up, and has been working since, so that Ben is idle for longer."""
    service = scene.queue(**settings)
    ana = scene.agent("Ana", service, skills={"German": 4}, limit=limit)
    channel = scene.channel(service, needs={"German": 2})
    conversation, assignment = scene.talks(channel)
    do_end(conversation.id, ana)
    do_wrap_up(assignment.id, ana, code=code())
    scene.agent("Ben", service, skills={"German": 4})
    scene.pause(days=2)
    return service, channel, conversation, ana


def test_two_days_later_the_same_thread_reaches_the_same_agent(scene: Scene) -> None:
    _, channel, conversation, _ = served(scene)
    scene.agent("Cleo", skills={"German": 5})
    again = scene.writes(channel)
    assert (again.id, offered_to(again), alert(again).kind) == (conversation.id, ["Ana"], Offer.Kind.LAST)
    assert RoutingPass.objects.filter(conversation=again).count() == 2


def test_a_new_customer_goes_to_the_longest_idle(scene: Scene) -> None:
    _, channel, _, ana = served(scene)
    scene.talks(channel, "emil")  # Ana's, who is the longest idle
    assert offered_to(scene.writes(channel, "marta")) == ["Ben"]
    assert ana.name == "Ana"


def test_who_is_off_queue_is_not_waited_for(scene: Scene) -> None:
    _, channel, _, ana = served(scene, **HELD)
    do_go_off_queue(ana.id)
    again = scene.writes(channel)
    assert (offered_to(again), alert(again).kind) == (["Ben"], Offer.Kind.ACD)


def test_who_is_not_responding_is_not_waited_for(scene: Scene) -> None:
    _, channel, _, _ = served(scene, **HELD)
    scene.writes(channel, "marta")
    scene.later(seconds=40)
    assert offered_to(scene.writes(channel)) == ["Ben"]


def test_who_is_full_is_not_waited_for(scene: Scene) -> None:
    _, channel, _, _ = served(scene, limit=1, **HELD)
    scene.talks(channel, "marta")
    assert offered_to(scene.writes(channel)) == ["Ben"]


def test_a_declined_return_goes_on_to_others(scene: Scene) -> None:
    _, channel, _, ana = served(scene, **HELD)
    again = scene.writes(channel)
    do_decline(alert(again).id, ana)
    scene.later(seconds=1)
    assert (offered_to(again), alert(again).kind) == (["Ben"], Offer.Kind.ACD)


def test_an_expired_return_goes_on_to_others(scene: Scene) -> None:
    _, channel, _, _ = served(scene, **HELD)
    again = scene.writes(channel)
    scene.later(seconds=31)
    assert offered_to(again) == ["Ben"]


def kept(scene: Scene, **settings: Any) -> tuple[Conversation, User]:
    """Jonas is back and kept for Ana, whose only slot another offer took first."""
    _, channel, _, ana = served(scene, limit=1, **settings)
    first = scene.writes(channel, look=False)
    scene.writes(scene.channel(Queue.objects.get(), priority=5), "marta", look=False)
    do_go_off_queue(User.objects.get(name="Ben").id)
    engine.react()
    assert (offered_to(first), live(first).only_agent) == ([], ana)
    return first, ana


def test_a_return_is_kept_for_the_last_agent_for_a_while(scene: Scene) -> None:
    again, _ = kept(scene, **HELD)
    scene.goes_on_queue(User.objects.get(name="Ben"))
    scene.later(seconds=1)
    assert (offered_to(again), live(again).state) == ([], RoutingPass.State.WAITING)


def test_a_return_is_kept_only_for_a_while(scene: Scene) -> None:
    again, _ = kept(scene, last_agent_wait=timedelta(seconds=10))
    scene.goes_on_queue(User.objects.get(name="Ben"))
    scene.later(seconds=10)
    assert (offered_to(again), live(again).only_agent) == (["Ben"], None)


def test_a_return_is_no_longer_kept_when_the_agent_leaves(scene: Scene) -> None:
    again, ana = kept(scene, **HELD)
    scene.goes_on_queue(User.objects.get(name="Ben"))
    do_go_off_queue(ana.id)
    scene.later(seconds=1)
    assert live(again).only_agent is None
    assert offered_to(again) == ["Ben"]


@pytest.mark.parametrize(("says", "asked"), [(Queue.LastAgent.ANY, ["Ana"]), (Queue.LastAgent.MEMBERS, [])])
def test_who_lost_the_skill_while_it_was_kept_gets_it_only_by_any(scene: Scene, says: str, asked: list[str]) -> None:
    again, ana = kept(scene, last_agent=says, **HELD)
    UserSkill.objects.filter(user=ana).delete()
    scene.limit(ana, 2)
    scene.later(seconds=1)
    assert offered_to(again) == asked


# --- what the queue asks of the last agent ---------------------------------------------------------


def loses_skill(ana: User) -> None:
    UserSkill.objects.filter(user=ana).update(proficiency=1)


def loses_membership(ana: User) -> None:
    QueueMember.objects.filter(user=ana).delete()


@pytest.mark.parametrize("loses", [loses_skill, loses_membership])
def test_who_lost_the_skill_or_membership_is_passed_over(scene: Scene, loses: Any) -> None:
    _, channel, _, ana = served(scene, last_agent=Queue.LastAgent.MEMBERS)
    loses(ana)
    assert offered_to(scene.writes(channel)) == ["Ben"]


@pytest.mark.parametrize("loses", [loses_skill, loses_membership])
def test_a_queue_that_says_any_asks_for_neither(scene: Scene, loses: Any) -> None:
    _, channel, _, ana = served(scene, last_agent=Queue.LastAgent.ANY)
    loses(ana)
    assert offered_to(scene.writes(channel)) == ["Ana"]


def test_a_queue_that_says_off_routes_as_if_new(scene: Scene) -> None:
    _, channel, _, _ = served(scene, last_agent=Queue.LastAgent.DISABLED)
    scene.talks(channel, "emil")  # Ana's, who is the longest idle
    again = scene.writes(channel)
    assert (offered_to(again), alert(again).kind) == (["Ben"], Offer.Kind.ACD)


def test_a_queue_out_of_use_routes_by_the_channel_again(scene: Scene) -> None:
    service, channel, _, ana = served(scene, last_agent=Queue.LastAgent.ANY)
    sales = scene.queue("Sales")
    scene.agent("Cleo", sales, skills={"German": 4})
    Queue.objects.filter(id=service.id).update(active=False)
    channel.route.queue = sales
    channel.route.save()
    assert (offered_to(scene.writes(channel)), ana.name) == (["Cleo"], "Ana")


def test_a_channel_that_lost_its_route_leads_where_the_thread_was(scene: Scene) -> None:
    _, channel, _, ana = served(scene)
    do_go_off_queue(ana.id)
    channel.route.delete()
    assert offered_to(scene.writes(channel)) == ["Ben"]


# --- while the wrap-up is owed ---------------------------------------------------------------------


def test_who_writes_during_the_wrap_up_reaches_the_same_agent_first(scene: Scene) -> None:
    service = scene.queue()
    ana = scene.agent("Ana", service, limit=2)
    channel = scene.channel(service)
    conversation, assignment = scene.talks(channel)
    scene.agent("Ben", service)
    scene.pause(minutes=1)
    do_end(conversation.id, ana)
    scene.writes(channel)
    assert offered_to(conversation) == ["Ana"]
    accepts(conversation)
    assignment.refresh_from_db()
    assert (owner(conversation), assignment.state) == ("Ana", assignment.State.WRAPUP)
    do_wrap_up(assignment.id, ana, code=code())
    assert owner(conversation) == "Ana"


def test_a_wrap_up_that_takes_the_last_slot_sends_the_customer_on(scene: Scene) -> None:
    service = scene.queue()
    ana = scene.agent("Ana", service, limit=1)
    channel = scene.channel(service)
    conversation, _ = scene.talks(channel)
    scene.agent("Ben", service)
    do_end(conversation.id, ana)
    scene.writes(channel)
    assert offered_to(conversation) == ["Ben"]
