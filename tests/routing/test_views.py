"""What agents do with their work, over HTTP: each POST one action, each refusal a sentence, each list with its cost."""

from __future__ import annotations

import json
import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test.utils import CaptureQueriesContext

from agents.models import AgentLoad, AgentState, User
from agents.roles import Role, assign
from channels_app.actions.outbound import do_note
from channels_app.models import Conversation
from routing.actions import engine
from routing.actions.work import do_end, do_park
from routing.models import Assignment, Offer, Queue, QueueMember, RoutingPass, WrapUp
from tests import factories
from tests.agents.desktop.conftest import Desk, browser, get, post, words
from tests.routing.cast import Scene, accepts, alert, code, live, offered_to, owner


@pytest.fixture
def desk(scene: Scene) -> Desk:
    return Desk(scene)


def events(answer: HttpResponse) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(answer["HX-Trigger"])
    return found


def refused(answer: HttpResponse) -> tuple[int, str]:
    return answer.status_code, str(events(answer)["refused"]["message"])


def of(conversation: Conversation, end: str) -> str:
    return f"/routing/conversations/{conversation.id}/{end}/"


# --- status ------------------------------------------------------------------------------------


def test_an_agent_goes_on_queue_and_leaves_it(desk: Desk) -> None:
    assert "Go on queue" in words(get(desk.ben, "/routing/status/"))
    assert events(post(desk.ben, "/routing/status/queue/", on="1")) == {"desk-changed": {}}
    shown = words(get(desk.ben, "/routing/status/"))
    assert "On queue" in shown
    assert "0 / 4" in shown
    post(desk.ben, "/routing/status/queue/")
    assert AgentState.objects.get(user=desk.ben).status == "off_queue"


def test_a_break_leaves_the_queue_and_takes_back_what_alerts(desk: Desk) -> None:
    conversation = desk.scene.writes(desk.channel)
    assert post(desk.ana, "/routing/status/presence/", presence="break").status_code == 204
    assert (AgentState.objects.get(user=desk.ana).presence, offered_to(conversation)) == ("break", [])
    assert "<b>Break</b>" in words(get(desk.ana, "/routing/status/"))


def test_a_presence_that_isnt_one_is_refused(desk: Desk) -> None:
    assert post(desk.ana, "/routing/status/presence/", presence="asleep").status_code == 422
    assert AgentState.objects.get(user=desk.ana).presence == "available"


def test_a_supervisor_without_work_of_their_own_cant_go_on_queue(desk: Desk) -> None:
    assert post(desk.sam, "/routing/status/queue/", on="1").status_code == 403


def test_who_missed_an_offer_is_told_and_comes_back(desk: Desk) -> None:
    desk.scene.writes(desk.channel)
    desk.scene.later(seconds=31)
    assert "Not responding" in words(get(desk.ana, "/routing/status/"))
    post(desk.ana, "/routing/status/queue/", on="1")
    assert "Not responding" not in words(get(desk.ana, "/routing/status/"))


# --- offers ------------------------------------------------------------------------------------


def test_an_offer_shows_who_what_and_why(desk: Desk) -> None:
    desk.scene.writes(desk.channel)
    shown = words(get(desk.ana, "/routing/offers/"))
    assert 'role="alertdialog"' in shown
    assert "<b id=" in shown
    assert re.search(r"Jonas.*Orders.*waiting", shown, re.DOTALL)
    assert 'data-total="30"' in shown
    assert words(get(desk.ben, "/routing/offers/")).strip() == ""


def test_accepting_connects_and_opens_the_thread(desk: Desk) -> None:
    conversation = desk.scene.writes(desk.channel)
    answer = post(desk.ana, f"/routing/offers/{alert(conversation).id}/accept/")
    assert events(answer) == {"desk-changed": {}, "desk-open": {"id": str(conversation.id)}}
    assert owner(conversation) == "Ana"


