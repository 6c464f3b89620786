"""Who sees what of the desk. Each yes stands beside its no."""

from __future__ import annotations

import pytest
from django.test import Client

from agents.models import User
from agents.roles import Role
from channels_app.models import Conversation
from routing.actions.work import do_end, do_wrap_up
from routing.queries import may_see
from tests.agents.desktop.conftest import Desk, browser, get, thread_path, write
from tests.routing.cast import accepts, code

PARTS = ["", "seat/", "older/?before=1,00000000-0000-0000-0000-000000000000", "since/?seq=0", "panel/"]


def test_the_desk_leads_to_the_login_and_back(desk: Desk) -> None:
    answer = browser(None).get("/desk/")
    assert (answer.status_code, answer["Location"]) == (302, "/login/?next=/desk/")


def test_an_agent_gets_the_desk(desk: Desk) -> None:
    answer = browser(desk.ana).get("/desk/")
    assert answer.status_code == 200
    assert "No conversation open" in answer.content.decode()


def test_a_script_without_login_is_told_where_to_log_in_and_gets_no_page(desk: Desk) -> None:
    answer = get(None, "/routing/work/")
    assert (answer.status_code, answer.content) == (401, b"")
    assert answer["HX-Redirect"].startswith("/login/?next=")


@pytest.mark.parametrize("path", ["/desk/", "/routing/work/", "/routing/status/", "/routing/offers/"])
def test_somebody_who_only_administers_has_no_desk(desk: Desk, path: str) -> None:
    ada = desk.person("Ada", Role.ADMIN)
    assert browser(ada).get(path).status_code == 403
    assert get(ada, path).status_code == 403


@pytest.mark.parametrize("part", PARTS)
def test_the_owner_and_the_supervisor_see_a_thread(desk: Desk, part: str) -> None:
    conversation, _ = desk.talk()
    for user in (desk.ana, desk.sam):
        assert get(user, thread_path(conversation, part)).status_code == 200


@pytest.mark.parametrize("part", PARTS)
def test_an_agent_of_another_queue_doesnt_learn_that_there_is_a_thread(desk: Desk, part: str) -> None:
    conversation, _ = desk.talk()
    nowhere = Conversation(id=desk.cleo.id)
    there, not_there = (get(desk.cleo, thread_path(one, part)) for one in (conversation, nowhere))
    assert there.status_code == not_there.status_code == 404
    assert there.content == not_there.content


def test_a_colleague_of_the_queue_sees_it_while_it_waits_and_not_when_somebody_has_it(desk: Desk) -> None:
    desk.scene.limit(desk.ana, 1)
    desk.talk("marta")
    conversation = desk.scene.writes(desk.channel)
    assert may_see(desk.ben, conversation.id)
    assert not may_see(desk.cleo, conversation.id)
    desk.scene.limit(desk.ana, 2)
    desk.scene.later(seconds=1)  # it alerts at Ana
    assert may_see(desk.ana, conversation.id)
    accepts(conversation)
    assert not may_see(desk.ben, conversation.id)


def test_its_agent_sees_it_until_the_wrap_up_is_done(desk: Desk) -> None:
    conversation, work = desk.talk()
    do_end(conversation.id, desk.ana)
    assert may_see(desk.ana, conversation.id)
    do_wrap_up(work.id, desk.ana, code=code("Solved"))
    assert not may_see(desk.ana, conversation.id)


def test_whoever_may_not_see_it_can_neither_reply_nor_leave_a_note(desk: Desk) -> None:
    conversation, _ = desk.talk()
    assert write(desk.cleo, conversation, "Hi").status_code == 403
    assert write(desk.cleo, conversation, "Hi", kind="note").status_code == 404
    assert not conversation.messages.filter(text="Hi").exists()


def test_a_supervisor_leaves_a_note_but_doesnt_write_to_the_customer(desk: Desk) -> None:
    conversation, _ = desk.talk()
    assert write(desk.sam, conversation, "Offer a refund", kind="note").status_code == 200
    assert write(desk.sam, conversation, "Hi").status_code == 403
    assert list(conversation.messages.filter(author=desk.sam).values_list("text", "audience")) == [
        ("Offer a refund", "staff")
    ]


def test_a_browser_that_comes_by_a_foreign_address_gets_a_page_that_says_so(desk: Desk) -> None:
    conversation, _ = desk.talk()
    assert browser(desk.cleo).get(thread_path(conversation)).status_code == 404
    assert b"<html" in browser(desk.ana).get(thread_path(conversation)).content


def test_a_forged_form_of_another_site_is_refused(desk: Desk) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(desk.ana)
    assert client.post("/routing/status/queue/", {"on": "1"}).status_code == 403


def test_somebody_switched_off_is_logged_out(desk: Desk) -> None:
    client = browser(desk.ana)
    User.objects.filter(id=desk.ana.id).update(is_active=False)
    assert client.get("/desk/").status_code == 302
