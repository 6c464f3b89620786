"""The list of interactions and one in detail, against what the actions did."""

from __future__ import annotations

import random
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from agents.models import User
from channels_app.actions.lifecycle import do_end as do_clear
from channels_app.actions.outbound import do_note
from channels_app.models import Contact, Conversation
from reporting.queries import interaction as one
from reporting.queries import interactions as listing
from reporting.queries.explained import explained
from reporting.queries.interactions import InteractionFilter, page
from routing.actions import engine, supervise
from routing.actions.offers import do_accept, do_decline
from routing.actions.transfers import do_transfer_to_queue
from routing.actions.work import do_end, do_park, do_resume, do_wrap_up
from routing.models import Assignment, RoutingPass
from tests.factories import replied
from tests.reporting.floor import Floor
from tests.routing.cast import alert, last_pass

# --- the list ----------------------------------------------------------------------------------


def found(floor: Floor, **wanted: Any) -> list[uuid.UUID]:
    return [row.work.id for row in page(InteractionFilter(**wanted), floor.scene.now).rows]


def test_the_newest_is_first_and_pages_follow_without_gap_or_double(
    floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "PAGE", 3)
    for number in range(8):
        floor.scene.writes(floor.channel, f"customer {number}")
    everything = list(RoutingPass.objects.order_by("-id").values_list("id", flat=True))
    seen, before = [], None
    for _ in range(3):
        shown = page(InteractionFilter(), floor.scene.now, before=before)
        seen += [row.work.id for row in shown.rows]
        before = shown.older
    assert (seen, before) == (everything, None)
    last = page(InteractionFilter(), floor.scene.now, before=everything[5])
    assert last.newer == everything[6]
    back = page(InteractionFilter(), floor.scene.now, after=last.newer)
    assert [row.work.id for row in back.rows] == everything[3:6]
    assert back.older == everything[5]
    newest = page(InteractionFilter(), floor.scene.now, after=back.newer)
    assert [row.work.id for row in newest.rows] == everything[:3]
    assert newest.newer is None


def test_each_filter_keeps_what_matches_and_nothing_else(floor: Floor) -> None:
    talk, work = floor.talk("jonas")
    do_end(talk.id, floor.ana)
    do_wrap_up(work.id, floor.ana, code=floor.solved)
    floor.scene.pause(hours=2)
    Contact.objects.filter(addresses__external_id="jonas").update(name="Jonas Weiß")
    waiting = floor.scene.writes(floor.bills, "marta")
    handled, waits = last_pass(talk).id, last_pass(waiting).id
    assert found(floor) == [waits, handled]
    cases: list[tuple[dict[str, Any], list[uuid.UUID]]] = [
        ({"search": "jonas"}, [handled]),
        ({"search": "nobody"}, []),
        ({"queue": floor.billing.id}, [waits]),
        ({"agent": floor.ana.id}, [handled]),
        ({"agent": floor.ben.id}, []),
        ({"channel": floor.bills.id}, [waits]),
        ({"kind": "fake"}, [waits, handled]),
        ({"kind": "email"}, []),
        ({"medium": "message"}, [waits, handled]),
        ({"medium": "email"}, []),
        ({"code": floor.solved.id}, [handled]),
        ({"code": uuid.uuid4()}, []),
        ({"state": "waiting"}, [waits]),
        ({"state": "open"}, [waits]),
        ({"state": "handled"}, [handled]),
        ({"state": "connected"}, []),
        ({"since": floor.scene.now - timedelta(hours=1)}, [waits]),
        ({"until": floor.scene.now - timedelta(hours=1)}, [handled]),
        ({"state": "handled", "search": "weiß", "agent": floor.ana.id}, [handled]),
    ]
    for wanted, expected in cases:
        assert found(floor, **wanted) == expected, wanted


def test_a_queue_that_it_left_finds_it_too(floor: Floor) -> None:
    talk, _ = floor.talk()
    do_transfer_to_queue(talk.id, floor.ana, floor.billing)
    assert found(floor, queue=floor.orders.id) == found(floor, queue=floor.billing.id) == [last_pass(talk).id]


