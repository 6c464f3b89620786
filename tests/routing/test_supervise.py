"""Supervisors assign, take back and set states; everybody else doesn't."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission

from agents.actions.capacity import Full
from agents.models import AgentState, User
from agents.presence import Presence
from agents.roles import Role, assign
from channels_app.models import Conversation, Message
from contactcenter.kernel.errors import NotAllowed, Refused
from reporting.models import EventRecord
from routing.actions import engine, supervise
from routing.actions.locks import NoWork
from routing.actions.offers import NotAvailable, do_accept
from routing.actions.transfers import do_transfer_to_agent
from routing.actions.work import do_end, do_park
from routing.models import Assignment, Offer
from tests.routing.cast import Scene, accepts, alert, in_use, last_pass, live, offered_to, owner, status, visits
from tests.routing.invariants import Rows, check_conversations, check_loads, check_passes, check_status


@pytest.fixture
def sam(scene: Scene) -> User:
    return person("Sam", Role.SUPERVISOR)


def person(name: str, role: Role) -> User:
    user = User.objects.create_user(f"{name.lower()}@example.com", name=name)
    assign(user, [role])
    return user


def told(conversation: Conversation | None = None, *, name: str = "supervision.assigned") -> list[EventRecord]:
    rows = EventRecord.objects.filter(name=name)
    return list(rows if conversation is None else rows.filter(conversation_id=conversation.id))


def holds() -> None:
    """Every load equals the rows behind it, and so on."""
    rows = Rows()
    check_passes(rows)
    check_conversations(rows, settled=False)
    check_loads(rows)
    check_status(rows)


def test_a_waiting_conversation_is_assigned_at_once(scene: Scene, sam: User) -> None:
    queue = scene.queue()
    conversation = scene.writes(scene.channel(queue))
    ana = scene.agent("Ana")  # no member of the queue: the supervisor decides
    made = supervise.do_assign(conversation.id, sam, ana)
    assert owner(conversation) == "Ana"
    assert (made.offer.kind, made.offer.state, made.offer.by) == ("assign", "accepted", sam)
    assert visits(conversation) == [("Service", "answered")]
    assert told(conversation)[0].data["past_limit"] is False
    holds()


def test_an_agent_cant_assign(scene: Scene) -> None:
    ana = scene.agent("Ana")
    assign(ana, [Role.AGENT])
    conversation = scene.writes(scene.channel(scene.queue()))
    with pytest.raises(NotAllowed):
        supervise.do_assign(conversation.id, ana, ana)
    assert owner(conversation) is None
    assert not told()


def test_what_alerts_elsewhere_is_withdrawn(scene: Scene, sam: User) -> None:
    queue = scene.queue()
    scene.agent("Ana", queue)
    conversation = scene.writes(scene.channel(queue))
    ben = scene.agent("Ben", queue)
    assert offered_to(conversation) == ["Ana"]
    supervise.do_assign(conversation.id, sam, ben)
    assert offered_to(conversation) == []
    assert owner(conversation) == "Ben"
    assert Offer.objects.get(agent__name="Ana").reason == "assigned"
    holds()


def test_an_alert_at_the_same_agent_is_taken_up(scene: Scene, sam: User) -> None:
    queue = scene.queue()
    ana = scene.agent("Ana", queue, limit=1)
    conversation = scene.writes(scene.channel(queue))
    assert offered_to(conversation) == ["Ana"]
    supervise.do_assign(conversation.id, sam, ana)
    assert owner(conversation) == "Ana"
    assert in_use(ana) == 1
    holds()


def test_the_one_who_had_it_owes_the_wrap_up(scene: Scene, sam: User) -> None:
    queue = scene.queue()
    ana = scene.agent("Ana", queue)
    conversation, had = scene.talks(scene.channel(queue))
    ben = scene.agent("Ben", queue)
    supervise.do_assign(conversation.id, sam, ben)
    had.refresh_from_db()
    assert (had.state, had.end_reason) == ("wrapup", "taken_over")
    assert owner(conversation) == "Ben"
    assert str(told(conversation)[0].data["from_agent_id"]) == str(ana.id)
    with pytest.raises(Refused, match="already"):
        supervise.do_assign(conversation.id, sam, ben)
    holds()


def test_parked_work_is_connected_again_for_its_owner(scene: Scene, sam: User) -> None:
    queue = scene.queue()
    ana = scene.agent("Ana", queue)
    conversation, work = scene.talks(scene.channel(queue))
    do_park(conversation.id, ana)
    again = supervise.do_assign(conversation.id, sam, ana)
    assert again.id == work.id
    assert again.state == Assignment.State.CONNECTED
    holds()


def test_nobody_gets_work_off_queue_or_not_responding(scene: Scene, sam: User) -> None:
    queue = scene.queue()
    ana = scene.agent("Ana", queue)
    conversation = scene.writes(scene.channel(queue))
    scene.later(seconds=31)
    assert status(ana) == "not_responding"
    cleo = scene.agent("Cleo", on_queue=False)
    for agent in (ana, cleo):
        with pytest.raises(NotAvailable):
            supervise.do_assign(conversation.id, sam, agent)
    assert owner(conversation) is None
    assert live(conversation).state == "waiting"
    holds()


def test_a_limit_holds_unless_the_supervisor_passes_it(scene: Scene, sam: User) -> None:
    queue = scene.queue()
    ana = scene.agent("Ana", queue, limit=1)
    channel = scene.channel(queue)
    scene.talks(channel)
    second = scene.writes(channel, "marta")
    with pytest.raises(Full):
        supervise.do_assign(second.id, sam, ana)
    assert owner(second) is None
    supervise.do_assign(second.id, sam, ana, past_limit=True)
    assert owner(second) == "Ana"
    assert in_use(ana) == 2
    assert told(second)[0].data["past_limit"] is True


def test_passing_a_limit_is_a_permission_of_its_own(scene: Scene, sam: User) -> None:
    sam.groups.clear()
    sam.user_permissions.add(Permission.objects.get(codename="supervise"))
    sam = User.objects.get(id=sam.id)
    queue = scene.queue()
    ana = scene.agent("Ana", queue)
    conversation = scene.writes(scene.channel(queue))
    with pytest.raises(NotAllowed):
        supervise.do_assign(conversation.id, sam, ana, past_limit=True)
    supervise.do_assign(conversation.id, sam, ana)
    assert owner(conversation) == "Ana"


def test_what_rests_isnt_assigned(scene: Scene, sam: User) -> None:
    queue = scene.queue()
    ana = scene.agent("Ana", queue)
    conversation, _ = scene.talks(scene.channel(queue))
    do_end(conversation.id, ana)
    with pytest.raises(NoWork):
        supervise.do_assign(conversation.id, sam, ana)


def test_connected_work_goes_back_to_its_queue(scene: Scene, sam: User) -> None:
    queue = scene.queue()
    scene.agent("Ana", queue)
    conversation, had = scene.talks(scene.channel(queue))
    scene.pause(seconds=60)
    supervise.do_take_back(conversation.id, sam)
    had.refresh_from_db()
    assert (had.state, had.end_reason) == ("wrapup", "taken_back")
    assert visits(conversation) == [("Service", "answered"), ("Service", "")]
    waiting = live(conversation)
    assert (waiting.state, waiting.waiting_since, waiting.only_agent) == ("waiting", scene.now, None)
    assert told(conversation, name="supervision.returned")[0].agent_id == had.agent_id
    line = Message.objects.filter(conversation=conversation, kind="system").last()
    assert line is not None
    assert line.content[0]["values"]["agent_id"] == str(sam.id)
    holds()


def test_an_offer_goes_back_to_its_place(scene: Scene, sam: User) -> None:
    queue = scene.queue()
    scene.agent("Ana", queue)
    conversation = scene.writes(scene.channel(queue))
    since = live(conversation).waiting_since
    supervise.do_take_back(conversation.id, sam)
    assert offered_to(conversation) == []
    assert (live(conversation).state, live(conversation).waiting_since) == ("waiting", since)
    assert visits(conversation) == [("Service", "")]
    with pytest.raises(Refused, match="already"):
        supervise.do_take_back(conversation.id, sam)
    holds()


def test_parked_work_and_a_transfer_that_alerts_go_back(scene: Scene, sam: User) -> None:
    queue = scene.queue()
    ana = scene.agent("Ana", queue)
    conversation, _ = scene.talks(scene.channel(queue))
    ben = scene.agent("Ben", queue)
    do_transfer_to_agent(conversation.id, ana, ben)
    supervise.do_take_back(conversation.id, sam)
    assert (owner(conversation), offered_to(conversation)) == (None, [])
    engine.react()
    accepts(conversation)
    do_park(conversation.id, User.objects.get(name=str(owner(conversation))))
    supervise.do_take_back(conversation.id, sam)
    assert owner(conversation) is None
    assert live(conversation).state == "waiting"
    holds()


def test_an_agent_cant_take_back(scene: Scene) -> None:
    queue = scene.queue()
    ana = scene.agent("Ana", queue)
    assign(ana, [Role.AGENT])
    conversation, _ = scene.talks(scene.channel(queue))
    with pytest.raises(NotAllowed):
        supervise.do_take_back(conversation.id, ana)
    assert owner(conversation) == "Ana"


def test_a_presence_takes_an_agent_off_the_queue_and_what_alerts_away(scene: Scene, sam: User) -> None:
    queue = scene.queue()
    ana = scene.agent("Ana", queue)
    conversation = scene.writes(scene.channel(queue))
    supervise.do_set_presence_of(ana, sam, Presence.MEETING)
    state = AgentState.objects.get(user=ana)
    assert (state.presence, state.status) == ("meeting", "off_queue")
    assert offered_to(conversation) == []
    told_of = told(name="supervision.status_changed")[0]
    assert (told_of.agent_id, told_of.data["by_id"]) == (ana.id, str(sam.id))
    holds()


def test_logging_out_of_the_queue_keeps_work_in_hand(scene: Scene, sam: User) -> None:
    queue = scene.queue()
    ana = scene.agent("Ana", queue)
    channel = scene.channel(queue)
    conversation, _ = scene.talks(channel)
    second = scene.writes(channel, "marta")
    supervise.do_log_out_of_queue(ana, sam)
    assert status(ana) == "off_queue"
    assert owner(conversation) == "Ana"
    assert offered_to(second) == []
    with pytest.raises(Refused, match="already"):
        supervise.do_log_out_of_queue(ana, sam)
    holds()


def test_somebody_at_their_desk_is_put_on_queue(scene: Scene, sam: User) -> None:
    ana = scene.agent("Ana")
    supervise.do_log_out_of_queue(ana, sam)
    supervise.do_put_on_queue(ana, sam)
    assert status(ana) == "idle"
    with pytest.raises(Refused, match="already"):
        supervise.do_put_on_queue(ana, sam)


def test_nobody_without_a_desk_is_put_on_queue(scene: Scene, sam: User) -> None:
    ana = scene.agent("Ana")
    supervise.do_log_out_of_queue(ana, sam)
    scene.leaves_desk(ana)
    scene.set_clock(scene.now + timedelta(minutes=2))
    with pytest.raises(Refused, match="desk"):
        supervise.do_put_on_queue(ana, sam)
    assert status(ana) == "off_queue"


def test_only_agents_themselves_come_back_from_not_responding(scene: Scene, sam: User) -> None:
    queue = scene.queue()
    ana = scene.agent("Ana", queue)
    scene.writes(scene.channel(queue))
    scene.later(seconds=31)
    with pytest.raises(Refused, match="not responding"):
        supervise.do_put_on_queue(ana, sam)
    supervise.do_log_out_of_queue(ana, sam)
    assert status(ana) == "off_queue"


@pytest.mark.parametrize(
    "do", [supervise.do_log_out_of_queue, supervise.do_put_on_queue], ids=["off queue", "on queue"]
)
def test_an_agent_cant_set_states(scene: Scene, do: Callable[[User, User], None]) -> None:
    ana, ben = scene.agent("Ana"), scene.agent("Ben")
    with pytest.raises(NotAllowed):
        do(ana, ben)
    with pytest.raises(NotAllowed):
        supervise.do_set_presence_of(ana, ben, Presence.BREAK)
    assert status(ana) == "idle"


def test_the_pass_stays_one(scene: Scene, sam: User) -> None:
    queue = scene.queue()
    scene.agent("Ana", queue)
    conversation, _ = scene.talks(scene.channel(queue))
    before = last_pass(conversation).id
    supervise.do_take_back(conversation.id, sam)
    engine.react()
    do_accept(alert(conversation).id, alert(conversation).agent)
    assert last_pass(conversation).id == before