def test_an_offer_says_what_the_customer_wants_in_their_newest_words_only(desk: Desk) -> None:
    conversation = desk.scene.writes(desk.channel)
    factories.said(desk.channel, "jonas", "My <zip> is broken")
    do_note(conversation.id, author=desk.ben, text="Always late")
    shown = words(get(desk.ana, "/routing/offers/"))
    assert re.search(r'class="said"[^>]*>My &lt;zip&gt; is broken</p>', shown)
    assert "Always late" not in shown
    assert shown.count('class="said"') == 1


def test_somebody_elses_offer_cant_be_accepted_or_declined(desk: Desk) -> None:
    offer = alert(desk.scene.writes(desk.channel))
    for end in ("accept", "decline"):
        assert post(desk.ben, f"/routing/offers/{offer.id}/{end}/").status_code == 403
        assert post(desk.ben, f"/routing/offers/{uuid.uuid4()}/{end}/").status_code == 404
    assert Offer.objects.get(id=offer.id).state == "alerting"


def test_an_offer_that_is_over_says_what_became_of_it(desk: Desk) -> None:
    offer = alert(desk.scene.writes(desk.channel))
    desk.scene.later(seconds=31)
    assert refused(post(desk.ana, f"/routing/offers/{offer.id}/accept/")) == (409, "Expired.")


def test_declining_sends_it_on(desk: Desk) -> None:
    conversation = desk.scene.writes(desk.channel)
    assert post(desk.ana, f"/routing/offers/{alert(conversation).id}/decline/").status_code == 204
    assert offered_to(conversation) == []


@pytest.mark.parametrize("path", ["status/queue", "status/presence", "offers/{0}/accept", "conversations/{0}/end"])
def test_nothing_is_done_by_looking(desk: Desk, path: str) -> None:
    assert browser(desk.ana).get(f"/routing/{path.format(uuid.uuid4())}/").status_code == 405


# --- picking -----------------------------------------------------------------------------------


@pytest.fixture
def waiting(desk: Desk) -> Conversation:
    """Somebody waits, because nobody is on queue."""
    post(desk.ana, "/routing/status/queue/")
    conversation = desk.scene.writes(desk.channel)
    desk.scene.goes_on_queue(desk.ben)
    return conversation


def test_a_member_picks_and_the_second_is_told_calmly(desk: Desk, waiting: Conversation) -> None:
    assert events(post(desk.ben, of(waiting, "pick")))["desk-open"] == {"id": str(waiting.id)}
    assert owner(waiting) == "Ben"
    desk.scene.goes_on_queue(desk.ana)
    assert refused(post(desk.ana, of(waiting, "pick"))) == (409, "Somebody else was faster.")
    assert owner(waiting) == "Ben"


def test_who_doesnt_serve_the_queue_cant_pick(desk: Desk, waiting: Conversation) -> None:
    desk.scene.goes_on_queue(desk.cleo)
    assert refused(post(desk.cleo, of(waiting, "pick"))) == (403, "You aren't a member of this queue.")
    assert live(waiting).state == "waiting"


def test_the_waiting_list_shows_ones_own_queues_in_the_order_of_service(desk: Desk, waiting: Conversation) -> None:
    second = desk.scene.writes(desk.channel, "marta", look=False)
    engine.run(engine.STEPS["open_passes"])
    shown = words(get(desk.ben, "/routing/work/?tab=waiting"))
    assert shown.index(str(waiting.id)) < shown.index(str(second.id))
    assert "Pick" in shown
    assert str(waiting.id) not in words(get(desk.cleo, "/routing/work/?tab=waiting"))
    assert "Nobody waits" in words(get(desk.cleo, "/routing/work/?tab=waiting"))