def test_a_row_says_how_it_stands(floor: Floor) -> None:
    talk, work = floor.talk()
    floor.scene.pause(seconds=100)
    row = page(InteractionFilter(), floor.scene.now).rows[0]
    assert (row.state, [agent.name for agent in row.agents], row.waits_since) == ("connected", ["Ana"], None)
    assert row.handled == floor.scene.now - work.connected_at
    do_end(talk.id, floor.ana)
    assert page(InteractionFilter(), floor.scene.now).rows[0].state == "after_call"
    assert found(floor, state="after_call") == [last_pass(talk).id]
    floor.scene.later(minutes=10)
    row = page(InteractionFilter(), floor.scene.now).rows[0]
    assert (row.state, row.codes, row.timed_out) == ("handled", [], True)


def test_a_customer_who_leaves_is_shown_as_abandoned(floor: Floor) -> None:
    supervise.do_log_out_of_queue(floor.ana, floor.sam)
    waiting = floor.scene.writes(floor.channel)
    do_clear(waiting.id, Conversation.EndReason.CLEARED)
    engine.react()
    row = page(InteractionFilter(), floor.scene.now).rows[0]
    assert (row.state, row.agents, row.handled) == ("abandoned", [], None)
    assert found(floor, state="abandoned") == [row.work.id]
    assert found(floor, state="flow_out") == []


def test_more_rows_are_not_more_queries(floor: Floor) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as caught:
            page(InteractionFilter(), floor.scene.now)
        return len(caught)

    floor.talk()
    before = asked()
    for number in range(4):
        floor.scene.writes(floor.channel, f"customer {number}")
    assert asked() == before == 3


# --- one interaction ---------------------------------------------------------------------------


def detail_of(floor: Floor, conversation: Conversation) -> one.Detail:
    conversation.refresh_from_db()
    return one.detail(conversation, last_pass(conversation), floor.scene.now)


def drawn(detail: one.Detail) -> dict[str, list[str]]:
    assert detail.timeline is not None
    names = {key: named.name for key, named in detail.names.items()}
    return {
        names.get(lane.lane.name_key, "customer"): [segment.segment.kind for segment in lane.segments]
        for lane in detail.timeline.lanes
    }


def test_the_timeline_draws_each_stretch_in_its_lane(floor: Floor) -> None:
    floor.scene.goes_on_queue(floor.ben)
    talk = floor.scene.writes(floor.channel)
    floor.scene.pause(seconds=5)
    do_decline(alert(talk).id, floor.ana)
    engine.react()
    do_accept(alert(talk).id, floor.ben)
    floor.scene.pause(seconds=60)
    replied(talk, floor.ben)
    do_park(talk.id, floor.ben)
    floor.scene.pause(minutes=5)
    do_resume(talk.id, floor.ben)
    floor.scene.pause(seconds=30)
    do_transfer_to_queue(talk.id, floor.ben, floor.billing)
    floor.scene.pause(seconds=20)
    shown = detail_of(floor, talk)
    assert drawn(shown) == {
        "customer": [],
        "Orders": ["wait"],
        "Ana": ["missed"],
        "Ben": ["alert", "talk", "parked", "talk", "wrapup"],
        "Billing": ["wait"],
    }
    assert shown.state == "waiting"
    assert shown.facts.waits_since is not None
    assert shown.facts.first_reply == timedelta(seconds=60)
    assert [agent.name for agent in shown.facts.agents] == ["Ben"]
    assert len(shown.facts.waits) == 2


def test_lanes_add_up_to_the_rows(floor: Floor) -> None:
    talk, work = floor.talk()
    floor.scene.pause(minutes=3)
    do_end(talk.id, floor.ana)
    floor.scene.pause(seconds=40)
    do_wrap_up(work.id, floor.ana, code=floor.solved, notes="Sent a label.")
    floor.scene.pause(minutes=30)
    shown = detail_of(floor, talk)
    work.refresh_from_db()
    assert shown.timeline is not None
    ana = next(lane for lane in shown.timeline.lanes if lane.lane.of == "agent")
    assert ana.totals["talk"] == work.left_at - work.connected_at == timedelta(minutes=3)
    assert ana.totals["wrapup"] == shown.facts.after_call == timedelta(seconds=40)
    assert shown.facts.handled == timedelta(minutes=3, seconds=40)
    assert shown.timeline.end == work.done_at
    assert [one.wrapup.notes for one in shown.wrapped] == ["Sent a label."]
    assert shown.owner is None


