"""Work put aside until a time or a reply, and how it comes back."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from agents.actions.capacity import Full
from agents.models import User
from channels_app.actions.outbound import do_note
from channels_app.models import Channel, Conversation
from contactcenter.kernel.errors import Refused
from routing.actions import engine
from routing.actions.offers import do_decline
from routing.actions.transfers import do_agent_reply, do_cancel_transfer, do_transfer_to_agent, do_transfer_to_queue
from routing.actions.work import NotYours, do_end, do_park, do_resume, do_wrap_up
from routing.models import Assignment, RoutingPass
from tests.routing.cast import Scene, accepts, alert, code, in_use, live, offered_to, owner, visits

State = RoutingPass.State


def talking(scene: Scene, *, limit: int = 2, **settings: Any) -> tuple[Channel, Conversation, User]:
    service = scene.queue(**settings)
    ana = scene.agent("Ana", service, limit=limit)
    channel = scene.channel(service)
    return channel, scene.talks(channel)[0], ana


def filled(scene: Scene, **settings: Any) -> tuple[Channel, Conversation, User]:
    """Ana parked Jonas's work and her only slot went to Marta."""
    channel, conversation, ana = talking(scene, limit=1, **settings)
    do_park(conversation.id, ana)
    scene.talks(channel, "marta")
    return channel, conversation, ana


def test_parked_work_frees_the_slot(scene: Scene) -> None:
    _, conversation, ana = talking(scene)
    do_park(conversation.id, ana)
    assert (live(conversation).state, owner(conversation), in_use(ana)) == (State.PARKED, "Ana", 0)


def test_parked_work_takes_its_share_where_the_queue_says_so(scene: Scene) -> None:
    _, conversation, ana = talking(scene, parked_weight=Decimal("0.25"))
    do_park(conversation.id, ana)
    assert in_use(ana) == 0.25


def test_a_reply_wakes_parked_work(scene: Scene) -> None:
    channel, conversation, ana = talking(scene)
    do_park(conversation.id, ana)
    scene.writes(channel)
    assert (live(conversation).state, owner(conversation), in_use(ana)) == (State.CONNECTED, "Ana", 1)


def test_a_note_wakes_nothing(scene: Scene) -> None:
    _, conversation, ana = talking(scene)
    do_park(conversation.id, ana)
    do_note(conversation.id, author=ana, text="Waits for the warehouse.")
    scene.later(minutes=5)
    assert live(conversation).state == State.PARKED


def test_a_reply_does_not_wake_what_is_parked_until_a_time_only(scene: Scene) -> None:
    channel, conversation, ana = talking(scene)
    do_park(conversation.id, ana, resume_at=scene.now + timedelta(hours=1), on_reply=False)
    scene.writes(channel)
    assert live(conversation).state == State.PARKED


def test_a_message_that_the_agent_had_not_seen_wakes_at_once(scene: Scene) -> None:
    channel, conversation, ana = talking(scene)
    conversation.refresh_from_db()
    seen = conversation.last_seq
    scene.writes(channel)
    do_park(conversation.id, ana, seen_seq=seen)
    engine.react()
    assert live(conversation).state == State.CONNECTED


def test_its_time_wakes_parked_work(scene: Scene) -> None:
    _, conversation, ana = talking(scene)
    do_park(conversation.id, ana, resume_at=scene.now + timedelta(hours=1))
    scene.later(minutes=60)
    assert live(conversation).state == State.CONNECTED


def test_parked_work_sleeps_until_its_time(scene: Scene) -> None:
    _, conversation, ana = talking(scene)
    do_park(conversation.id, ana, resume_at=scene.now + timedelta(hours=1))
    scene.later(minutes=59)
    assert live(conversation).state == State.PARKED


def test_a_time_in_the_past_is_refused(scene: Scene) -> None:
    _, conversation, ana = talking(scene)
    with pytest.raises(Refused):
        do_park(conversation.id, ana, resume_at=scene.now)
    assert live(conversation).state == State.CONNECTED