def test_the_waiting_list_has_pages(desk: Desk) -> None:
    _wait(desk, 30)
    first, second = (words(get(desk.ana, f"/routing/work/?tab=waiting&page={page}")) for page in (1, 2))
    assert (first.count('id="line-'), second.count('id="line-')) == (25, 5)
    assert 'id="page-on"' in first
    assert 'id="page-on"' not in second
    assert not set(re.findall(r'id="line-[^"]+"', first)) & set(re.findall(r'id="line-[^"]+"', second))


def _wait(desk: Desk, count: int) -> None:
    for number in range(count):
        conversation = factories.said(desk.channel, f"guest-{number}-{count}").conversation_id
        now = desk.scene.now
        RoutingPass.objects.create(
            conversation_id=conversation,
            state="waiting",
            queue=desk.orders,
            started_at=now,
            waiting_since=now,
            order_at=now,
        )


# --- lists -------------------------------------------------------------------------------------


def test_an_empty_desk_says_what_will_appear(desk: Desk) -> None:
    assert "Nothing with you now" in words(get(desk.ana, "/routing/work/"))
    assert "Nothing parked" in words(get(desk.ana, "/routing/work/?tab=parked"))


def test_a_row_shows_the_last_line_the_unread_and_since_when_the_customer_waits(desk: Desk) -> None:
    conversation, _ = desk.talk()
    factories.said(desk.channel, text="Are you there?")
    waits = conversation.messages.get(seq=1).created_at.isoformat()
    shown = words(get(desk.ana, "/routing/work/"))
    assert "Are you there?" in shown
    assert 'data-unread="2"' in shown
    assert f'data-waits="{waits}"' in shown


def test_an_answered_row_waits_for_nobody(desk: Desk) -> None:
    conversation, _ = desk.talk()
    factories.replied(conversation, desk.ana, "Yes, I am")
    shown = words(get(desk.ana, "/routing/work/"))
    assert "data-waits" not in shown
    assert "You: Yes, I am" in shown


def test_a_note_doesnt_count_as_an_answer(desk: Desk) -> None:
    conversation, _ = desk.talk()
    do_note(conversation.id, author=desk.ana, text="She is right")
    shown = words(get(desk.ana, "/routing/work/"))
    assert "data-waits" in shown
    assert "Note: She is right" in shown


def test_after_call_work_stands_below_with_its_time(desk: Desk) -> None:
    conversation, work = desk.talk()
    do_end(conversation.id, desk.ana)
    work.refresh_from_db()
    shown = words(get(desk.ana, "/routing/work/"))
    assert "After-call work" in shown
    assert f'datetime="{work.wrapup_due_at.isoformat()}" data-fmt="left"' in shown


def queries(user: User, path: str) -> int:
    client = browser(user)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path, headers={"HX-Request": "true"}).status_code == 200
    return len(captured)


@pytest.mark.parametrize(("path", "most"), [("work/", 12), ("offers/", 10), ("work/?tab=parked", 12)])
def test_the_cost_of_a_panel_doesnt_depend_on_its_rows(desk: Desk, path: str, most: int) -> None:
    desk.scene.limit(desk.ana, 25)
    few = _filled(desk, path, 2)
    many = _filled(desk, path, 12)
    assert few == many <= most


def _filled(desk: Desk, path: str, count: int) -> int:
    for number in range(count):
        conversation = desk.scene.writes(desk.channel, f"{path}-{count}-{number}")
        if "work" in path:
            accepts(conversation)
        if "parked" in path:
            do_park(conversation.id, desk.ana)
    return queries(desk.ana, f"/routing/{path}")


def test_the_cost_of_the_waiting_list_doesnt_depend_on_its_rows(desk: Desk) -> None:
    _wait(desk, 2)
    few = queries(desk.ana, "/routing/work/?tab=waiting")
    _wait(desk, 20)
    assert queries(desk.ana, "/routing/work/?tab=waiting") == few <= 12


@pytest.mark.parametrize(
    "asked", ["tab=nonsense", "tab=waiting&page=x", "tab=waiting&page=-3", "tab=waiting&page=99999999"]
)
def test_a_strange_question_gets_an_ordinary_list(desk: Desk, asked: str) -> None:
    assert get(desk.ana, f"/routing/work/?{asked}").status_code == 200