def test_a_second_stretch_has_its_own_messages(floor: Floor) -> None:
    talk, work = floor.talk()
    replied(talk, floor.ana)
    floor.scene.pause(seconds=5)
    do_end(talk.id, floor.ana)
    do_wrap_up(work.id, floor.ana, code=floor.solved)
    floor.scene.pause(hours=3)
    floor.scene.writes(floor.channel, "jonas", "Again")
    shown = detail_of(floor, talk)
    assert (shown.facts.messages, shown.facts.first_reply) == (1, None)
    assert len(one.stretches(talk)) == 2
    first = one.detail(talk, one.stretches(talk)[1], floor.scene.now)
    assert first.facts.messages == 1
    assert first.facts.first_reply is not None


def test_notes_are_no_reply(floor: Floor) -> None:
    talk, _ = floor.talk()
    do_note(talk.id, author=floor.ana, text="Looks odd")
    assert detail_of(floor, talk).facts.first_reply is None


def test_a_longer_story_is_not_more_queries(floor: Floor) -> None:
    def asked(conversation: Conversation) -> int:
        work = last_pass(conversation)
        with CaptureQueriesContext(connection) as caught:
            explained(one.detail(conversation, work, floor.scene.now).offers)
        return len(caught)

    talk, _ = floor.talk()
    before = asked(talk)
    for _ in range(3):
        supervise.do_take_back(talk.id, floor.sam)
        engine.react()
        do_accept(alert(talk).id, floor.ana)
        floor.scene.pause(seconds=9)
    assert asked(talk) == before == 8


# --- why ---------------------------------------------------------------------------------------


def test_each_offer_is_explained_with_its_candidates(floor: Floor) -> None:
    channel = floor.scene.channel(floor.orders, needs={"German": 3})
    dora = floor.agent("Dora", floor.orders, skills={"German": 4})
    floor.agent("Emil", floor.orders, skills={"German": 1})
    talk = floor.scene.writes(channel, "jonas")
    do_accept(alert(talk).id, dora)
    (why,) = explained(detail_of(floor, talk).offers)
    assert why.sentence.startswith("Dora: German 4")
    assert why.skills == ["German 3+"]
    shown = {agent.name: agent for agent in why.agents}
    assert shown["Dora"].chosen
    assert [level.shown for level in shown["Dora"].levels] == ["4"]
    assert not any(level.enough for level in shown["Emil"].levels)
    assert shown["Ana"].levels[0].shown == "–"
    assert "skill" in shown["Emil"].verdict


def test_what_a_person_decided_says_so(floor: Floor) -> None:
    floor.scene.goes_on_queue(floor.ben)
    talk, _ = floor.talk()
    supervise.do_assign(talk.id, floor.sam, floor.ben)
    why = explained(detail_of(floor, talk).offers)[-1]
    assert (why.sentence, why.agents) == ("Given to Ben by Sam.", [])


def test_the_sum_of_random_stories_holds(floor: Floor) -> None:
    """Whatever happens, no segment ends before it begins, and an agent's talk and parking fill their time."""
    rng = random.Random(3)
    floor.scene.goes_on_queue(floor.ben)
    talk = floor.scene.writes(floor.channel)
    for _ in range(25):
        step = rng.choice(["accept", "park", "resume", "back", "wait"])
        work = Assignment.objects.filter(conversation=talk, state__in=["connected", "parked"]).first()
        offer = RoutingPass.objects.get(conversation=talk).offers.filter(state="alerting").first()
        if step == "accept" and offer:
            do_accept(offer.id, User.objects.get(id=offer.agent_id))
        elif step == "park" and work and work.state == "connected":
            do_park(talk.id, work.agent)
        elif step == "resume" and work:
            do_resume(talk.id, work.agent)
        elif step == "back" and work:
            supervise.do_take_back(talk.id, floor.sam)
        floor.scene.later(seconds=rng.randint(1, 20))
        _check(detail_of(floor, talk), floor)


def _check(shown: one.Detail, floor: Floor) -> None:
    assert shown.timeline is not None
    totals = {lane.lane.key: lane.totals for lane in shown.timeline.lanes if lane.lane.of == "agent"}
    for agent in {str(work.agent_id) for work in Assignment.objects.all()}:
        works = Assignment.objects.filter(agent_id=agent)
        spent = sum(((work.left_at or floor.scene.now) - work.connected_at for work in works), timedelta(0))
        assert totals[agent].get("talk", timedelta(0)) + totals[agent].get("parked", timedelta(0)) == spent
