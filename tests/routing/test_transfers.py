"""Work changes hands: picked, transferred to a queue or a person, begun by an agent's own message."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from agents.actions.capacity import Full
from agents.models import User
from agents.presence import RoutingStatus
from channels_app.actions.outbound import Empty
from channels_app.models import Channel, Conversation, Message
from contactcenter.kernel.errors import AlreadyTaken, Refused
from routing.actions import engine
from routing.actions.availability import do_go_off_queue
from routing.actions.locks import NoWork
from routing.actions.offers import NotAvailable, do_decline
from routing.actions.transfers import (
    NotMember,
    do_agent_reply,
    do_cancel_transfer,
    do_pick,
    do_transfer_to_agent,
    do_transfer_to_queue,
)
from routing.actions.work import NotYours, do_end, do_wrap_up
from routing.models import Assignment, Offer, Queue, RoutingPass
from tests.routing.cast import Scene, accepts, alert, code, in_use, last_pass, live, offered_to, owner, status, visits

State = RoutingPass.State


def talking(scene: Scene, **settings: Any) -> tuple[Channel, Conversation, User]:
    service = scene.queue(**settings)
    ana = scene.agent("Ana", service, limit=2)
    channel = scene.channel(service)
    return channel, scene.talks(channel)[0], ana


# --- picked -------------------------------------------------------------------------------------


def waiting(scene: Scene, **settings: Any) -> tuple[Conversation, User]:
    """A conversation that asks for German waits; Ana is a member who has none."""
    service = scene.queue(**settings)
    ana = scene.agent("Ana", service, limit=1)
    return scene.writes(scene.channel(service, needs={"German": 3})), ana


def test_a_member_picks_what_waits(scene: Scene) -> None:
    conversation, ana = waiting(scene)
    do_pick(conversation.id, ana)
    assert (owner(conversation), live(conversation).state, in_use(ana)) == ("Ana", State.CONNECTED, 1)
    assert (visits(conversation), Offer.objects.get().kind) == ([("Service", "answered")], Offer.Kind.PICK)


def test_a_stranger_to_the_queue_picks_nothing(scene: Scene) -> None:
    conversation, _ = waiting(scene)
    with pytest.raises(NotMember):
        do_pick(conversation.id, scene.agent("Ben"))
    assert owner(conversation) is None


def test_a_queue_can_forbid_picking(scene: Scene) -> None:
    conversation, ana = waiting(scene, manual_pick=False)
    with pytest.raises(Refused):
        do_pick(conversation.id, ana)


def test_what_somebody_has_can_not_be_picked(scene: Scene) -> None:
    conversation, ana = waiting(scene)
    ben = scene.agent("Ben", live(conversation).queue)
    do_pick(conversation.id, ana)
    with pytest.raises(AlreadyTaken):
        do_pick(conversation.id, ben)
    assert (owner(conversation), in_use(ben)) == ("Ana", 0)


def test_who_is_full_picks_nothing(scene: Scene) -> None:
    conversation, ana = waiting(scene)
    scene.talks(scene.channel(live(conversation).queue), "marta")
    with pytest.raises(Full):
        do_pick(conversation.id, ana)
    assert (owner(conversation), in_use(ana)) == (None, 1)


def test_who_is_off_queue_picks_nothing(scene: Scene) -> None:
    conversation, ana = waiting(scene)
    do_go_off_queue(ana.id)
    with pytest.raises(NotAvailable):
        do_pick(conversation.id, ana)
    assert (owner(conversation), in_use(ana)) == (None, 0)


def test_what_is_kept_for_another_can_not_be_picked(scene: Scene) -> None:
    conversation, ana = waiting(scene)
    ben = scene.agent("Ben", live(conversation).queue)
    RoutingPass.objects.update(only_agent=ben)
    with pytest.raises(Refused):
        do_pick(conversation.id, ana)
    assert do_pick(conversation.id, ben).agent == ben


# --- to a queue -----------------------------------------------------------------------------------


def test_a_transfer_to_a_queue_waits_there_and_owes_the_wrap_up(scene: Scene) -> None:
    _, conversation, ana = talking(scene)
    sales = scene.queue("Sales")
    scene.agent("Cleo", sales)
    do_transfer_to_queue(conversation.id, ana, sales, note="Wants the large one.")
    assert (live(conversation).state, owner(conversation)) == (State.WAITING, None)
    assert conversation.assignments.get().state == Assignment.State.WRAPUP
    engine.react()
    assert offered_to(conversation) == ["Cleo"]
    assert visits(conversation) == [("Service", "answered"), ("Sales", "")]
    line = conversation.messages.filter(kind=Message.Kind.SYSTEM).latest("seq")
    assert (line.audience, line.content[0]["values"]["note"]) == ("staff", "Wants the large one.")


def test_the_wait_begins_anew_in_the_queue_it_was_transferred_to(scene: Scene) -> None:
    _, conversation, ana = talking(scene)
    scene.pause(minutes=10)
    do_transfer_to_queue(conversation.id, ana, scene.queue("Sales"))
    assert live(conversation).waiting_since == scene.now


def test_what_is_needed_is_needed_in_the_next_queue_too(scene: Scene) -> None:
    service, sales = scene.queue(), scene.queue("Sales")
    ana = scene.agent("Ana", service, skills={"German": 3})
    scene.agent("Ben", sales)
    scene.agent("Cleo", sales, skills={"German": 3})
    conversation, _ = scene.talks(scene.channel(service, needs={"German": 1}))
    do_transfer_to_queue(conversation.id, ana, sales)
    engine.react()
    assert offered_to(conversation) == ["Cleo"]


def test_who_transferred_it_to_a_queue_is_not_offered_it_at_once(scene: Scene) -> None:
    _, conversation, ana = talking(scene)
    do_transfer_to_queue(conversation.id, ana, Queue.objects.get())
    scene.later(minutes=1)
    assert offered_to(conversation) == []
    scene.later(minutes=2)
    assert offered_to(conversation) == ["Ana"]


def test_a_queue_out_of_use_takes_no_transfer(scene: Scene) -> None:
    _, conversation, ana = talking(scene)
    with pytest.raises(Refused):
        do_transfer_to_queue(conversation.id, ana, scene.queue("Old", active=False))
    assert owner(conversation) == "Ana"


def test_only_the_owner_transfers(scene: Scene) -> None:
    _, conversation, _ = talking(scene)
    ben = scene.agent("Ben", Queue.objects.get())
    with pytest.raises(NotYours):
        do_transfer_to_queue(conversation.id, ben, scene.queue("Sales"))
    with pytest.raises(NotYours):
        do_transfer_to_agent(conversation.id, ben, ben)


def test_what_nobody_works_on_can_not_be_transferred(scene: Scene) -> None:
    _, conversation, ana = talking(scene)
    do_end(conversation.id, ana)
    with pytest.raises(NoWork):
        do_transfer_to_queue(conversation.id, ana, scene.queue("Sales"))


# --- to a person ----------------------------------------------------------------------------------


def test_it_stays_with_its_owner_while_it_alerts_at_another(scene: Scene) -> None:
    _, conversation, ana = talking(scene)
    ben = scene.agent("Ben")  # no member, no skill: a transfer to a person asks for neither
    do_transfer_to_agent(conversation.id, ana, ben)
    assert (owner(conversation), live(conversation).state) == ("Ana", State.CONNECTED)
    assert (offered_to(conversation), alert(conversation).kind, in_use(ben)) == (["Ben"], Offer.Kind.TRANSFER, 1)


def test_accepting_a_transfer_changes_the_owner(scene: Scene) -> None:
    _, conversation, ana = talking(scene)
    ben = scene.agent("Ben")
    do_transfer_to_agent(conversation.id, ana, ben)
    accepts(conversation)
    before = conversation.assignments.get(agent=ana)
    assert (owner(conversation), before.state, before.end_reason) == ("Ben", Assignment.State.WRAPUP, "transfer")
    assert (in_use(ana), in_use(ben), live(conversation).state) == (1, 1, State.CONNECTED)


@pytest.mark.parametrize("answer", ["declined", "expired", "cancelled", "target leaves"])
def test_a_transfer_that_fails_leaves_it_where_it_was(scene: Scene, answer: str) -> None:
    _, conversation, ana = talking(scene)
    ben = scene.agent("Ben")
    do_transfer_to_agent(conversation.id, ana, ben)
    if answer == "declined":
        do_decline(alert(conversation).id, ben)
    elif answer == "expired":
        scene.later(seconds=31)
        assert status(ben) == RoutingStatus.NOT_RESPONDING
    elif answer == "cancelled":
        assert do_cancel_transfer(conversation.id, ana) == 1
    else:
        do_go_off_queue(ben.id)
    assert (owner(conversation), live(conversation).state, offered_to(conversation)) == ("Ana", State.CONNECTED, [])
    assert (in_use(ana), in_use(ben)) == (1, 0)


def test_ending_takes_an_alerting_transfer_back(scene: Scene) -> None:
    _, conversation, ana = talking(scene)
    ben = scene.agent("Ben")
    do_transfer_to_agent(conversation.id, ana, ben)
    do_end(conversation.id, ana)
    assert (offered_to(conversation), in_use(ben)) == ([], 0)


def test_nobody_transfers_to_themselves_or_twice(scene: Scene) -> None:
    _, conversation, ana = talking(scene)
    with pytest.raises(Refused):
        do_transfer_to_agent(conversation.id, ana, ana)
    do_transfer_to_agent(conversation.id, ana, scene.agent("Ben"))
    with pytest.raises(Refused):
        do_transfer_to_agent(conversation.id, ana, scene.agent("Cleo"))
    assert offered_to(conversation) == ["Ben"]


def test_a_person_who_is_full_or_away_takes_no_transfer(scene: Scene) -> None:
    _, conversation, ana = talking(scene)
    full = scene.agent("Ben", Queue.objects.get(), limit=1)
    scene.limit(ana, 1)
    scene.talks(scene.channel(Queue.objects.get()), "marta")
    away = scene.agent("Cleo", on_queue=False)
    with pytest.raises(Full):
        do_transfer_to_agent(conversation.id, ana, full)
    with pytest.raises(NotAvailable):
        do_transfer_to_agent(conversation.id, ana, away)
    assert (offered_to(conversation), owner(conversation)) == ([], "Ana")


def test_work_from_no_queue_can_be_transferred(scene: Scene) -> None:
    service = scene.queue()
    ana, channel = scene.agent("Ana", service), scene.channel(None)
    conversation = scene.writes(channel)
    do_agent_reply(conversation.id, ana, text="Hello")
    assert live(conversation).queue is None
    do_transfer_to_agent(conversation.id, ana, scene.agent("Ben"))
    accepts(conversation)
    assert owner(conversation) == "Ben"


# --- an agent writes ------------------------------------------------------------------------------


def rested(scene: Scene, **settings: Any) -> tuple[Channel, Conversation, User]:
    channel, conversation, ana = talking(scene, **settings)
    do_end(conversation.id, ana)
    do_wrap_up(conversation.assignments.get().id, ana, code=code())
    scene.pause(days=1)
    conversation.refresh_from_db()
    assert conversation.state == Conversation.State.RESTING
    return channel, conversation, ana


def test_an_agent_who_writes_first_wakes_the_conversation_and_has_it(scene: Scene) -> None:
    _, conversation, ana = rested(scene)
    do_agent_reply(conversation.id, ana, text="It has arrived.")
    conversation.refresh_from_db()
    assert (conversation.state, owner(conversation)) == (Conversation.State.ACTIVE, "Ana")
    assert (live(conversation).state, live(conversation).queue.name, in_use(ana)) == (State.CONNECTED, "Service", 1)


def test_the_customers_answer_joins_it(scene: Scene) -> None:
    channel, conversation, ana = rested(scene)
    do_agent_reply(conversation.id, ana, text="It has arrived.")
    assert scene.writes(channel).id == conversation.id
    assert (owner(conversation), offered_to(conversation)) == ("Ana", [])


@pytest.mark.parametrize("what", ["off queue", "full", "nothing to say"])
def test_a_first_message_that_is_refused_changes_nothing(scene: Scene, what: str) -> None:
    channel, conversation, ana = rested(scene)
    if what == "off queue":
        do_go_off_queue(ana.id)
    if what == "full":
        scene.limit(ana, 1)
        scene.talks(channel, "marta")
    before = in_use(ana)
    with pytest.raises({"off queue": NotAvailable, "full": Full, "nothing to say": Empty}[what]):
        do_agent_reply(conversation.id, ana, text="" if what == "nothing to say" else "Hello")
    conversation.refresh_from_db()
    assert (conversation.state, in_use(ana)) == (Conversation.State.RESTING, before)
    assert last_pass(conversation).state == State.CLOSED


def test_nobody_writes_into_a_conversation_that_has_ended(scene: Scene) -> None:
    _, conversation, ana = rested(scene)
    scene.later(days=3)
    with pytest.raises(NoWork):
        do_agent_reply(conversation.id, ana, text="Hello")


def test_only_the_owner_writes(scene: Scene) -> None:
    _, conversation, ana = talking(scene)
    with pytest.raises(NotYours):
        do_agent_reply(conversation.id, scene.agent("Ben", Queue.objects.get()), text="Hello")
    assert do_agent_reply(conversation.id, ana, text="Hello").author == ana


def test_nobody_writes_into_what_waits(scene: Scene) -> None:
    service = scene.queue()
    conversation = scene.writes(scene.channel(service))
    with pytest.raises(NotYours):
        do_agent_reply(conversation.id, scene.agent("Ana", service), text="Hello")


def test_the_same_message_again_begins_no_new_work(scene: Scene) -> None:
    _, conversation, ana = talking(scene)
    client_id = str(uuid.uuid4())
    first = do_agent_reply(conversation.id, ana, text="Goodbye.", client_id=client_id)
    do_end(conversation.id, ana)
    again = do_agent_reply(conversation.id, ana, text="Goodbye.", client_id=client_id)
    assert (again.id, last_pass(conversation).state) == (first.id, State.CLOSED)


def test_another_message_after_the_end_begins_new_work(scene: Scene) -> None:
    _, conversation, ana = talking(scene)
    do_agent_reply(conversation.id, ana, text="Goodbye.", client_id="one")
    do_end(conversation.id, ana)
    do_agent_reply(conversation.id, ana, text="One more thing.", client_id="two")
    assert (live(conversation).state, owner(conversation)) == (State.CONNECTED, "Ana")
