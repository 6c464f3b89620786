"""Two at once, on connections of their own: exactly one gets it, and no slot is given twice."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.db.models import Sum

from agents.actions.status import do_status_event
from agents.models import AgentLoad, AgentState, User
from agents.presence import Event, Presence
from channels_app.actions.lifecycle import do_end as end_for_good
from channels_app.models import Conversation
from contactcenter.kernel import clock
from contactcenter.kernel.errors import AlreadyTaken, ContactCentreError, LimitReached
from routing.actions import engine
from routing.actions.availability import do_go_off_queue, do_set_presence
from routing.actions.engine import do_wake_parked
from routing.actions.offers import do_accept, do_decline, do_expire
from routing.actions.passes import do_open_pass
from routing.actions.transfers import do_cancel_transfer, do_pick, do_transfer_to_agent
from routing.actions.work import NewMessage, do_end, do_park
from routing.models import Assignment, Offer, QueueVisit, RoutingPass
from tests import factories
from tests.routing.cast import Scene, alert, in_use, live, offered_to, owner

ROUNDS = 6


def together(moment: datetime, *steps: Callable[[], Any]) -> list[Any]:
    """Run steps at once, each in a thread with its own connection; gives results, or the errors of the house."""
    results: list[Any] = [None] * len(steps)
    start = threading.Barrier(len(steps))

    def run(place: int, step: Callable[[], Any]) -> None:
        try:
            connection.ensure_connection()
            start.wait(10)
            with clock.at(moment):
                results[place] = step()
        except BaseException as error:
            results[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=each, daemon=True) for each in enumerate(steps)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
        assert not thread.is_alive(), "still running"
    for result in results:
        if isinstance(result, BaseException) and not isinstance(result, ContactCentreError):
            raise result
    return results


def refused(results: list[Any]) -> list[type]:
    return [type(result) for result in results if isinstance(result, ContactCentreError)]


def loads_are_right() -> bool:
    """What every agent's load says is the sum of the rows behind it."""
    behind: Counter[Any] = Counter(Offer.objects.filter(state=Offer.State.ALERTING).values_list("agent_id", flat=True))
    for agent, weight in Assignment.objects.values_list("agent_id").annotate(Sum("weight")):
        behind[agent] += weight
    return all(load.in_use == behind[load.user_id] for load in AgentLoad.objects.filter(medium="message"))


def test_two_who_pick_one_conversation(committed: Scene) -> None:
    service = committed.queue()
    channel = committed.channel(service, needs={"German": 5})
    ana, ben = committed.agent("Ana", service, limit=25), committed.agent("Ben", service, limit=25)
    for number in range(ROUNDS):
        conversation = committed.writes(channel, f"customer-{number}")
        results = together(
            committed.now, partial(do_pick, conversation.id, ana), partial(do_pick, conversation.id, ben)
        )
        assert refused(results) == [AlreadyTaken]
        assert owner(conversation) in {"Ana", "Ben"}
        assert live(conversation).visits.get().outcome == QueueVisit.Outcome.ANSWERED
    assert (in_use(ana) + in_use(ben), loads_are_right()) == (ROUNDS, True)


def test_two_clicks_on_accept(committed: Scene) -> None:
    service = committed.queue()
    ana = committed.agent("Ana", service)
    offer = alert(committed.writes(committed.channel(service)))
    results = together(committed.now, partial(do_accept, offer.id, ana), partial(do_accept, offer.id, ana))
    assert refused(results) == [AlreadyTaken]
    assert (Assignment.objects.count(), in_use(ana)) == (1, 1)


def test_a_transfer_is_accepted_while_its_owner_takes_it_back(committed: Scene) -> None:
    service = committed.queue()
    ana, ben = committed.agent("Ana", service, limit=25), committed.agent("Ben", limit=25)
    channel = committed.channel(service)
    for number in range(ROUNDS):
        conversation, _ = committed.talks(channel, f"customer-{number}")
        offer = do_transfer_to_agent(conversation.id, ana, ben)
        together(committed.now, partial(do_accept, offer.id, ben), partial(do_cancel_transfer, conversation.id, ana))
        offer.refresh_from_db()
        assert owner(conversation) == {"accepted": "Ben", "withdrawn": "Ana"}[offer.state]
    assert loads_are_right()


