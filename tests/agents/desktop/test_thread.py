"""The thread: the whole history, every kind of content, in the reader's language; and what its cost depends on."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from agents.desktop import thread
from channels_app.actions.inbound import do_receive
from channels_app.actions.outbound import do_customer_receipt, do_note, do_reply
from channels_app.adapters.values import InboundMessage, Sender
from channels_app.models import Conversation, Message
from routing.actions.transfers import do_pick, do_transfer_to_queue
from routing.actions.work import do_end, do_wrap_up
from tests import factories
from tests.agents.desktop.conftest import Desk, browser, get, thread_path, words
from tests.routing.cast import code

ROW = re.compile(r'id="message-([0-9a-f-]+)"')


def shown(desk: Desk, conversation: Conversation, end: str = "") -> str:
    return words(get(desk.ana, thread_path(conversation, end)))


def says(desk: Desk, content: list[dict[str, Any]], text: str = "") -> Message:
    """Jonas sends something rich."""
    sender = Sender("jonas", name="Jonas", verified=True)
    message = InboundMessage(f"rich-{Message.objects.count()}", sender, text=text, content=content)
    return do_receive(desk.channel, message).message


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ([{"type": "quick_replies", "items": [{"text": "Yes"}, {"text": "No"}]}], "<li>Yes</li><li>No</li>"),
        ([{"type": "button_response", "text": "Order 48213", "payload": "a"}], "<p>Order 48213</p>"),
        ([{"type": "card", "title": "Rain jacket", "description": "Blue"}], "<b>Rain jacket</b><span>Blue</span>"),
        (
            [{"type": "carousel", "cards": [{"title": "One"}, {"title": "Two", "actions": [
                {"type": "link", "text": "See", "url": "https://shop.example/2"}]}]}],
            'href="https://shop.example/2" target="_blank" rel="noopener noreferrer nofollow">See</a>',
        ),
        ([{"type": "location", "name": "Home", "address": "Elbstraße 4"}], "<b>Home</b><small>Elbstraße 4</small>"),
        ([{"type": "location", "latitude": 53.5, "longitude": 9.9}], '<span class="num">53.5, 9.9</span>'),
        ([{"type": "attachment", "id": "a", "filename": "gone.pdf"}], "<b>gone.pdf</b>"),
        (
            [{"type": "attachment", "id": "a", "filename": "zip.mp4", "media_type": "video", "url": "https://a.example/v"}],
            '<video class="clip" src="https://a.example/v" controls',
        ),
        (
            [{"type": "attachment", "id": "a", "filename": "zip.ogg", "media_type": "audio", "url": "https://a.example/a"}],
            '<audio class="clip" src="https://a.example/a" controls',
        ),
        ([{"type": "reaction", "emoji": "👍", "target_message_id": "x"}], "👍"),
        ([{"type": "form_response", "answers": [{"id": "a", "text": "Size M"}]}], "<small>Size M</small>"),
        ([{"type": "notification", "body": {"text": "Your parcel is here"}}], "<p>Your parcel is here</p>"),
        (
            [{"type": "notification", "body": {"text": "Hello {{1}}", "parameters": [{"text": "<Jonas>"}]}}],
            "<p>Hello &lt;Jonas&gt;</p>",
        ),
        (
            [{"type": "location", "latitude": 53.5, "longitude": 9.9}],
            'href="https://www.openstreetmap.org/?mlat=53.5&amp;mlon=9.9#map=16/53.5/9.9" target="_blank"',
        ),
        ([{"type": "location", "name": "Shop", "url": "https://shop.example/"}], 'href="https://shop.example/"'),
        (
            [{"type": "list_picker", "received_message": {"title": "Which one?"}, "sections": [
                {"title": "Coats", "items": [{"id": "a", "title": "Rain", "subtitle": "Blue"}]}]}],
            '<b class="part">Coats</b><ul class="choices"><li>Rain<small>Blue</small></li></ul>',
        ),
        (
            [{"type": "date_picker", "title": "When?", "times": [{"at": "2026-03-02T09:00:00Z"}]}],
            '<time class="num" datetime="2026-03-02T09:00:00+00:00" data-fmt="datetime">',
        ),
        (
            [{"type": "form", "id": "f", "introduction": {"title": "Return"}, "pages": [
                {"components": [{"type": "input", "id": "i", "title": "Why?"}]}]}],
            "<li>Why?</li>",
        ),
    ],
)  # fmt: skip
def test_every_kind_of_content_is_shown(desk: Desk, content: list[dict[str, Any]], found: str) -> None:
    conversation, _ = desk.talk()
    says(desk, content)
    assert found in shown(desk, conversation)


def test_content_that_cant_be_read_any_more_doesnt_break_the_thread(desk: Desk) -> None:
    conversation, _ = desk.talk()
    message = says(desk, [{"type": "card", "title": "Fine"}], "Look")
    Message.objects.filter(id=message.id).update(content=[{"type": "hologram"}, {"type": "card", "title": "Fine"}])
    assert "<b>Fine</b>" in shown(desk, conversation)


def test_a_removed_message_says_so_and_no_more(desk: Desk) -> None:
    conversation, _ = desk.talk()
    message = says(desk, [{"type": "card", "title": "Secret card"}], "My password is hunter2")
    Message.objects.filter(id=message.id).update(removed_at=desk.scene.now)
    page = shown(desk, conversation)
    assert "Message removed" in page
    assert "hunter2" not in page
    assert "Secret card" not in page


def test_an_edited_message_says_so(desk: Desk) -> None:
    conversation, _ = desk.talk()
    assert "<span>edited</span>" not in shown(desk, conversation)
    conversation.messages.filter(seq=1).update(edited_at=desk.scene.now)
    assert "<span>edited</span>" in shown(desk, conversation)


@pytest.mark.parametrize(("state", "word"), [("delivered", "Delivered"), ("read", "Read")])
def test_a_receipt_is_shown_as_a_mark_with_a_word(desk: Desk, state: str, word: str) -> None:
    conversation, _ = desk.talk()
    message = do_reply(conversation.id, author=desk.ana, text="Here you are")
    assert f'<span class="sr">{word}</span>' not in shown(desk, conversation)
    do_customer_receipt(conversation.id, state=state, seq=message.seq)
    assert f'<span class="sr">{word}</span>' in shown(desk, conversation)


def test_system_lines_name_people_and_queues_of_today_in_the_readers_language(desk: Desk) -> None:
    conversation, _ = desk.talk()
    do_transfer_to_queue(conversation.id, desk.ana, desk.billing, note="wants an invoice")
    message = conversation.messages.get(kind="system", content__0__kind="transferred")
    assert "<span>Ana transferred it to Billing: wants an invoice</span>" in thread.render_rows([message])
    desk.billing.name = "Invoices"
    desk.billing.save()
    assert "<span>Ana transferred it to Invoices: wants an invoice</span>" in thread.render_rows([message])


def test_a_line_says_why_it_came_to_its_agent_unless_a_person_decided(desk: Desk) -> None:
    conversation, _ = desk.talk()
    assert re.search(r"<span>Routed to Ana · idle \d+ s, the only one eligible.?</span>", shown(desk, conversation))
    do_transfer_to_queue(conversation.id, desk.ana, desk.orders)
    desk.scene.goes_on_queue(desk.ben)
    do_pick(conversation.id, desk.ben)
    lines = thread.render_rows(list(conversation.messages.filter(kind="system")))
    assert "<span>Ben picked it from the queue</span>" in lines


def test_a_row_says_nothing_about_who_looks(desk: Desk) -> None:
    conversation, _ = desk.talk()
    do_reply(conversation.id, author=desk.ana, text="Here you are")
    do_note(conversation.id, author=desk.ana, text="She is right")
    rows = [re.findall(r"<article.*?</article>", words(get(user, thread_path(conversation))), re.DOTALL)
            for user in (desk.ana, desk.sam)]  # fmt: skip
    assert len(rows[0]) == 4  # the customer's, both of Ana's, and the one that says who is typing
    assert rows[0] == rows[1]


def test_the_whole_history_of_the_contact_is_there_with_how_each_conversation_ended(desk: Desk) -> None:
    first, work = desk.talk()
    do_end(first.id, desk.ana)
    do_wrap_up(work.id, desk.ana, code=code("Solved"))
    desk.scene.later(days=4)  # its window is over
    desk.scene.goes_on_queue(desk.ana)
    second, _ = desk.talk()
    assert second.id != first.id
    page = shown(desk, second)
    assert page.index(f'data-mark="{first.id}"') < page.index(f'data-mark="{second.id}"')
    assert re.search(rf'data-mark="{first.id}".*?Orders · Ana · Solved', page)
    assert 'class="msg in old"' in page


def test_scrolling_back_gives_every_message_once_and_ends(desk: Desk) -> None:
    conversation, _ = desk.talk()
    for number in range(130):
        factories.said(desk.channel, text=f"Line {number}")
    page = shown(desk, conversation)
    found = ROW.findall(page)
    assert len(found) == thread.PAGE
    for _ in range(5):
        more = re.search(r'data-before="([^"]+)"', page)
        if more is None:
            break
        page = shown(desk, conversation, f"older/?before={more[1]}")
        found = ROW.findall(page) + found
    assert more is None
    assert found == [str(one) for one in conversation.messages.order_by("seq").values_list("id", flat=True)]


@pytest.mark.parametrize("cursor", ["", "x", "1", "1,x", "99999999999999999999999,x", "9" * 30 + f",{'0' * 32}"])
def test_a_cursor_that_isnt_one_gives_nothing(desk: Desk, cursor: str) -> None:
    conversation, _ = desk.talk()
    answer = get(desk.ana, thread_path(conversation, f"older/?before={cursor}"))
    assert (answer.status_code, ROW.findall(words(answer))) == (200, [])


def queries(desk: Desk, client: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path, headers={"HX-Request": "true"}).status_code == 200
    return len(captured)


def test_the_cost_of_a_thread_doesnt_grow_with_its_messages(desk: Desk) -> None:
    conversation, _ = desk.talk()
    do_reply(conversation.id, author=desk.ana, text="Here you are")
    client = browser(desk.ana)
    says(desk, [{"type": "card", "title": "Card"}])
    few = queries(desk, client, thread_path(conversation))
    for number in range(20):
        says(desk, [{"type": "card", "title": f"Card {number}"}], f"Line {number}")
        do_reply(conversation.id, author=desk.ana, text=f"Answer {number}")
        do_note(conversation.id, author=desk.ana, text=f"Note {number}")
    assert queries(desk, client, thread_path(conversation)) <= few <= 16  # less where no names are asked for


def test_the_cost_of_the_panel_doesnt_grow_with_the_history(desk: Desk) -> None:
    counts = []
    client = browser(desk.ana)
    for _ in range(4):
        conversation, work = desk.talk()
        counts.append(queries(desk, client, thread_path(conversation, "panel/")))
        do_end(conversation.id, desk.ana)
        do_wrap_up(work.id, desk.ana, code=code("Solved"))
        desk.scene.later(days=4)
        desk.scene.goes_on_queue(desk.ana)
    assert counts[1] == counts[-1] <= 22


def test_the_shell_costs_a_handful_of_queries(desk: Desk) -> None:
    assert queries(desk, browser(desk.ana), "/desk/") <= 6


def test_the_panel_tells_the_facts(desk: Desk) -> None:
    conversation, _ = desk.talk()
    page = shown(desk, conversation, "panel/")
    assert re.search(r'<dt>Waited</dt><dd class="num">0:0[0-2]</dd>', page)
    assert "<b>Routed</b> Ana: " in page
    assert "72 h of silence" in page
    assert "This is the first one." in page


def test_rows_are_rendered_in_the_active_language(desk: Desk) -> None:
    conversation, _ = desk.talk()
    with translation.override("de"):
        assert translation.get_language() == "de"
        assert thread.render_rows(list(conversation.messages.all()))