# --- transfer ----------------------------------------------------------------------------------


def test_the_dialog_names_queues_and_people_with_what_is_free(desk: Desk) -> None:
    conversation, _ = desk.talk()
    desk.scene.goes_on_queue(desk.ben)
    shown = words(get(desk.ana, of(conversation, "transfer/targets")))
    assert re.search(r"<b>Orders</b><small>0 waiting · 2 on queue</small>", shown)
    assert re.search(rf'value="agent:{desk.ben.id}"><span.*?<b>Ben</b><small>Idle · 4 free</small>', shown, re.DOTALL)
    assert f'value="agent:{desk.ana.id}"' not in shown


def test_the_search_narrows_the_list_and_gives_only_the_list(desk: Desk) -> None:
    conversation, _ = desk.talk()
    shown = words(get(desk.ana, of(conversation, "transfer/targets") + "?q=bill"))
    assert "<b>Billing</b>" in shown
    assert "<b>Orders</b>" not in shown
    assert "<form" not in shown


def test_somebody_who_is_full_or_off_queue_cant_be_chosen(desk: Desk) -> None:
    conversation, _ = desk.talk()
    assert f'value="agent:{desk.cleo.id}" disabled' not in words(get(desk.ana, of(conversation, "transfer/targets")))
    desk.scene.goes_on_queue(desk.cleo)
    assign(desk.cleo, [Role.AGENT])
    AgentLoad.objects.filter(user=desk.cleo).update(in_use=4)
    assert f'value="agent:{desk.cleo.id}" disabled' in words(get(desk.ana, of(conversation, "transfer/targets")))


def test_to_a_queue_it_goes_at_once(desk: Desk) -> None:
    conversation, _ = desk.talk()
    answer = post(desk.ana, of(conversation, "transfer"), to=f"queue:{desk.billing.id}", note="invoice")
    assert events(answer)["toast"]["message"] == "Transferred to Billing."
    assert (live(conversation).queue, live(conversation).state) == (desk.billing, "waiting")


def test_to_a_person_it_alerts_and_can_be_taken_back(desk: Desk) -> None:
    conversation, _ = desk.talk()
    desk.scene.goes_on_queue(desk.ben)
    post(desk.ana, of(conversation, "transfer"), to=f"agent:{desk.ben.id}", note="Can you?")
    assert offered_to(conversation) == ["Ben"]
    assert "Transferred by Ana: Can you?" in words(get(desk.ben, "/routing/offers/"))
    post(desk.ana, of(conversation, "transfer/cancel"))
    assert (offered_to(conversation), owner(conversation)) == ([], "Ana")


@pytest.mark.parametrize(
    "to", ["", "queue:", "queue:99999", "queue:" + "0" * 32, "queue:x", "agent:x", "planet:1", "agent:" + "0" * 32]
)
def test_a_transfer_to_nowhere_is_refused_and_it_stays(desk: Desk, to: str) -> None:
    conversation, _ = desk.talk()
    assert refused(post(desk.ana, of(conversation, "transfer"), to=to)) == (422, "Choose a queue or a person.")
    assert owner(conversation) == "Ana"


def test_nobody_transfers_what_isnt_theirs(desk: Desk) -> None:
    conversation, _ = desk.talk()
    answer = post(desk.cleo, of(conversation, "transfer"), to=f"queue:{desk.billing.id}")
    assert refused(answer) == (403, "Somebody else has this conversation.")
    assert get(desk.cleo, of(conversation, "transfer/targets")).status_code == 404


# --- park, end, wrap up ------------------------------------------------------------------------


