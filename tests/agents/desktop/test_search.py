"""Search at the desk: by name, address and words; only what the person may see."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from agents.models import User
from channels_app.models import Address, Contact, Conversation, Message
from routing.actions.work import do_end, do_wrap_up
from routing.models import WrapUpCode
from routing.queries import may_see
from routing.queries.access import seen
from routing.queries.search import PAGE, find, quoted
from tests import factories
from tests.agents.desktop.conftest import Desk, get, words

FOUND = "/desk/search/found/"


@pytest.fixture
def talks(desk: Desk) -> list[Conversation]:
    """Ana talks with Jonas; Marta waits for Billing, where only Cleo serves; nobody else may see either."""
    jonas, _work = desk.talk()
    marta = desk.scene.writes(desk.scene.channel(desk.billing), "marta", "My zip arrived, 100% broken")
    Contact.objects.filter(addresses=jonas.address_id).update(name="Jonas Weber")
    Contact.objects.filter(addresses=marta.address_id).update(name="Marta Nowak")
    Address.objects.filter(id=marta.address_id).update(kind="email", external_id="marta@example.com")
    factories.said(jonas.channel, "jonas", "The zip of my jacket is broken")
    return [jonas, marta]


def names(user: User, text: str) -> list[str]:
    return sorted(row.contact.name for row in find(user, text)[0])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("weber", ["Jonas Weber"]),
        ("jonas web", ["Jonas Weber"]),
        ("marta@exam", ["Marta Nowak"]),
        ("zip", ["Jonas Weber", "Marta Nowak"]),
        ("BROK zip", ["Jonas Weber", "Marta Nowak"]),
        ("jacket zip", ["Jonas Weber"]),
        ("roken", []),
        ("zebra", []),
        ("100%", ["Marta Nowak"]),
        ("' & | ! :*", []),
        ("z", []),
        ("", []),
    ],
)
def test_a_supervisor_finds_by_name_address_and_words(
    desk: Desk, talks: Sequence[Conversation], text: str, expected: list[str]
) -> None:
    assert names(desk.sam, text) == expected


def test_an_agent_finds_what_they_may_see_and_nothing_else(desk: Desk, talks: Sequence[Conversation]) -> None:
    assert names(desk.ana, "zip") == ["Jonas Weber"]
    assert names(desk.cleo, "zip") == ["Marta Nowak"]
    assert names(desk.ben, "zip") == []
    assert names(desk.ana, "marta") == []
    jonas = talks[0]
    do_end(jonas.id, desk.ana, seen_seq=Conversation.objects.get(id=jonas.id).last_seq)
    assert names(desk.ana, "zip") == ["Jonas Weber"], "the wrap-up is owed"
    do_wrap_up(jonas.assignments.get().id, desk.ana, code=WrapUpCode.objects.get(name="Solved"), notes="")
    assert names(desk.ana, "zip") == []


def test_what_is_searched_is_what_may_be_opened(desk: Desk, talks: Sequence[Conversation]) -> None:
    for user in (desk.ana, desk.ben, desk.cleo, desk.sam):
        assert set(seen(user)) == {one for one in Conversation.objects.all() if may_see(user, one.id)}


def test_the_visitors_token_isnt_searched(desk: Desk, talks: Sequence[Conversation]) -> None:
    Address.objects.filter(id=talks[0].address_id).update(kind="guest", external_id="secret-token")
    assert names(desk.sam, "secret-token") == []


def test_the_answer_shows_the_found_words_and_leads_to_the_thread(desk: Desk, talks: Sequence[Conversation]) -> None:
    shown = words(get(desk.sam, f"{FOUND}?q=zip"))
    assert "<mark>zip</mark>" in shown
    assert f'data-open="{talks[0].id}"' in shown
    assert "Nothing found" in words(get(desk.sam, f"{FOUND}?q=zebra"))
    assert "at least two characters" in words(get(desk.ana, f"{FOUND}?q=z"))
    assert "search-text" in words(get(desk.ana, "/desk/search/"))


def test_what_a_customer_wrote_is_shown_as_text(desk: Desk) -> None:
    conversation, _work = desk.talk()
    factories.said(conversation.channel, "jonas", "<img src=x> zip")
    shown = words(get(desk.ana, f"{FOUND}?q=zip"))
    assert "<img" not in shown
    assert "&lt;img src=x&gt;" in shown


def test_strangers_find_nothing(desk: Desk) -> None:
    nobody = User.objects.create_user("nora@example.com", name="Nora")
    assert get(nobody, f"{FOUND}?q=zip").status_code == 403
    assert get(None, f"{FOUND}?q=zip").status_code == 401


def test_pages_follow_each_other_and_cost_the_same(desk: Desk) -> None:
    for number in range(PAGE + 1):
        factories.said(desk.channel, f"guest-{number}", "the zip")
    first, more = find(desk.sam, "zip")
    assert (len(first), more) == (PAGE, True)
    with CaptureQueriesContext(connection) as queries:
        second, more = find(desk.sam, "zip", 2)
    assert (len(second), more) == (1, False)
    assert not {row.conversation.id for row in first} & {row.conversation.id for row in second}
    assert len(queries) == 3
    assert "page=1" in words(get(desk.sam, f"{FOUND}?q=zip&page=2"))


def test_a_quote_begins_near_the_word() -> None:
    long = "a" * 300 + " zip " + "b" * 300
    pieces = quoted(long, "zi")
    assert [piece for piece, hit in pieces if hit] == ["zi"]
    assert pieces[0][0].startswith("…")
    assert len("".join(piece for piece, _hit in pieces)) <= 201
    assert quoted("", "zip") == []


def test_words_are_found_by_the_index(desk: Desk) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        plan = Message.objects.with_words("zip").explain()
    assert "message_words" in plan
