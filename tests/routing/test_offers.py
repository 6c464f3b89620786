"""Who is offered what, and what becomes of an offer."""

from __future__ import annotations

from datetime import timedelta

import pytest

from agents.models import RoutingStatusSpan
from agents.presence import Presence, RoutingStatus
from channels_app.models import Message
from contactcenter.kernel.errors import AlreadyTaken, NotAllowed
from routing.acd.select import rebuild
from routing.actions import engine
from routing.actions.availability import do_go_off_queue, do_leave_queue, do_set_presence
from routing.actions.offers import do_accept, do_decline, do_expire, do_withdraw
from routing.models import Offer, QueueMember, RoutingPass
from tests.routing.cast import Scene, accepts, alert, in_use, live, offered_to, owner, status, visits

State = RoutingPass.State


def test_a_message_is_offered_to_a_member_of_its_queue(scene: Scene) -> None:
    service = scene.queue()
    scene.agent("Ana", service)
    conversation = scene.writes(scene.channel(service))
    assert (offered_to(conversation), live(conversation).state) == (["Ana"], State.OFFERED)


def test_a_message_is_not_offered_to_a_stranger_to_the_queue(scene: Scene) -> None:
    service = scene.queue()
    scene.agent("Ana", scene.queue("Sales"))
    conversation = scene.writes(scene.channel(service))
    assert (offered_to(conversation), live(conversation).state) == ([], State.WAITING)


def test_a_membership_that_is_switched_off_does_not_count(scene: Scene) -> None:
    service = scene.queue()
    ana = scene.agent("Ana", service)
    QueueMember.objects.filter(user=ana).update(active=False)
    assert offered_to(scene.writes(scene.channel(service))) == []


def test_a_channel_without_a_route_leads_nowhere(scene: Scene) -> None:
    scene.agent("Ana", scene.queue())
    conversation = scene.writes(scene.channel(None))
    assert not RoutingPass.objects.filter(conversation=conversation).exists()


def test_only_who_has_all_skills_is_offered_it(scene: Scene) -> None:
    service = scene.queue()
    scene.agent("Ben", service, skills={"German": 5})
    scene.agent("Cleo", service, skills={"Returns": 5})
    scene.agent("Ana", service, skills={"German": 3, "Returns": 2})
    conversation = scene.writes(scene.channel(service, needs={"German": 3, "Returns": 0}))
    assert offered_to(conversation) == ["Ana"]


def test_too_little_of_a_skill_does_not_do(scene: Scene) -> None:
    service = scene.queue()
    scene.agent("Ana", service, skills={"German": 2.9})
    assert offered_to(scene.writes(scene.channel(service, needs={"German": 3}))) == []


def test_the_longest_idle_is_offered_it_first(scene: Scene) -> None:
    service = scene.queue()
    for name in ("Ana", "Ben", "Cleo"):
        scene.agent(name, service)
    channel = scene.channel(service)
    assert [offered_to(scene.writes(channel, who)) for who in ("jonas", "marta", "emil")] == [
        ["Ana"],
        ["Ben"],
        ["Cleo"],
    ]


def test_who_just_got_work_goes_to_the_end_of_the_line(scene: Scene) -> None:
    service = scene.queue()
    scene.agent("Ana", service)
    scene.agent("Ben", service)
    channel = scene.channel(service)
    for who in ("jonas", "marta"):
        scene.talks(channel, who)
    assert offered_to(scene.writes(channel, "emil")) == ["Ana"]


def test_who_came_first_is_served_first(scene: Scene) -> None:
    service = scene.queue()
    channel = scene.channel(service)
    first, second = scene.writes(channel, "jonas"), scene.writes(channel, "marta")
    scene.agent("Ana", service, limit=1)
    scene.later(seconds=1)
    assert (offered_to(first), offered_to(second)) == (["Ana"], [])


def test_a_point_of_priority_counts_as_a_minute(scene: Scene) -> None:
    service = scene.queue()
    usual, better = scene.channel(service), scene.channel(service, priority=2)
    first = scene.writes(usual, "jonas")
    scene.pause(seconds=100)
    second = scene.writes(better, "marta")
    scene.agent("Ana", service, limit=1)
    scene.later(seconds=1)
    assert (offered_to(first), offered_to(second)) == ([], ["Ana"])