def test_parked_work_can_not_be_parked_again(scene: Scene) -> None:
    _, conversation, ana = talking(scene)
    do_park(conversation.id, ana)
    with pytest.raises(Refused):
        do_park(conversation.id, ana)


def test_only_its_owner_parks_and_resumes(scene: Scene) -> None:
    _, conversation, ana = talking(scene)
    ben = scene.agent("Ben")
    with pytest.raises(NotYours):
        do_park(conversation.id, ben)
    do_park(conversation.id, ana)
    with pytest.raises(NotYours):
        do_resume(conversation.id, ben)
    assert live(conversation).state == State.PARKED


def test_the_agent_resumes(scene: Scene) -> None:
    _, conversation, ana = talking(scene)
    do_park(conversation.id, ana)
    do_resume(conversation.id, ana)
    assert (live(conversation).state, in_use(ana)) == (State.CONNECTED, 1)


def test_resuming_needs_a_free_slot(scene: Scene) -> None:
    _, conversation, ana = filled(scene)
    with pytest.raises(Full):
        do_resume(conversation.id, ana)
    assert (live(conversation).state, in_use(ana)) == (State.PARKED, 1)


def test_the_agents_message_resumes(scene: Scene) -> None:
    _, conversation, ana = talking(scene)
    do_park(conversation.id, ana)
    do_agent_reply(conversation.id, ana, text="There is news.")
    assert live(conversation).state == State.CONNECTED


# --- no free slot: kept for the owner, then for anyone -----------------------------------------


def test_a_reply_without_a_free_slot_waits_for_the_owner_alone(scene: Scene) -> None:
    channel, conversation, ana = filled(scene)
    scene.agent("Ben", live(conversation).queue)
    scene.writes(channel)
    waiting = live(conversation)
    assert (waiting.state, waiting.only_agent, offered_to(conversation)) == (State.WAITING, ana, [])
    scene.later(minutes=29)
    assert (offered_to(conversation), owner(conversation)) == ([], "Ana")


def test_its_owner_is_offered_it_when_a_slot_is_free(scene: Scene) -> None:
    channel, conversation, ana = filled(scene, wrapup_counts=False)
    scene.agent("Ben", live(conversation).queue)
    scene.writes(channel)
    do_end(Assignment.objects.get(state="connected").conversation_id, ana)
    scene.later(seconds=1)
    assert offered_to(conversation) == ["Ana"]
    resumed = accepts(conversation)
    assert (live(conversation).state, owner(conversation), in_use(ana)) == (State.CONNECTED, "Ana", 1)
    assert resumed.id == conversation.assignments.get().id  # the same part, taken up again
    assert visits(conversation) == [("Service", "answered"), ("Service", "answered")]


def test_its_owner_needs_neither_membership_nor_skill_for_it(scene: Scene) -> None:
    channel, conversation, ana = filled(scene, wrapup_counts=False)
    ana.memberships.all().delete()
    scene.writes(channel)
    do_end(Assignment.objects.get(state="connected").conversation_id, ana)
    scene.later(seconds=1)
    assert offered_to(conversation) == ["Ana"]


def test_after_the_time_for_the_owner_anyone_gets_it(scene: Scene) -> None:
    channel, conversation, ana = filled(scene)
    scene.agent("Ben", live(conversation).queue)
    scene.writes(channel)
    scene.later(minutes=30)
    assert offered_to(conversation) == ["Ben"]
    accepts(conversation)
    left = conversation.assignments.get(agent=ana)
    assert (owner(conversation), left.state, left.end_reason) == ("Ben", Assignment.State.WRAPUP, "taken_over")


def test_an_owner_who_declines_lets_anyone_have_it(scene: Scene) -> None:
    channel, conversation, ana = filled(scene, wrapup_counts=False)
    scene.agent("Ben", live(conversation).queue)
    scene.writes(channel)
    do_end(Assignment.objects.get(state="connected").conversation_id, ana)
    scene.later(seconds=1)
    do_decline(alert(conversation).id, ana)
    scene.later(seconds=1)
    assert offered_to(conversation) == ["Ben"]