def test_parked_work_waits_in_its_list_and_is_resumed(desk: Desk) -> None:
    conversation, work = desk.talk()
    assert post(desk.ana, of(conversation, "park"), minutes="15", on_reply="1").status_code == 204
    work.refresh_from_db()
    assert (work.state, work.resume_at) == ("parked", desk.scene.now + timedelta(minutes=15))
    assert f"line-{conversation.id}" in words(get(desk.ana, "/routing/work/?tab=parked"))
    post(desk.ana, of(conversation, "resume"))
    assert Assignment.objects.get(id=work.id).state == "connected"


@pytest.mark.parametrize("minutes", ["0", "-5", "soon", "999999"])
def test_parking_until_no_real_time_is_refused(desk: Desk, minutes: str) -> None:
    conversation, work = desk.talk()
    assert post(desk.ana, of(conversation, "park"), minutes=minutes).status_code == 422
    assert Assignment.objects.get(id=work.id).state == "connected"


def test_ending_is_refused_while_the_screen_doesnt_show_the_last_message(desk: Desk) -> None:
    conversation, work = desk.talk()
    factories.said(desk.channel, text="Wait, one more thing")
    answer = post(desk.ana, of(conversation, "end"), seen_seq="2")
    assert refused(answer) == (422, "The customer has just written. Read it before you end.")
    assert post(desk.ana, of(conversation, "end"), seen_seq="3").status_code == 204
    assert Assignment.objects.get(id=work.id).state == "wrapup"


def test_ending_somebody_elses_work_is_refused(desk: Desk) -> None:
    conversation, _ = desk.talk()
    assert post(desk.ben, of(conversation, "end"), seen_seq="9").status_code == 403
    assert post(desk.ana, of(conversation, "end")).status_code == 422
    assert owner(conversation) == "Ana"


@pytest.fixture
def owed(desk: Desk) -> Assignment:
    """A wrap-up that Ana owes."""
    conversation, work = desk.talk()
    do_end(conversation.id, desk.ana)
    return work


def wrap(user: User, work: Assignment, **fields: str) -> HttpResponse:
    return post(user, f"/routing/assignments/{work.id}/wrap-up/", **fields)


def test_a_wrap_up_with_a_code_and_notes_is_done(desk: Desk, owed: Assignment) -> None:
    answer = wrap(desk.ana, owed, code=str(code("Solved").id), notes="neighbour had it")
    assert set(events(answer)) == {"desk-changed", "desk-wrapped"}
    assert WrapUp.objects.get().notes == "neighbour had it"


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({}, "Choose a wrap-up code."),
        ({"skip": "1"}, "Choose a wrap-up code."),
        ({"code": "999999"}, "This code isn't offered any more. Choose another."),
        ({"code": "0" * 32}, "This code isn't offered any more. Choose another."),
        ({"code": "x"}, "This code isn't offered any more. Choose another."),
    ],
)
def test_a_wrap_up_without_a_code_is_refused(
    desk: Desk, owed: Assignment, fields: dict[str, str], message: str
) -> None:
    assert refused(wrap(desk.ana, owed, **fields)) == (422, message)
    assert not WrapUp.objects.exists()


def test_where_the_queue_allows_it_the_wrap_up_is_skipped(desk: Desk, owed: Assignment) -> None:
    Queue.objects.filter(id=desk.orders.id).update(wrapup_prompt="optional")
    assert wrap(desk.ana, owed, skip="1", code=str(code("Solved").id)).status_code == 204
    assert (WrapUp.objects.get().skipped, WrapUp.objects.get().code) == (True, None)


def test_nobody_wraps_up_for_somebody_else(desk: Desk, owed: Assignment) -> None:
    assert wrap(desk.ben, owed, code=str(code("Solved").id)).status_code == 403
    assert not WrapUp.objects.exists()


def test_a_member_who_left_the_queue_doesnt_see_it_any_more(desk: Desk, waiting: Conversation) -> None:
    QueueMember.objects.filter(user=desk.ben).update(active=False)
    assert str(waiting.id) not in words(get(desk.ben, "/routing/work/?tab=waiting"))
