"""Canned responses: placeholders, which of them an agent is offered, and what the admin refuses."""

from __future__ import annotations

from html import unescape

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from agents.roles import Role
from channels_app.models import Contact, Conversation
from routing import placeholders
from routing.models import CannedResponse, Queue, ResponseLibrary
from routing.queries.canned import MOST, responses_for
from tests.agents.desktop.conftest import Desk, browser, get, words
from tests.routing.cast import Scene


@pytest.fixture
def desk(scene: Scene) -> Desk:
    return Desk(scene)


def path_of(conversation: Conversation) -> str:
    return f"/routing/conversations/{conversation.id}/canned/"


VALUES = {"customer.name": "Jonas Weber", "agent.name": "Ana", "conversation.queue": ""}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Hello {{customer.name}}, I'm {{ agent.name }}.", "Hello Jonas Weber, I'm Ana."),
        ("You are in {{conversation.queue}}, thanks", "You are in, thanks"),
        ("{{customer.name}}{{agent.name}}", "Jonas WeberAna"),
        ("A {brace} and nothing else", "A {brace} and nothing else"),
        ("One\n{{agent.name}}", "One\nAna"),
    ],
)
def test_placeholders_are_filled_in(text: str, said: str) -> None:
    assert placeholders.filled(text, VALUES) == said


def test_what_a_customer_is_called_is_never_read_as_a_placeholder() -> None:
    assert placeholders.filled("Hi {{customer.name}}", {"customer.name": "{{agent.name}}"}) == "Hi {{agent.name}}"


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("{{customer.name}} {{agent.name}} {{conversation.channel}} {{conversation.queue}}", []),
        ("{{customer.password}} and {{customer.password}}", ["customer.password"]),
        ("{{}}", [""]),
        ("Hello {{customer.name}", ["{{"]),
        ("Hello customer.name}}", ["}}"]),
    ],
)
def test_unknown_and_broken_placeholders_are_found(text: str, wrong: list[str]) -> None:
    assert placeholders.faults(text) == wrong


@given(st.text(alphabet="{} acn.", max_size=30))
def test_any_text_without_faults_is_left_without_braces_in_pairs(text: str) -> None:
    if not placeholders.faults(text):
        assert "{{" not in placeholders.filled(text, {})


def library(name: str, *queues: Queue, active: bool = True) -> ResponseLibrary:
    made = ResponseLibrary.objects.create(name=name, active=active)
    made.queues.set(queues)
    return made


def response(of: ResponseLibrary, name: str, text: str = "Text", language: str = "", *, active: bool = True) -> None:
    CannedResponse.objects.create(library=of, name=name, text=text, language=language, active=active)


def names(desk: Desk, conversation: Conversation, search: str = "") -> list[str]:
    fresh = Conversation.objects.select_related("address__contact", "channel").get(id=conversation.id)
    return [one.name for one in responses_for(desk.ana, fresh, search)]


def test_those_of_the_queue_and_of_all_queues_are_offered_and_no_others(desk: Desk) -> None:
    conversation, _work = desk.talk()
    response(library("Everywhere"), "Greeting")
    of_orders = library("Orders", desk.orders, desk.billing)
    response(of_orders, "Where is it")
    response(of_orders, "Retired", active=False)
    response(library("Billing", desk.billing), "Invoice")
    response(library("Old", desk.orders, active=False), "Old one")
    assert names(desk, conversation) == ["Greeting", "Where is it"]


def test_every_word_must_fit_and_a_name_that_begins_so_comes_first(desk: Desk) -> None:
    conversation, _work = desk.talk()
    of = library("Everywhere")
    response(of, "A refund is under way", "Your money comes back")
    response(of, "Refund", "Your refund")
    response(of, "Hours", "We are open")
    assert names(desk, conversation, "refund") == ["Refund", "A refund is under way"]
    assert names(desk, conversation, "refund money") == ["A refund is under way"]
    assert names(desk, conversation, "refund hours") == []


def test_the_customers_language_comes_first(desk: Desk) -> None:
    conversation, _work = desk.talk()
    Contact.objects.update(locale="de-AT")
    of = library("Everywhere")
    for name, language in (("a", "fr"), ("b", ""), ("c", "de"), ("d", "de-AT")):
        response(of, name, language=language)
    assert names(desk, conversation) == ["d", "c", "b", "a"]


def test_the_list_has_filled_in_texts_and_says_when_nothing_fits(desk: Desk) -> None:
    conversation, _work = desk.talk()
    empty = get(desk.ana, path_of(conversation))
    assert "No canned responses for this queue yet" in words(empty)
    Contact.objects.update(name='Jo "<b>" Weber')
    response(library("Everywhere"), "Greeting", "Hi {{customer.name}}, {{agent.name}} of {{conversation.queue}} here")
    path = path_of(conversation)
    shown = words(get(desk.ana, path))
    assert 'Hi Jo "<b>" Weber, Ana of Orders here' in unescape(shown)
    assert '<b>" Weber' not in shown
    assert "Nothing fits" in words(get(desk.ana, f"{path}?q=zebra"))


def test_who_doesnt_see_the_conversation_gets_no_list(desk: Desk) -> None:
    conversation, _work = desk.talk()
    path = path_of(conversation)
    assert get(desk.ana, path).status_code == 200
    assert get(desk.cleo, path).status_code == 404
    assert get(desk.sam, path).status_code == 403
    assert get(None, path).status_code == 401


def test_the_number_of_queries_doesnt_depend_on_the_number_of_responses(desk: Desk) -> None:
    conversation, _work = desk.talk()
    fresh = Conversation.objects.select_related("address__contact", "channel").get(id=conversation.id)
    of = library("Everywhere")
    for number in range(MOST + 5):
        response(of, f"Answer {number:02}")
    with CaptureQueriesContext(connection) as seen:
        assert len(responses_for(desk.ana, fresh)) == MOST
    assert len(seen) == 2


def test_the_admin_refuses_an_unknown_placeholder_beside_the_text(desk: Desk) -> None:
    of = library("Everywhere")
    admin = browser(desk.person("Ida", Role.ADMIN))
    fields = {"name": "Greeting", "library": of.pk, "language": "", "active": "on"}
    refused = admin.post("/admin/routing/cannedresponse/add/", fields | {"text": "Hi {{customer.iban}}"})
    assert "There is no placeholder “customer.iban”" in words(refused)
    assert not CannedResponse.objects.exists()
    assert (
        admin.post("/admin/routing/cannedresponse/add/", fields | {"text": "Hi {{customer.name}}"}).status_code == 302
    )
    found = words(admin.get("/admin/routing/cannedresponse/?q=greet&active__exact=1"))
    assert "Greeting" in found
    assert "Greeting" not in words(admin.get("/admin/routing/cannedresponse/?q=zebra"))
    assert "Everywhere" in words(admin.get("/admin/routing/responselibrary/"))


@pytest.mark.parametrize("tag", ["german", "DE", "de_DE", "d"])
def test_a_language_is_a_tag(tag: str, desk: Desk) -> None:
    made = CannedResponse(library=library("Everywhere"), name="x", text="y", language=tag)
    with pytest.raises(ValidationError):
        made.full_clean()
    made.language = "pt-BR"
    made.full_clean()


def test_an_agent_doesnt_administer_responses(desk: Desk) -> None:
    assert browser(desk.ana).get("/admin/routing/cannedresponse/").status_code == 302
