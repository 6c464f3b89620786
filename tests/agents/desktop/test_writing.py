"""Replies and notes: stored once, escaped, refused in words with nothing lost."""

from __future__ import annotations

import json
import uuid

import pytest
from django.http import HttpResponse

from agents.models import User
from channels_app.actions.files import do_request_upload, receive_upload
from channels_app.actions.lifecycle import do_end
from channels_app.adapters.registry import adapter_for
from channels_app.models import Attachment, Delivery, Message
from routing.actions.transfers import do_transfer_to_queue
from routing.actions.work import do_end as work_end
from routing.actions.work import do_wrap_up
from routing.models import WrapUpCode
from tests.agents.desktop.conftest import Desk, get, post, thread_path, words, write

LIMIT = adapter_for("fake").capabilities.text_limit


def refusal(answer: HttpResponse) -> str:
    return str(json.loads(answer["HX-Trigger"])["refused"]["message"])


def test_a_reply_is_stored_queued_and_answered_with_its_row(desk: Desk) -> None:
    conversation, _ = desk.talk()
    answer = write(desk.ana, conversation, "  Hello Jonas\nhow are you?  ")
    message = Message.objects.get(author=desk.ana)
    assert (message.text, message.direction, message.audience) == ("Hello Jonas\nhow are you?", "outbound", "public")
    assert Delivery.objects.get(message=message).state == "queued"
    assert f'id="message-{message.id}"' in words(answer)
    assert f'data-author="{desk.ana.id}"' in words(answer)


def test_the_same_client_id_sends_once_and_answers_the_same_row(desk: Desk) -> None:
    conversation, _ = desk.talk()
    own = str(uuid.uuid4())
    answers = [write(desk.ana, conversation, "Once", client_id=own) for _ in range(3)]
    assert {one.status_code for one in answers} == {200}
    assert Message.objects.filter(text="Once").count() == Delivery.objects.count() == 1
    assert len({words(one) for one in answers}) == 1
    assert f'data-client-id="{own}"' in words(answers[0])


def test_a_note_goes_to_the_company_only(desk: Desk) -> None:
    conversation, _ = desk.talk()
    answer = write(desk.ana, conversation, "She is right", kind="note")
    assert not Message.objects.public().filter(text="She is right").exists()
    assert 'class="msg note"' in words(answer)
    assert not Delivery.objects.exists()


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"text": "   "}, "There is nothing to send."),
        ({"text": "x" * (LIMIT + 1)}, f"The text has {LIMIT + 1} characters, {LIMIT} are possible here."),
        ({"text": "x" * 20_001}, "The text has 20001 characters, 20000 are possible."),
        ({"client_id": ""}, "This message has no id. Reload the page."),
        ({"uploads": "nonsense"}, "A file isn't known. Remove it and add it again."),
        ({"uploads": str(uuid.uuid4())}, "This attachment doesn't exist."),
    ],
)
def test_what_cant_be_sent_is_refused_in_words_and_nothing_is_stored(
    desk: Desk, fields: dict[str, str], message: str
) -> None:
    conversation, _ = desk.talk()
    answer = write(desk.ana, conversation, **{"text": "Hello"} | fields)
    assert (answer.status_code, words(answer), answer["HX-Reswap"]) == (422, message, "none")
    assert refusal(answer) == message
    assert not Message.objects.filter(author=desk.ana).exists()


def test_after_a_transfer_it_isnt_theirs_to_answer(desk: Desk) -> None:
    conversation, _ = desk.talk()
    do_transfer_to_queue(conversation.id, desk.ana, desk.billing)
    answer = write(desk.ana, conversation, "One more thing")
    assert (answer.status_code, words(answer)) == (403, "Somebody else has this conversation.")


def test_an_ended_conversation_takes_no_reply(desk: Desk) -> None:
    conversation, _ = desk.talk()
    do_end(conversation.id, "cleared")
    assert write(desk.ana, conversation, "Hello?").status_code == 422


def test_what_people_write_is_never_markup(desk: Desk) -> None:
    conversation, _ = desk.talk()
    write(desk.ana, conversation, '<img src=x onerror="alert(1)"> https://shop.example/?a=1&b=2 javascript:alert(1)')
    shown = words(get(desk.ana, thread_path(conversation)))
    assert "<img" not in shown
    assert "&lt;img src=x onerror=&quot;alert(1)&quot;&gt;" in shown
    assert 'href="https://shop.example/?a=1&amp;b=2" target="_blank" rel="noopener noreferrer nofollow"' in shown
    assert 'href="javascript' not in shown


def upload(desk: Desk, name: str = "label.txt") -> Attachment:
    wanted = do_request_upload(name, user=desk.ana, size=5)
    return receive_upload(wanted, [b"hello"])


def test_a_file_goes_with_the_reply_and_is_linked_in_the_thread(desk: Desk) -> None:
    conversation, _ = desk.talk()
    file = upload(desk)
    answer = write(desk.ana, conversation, "Your label", uploads=str(file.id))
    message = Message.objects.get(author=desk.ana)
    file.refresh_from_db()
    assert file.message == message
    assert message.content[0]["id"] == str(file.id)
    assert f'class="file" href="/files/{file.id}/' in words(answer)