def test_two_transfers_across_do_not_block_each_other(committed: Scene) -> None:
    service = committed.queue()
    ana, ben = committed.agent("Ana", service, limit=25), committed.agent("Ben", service, limit=25)
    channel = committed.channel(service, needs={"German": 5})
    for number in range(ROUNDS):
        hers, his = committed.writes(channel, f"hers-{number}"), committed.writes(channel, f"his-{number}")
        do_pick(hers.id, ana)
        do_pick(his.id, ben)
        to_ben, to_ana = do_transfer_to_agent(hers.id, ana, ben), do_transfer_to_agent(his.id, ben, ana)
        results = together(committed.now, partial(do_accept, to_ben.id, ben), partial(do_accept, to_ana.id, ana))
        assert (refused(results), owner(hers), owner(his)) == ([], "Ben", "Ana")
    assert loads_are_right()


@pytest.mark.parametrize("matchers", [2, 4])
def test_matchers_at_once_make_each_offer_once(committed: Scene, matchers: int) -> None:
    service = committed.queue()
    channel = committed.channel(service)
    waiting = [committed.writes(channel, f"customer-{number}") for number in range(12)]
    agents = [committed.agent(name, service, limit=2) for name in ("Ana", "Ben", "Cleo")]
    together(committed.now, *[engine.react] * matchers)
    assert [len(offered_to(one)) for one in waiting] == [1] * 6 + [0] * 6  # who came first
    assert ([in_use(one) for one in agents], loads_are_right()) == ([2, 2, 2], True)


def test_sweeps_at_once_open_one_pass(committed: Scene) -> None:
    service = committed.queue()
    channel = committed.channel(service)
    for number in range(ROUNDS):
        conversation = committed.writes(channel, f"customer-{number}", look=False)
        opened = together(committed.now, *[partial(do_open_pass, conversation.id)] * 4)
        assert sum(one is not None for one in opened) == 1
        assert RoutingPass.objects.filter(conversation=conversation).count() == 1


@pytest.mark.parametrize("other", ["expires", "is declined", "is left", "is cleared"])
def test_an_offer_is_accepted_while_it_goes_away(committed: Scene, other: str) -> None:
    service = committed.queue()
    ana = committed.agent("Ana", service, limit=25)
    channel = committed.channel(service)
    for number in range(ROUNDS):
        committed.goes_on_queue(ana)
        conversation = committed.writes(channel, f"customer-{number}")
        offer = alert(conversation)
        committed.pause(seconds=31)
        step: Callable[[], Any] = {
            "expires": partial(do_expire, offer.id),
            "is declined": partial(do_decline, offer.id, ana),
            "is left": partial(do_go_off_queue, ana.id),
            "is cleared": partial(_clear, conversation),
        }[other]
        together(committed.now, partial(do_accept, offer.id, ana), step)
        offer.refresh_from_db()
        assert offer.state != Offer.State.ALERTING
        accepted = offer.state == Offer.State.ACCEPTED
        assert (Assignment.objects.filter(offer=offer).count(), loads_are_right()) == (accepted, True)


def _clear(conversation: Conversation) -> None:
    end_for_good(conversation.id, Conversation.EndReason.CLEARED)
    engine.run(engine.STEPS["withdraw_ended"])


