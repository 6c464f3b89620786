"""Colleagues in notes: stored, told, allowed to look; never anything for the customer."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator

import pytest

from agents.models import AgentState, User
from agents.roles import Role
from channels_app.actions.lifecycle import do_end as do_end_for_good
from channels_app.messenger import serializers
from channels_app.messenger.history import shown
from channels_app.models import Conversation, Mention, Message
from contactcenter.kernel.db import in_thread
from routing.actions.work import do_end
from routing.queries.access import seen
from tests import sockets
from tests.agents.desktop.conftest import Desk, browser, get, post, thread_path, words, write
from tests.routing.cast import Scene
from tests.sockets import Socket, connected, joined, run


def names(desk: Desk, conversation: Conversation, *people: User, by: User | None = None) -> Message:
    """Ana writes a note that names colleagues."""
    text = "See here " + " ".join(f"@{one.name}" for one in people)
    ids = " ".join(str(one.id) for one in people)
    assert write(by or desk.ana, conversation, text, kind="note", mentions=ids).status_code == 200
    return Message.objects.filter(kind="note").latest("created_at")


def news(user: User) -> str:
    return words(get(user, "/desk/mentions/count/"))


def test_a_mention_is_stored_and_marked_in_the_note(desk: Desk) -> None:
    conversation, _ = desk.talk()
    message = names(desk, conversation, desk.cleo)
    assert list(message.mentions.values_list("user", flat=True)) == [desk.cleo.id]
    shown = words(get(desk.ana, thread_path(conversation)))
    assert f'<b class="mention" data-user="{desk.cleo.id}">@Cleo</b>' in shown


def test_a_name_that_wasnt_chosen_is_only_a_word(desk: Desk) -> None:
    conversation, _ = desk.talk()
    write(desk.ana, conversation, "ask @Cleo <b>", kind="note")
    assert not Mention.objects.exists()
    shown = words(get(desk.ana, thread_path(conversation)))
    assert "ask @Cleo &lt;b&gt;" in shown
    assert 'class="mention"' not in shown


def test_whoever_is_mentioned_may_look_and_leave_a_note_until_it_ends(desk: Desk) -> None:
    conversation, _ = desk.talk()
    assert get(desk.cleo, thread_path(conversation)).status_code == 404
    names(desk, conversation, desk.cleo)
    assert get(desk.cleo, thread_path(conversation)).status_code == 200
    assert conversation in seen(desk.cleo)
    assert write(desk.cleo, conversation, "It is paid", kind="note").status_code == 200
    assert write(desk.cleo, conversation, "Hello Jonas").status_code == 403, "the owner answers"
    assert get(desk.ben, thread_path(conversation)).status_code == 404, "nobody else"
    do_end_for_good(conversation.id, "cleared")
    assert get(desk.cleo, thread_path(conversation)).status_code == 404
    assert conversation not in seen(desk.cleo)


def test_the_right_outlives_the_owners_work(desk: Desk) -> None:
    conversation, _ = desk.talk()
    names(desk, conversation, desk.cleo)
    do_end(conversation.id, desk.ana)
    assert get(desk.cleo, thread_path(conversation)).status_code == 200


def test_it_counts_as_new_until_they_look(desk: Desk) -> None:
    conversation, _ = desk.talk()
    desk.scene.goes_on_queue(desk.cleo)
    before = AgentState.objects.get(user=desk.cleo).seq
    assert (news(desk.cleo), news(desk.sam)) == ("", "")
    names(desk, conversation, desk.cleo, desk.sam)
    assert AgentState.objects.get(user=desk.cleo).seq == before + 1, "a lost push is found by it"
    answer = get(desk.cleo, "/desk/mentions/count/")
    about = json.loads(answer["HX-Trigger"])["mentions"]
    assert (words(answer), about["conversation"], about["by"]) == ("1", str(conversation.id), "Ana")
    assert post(desk.cleo, thread_path(conversation, "mentions/look/")).status_code == 204
    assert (news(desk.cleo), news(desk.sam)) == ("", "1")


def test_the_list_names_the_note_and_leads_there_only_while_it_may_be_seen(desk: Desk) -> None:
    conversation, _ = desk.talk()
    assert "Nobody has mentioned you" in words(get(desk.cleo, "/desk/mentions/"))
    names(desk, conversation, desk.cleo)
    listed = words(get(desk.cleo, "/desk/mentions/"))
    assert "Ana: See here @Cleo" in listed
    assert f'data-open="{conversation.id}"' in listed
    do_end_for_good(conversation.id, "cleared")
    listed = words(get(desk.cleo, "/desk/mentions/"))
    assert f'data-open="{conversation.id}"' not in listed
    assert "it can't be opened any more" in listed
    assert "See here" not in words(get(desk.ben, "/desk/mentions/"))


def test_only_colleagues_are_found_and_can_be_mentioned(desk: Desk) -> None:
    conversation, _ = desk.talk()
    ada = desk.person("Ada", Role.ADMIN)
    gone = desk.agent("Cloe", desk.billing, on_queue=False)
    User.objects.filter(id=gone.id).update(is_active=False)
    found = json.loads(words(get(desk.ana, "/desk/colleagues/?q=c")))["people"]
    assert [one["name"] for one in found] == ["Cleo"]
    everybody = json.loads(words(get(desk.ana, "/desk/colleagues/")))["people"]
    assert [one["name"] for one in everybody] == ["Ben", "Cleo", "Sam"]
    assert browser(ada).get("/desk/colleagues/", headers={"HX-Request": "true"}).status_code == 403
    names(desk, conversation, ada, gone, desk.ana)
    assert not Mention.objects.exists()


@pytest.mark.parametrize("mentions", ["nonsense", " ".join(str(uuid.uuid4()) for _ in range(21))])
def test_what_isnt_a_colleague_is_refused_in_words(desk: Desk, mentions: str) -> None:
    conversation, _ = desk.talk()
    assert write(desk.ana, conversation, "Look", kind="note", mentions=mentions).status_code == 422
    assert not Message.objects.filter(kind="note").exists()


def test_the_same_note_sent_twice_names_them_once(desk: Desk) -> None:
    conversation, _ = desk.talk()
    own = str(uuid.uuid4())
    for _ in range(2):
        write(desk.ana, conversation, "@Cleo", kind="note", mentions=str(desk.cleo.id), client_id=own)
    assert Mention.objects.count() == 1


def test_nothing_of_a_mention_is_for_the_customer(desk: Desk) -> None:
    conversation, _ = desk.talk()
    message = names(desk, conversation, desk.cleo)
    assert not Message.objects.public().filter(id=message.id).exists()
    assert not shown(notices=True).filter(id=message.id).exists()
    with pytest.raises(ValueError, match="staff message"):
        serializers.guest_message(message)
    told = json.dumps(serializers.told(message))
    assert "Cleo" not in told
    assert str(desk.cleo.id) not in told
    write(desk.ana, conversation, "Hello", mentions=str(desk.cleo.id))
    assert Mention.objects.count() == 1, "a reply names nobody"


# --- live ---------------------------------------------------------------------------------------


@pytest.fixture
def committed(transactional_db: None) -> Iterator[Desk]:
    scene = Scene()
    yield Desk(scene)
    scene.close()


def socket(user: User) -> Socket:
    return sockets.socket("/ws/desk/?lang=en", browser(user))


def test_the_mentioned_hear_of_it_at_once_and_nobody_else_does(committed: Desk) -> None:
    conversation, _ = committed.talk()
    people = [socket(one) for one in (committed.cleo, committed.ben)]

    async def story() -> None:
        async with connected(people[0]) as cleo, connected(people[1]) as ben:
            await joined(f"agent:{committed.cleo.id}", f"agent:{committed.ben.id}")
            await in_thread(names)(committed, conversation, committed.cleo)
            frame = await cleo.until(lambda one: "mention" in one)
            assert frame["stream"] == f"agent:{committed.cleo.id}"
            await ben.quiet(lambda one: "mention" in one)

    run(story)


def test_what_somebody_does_here_is_told_to_who_listens_and_to_nobody_else(committed: Desk) -> None:
    conversation, _ = committed.talk()
    stream, here = f"conversation:{conversation.id}", str(conversation.id)
    people = [socket(one) for one in (committed.ana, committed.sam, committed.cleo)]

    async def story() -> None:
        async with connected(people[0]) as ana, connected(people[1]) as sam, connected(people[2]) as cleo:
            for one in (ana, sam, cleo):
                await one.until(lambda frame: "beat" in frame)
                await one.say(join=here, seq=99)
            await joined(stream)
            await cleo.say(here=here, doing="look")
            await sam.say(here=here, doing="juggle")
            await sam.say(here=here, doing="note")
            frame = await ana.until(lambda one: "here" in one)
            assert frame["here"] == {"id": str(committed.sam.id), "name": "Sam", "doing": "note"}
            await cleo.quiet(lambda one: "here" in one)

    run(story)