def test_shares_of_parked_work_do_not_lock_each_other_out(scene: Scene) -> None:
    """Two halves fill Ana's only slot; the first to be answered gives its half up while it waits for the whole."""
    channel, first, ana = talking(scene, parked_weight=Decimal("0.5"))
    second, _ = scene.talks(channel, "marta")
    do_park(first.id, ana)
    do_park(second.id, ana)
    scene.limit(ana, 1)
    scene.writes(channel)
    assert (live(first).state, in_use(ana)) == (State.WAITING, 0.5)
    do_transfer_to_queue(second.id, ana, scene.queue("Sales"))
    do_wrap_up(second.assignments.get().id, ana, code=code())
    scene.later(seconds=1)
    assert (offered_to(first), in_use(ana)) == (["Ana"], 1)


def test_the_owner_resumes_what_waits_for_them(scene: Scene) -> None:
    channel, conversation, ana = filled(scene)
    scene.writes(channel)
    scene.limit(ana, 2)
    do_resume(conversation.id, ana)
    assert (live(conversation).state, offered_to(conversation), in_use(ana)) == (State.CONNECTED, [], 2)
    assert visits(conversation)[-1] == ("Service", "answered")


def test_the_owner_resumes_what_alerts_at_another(scene: Scene) -> None:
    channel, conversation, ana = filled(scene)
    ben = scene.agent("Ben", live(conversation).queue)
    scene.writes(channel)
    scene.later(minutes=30)
    scene.limit(ana, 2)
    do_resume(conversation.id, ana)
    assert (owner(conversation), offered_to(conversation), in_use(ben)) == ("Ana", [], 0)


def test_the_owner_ends_what_waits_for_them(scene: Scene) -> None:
    channel, conversation, ana = filled(scene)
    scene.writes(channel)
    do_end(conversation.id, ana)
    conversation.refresh_from_db()
    assert (conversation.state, visits(conversation)[-1]) == ("resting", ("Service", "flow_out"))


def test_the_owner_transfers_what_waits_for_them_to_a_queue(scene: Scene) -> None:
    channel, conversation, ana = filled(scene)
    scene.writes(channel)
    sales = scene.queue("Sales")
    scene.agent("Cleo", sales)
    do_transfer_to_queue(conversation.id, ana, sales)
    engine.react()
    assert offered_to(conversation) == ["Cleo"]
    assert visits(conversation)[-2:] == [("Service", "transferred"), ("Sales", "")]


def test_a_transfer_of_what_waits_can_be_taken_back(scene: Scene) -> None:
    channel, conversation, ana = filled(scene)
    ben = scene.agent("Ben")
    scene.writes(channel)
    do_transfer_to_agent(conversation.id, ana, ben)
    assert (live(conversation).state, offered_to(conversation)) == (State.OFFERED, ["Ben"])
    do_cancel_transfer(conversation.id, ana)
    assert (live(conversation).state, offered_to(conversation), in_use(ben)) == (State.WAITING, [], 0)


def test_parked_work_on_its_way_to_somebody_else_stays_parked(scene: Scene) -> None:
    channel, conversation, ana = filled(scene)
    ben = scene.agent("Ben")
    do_transfer_to_agent(conversation.id, ana, ben)
    scene.writes(channel)
    assert (live(conversation).state, offered_to(conversation)) == (State.PARKED, ["Ben"])
    do_decline(alert(conversation).id, ben)
    engine.react()
    assert live(conversation).state == State.WAITING


@pytest.mark.parametrize("state", ["connected", "parked"])
def test_work_can_be_ended_while_connected_or_parked(scene: Scene, state: str) -> None:
    _, conversation, ana = talking(scene)
    if state == "parked":
        do_park(conversation.id, ana)
    do_end(conversation.id, ana)
    conversation.refresh_from_db()
    assert (conversation.state, owner(conversation)) == ("resting", None)