def test_priority_does_not_outdo_a_longer_wait(scene: Scene) -> None:
    service = scene.queue()
    usual, better = scene.channel(service), scene.channel(service, priority=2)
    first = scene.writes(usual, "jonas")
    scene.pause(seconds=130)
    second = scene.writes(better, "marta")
    scene.agent("Ana", service, limit=1)
    scene.later(seconds=1)
    assert (offered_to(first), offered_to(second)) == (["Ana"], [])


def test_a_long_line_without_agents_does_not_keep_another_queue_waiting(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("routing.acd.snapshot.PAGE", 2)
    night, service = scene.queue("Night"), scene.queue()
    for number in range(5):
        scene.writes(scene.channel(night), f"night-{number}")
    conversation = scene.writes(scene.channel(service))
    scene.agent("Ana", service)
    scene.later(seconds=1)
    assert offered_to(conversation) == ["Ana"]


def test_a_long_line_that_lacks_a_skill_does_not_keep_others_waiting(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("routing.acd.snapshot.PAGE", 2)
    service = scene.queue()
    german = scene.channel(service, needs={"German": 1})
    for number in range(5):
        scene.writes(german, f"german-{number}")
    conversation = scene.writes(scene.channel(service))
    scene.agent("Ana", service)
    scene.later(seconds=1)
    assert offered_to(conversation) == ["Ana"]


# --- accepted -------------------------------------------------------------------------------------


def test_accepting_connects_the_agent(scene: Scene) -> None:
    service = scene.queue()
    ana = scene.agent("Ana", service)
    conversation, assignment = scene.talks(scene.channel(service))
    assert (owner(conversation), live(conversation).state) == ("Ana", State.CONNECTED)
    assert (in_use(ana), status(ana), assignment.queue) == (1, RoutingStatus.INTERACTING, service)
    assert visits(conversation) == [("Service", "answered")]
    line = conversation.messages.get(kind=Message.Kind.SYSTEM)
    assert (line.audience, line.content[0]["kind"]) == (Message.Audience.STAFF, "connected")


def test_somebody_elses_offer_can_not_be_accepted(scene: Scene) -> None:
    service = scene.queue()
    scene.agent("Ana", service)
    ben = scene.agent("Ben", service)
    conversation = scene.writes(scene.channel(service))
    with pytest.raises(NotAllowed):
        do_accept(alert(conversation).id, ben)
    assert offered_to(conversation) == ["Ana"]


@pytest.mark.parametrize("answer", ["accept", "decline", "expire", "withdraw"])
def test_an_offer_that_is_closed_can_not_be_accepted(scene: Scene, answer: str) -> None:
    service = scene.queue()
    ana = scene.agent("Ana", service)
    offer = alert(scene.writes(scene.channel(service)))
    scene.pause(seconds=30)
    {
        "accept": lambda: do_accept(offer.id, ana),
        "decline": lambda: do_decline(offer.id, ana),
        "expire": lambda: do_expire(offer.id),
        "withdraw": lambda: do_withdraw(offer.id, "off_queue"),
    }[answer]()
    with pytest.raises(AlreadyTaken):
        do_accept(offer.id, ana)
    with pytest.raises(AlreadyTaken):
        do_decline(offer.id, ana)
    assert not do_expire(offer.id)
    assert not do_withdraw(offer.id, "off_queue")


def test_a_queue_with_auto_answer_connects_at_once(scene: Scene) -> None:
    service = scene.queue(auto_answer=True)
    ana = scene.agent("Ana", service)
    conversation = scene.writes(scene.channel(service))
    assert (owner(conversation), offered_to(conversation), in_use(ana)) == ("Ana", [], 1)
    assert Offer.objects.get().state == Offer.State.ACCEPTED


def test_a_queue_without_auto_answer_waits_for_the_agent(scene: Scene) -> None:
    service = scene.queue(auto_answer=False)
    scene.agent("Ana", service)
    conversation = scene.writes(scene.channel(service))
    assert (owner(conversation), offered_to(conversation)) == (None, ["Ana"])


# --- declined, expired ----------------------------------------------------------------------------


def test_a_declined_offer_goes_back_to_its_place_and_on_to_the_next(scene: Scene) -> None:
    service = scene.queue()
    ana = scene.agent("Ana", service)
    scene.agent("Ben", service)
    conversation = scene.writes(scene.channel(service))
    before = live(conversation)
    visit = before.visits.get()
    do_decline(alert(conversation).id, ana)
    after = live(conversation)
    assert (after.state, after.order_at, after.waiting_since) == (State.WAITING, before.order_at, before.waiting_since)
    assert (after.visits.get().id, after.visits.get().entered_at) == (visit.id, visit.entered_at)
    assert (in_use(ana), status(ana)) == (0, RoutingStatus.IDLE)
    engine.react()
    assert offered_to(conversation) == ["Ben"]
    assert alert(conversation).visit_id == visit.id


def test_who_declined_is_not_asked_again_at_once(scene: Scene) -> None:
    service = scene.queue()
    ana = scene.agent("Ana", service)
    conversation = scene.writes(scene.channel(service))
    do_decline(alert(conversation).id, ana)
    scene.later(seconds=110)
    assert offered_to(conversation) == []


def test_who_declined_is_asked_again_after_a_while(scene: Scene) -> None:
    service = scene.queue()
    ana = scene.agent("Ana", service)
    conversation = scene.writes(scene.channel(service))
    do_decline(alert(conversation).id, ana)
    scene.later(seconds=121)
    assert offered_to(conversation) == ["Ana"]


def test_who_declined_is_offered_other_work(scene: Scene) -> None:
    service = scene.queue()
    ana = scene.agent("Ana", service)
    channel = scene.channel(service)
    do_decline(alert(scene.writes(channel)).id, ana)
    assert offered_to(scene.writes(channel, "marta")) == ["Ana"]


def test_an_unanswered_offer_expires_and_its_agent_is_not_responding(scene: Scene) -> None:
    service = scene.queue(alert_timeout=timedelta(seconds=20))
    ana = scene.agent("Ana", service)
    scene.agent("Ben", service)
    conversation = scene.writes(scene.channel(service))
    visit = live(conversation).visits.get()
    scene.later(seconds=20)
    assert (status(ana), in_use(ana)) == (RoutingStatus.NOT_RESPONDING, 0)
    assert (offered_to(conversation), alert(conversation).visit_id) == (["Ben"], visit.id)
    assert Offer.objects.filter(state=Offer.State.EXPIRED).count() == 1


def test_an_offer_does_not_expire_before_its_time(scene: Scene) -> None:
    service = scene.queue(alert_timeout=timedelta(seconds=20))
    ana = scene.agent("Ana", service)
    conversation = scene.writes(scene.channel(service))
    scene.later(seconds=18)
    assert (offered_to(conversation), status(ana)) == (["Ana"], RoutingStatus.INTERACTING)


def test_who_is_not_responding_is_offered_nothing(scene: Scene) -> None:
    service = scene.queue()
    ana = scene.agent("Ana", service)
    channel = scene.channel(service)
    conversation = scene.writes(channel)
    scene.later(seconds=40)
    other = scene.writes(channel, "marta")
    scene.later(minutes=5)
    assert (offered_to(conversation), offered_to(other)) == ([], [])
    assert status(ana) == RoutingStatus.NOT_RESPONDING


def test_who_responds_again_is_offered_it_at_once(scene: Scene) -> None:
    service = scene.queue()
    ana = scene.agent("Ana", service)
    conversation = scene.writes(scene.channel(service))
    scene.later(seconds=40)
    scene.goes_on_queue(ana)
    scene.later(seconds=1)
    assert (offered_to(conversation), status(ana)) == (["Ana"], RoutingStatus.INTERACTING)


# --- leaving --------------------------------------------------------------------------------------


def test_leaving_the_queue_withdraws_what_alerts_and_keeps_what_is_connected(scene: Scene) -> None:
    service = scene.queue()
    ana = scene.agent("Ana", service)
    channel = scene.channel(service)
    mine, _ = scene.talks(channel, "jonas")
    alerting = scene.writes(channel, "marta")
    do_go_off_queue(ana.id)
    assert (offered_to(alerting), live(alerting).state, owner(mine)) == ([], State.WAITING, "Ana")
    assert (status(ana), in_use(ana)) == (RoutingStatus.OFF_QUEUE, 1)


def test_a_break_leaves_the_queue(scene: Scene) -> None:
    service = scene.queue()
    ana = scene.agent("Ana", service)
    conversation = scene.writes(scene.channel(service))
    do_set_presence(ana, Presence.BREAK)
    assert (offered_to(conversation), status(ana)) == ([], RoutingStatus.OFF_QUEUE)
    assert RoutingStatusSpan.objects.get(user=ana, ended_at=None).reason == "presence_break"


def test_staying_available_stays_on_the_queue(scene: Scene) -> None:
    service = scene.queue()
    ana = scene.agent("Ana", service)
    conversation = scene.writes(scene.channel(service))
    do_set_presence(ana, Presence.AVAILABLE)
    assert (offered_to(conversation), status(ana)) == (["Ana"], RoutingStatus.INTERACTING)


def test_an_offer_left_behind_by_a_crash_is_withdrawn_by_the_sweep(scene: Scene) -> None:
    service = scene.queue()
    ana = scene.agent("Ana", service)
    conversation = scene.writes(scene.channel(service))
    do_leave_queue(ana.id)  # and the process dies before the second half
    assert offered_to(conversation) == ["Ana"]
    scene.later(seconds=1)
    assert (offered_to(conversation), in_use(ana)) == ([], 0)


def test_who_is_off_queue_is_offered_nothing(scene: Scene) -> None:
    service = scene.queue()
    scene.agent("Ana", service, on_queue=False)
    assert offered_to(scene.writes(scene.channel(service))) == []


# --- capacity -------------------------------------------------------------------------------------


def test_work_is_offered_up_to_the_limit(scene: Scene) -> None:
    service = scene.queue()
    ana = scene.agent("Ana", service, limit=2)
    channel = scene.channel(service)
    asked = [offered_to(scene.writes(channel, who)) for who in ("jonas", "marta", "emil")]
    assert (asked, in_use(ana)) == ([["Ana"], ["Ana"], []], 2)


def test_a_raised_limit_lets_more_in(scene: Scene) -> None:
    service = scene.queue()
    ana = scene.agent("Ana", service, limit=1)
    channel = scene.channel(service)
    scene.writes(channel, "jonas")
    waiting = scene.writes(channel, "marta")
    assert offered_to(waiting) == []
    scene.limit(ana, 2)
    scene.later(seconds=1)
    assert offered_to(waiting) == ["Ana"]


def test_a_lowered_limit_only_stops_new_work(scene: Scene) -> None:
    service = scene.queue()
    ana = scene.agent("Ana", service, limit=3)
    channel = scene.channel(service)
    talking, _ = scene.talks(channel, "jonas")
    alerting = scene.writes(channel, "marta")
    scene.limit(ana, 1)
    waiting = scene.writes(channel, "emil")
    assert (owner(talking), offered_to(alerting), offered_to(waiting)) == ("Ana", ["Ana"], [])
    accepts(alerting)
    assert (owner(alerting), in_use(ana)) == ("Ana", 2)


# --- the record of a decision -------------------------------------------------------------------


def test_a_decision_is_kept_with_what_it_rests_on(scene: Scene) -> None:
    service = scene.queue()
    scene.agent("Ana", service, skills={"German": 4})
    scene.agent("Ben", service, skills={"German": 5})
    decision = alert(scene.writes(scene.channel(service, needs={"German": 2}))).decision
    assert rebuild(decision.data) == str(decision.chosen_id)
    assert (decision.chosen.name, decision.data["counts"]) == ("Ana", {"chosen": 1, "eligible": 1})


def test_nothing_is_decided_where_nobody_is_free(scene: Scene) -> None:
    service = scene.queue()
    conversation = scene.writes(scene.channel(service))
    assert not live(conversation).decisions.exists()
