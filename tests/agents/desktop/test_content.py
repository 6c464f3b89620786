"""Quick replies and cards from the desk: checked while they are built, stored with the reply, refused where they don't
fit."""

from __future__ import annotations

import json
from typing import Any

import pytest

from channels_app.adapters.base import Capabilities
from channels_app.adapters.fake.adapter import Provider as FakeProvider
from channels_app.models import Message
from tests.agents.desktop.conftest import Desk, browser, get, post, thread_path, words, write

REPLIES = {"type": "quick_replies", "items": [{"text": "Yes"}, {"text": "No"}]}
CARD = {"type": "card", "title": "Rain jacket", "description": "Blue, M"}
LONG = CARD | {"title": "x" * 81}


def check(desk: Desk, item: object) -> Any:
    conversation, _ = desk.talk()
    return post(desk.ana, thread_path(conversation, "content/"), item=json.dumps(item))


def test_the_check_answers_with_the_item_and_how_it_looks(desk: Desk) -> None:
    answer = json.loads(words(check(desk, CARD | {"description": " Blue, M "})))
    assert answer["item"] == CARD
    assert "<b>Rain jacket</b><span>Blue, M</span>" in answer["html"]
    assert answer["faults"] == {}


def test_the_check_says_what_is_wrong_at_which_field_and_still_shows_it(desk: Desk) -> None:
    answer = json.loads(words(check(desk, LONG)))
    assert answer["item"] is None
    assert answer["faults"] == {"title": "At most 80 characters here."}
    assert "x" * 81 in answer["html"]


def test_an_outsider_checks_nothing(desk: Desk) -> None:
    conversation, _ = desk.talk()
    codes = [
        post(user, thread_path(conversation, "content/"), item=json.dumps(CARD)).status_code
        for user in (desk.cleo, desk.ana)
    ]
    assert codes == [404, 200]


def test_content_goes_with_the_reply_and_is_shown_in_the_thread(desk: Desk) -> None:
    conversation, _ = desk.talk()
    answer = write(desk.ana, conversation, "Is this the one?", content=json.dumps([CARD, REPLIES]))
    message = Message.objects.get(author=desk.ana)
    assert (message.kind, message.content) == ("structured", [CARD, REPLIES])
    assert "<b>Rain jacket</b>" in words(answer)
    assert "<li>Yes</li><li>No</li>" in words(answer)


def test_content_without_a_text_is_a_message_too(desk: Desk) -> None:
    conversation, _ = desk.talk()
    assert write(desk.ana, conversation, "", content=json.dumps([REPLIES])).status_code == 200
    assert Message.objects.get(author=desk.ana).text == ""


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("nonsense", "At most 3 of quick replies and cards."),
        (json.dumps([REPLIES] * 4), "At most 3 of quick replies and cards."),
        (json.dumps([LONG]), "At most 80 characters here."),
        (json.dumps([{"type": "event", "kind": "typing"}]), "This channel doesn't take it."),
        (json.dumps([{"type": "attachment", "id": "somebody-elses"}]), "This channel doesn't take it."),
    ],
)
def test_what_cant_be_sent_is_refused_in_words_and_nothing_is_stored(desk: Desk, content: str, sentence: str) -> None:
    conversation, _ = desk.talk()
    answer = write(desk.ana, conversation, "Look", content=content)
    assert (answer.status_code, words(answer)) == (422, sentence)
    assert not Message.objects.filter(author=desk.ana).exists()


def test_a_channel_that_takes_none_offers_none_and_refuses_it(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    conversation, _ = desk.talk()
    assert 'id="content-open"' in words(get(desk.ana, thread_path(conversation)))
    monkeypatch.setattr(FakeProvider, "capabilities", Capabilities())
    assert 'id="content-open"' not in words(get(desk.ana, thread_path(conversation)))
    assert write(desk.ana, conversation, "Look", content=json.dumps([CARD])).status_code == 422


def test_pictures_of_other_sites_may_be_shown_in_cards_but_nothing_else_may_come_from_there(desk: Desk) -> None:
    policy = browser(desk.ana).get("/desk/")["Content-Security-Policy"]
    parts = dict(part.strip().split(" ", 1) for part in policy.split(";") if " " in part.strip())
    assert "https:" in parts["img-src"].split()
    assert all("https:" not in sources.split() for name, sources in parts.items() if name != "img-src")
