"""The supervisors' pages: who gets in, what they show, what is done there."""

from __future__ import annotations

import json
import re
import uuid

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.http import HttpResponse
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from agents.models import AgentState, User, Utilization
from agents.roles import Role
from channels_app.actions.outbound import do_note
from channels_app.models import Contact
from reporting.queries import agents as agents_query
from routing.actions import engine, supervise
from routing.actions.work import do_end, do_wrap_up
from routing.models import Assignment, Queue, QueueMember
from tests.factories import replied
from tests.reporting.floor import Floor, client, get, of, post, words
from tests.routing.cast import MONDAY, last_pass, live, owner, status

PAGES = ["/reporting/", "/reporting/mine/", "/reporting/agents/", "/reporting/interactions/"]


def event(response: HttpResponse, name: str) -> dict[str, str]:
    found: dict[str, str] = json.loads(response["HX-Trigger"])[name]
    return found


def text(response: HttpResponse) -> str:
    """What people read, without markup and line breaks."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", words(response)))


# --- who gets in -------------------------------------------------------------------------------


@pytest.mark.parametrize("path", PAGES)
def test_a_supervisor_gets_the_page_and_an_agent_doesnt(floor: Floor, path: str) -> None:
    assert get(floor.sam, path, partial=False).status_code == 200
    assert get(floor.sam, path).status_code == 200
    assert get(floor.ana, path, partial=False).status_code == 403
    assert get(floor.ana, path).status_code == 403


@pytest.mark.parametrize("path", PAGES)
def test_a_stranger_is_led_to_the_login(floor: Floor, path: str) -> None:
    response = get(None, path, partial=False)
    assert (response.status_code, response["Location"]) == (302, f"/login/?next={path}")


def test_an_agent_gets_no_detail_not_even_of_their_own(floor: Floor) -> None:
    talk, _ = floor.talk()
    for end in ("", "assign/", "take-back/"):
        assert get(floor.sam, of(talk, end)).status_code == 200, end
        assert get(floor.ana, of(talk, end)).status_code == 403, end


def test_an_agent_does_none_of_it(floor: Floor) -> None:
    talk, _ = floor.talk()
    floor.scene.goes_on_queue(floor.ben)
    assert post(floor.ana, of(talk, "assign/do/"), to=floor.ben.id).status_code == 403
    assert post(floor.ana, of(talk, "take-back/do/")).status_code == 403
    assert post(floor.ana, f"/reporting/agents/{floor.ben.id}/state/set/", to="off_queue").status_code == 403
    assert get(floor.ana, f"/reporting/agents/{floor.ben.id}/state/").status_code == 403
    assert (owner(talk), status(floor.ben)) == ("Ana", "idle")


@pytest.mark.parametrize("end", ["assign/do/", "take-back/do/"])
def test_orders_go_by_post_only(floor: Floor, end: str) -> None:
    talk, _ = floor.talk()
    assert get(floor.sam, of(talk, end)).status_code == 405


def test_what_isnt_there_isnt_found(floor: Floor) -> None:
    nothing = uuid.uuid4()
    assert get(floor.sam, f"/reporting/interactions/{nothing}/", partial=False).status_code == 404
    assert get(floor.sam, f"/reporting/agents/{nothing}/state/").status_code == 404
    assert post(floor.sam, f"/reporting/agents/{nothing}/state/set/", to="off_queue").status_code == 404


def test_the_desk_leads_supervisors_here_and_nobody_else(floor: Floor) -> None:
    assert reverse("reporting:activity") in words(get(floor.sam, "/desk/", partial=False))
    assert reverse("reporting:activity") not in words(get(floor.ana, "/desk/", partial=False))


# --- activity ----------------------------------------------------------------------------------


def test_the_activity_shows_each_queue(floor: Floor) -> None:
    floor.talk()
    floor.scene.writes(floor.bills, "marta")
    shown = text(get(floor.sam, "/reporting/"))
    assert "Orders" in shown
    assert "Billing" in shown
    assert "in 1 queue" in shown
    assert "100 %" in shown


def test_my_queues_leave_out_those_of_others(floor: Floor) -> None:
    assert "Billing" not in text(get(floor.sam, "/reporting/mine/"))
    assert "Orders" in text(get(floor.sam, "/reporting/mine/"))
    assert "No queues of yours" in text(get(floor.uma, "/reporting/mine/"))
    QueueMember.objects.create(queue=floor.billing, user=floor.uma)
    shown = text(get(floor.uma, "/reporting/mine/"))
    assert "Billing" in shown
    assert "Orders" not in shown
    assert "Cleo" in shown
    assert "Ana" not in shown, "she serves none of them"


def test_without_queues_the_page_says_what_will_be_there(floor: Floor) -> None:
    Queue.objects.update(active=False)
    assert "No queues yet" in text(get(floor.sam, "/reporting/"))


def test_a_medium_that_isnt_one_is_none(floor: Floor) -> None:
    assert get(floor.sam, "/reporting/?medium=pigeon").status_code == 200


def test_the_panel_is_what_the_page_shows(floor: Floor) -> None:
    floor.talk()
    panel = words(get(floor.sam, "/reporting/"))
    assert panel.strip() in words(get(floor.sam, "/reporting/", partial=False))


@pytest.mark.parametrize(
    ("path", "queries"),
    [("/reporting/", 19), ("/reporting/mine/", 19), ("/reporting/agents/", 15), ("/reporting/interactions/", 11)],
)
def test_pages_ask_as_often_for_many_as_for_few(floor: Floor, path: str, queries: int) -> None:
    browser = client(floor.sam)

    def asked() -> int:
        with CaptureQueriesContext(connection) as caught:
            assert browser.get(path).status_code == 200
        return len(caught)

    floor.talk()
    few = asked()
    for number in range(6):
        extra = floor.scene.queue(f"Queue {number}")
        floor.agent(f"Agent{number}", extra, floor.orders, team=floor.service)
        floor.scene.writes(floor.scene.channel(extra), f"customer {number}")
    assert asked() == few <= queries


# --- agents ------------------------------------------------------------------------------------


def names(response: HttpResponse) -> list[str]:
    return re.findall(r"<b>(\w+)</b>", words(response))


def test_each_filter_of_agents_keeps_what_matches(floor: Floor) -> None:
    dora = floor.agent("Dora", floor.billing, skills={"German": 4}, team=floor.service)
    skill = dora.skills.get().id
    cases = {
        "": {"Ana", "Ben", "Cleo", "Dora"},
        "q=an": {"Ana"},
        "q=nobody": set(),
        f"team={floor.service.id}": {"Ana", "Dora"},
        f"queue={floor.billing.id}": {"Cleo", "Dora"},
        f"skill={skill}": {"Dora"},
        "state=on_queue": {"Ana", "Dora"},
        "state=off_queue": {"Ben", "Cleo"},
        "state=idle": {"Ana", "Dora"},
        "state=not_responding": set(),
        f"team={floor.service.id}&queue={floor.orders.id}": {"Ana"},
        "team=nonsense&state=nonsense": {"Ana", "Ben", "Cleo", "Dora"},
    }
    for query, expected in cases.items():
        assert set(names(get(floor.sam, f"/reporting/agents/?{query}"))) == expected, query
    assert "Nobody matches" in text(get(floor.sam, "/reporting/agents/?q=nobody"))


def test_agents_are_sorted(floor: Floor) -> None:
    floor.talk()
    floor.scene.pause(seconds=5)
    dora = floor.agent("Dora", floor.billing)
    assert names(get(floor.sam, "/reporting/agents/")) == ["Ana", "Dora", "Ben", "Cleo"]
    assert names(get(floor.sam, "/reporting/agents/?sort=-name")) == ["Dora", "Cleo", "Ben", "Ana"]
    assert names(get(floor.sam, "/reporting/agents/?sort=load"))[0] == "Ana"
    assert names(get(floor.sam, "/reporting/agents/?sort=-since"))[2:] == [dora.name, "Ana"]
    assert names(get(floor.sam, "/reporting/agents/?sort=nonsense"))[0] == "Ana"


def test_who_doesnt_respond_is_on_top(floor: Floor) -> None:
    floor.agent("Dora", floor.billing)
    floor.scene.writes(floor.channel)
    floor.scene.later(seconds=31)
    assert names(get(floor.sam, "/reporting/agents/"))[0] == "Ana"
    assert names(get(floor.sam, "/reporting/agents/?state=not_responding")) == ["Ana"]


def test_agents_come_in_pages(floor: Floor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(agents_query, "PAGE", 2)
    first = get(floor.sam, "/reporting/agents/?sort=name")
    assert (names(first), "Page 1 of 2" in text(first)) == (["Ana", "Ben"], True)
    assert names(get(floor.sam, "/reporting/agents/?sort=name&page=2")) == ["Cleo"]
    assert names(get(floor.sam, "/reporting/agents/?page=99999999")) == ["Ana", "Ben"]


def test_an_agents_row_says_what_they_work_on(floor: Floor) -> None:
    talk, _ = floor.talk("jonas")
    floor.scene.writes(floor.channel, "marta")
    shown = agents_query.one(floor.ana.id)
    assert shown is not None
    assert [work.state for work in shown.works] == ["alerting", "connected"]
    assert (shown.slots[0].shown, shown.slots[0].limit) == ("2", 4)
    assert shown.on_queue_since == MONDAY
    assert shown.since is not None
    assert shown.since > MONDAY, "interacting since then"
    page = words(get(floor.sam, "/reporting/agents/?q=ana"))
    assert of(talk) in page
    assert "alerting" in page


def test_after_call_work_has_its_name(floor: Floor) -> None:
    talk, work = floor.talk()
    do_end(talk.id, floor.ana)
    shown = agents_query.one(floor.ana.id)
    assert shown is not None
    assert shown.label == "after_call"
    do_wrap_up(work.id, floor.ana, code=floor.solved)
    shown = agents_query.one(floor.ana.id)
    assert shown is not None
    assert shown.label == "idle"


def test_customers_are_no_agents(floor: Floor) -> None:
    assert agents_query.one(floor.sam.id) is None


# --- setting states ----------------------------------------------------------------------------


def set_state(floor: Floor, agent: User, to: str) -> HttpResponse:
    return post(floor.sam, f"/reporting/agents/{agent.id}/state/set/", to=to)


def test_a_supervisor_sets_states(floor: Floor) -> None:
    assert event(set_state(floor, floor.ana, "off_queue"), "toast")["message"] == "Ana is off queue."
    assert status(floor.ana) == "off_queue"
    assert event(set_state(floor, floor.ana, "on_queue"), "toast")["message"] == "Ana is on queue."
    assert status(floor.ana) == "idle"
    assert event(set_state(floor, floor.ana, "meeting"), "toast")["message"] == "Ana: Meeting."
    assert AgentState.objects.get(user=floor.ana).presence == "meeting"


def test_a_refused_state_is_an_answer_to_read(floor: Floor) -> None:
    refused = set_state(floor, floor.ben, "on_queue")
    assert (refused.status_code, "desk isn" in event(refused, "refused")["message"]) == (422, True)
    assert set_state(floor, floor.ana, "nonsense").status_code == 422
    assert event(set_state(floor, floor.ana, ""), "refused")["message"] == "Choose a state."


def test_the_dialog_says_whom_it_would_interrupt(floor: Floor) -> None:
    floor.scene.writes(floor.channel)
    shown = text(get(floor.sam, f"/reporting/agents/{floor.ana.id}/state/"))
    assert "1 conversation alerts here" in shown
    assert "Take off the queue" in shown
    quiet = text(get(floor.sam, f"/reporting/agents/{floor.ben.id}/state/"))
    assert "alerts here" not in quiet
    assert "Put on queue" in quiet


# --- interactions ------------------------------------------------------------------------------


def test_the_list_is_what_its_address_asks_for(floor: Floor) -> None:
    talk, _ = floor.talk("jonas")
    waiting = floor.scene.writes(floor.bills, "marta")
    everything = words(get(floor.sam, "/reporting/interactions/"))
    assert of(talk) in everything
    assert of(waiting) in everything
    some = words(get(floor.sam, f"/reporting/interactions/?state=waiting&queue={floor.billing.id}"))
    assert of(waiting) in some
    assert of(talk) not in some
    some = words(get(floor.sam, f"/reporting/interactions/?channel={floor.bills.id}"))
    assert of(waiting) in some
    assert of(talk) not in some
    assert "Nothing found" in text(get(floor.sam, "/reporting/interactions/?q=zzz"))


def test_a_filter_that_cant_be_read_is_none(floor: Floor) -> None:
    talk, _ = floor.talk()
    nonsense = "agent=x&queue=y&since=yesterday&until=2026-99-99&code=-&before=z&after=1&period=never&channel=q"
    assert of(talk) in words(get(floor.sam, f"/reporting/interactions/?{nonsense}"))


def test_days_are_days_of_the_viewer(floor: Floor) -> None:
    talk, _ = floor.talk()  # on Monday 2 March 2026, nine o'clock in Greenwich
    User.objects.filter(id=floor.sam.id).update(time_zone="Pacific/Auckland")  # where it is ten in the evening
    assert of(talk) in words(get(floor.sam, "/reporting/interactions/?since=2026-03-02&until=2026-03-02"))
    User.objects.filter(id=floor.sam.id).update(time_zone="Pacific/Honolulu")  # where it is still Sunday
    assert of(talk) not in words(get(floor.sam, "/reporting/interactions/?since=2026-03-02&until=2026-03-02"))
    assert of(talk) in words(get(floor.sam, "/reporting/interactions/?since=2026-03-01&until=2026-03-01"))


def test_what_is_older_than_a_week_waits_for_a_wider_time(floor: Floor) -> None:
    talk, _ = floor.talk()
    floor.scene.pause(days=8)
    assert of(talk) not in words(get(floor.sam, "/reporting/interactions/"))
    assert of(talk) in words(get(floor.sam, "/reporting/interactions/?period=30d"))
    assert of(talk) in words(get(floor.sam, "/reporting/interactions/?state=open")), "it goes on"


def test_the_pages_of_a_list_keep_its_filters(floor: Floor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reporting.queries.interactions.PAGE", 1)
    talks = [floor.scene.writes(floor.channel, name) for name in ("jonas", "marta")]
    shown = words(get(floor.sam, "/reporting/interactions/?state=waiting&agent="))
    older = last_pass(talks[1]).id
    assert f"?state=waiting&amp;before={older}" in shown


def test_the_detail_shows_facts_timeline_and_why(floor: Floor) -> None:
    talk, work = floor.talk()
    floor.scene.pause(seconds=30)
    replied(talk, floor.ana)
    do_note(talk.id, author=floor.ana, text="Canary")
    do_end(talk.id, floor.ana)
    do_wrap_up(work.id, floor.ana, code=floor.solved, notes="Sent a <label>.")
    page = words(get(floor.sam, of(talk), partial=False))
    shown = text(get(floor.sam, of(talk)))
    for sentence in ("Handled", "Ana: idle", "the only one eligible", "Accepted after", "Solved", "by Ana"):
        assert sentence in shown, sentence
    assert "Sent a &lt;label&gt;." in page
    assert reverse("desktop:since", args=[talk.id]) in page


def test_text_of_customers_is_text(floor: Floor) -> None:
    talk, _ = floor.talk()
    Contact.objects.update(name="<script>alert(1)</script>")
    for path in (of(talk), "/reporting/interactions/", "/reporting/agents/", of(talk, "assign/")):
        assert "<script>alert" not in words(get(floor.sam, path)), path


def test_the_transcript_is_for_supervisors_by_the_desks_address(floor: Floor) -> None:
    talk, _ = floor.talk()
    since = reverse("desktop:since", args=[talk.id])
    assert "Hello" in words(get(floor.sam, since))
    assert get(floor.cleo, since).status_code == 404


def test_a_conversation_without_work_says_so(floor: Floor) -> None:
    conversation = floor.scene.writes(floor.scene.channel(None))
    assert "No work yet" in text(get(floor.sam, of(conversation)))
    assert get(floor.sam, of(conversation, "assign/")).status_code == 404


# --- assigning and taking back -----------------------------------------------------------------


def test_a_supervisor_assigns(floor: Floor) -> None:
    talk, _ = floor.talk()
    floor.scene.goes_on_queue(floor.ben)
    dialog = text(get(floor.sam, of(talk, "assign/")))
    assert "Ana has it now" in dialog
    assert "Ben" in dialog
    assert "Nobody found" in text(get(floor.sam, of(talk, "assign/") + "?q=zzz"))
    done = post(floor.sam, of(talk, "assign/do/"), to=floor.ben.id)
    assert (done.status_code, event(done, "toast")["message"]) == (204, "Assigned to Ben.")
    assert owner(talk) == "Ben"


def test_a_full_agent_is_refused_until_the_supervisor_insists(floor: Floor) -> None:
    floor.talk("jonas")
    Utilization.objects.create(user=floor.ana, medium="message", limit=1)
    floor.scene.goes_on_queue(floor.ana)
    waiting = floor.scene.writes(floor.channel, "marta")
    refused = post(floor.sam, of(waiting, "assign/do/"), to=floor.ana.id)
    assert (refused.status_code, "no free slot" in event(refused, "refused")["message"]) == (409, True)
    done = post(floor.sam, of(waiting, "assign/do/"), to=floor.ana.id, past_limit="1")
    assert (done.status_code, event(done, "toast")["message"]) == (204, "Assigned to Ana, past their limit.")
    assert owner(waiting) == "Ana"


def test_who_may_not_pass_limits_isnt_asked(floor: Floor) -> None:
    talk, _ = floor.talk()
    assert "past the agent" in text(get(floor.sam, of(talk, "assign/")))
    floor.sam.groups.clear()
    floor.sam.user_permissions.add(Permission.objects.get(codename="supervise"))
    assert "past the agent" not in text(get(floor.sam, of(talk, "assign/")))
    assert post(floor.sam, of(talk, "assign/do/"), to=floor.ana.id, past_limit="1").status_code == 403


def test_an_assignment_to_nobody_is_refused(floor: Floor) -> None:
    talk, _ = floor.talk()
    for to in ("", "nonsense", str(uuid.uuid4())):
        assert event(post(floor.sam, of(talk, "assign/do/"), to=to), "refused")["message"] == "Choose an agent."
    assert post(floor.sam, of(talk, "assign/do/"), to=floor.ben.id).status_code == 422, "off queue"
    assert owner(talk) == "Ana"


def test_a_supervisor_takes_back(floor: Floor) -> None:
    talk, _ = floor.talk()
    assert "Ana loses the conversation" in text(get(floor.sam, of(talk, "take-back/")))
    done = post(floor.sam, of(talk, "take-back/do/"))
    assert event(done, "toast")["message"] == "It waits in Orders again."
    assert (live(talk).state, Assignment.objects.get().end_reason) == ("waiting", "taken_back")
    assert post(floor.sam, of(talk, "take-back/do/")).status_code == 422


def test_an_admin_alone_supervises_nothing(floor: Floor) -> None:
    ada = floor.person("Ada", Role.ADMIN)
    assert get(ada, "/reporting/").status_code == 403


def test_what_rests_cant_be_assigned(floor: Floor) -> None:
    talk, _ = floor.talk()
    do_end(talk.id, floor.ana)
    assert get(floor.sam, of(talk, "assign/")).status_code == 404
    assert post(floor.sam, of(talk, "assign/do/"), to=floor.ana.id).status_code == 422
    engine.react()
    assert 'id="do-assign"' not in words(get(floor.sam, of(talk)))


def test_actions_name_the_supervisor(floor: Floor) -> None:
    talk, _ = floor.talk()
    supervise.do_take_back(talk.id, floor.sam)
    assert "Sam transferred it to Orders" in words(get(floor.sam, reverse("desktop:since", args=[talk.id])))