def test_somebody_elses_file_cant_be_sent(desk: Desk) -> None:
    conversation, _ = desk.talk()
    wanted = do_request_upload("label.txt", user=desk.ben, size=5)
    file = receive_upload(wanted, [b"hello"])
    assert write(desk.ana, conversation, "Your label", uploads=str(file.id)).status_code == 422
    assert not Message.objects.filter(author=desk.ana).exists()


def failed(desk: Desk, text: str) -> Message:
    conversation, _ = desk.talk()
    write(desk.ana, conversation, text)
    message = Message.objects.get(text=text)
    Delivery.objects.filter(message=message).update(state="failed", error="The customer can't be reached.")
    return message


def test_a_failed_message_says_why_and_is_sent_again_by_its_owner(desk: Desk) -> None:
    message = failed(desk, "Your label is here")
    shown = words(get(desk.ana, thread_path(message.conversation)))
    assert "Not delivered: The customer can&#x27;t be reached." in shown
    assert post(desk.ana, f"/desk/messages/{message.id}/again/").status_code == 204
    assert Delivery.objects.get(message=message).state == "queued"


def test_a_failed_message_isnt_sent_again_by_somebody_else(desk: Desk) -> None:
    message = failed(desk, "Your label is here")
    assert post(desk.ben, f"/desk/messages/{message.id}/again/").status_code == 403
    assert post(desk.ana, f"/desk/messages/{uuid.uuid4()}/again/").status_code == 404
    assert Delivery.objects.get(message=message).state == "failed"


def test_an_own_note_is_taken_back_and_the_thread_says_that_there_was_one(desk: Desk) -> None:
    conversation, _ = desk.talk()
    write(desk.ana, conversation, "She is wrong, ask @Ben", kind="note", mentions=str(desk.ben.id))
    message = Message.objects.get(kind="note")
    assert post(desk.ana, f"/desk/messages/{message.id}/remove/").status_code == 204
    shown = words(get(desk.ana, thread_path(conversation)))
    assert "She is wrong" not in shown
    assert "Message removed" in shown
    assert not message.mentions.exists()
    assert post(desk.ana, f"/desk/messages/{message.id}/remove/").status_code == 404, "once"


def test_neither_a_colleagues_note_nor_what_was_sent_can_be_taken_back(desk: Desk) -> None:
    conversation, _ = desk.talk()
    write(desk.ana, conversation, "She is right", kind="note")
    write(desk.ana, conversation, "Good morning")
    for user, text in ((desk.ben, "She is right"), (desk.ana, "Good morning")):
        message = Message.objects.get(text=text)
        answer = post(user, f"/desk/messages/{message.id}/remove/")
        assert (answer.status_code, words(answer)) == (403, "Only who wrote a note changes it.")
    assert not Message.objects.exclude(removed_at=None).exists()


def change(user: User, message: Message, text: str) -> HttpResponse:
    return post(user, f"/desk/messages/{message.id}/change/", text=text)


def test_an_own_note_gets_another_text_and_the_thread_says_that_it_was_edited(desk: Desk) -> None:
    conversation, _ = desk.talk()
    write(desk.ana, conversation, "She is wrong, ask @Ben", kind="note", mentions=str(desk.ben.id))
    message = Message.objects.get(kind="note")
    asked = get(desk.ana, f"/desk/messages/{message.id}/change/ask/")
    assert "She is wrong, ask @Ben</textarea>" in words(asked)
    assert change(desk.ana, message, "She is right, ask @Ben").status_code == 204
    shown = words(get(desk.ana, thread_path(conversation)))
    assert "She is right" in shown
    assert "She is wrong" not in shown
    assert "<span>edited</span>" in shown
    assert message.mentions.count() == 1


def test_a_note_without_words_or_with_too_many_stays_as_it_was_and_says_why(desk: Desk) -> None:
    conversation, _ = desk.talk()
    write(desk.ana, conversation, "She is right", kind="note")
    message = Message.objects.get(kind="note")
    for text, why in (("  ", "Write something, or remove the note."), ("a" * 20_001, "The text has 20001 characters")):
        answer = change(desk.ana, message, text)
        assert answer.status_code == 422
        assert why in words(answer)
    message.refresh_from_db()
    assert (message.text, message.edited_at) == ("She is right", None)


def test_nobody_elses_note_nor_a_reply_nor_one_taken_back_can_be_changed(desk: Desk) -> None:
    conversation, _ = desk.talk()
    write(desk.ana, conversation, "She is right", kind="note")
    write(desk.ana, conversation, "Good morning")
    for user, text in ((desk.ben, "She is right"), (desk.ana, "Good morning")):
        message = Message.objects.get(text=text)
        assert change(user, message, "Something else").status_code == 403
        assert get(user, f"/desk/messages/{message.id}/change/ask/").status_code == 403
    note = Message.objects.get(kind="note")
    post(desk.ana, f"/desk/messages/{note.id}/remove/")
    assert change(desk.ana, note, "Something else").status_code == 404
    assert not Message.objects.filter(text="Something else").exists()


def test_who_may_no_longer_see_the_conversation_doesnt_read_or_change_their_note(desk: Desk) -> None:
    conversation, work = desk.talk()
    write(desk.ana, conversation, "She is right", kind="note")
    note = Message.objects.get(kind="note")
    work_end(conversation.id, desk.ana)
    do_wrap_up(work.id, desk.ana, code=WrapUpCode.objects.get(name="Solved"))
    assert get(desk.ana, f"/desk/messages/{note.id}/change/ask/").status_code == 404
    assert change(desk.ana, note, "Something else").status_code == 404