def test_the_end_and_the_customers_message_at_once_lose_nothing(committed: Scene) -> None:
    service = committed.queue()
    ana = committed.agent("Ana", service, limit=25)
    channel = committed.channel(service)
    for number in range(ROUNDS):
        conversation, _ = committed.talks(channel, f"customer-{number}")
        conversation.refresh_from_db()
        results = together(
            committed.now,
            partial(do_end, conversation.id, ana, seen_seq=conversation.last_seq),
            partial(factories.said, channel, f"customer-{number}", "One more thing"),
        )
        conversation.refresh_from_db()
        assert conversation.state == Conversation.State.ACTIVE  # the message is either seen first or wakes it
        assert (owner(conversation) == "Ana") == (refused(results) == [NewMessage])
        engine.react()
        assert RoutingPass.objects.exclude(state="closed").filter(conversation=conversation).count() == 1


def test_parking_and_the_customers_reply_at_once_lose_nothing(committed: Scene) -> None:
    service = committed.queue()
    ana = committed.agent("Ana", service, limit=25)
    channel = committed.channel(service)
    for number in range(ROUNDS):
        conversation, _ = committed.talks(channel, f"customer-{number}")
        conversation.refresh_from_db()
        seen = conversation.last_seq
        together(
            committed.now,
            partial(do_park, conversation.id, ana, seen_seq=seen),
            partial(factories.said, channel, f"customer-{number}", "One more thing"),
        )
        engine.react()
        assert live(conversation).state == "connected"


def test_a_reply_wakes_even_if_its_clock_was_read_before_the_parking(committed: Scene) -> None:
    service = committed.queue()
    ana = committed.agent("Ana", service)
    channel = committed.channel(service)
    conversation, _ = committed.talks(channel)
    do_park(conversation.id, ana)
    with clock.at(committed.now - timedelta(milliseconds=5)):
        factories.said(channel, "jonas", "One more thing")
    engine.react()
    assert live(conversation).state == "connected"


def test_parked_work_is_woken_once(committed: Scene) -> None:
    service = committed.queue()
    ana = committed.agent("Ana", service)
    channel = committed.channel(service)
    conversation, assignment = committed.talks(channel)
    do_park(conversation.id, ana)
    factories.said(channel, "jonas", "One more thing")
    woken = together(committed.now, *[partial(do_wake_parked, assignment.id)] * 3)
    assert (sorted(woken), in_use(ana), loads_are_right()) == ([False, False, True], 1, True)


def test_eight_at_once_never_fill_an_agent_beyond_the_limit(committed: Scene) -> None:
    service = committed.queue()
    ana = committed.agent("Ana", service, limit=3)
    channel = committed.channel(service, needs={"German": 5})
    waiting = [committed.writes(channel, f"customer-{number}") for number in range(8)]
    results = together(committed.now, *[partial(do_pick, one.id, ana) for one in waiting])
    assert Counter(issubclass(one, LimitReached) for one in refused(results)) == {True: 5}
    assert (in_use(ana), Assignment.objects.count(), loads_are_right()) == (3, 3, True)


def test_nothing_alerts_at_an_agent_who_leaves_meanwhile(committed: Scene) -> None:
    service = committed.queue()
    ana = committed.agent("Ana", service, limit=25)
    channel = committed.channel(service)
    for number in range(ROUNDS):
        committed.goes_on_queue(ana)
        conversation = committed.writes(channel, f"customer-{number}", look=False)
        engine.run(engine.STEPS["open_passes"])
        leave = [partial(do_go_off_queue, ana.id), partial(do_set_presence, ana, Presence.MEAL)][number % 2]
        together(committed.now, engine.match, leave)
        assert (offered_to(conversation), AgentState.objects.get(user=ana).status) == ([], "off_queue")
    assert loads_are_right()


def test_spans_stay_in_order_when_a_clock_was_read_before_the_wait_for_the_lock(committed: Scene) -> None:
    ana = committed.agent("Ana")
    earlier = committed.now - timedelta(seconds=5)
    with clock.at(earlier):
        do_status_event(ana.id, Event.GO_OFF_QUEUE)
    spans = list(User.objects.get().routingstatusspans.order_by("id"))
    assert [span.ended_at for span in spans][:-1] == [span.started_at for span in spans][1:]
