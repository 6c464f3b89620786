"""How work ends: by the agent, by silence, by the customer; and what becomes of the conversation."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from agents.models import User
from channels_app.actions.lifecycle import do_end as end_for_good
from channels_app.actions.outbound import do_reply
from channels_app.models import Channel, Conversation
from routing.actions import engine
from routing.actions.locks import NoWork
from routing.actions.work import NewMessage, NotYours, do_end, do_park, do_resume
from routing.models import Assignment, RoutingPass
from tests.routing.cast import Scene, in_use, last_pass, live, offered_to, owner, visits

State = Conversation.State
HOUR = timedelta(hours=1)


def talking(scene: Scene, *, window: timedelta = timedelta(hours=72), **settings: Any) -> tuple[Channel, Any, User]:
    service = scene.queue(**settings)
    ana = scene.agent("Ana", service)
    channel = scene.channel(service, window=window)
    return channel, scene.talks(channel)[0], ana


def fresh(conversation: Conversation) -> Conversation:
    return Conversation.objects.get(id=conversation.id)


def test_ending_lets_it_rest_for_the_window(scene: Scene) -> None:
    _, conversation, ana = talking(scene, window=timedelta(hours=2))
    do_end(conversation.id, ana)
    rested, closed = fresh(conversation), last_pass(conversation)
    assert (rested.state, rested.ends_at) == (State.RESTING, scene.now + timedelta(hours=2))
    assert (closed.state, closed.outcome, closed.closed_by) == ("closed", "handled", "agent")
    scene.later(minutes=119)
    assert fresh(conversation).state == State.RESTING
    scene.later(minutes=1)
    assert fresh(conversation).state == State.ENDED


def test_a_message_within_the_window_wakes_it(scene: Scene) -> None:
    channel, conversation, ana = talking(scene)
    do_end(conversation.id, ana)
    scene.pause(hours=71)
    assert scene.writes(channel).id == conversation.id
    assert (fresh(conversation).state, offered_to(conversation)) == (State.ACTIVE, ["Ana"])


def test_a_message_after_the_window_opens_another(scene: Scene) -> None:
    channel, conversation, ana = talking(scene)
    do_end(conversation.id, ana)
    scene.later(hours=73)
    assert scene.writes(channel).id != conversation.id


def test_a_window_of_0_ends_it_at_once(scene: Scene) -> None:
    channel, conversation, ana = talking(scene, window=timedelta(0))
    do_end(conversation.id, ana)
    assert fresh(conversation).state == State.ENDED
    assert scene.writes(channel).id != conversation.id


def test_an_active_conversation_never_ends_by_its_window(scene: Scene) -> None:
    _, conversation, _ = talking(scene)
    scene.later(days=30)
    assert (fresh(conversation).state, owner(conversation)) == (State.ACTIVE, "Ana")


def test_the_end_is_refused_when_the_customer_has_just_written(scene: Scene) -> None:
    channel, conversation, ana = talking(scene)
    seen = fresh(conversation).last_seq
    scene.writes(channel)
    with pytest.raises(NewMessage):
        do_end(conversation.id, ana, seen_seq=seen)
    assert owner(conversation) == "Ana"


def test_the_end_stands_when_the_agent_has_seen_all(scene: Scene) -> None:
    channel, conversation, ana = talking(scene)
    scene.writes(channel)
    do_end(conversation.id, ana, seen_seq=fresh(conversation).last_seq)
    assert fresh(conversation).state == State.RESTING


def test_what_the_company_wrote_itself_does_not_stop_the_end(scene: Scene) -> None:
    _, conversation, ana = talking(scene)
    seen = fresh(conversation).last_seq
    do_reply(conversation.id, author=ana, text="Goodbye.")
    do_end(conversation.id, ana, seen_seq=seen)
    assert fresh(conversation).state == State.RESTING


def test_only_the_owner_ends_it_and_once(scene: Scene) -> None:
    _, conversation, ana = talking(scene)
    with pytest.raises(NotYours):
        do_end(conversation.id, scene.agent("Ben"))
    do_end(conversation.id, ana)
    with pytest.raises(NoWork):
        do_end(conversation.id, ana)


# --- silence --------------------------------------------------------------------------------------


def test_silence_closes_connected_work(scene: Scene) -> None:
    _, conversation, ana = talking(scene, inactivity_timeout=HOUR, wrapup_timeout=timedelta(hours=1))
    scene.later(minutes=61)
    closed = last_pass(conversation)
    assert (closed.state, closed.closed_by, closed.outcome) == ("closed", "inactivity", "handled")
    assert (fresh(conversation).state, in_use(ana)) == (State.RESTING, 1)  # the wrap-up is owed


@pytest.mark.parametrize("who", ["customer", "agent"])
def test_a_message_from_either_side_starts_the_time_anew(scene: Scene, who: str) -> None:
    channel, conversation, ana = talking(scene, inactivity_timeout=HOUR)
    scene.pause(minutes=40)
    scene.writes(channel) if who == "customer" else do_reply(conversation.id, author=ana, text="Still there?")
    scene.later(minutes=40)
    scene.later(minutes=10)
    assert owner(conversation) == "Ana"
    scene.later(minutes=11)
    assert owner(conversation) is None


def test_without_the_setting_silence_closes_nothing(scene: Scene) -> None:
    _, conversation, _ = talking(scene)
    scene.later(days=5)
    assert owner(conversation) == "Ana"


def test_silence_closes_what_waits(scene: Scene) -> None:
    service = scene.queue(inactivity_timeout=HOUR)
    conversation = scene.writes(scene.channel(service))
    scene.later(minutes=59)
    assert live(conversation).state == "waiting"
    scene.later(minutes=1)
    closed = last_pass(conversation)
    assert (closed.state, closed.outcome, visits(conversation)) == ("closed", "flow_out", [("Service", "flow_out")])
    assert fresh(conversation).state == State.RESTING


def test_silence_closes_what_alerts(scene: Scene) -> None:
    service = scene.queue(inactivity_timeout=timedelta(minutes=1), alert_timeout=timedelta(minutes=5))
    ana = scene.agent("Ana", service)
    conversation = scene.writes(scene.channel(service))
    scene.later(minutes=1)
    assert (last_pass(conversation).state, offered_to(conversation), in_use(ana)) == ("closed", [], 0)


def test_silence_closes_what_is_parked_until_a_reply(scene: Scene) -> None:
    _, conversation, ana = talking(scene, inactivity_timeout=HOUR)
    do_park(conversation.id, ana)
    scene.later(minutes=61)
    assert (last_pass(conversation).closed_by, fresh(conversation).state) == ("inactivity", State.RESTING)


def test_silence_spares_what_is_parked_until_a_time(scene: Scene) -> None:
    _, conversation, ana = talking(scene, inactivity_timeout=HOUR)
    do_park(conversation.id, ana, resume_at=scene.now + timedelta(hours=5))
    scene.later(hours=4)
    assert live(conversation).state == "parked"


def test_work_taken_up_again_has_the_whole_time(scene: Scene) -> None:
    _, conversation, ana = talking(scene, inactivity_timeout=HOUR)
    do_park(conversation.id, ana, resume_at=scene.now + timedelta(hours=5))
    scene.pause(hours=3)
    do_resume(conversation.id, ana)
    scene.later(minutes=59)
    assert live(conversation).state == "connected"
    scene.later(minutes=1)
    assert last_pass(conversation).state == "closed"


# --- cleared --------------------------------------------------------------------------------------


def test_clearing_what_waits_abandons_it(scene: Scene) -> None:
    service = scene.queue()
    conversation = scene.writes(scene.channel(service))
    end_for_good(conversation.id, Conversation.EndReason.CLEARED)
    engine.react()
    closed = last_pass(conversation)
    assert (closed.state, closed.outcome, closed.closed_by) == ("closed", "abandoned", "customer")
    assert visits(conversation) == [("Service", "abandoned")]


def test_clearing_withdraws_what_alerts(scene: Scene) -> None:
    service = scene.queue()
    ana = scene.agent("Ana", service)
    conversation = scene.writes(scene.channel(service))
    end_for_good(conversation.id, Conversation.EndReason.CLEARED)
    engine.react()
    assert (offered_to(conversation), in_use(ana), last_pass(conversation).outcome) == ([], 0, "abandoned")


@pytest.mark.parametrize("parked", [False, True])
def test_clearing_what_somebody_has_leaves_the_wrap_up_owed(scene: Scene, parked: bool) -> None:
    _, conversation, ana = talking(scene)
    if parked:
        do_park(conversation.id, ana)
    end_for_good(conversation.id, Conversation.EndReason.CLEARED)
    engine.react()
    assert Assignment.objects.get().state == Assignment.State.WRAPUP
    assert (last_pass(conversation).outcome, fresh(conversation).state) == ("handled", State.ENDED)


def test_what_the_system_ended_was_not_abandoned(scene: Scene) -> None:
    conversation = scene.writes(scene.channel(scene.queue()))
    end_for_good(conversation.id, Conversation.EndReason.MERGED)
    engine.react()
    assert (last_pass(conversation).outcome, last_pass(conversation).closed_by) == ("flow_out", "system")


def test_a_message_after_clearing_opens_another_conversation(scene: Scene) -> None:
    channel, conversation, _ = talking(scene)
    end_for_good(conversation.id, Conversation.EndReason.CLEARED)
    again = scene.writes(channel)
    assert again.id != conversation.id
    assert RoutingPass.objects.exclude(state="closed").get().conversation_id == again.id
