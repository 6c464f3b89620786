"""The desk's socket: who gets in, what is pushed, when it ends. Over the real ASGI application and Valkey."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest
from django.contrib.sessions.models import Session

from agents.desktop import consumers
from agents.models import AgentState, User
from agents.roles import Role
from channels_app.actions.outbound import do_note
from channels_app.models import Conversation
from contactcenter.kernel.db import in_thread
from routing.actions import engine
from routing.actions.offers import do_accept
from routing.actions.transfers import do_transfer_to_queue
from routing.actions.work import do_end, do_wrap_up
from tests import factories, sockets
from tests.agents.desktop.conftest import Desk, browser, get, thread_path, words
from tests.routing.cast import Scene, alert, code
from tests.sockets import ORIGIN, Socket, connected, joined, run


@pytest.fixture
def desk(transactional_db: None) -> Iterator[Desk]:
    """Committed rows, since a socket has connections of its own."""
    scene = Scene()
    yield Desk(scene)
    scene.close()


def socket(user: User | None, *, origin: bytes | None = ORIGIN, query: str = "?lang=en") -> Socket:
    return sockets.socket(f"/ws/desk/{query}", browser(user) if user else None, origin=origin)


def of(conversation: Conversation) -> str:
    return f"conversation:{conversation.id}"


def head(conversation: Conversation) -> int:
    return Conversation.objects.get(id=conversation.id).change_seq


# --- getting in --------------------------------------------------------------------------------


def test_without_login_it_is_closed_with_4401(desk: Desk) -> None:
    made = socket(None)

    async def story() -> None:
        await made.connect()
        assert await made.closed_with() == 4401

    run(story)


def test_without_the_permission_it_is_closed_with_4403(desk: Desk) -> None:
    made = socket(desk.person("Ada", Role.ADMIN))

    async def story() -> None:
        await made.connect()
        assert await made.closed_with() == 4403

    run(story)


@pytest.mark.parametrize("origin", [b"https://evil.example", None])
def test_a_page_of_another_site_is_refused_at_the_door(desk: Desk, origin: bytes | None) -> None:
    made = socket(desk.ana, origin=origin)

    async def story() -> None:
        assert (await made.connect())[0] is False

    run(story)


def test_an_agent_is_greeted_with_the_head_of_their_desk_and_counts_as_present(desk: Desk) -> None:
    AgentState.objects.filter(user=desk.ana).update(seq=41, seen_at=None)
    made = socket(desk.ana)

    async def story() -> None:
        async with connected(made) as desks:
            hello = await desks.until(lambda frame: "hello" in frame)
            assert (hello["stream"], hello["seq"]) == (f"agent:{desk.ana.id}", 41)
            await desks.until(lambda frame: "beat" in frame)

    run(story)
    assert AgentState.objects.get(user=desk.ana).seen_at is not None


@pytest.mark.parametrize("frame", ["{", "[]", "7", '{"what": 1}', '{"join": null}', '{"join": [1]}', "x" * 5000])
def test_a_frame_that_cant_be_read_is_answered_and_the_socket_lives_on(desk: Desk, frame: str) -> None:
    made = socket(desk.ana)

    async def story() -> None:
        async with connected(made) as desks:
            await desks.send_to(text_data=frame)
            assert await desks.until(lambda one: "error" in one)
            await desks.say(typing=str(uuid.uuid4()))
            await desks.quiet(lambda one: "error" in one)

    run(story)


# --- what is pushed ----------------------------------------------------------------------------


def test_a_push_is_the_next_number_and_what_since_tells(desk: Desk) -> None:
    conversation, _ = desk.talk()
    seen = head(conversation)
    made = socket(desk.ana)

    async def story() -> None:
        async with connected(made) as desks:
            await desks.say(join=str(conversation.id), seq=seen)
            await desks.say(typing="x")  # answered by nothing, after the join
            await joined(of(conversation))
            await in_thread(factories.said)(desk.channel, text="And the receipt?")
            push = await desks.until(lambda frame: "html" in frame)
            assert (push["stream"], push["seq"]) == (of(conversation), seen + 1)
            pushed.append(push["html"])

    pushed: list[str] = []
    run(story)
    told = words(get(desk.ana, thread_path(conversation, f"since/?seq={seen}")))
    assert pushed[0].strip()
    assert pushed[0] in told


def test_a_socket_that_joins_late_is_told_that_it_is_behind(desk: Desk) -> None:
    conversation, _ = desk.talk()
    now, made = head(conversation), socket(desk.ana)

    async def story() -> None:
        async with connected(made) as desks:
            await desks.say(join=str(conversation.id), seq=0)
            frame = await desks.until(lambda one: "behind" in one)
            assert frame == {"stream": of(conversation), "behind": now}

    run(story)


def test_a_push_in_the_language_of_the_page(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    conversation, _ = desk.talk()
    made = socket(desk.ana, query="?lang=de-AT")

    async def story() -> None:
        async with connected(made) as desks:
            await desks.until(lambda frame: "hello" in frame)
            await desks.say(join=str(conversation.id), seq=head_now)
            await joined(of(conversation))
            message = {"seq": head_now + 1, "html": {"en": "English", "de": "Deutsch"}}
            consumers.live.publish(of(conversation), message)
            push = await desks.until(lambda frame: "html" in frame)
            assert push["html"] == "Deutsch"

    head_now = head(conversation)
    run(story)


def test_an_offer_reaches_the_agents_desk_and_nobody_elses(desk: Desk) -> None:
    ana, cleo = socket(desk.ana), socket(desk.cleo)

    def written() -> None:
        factories.said(desk.channel)
        engine.react()

    async def story() -> None:
        async with connected(ana) as hers, connected(cleo) as others:
            for desks in (hers, others):
                await desks.until(lambda frame: "beat" in frame)
            await in_thread(written)()
            push = await hers.until(lambda frame: "refresh" in frame)
            assert "offers" in push["refresh"]
            await others.quiet(lambda frame: "refresh" in frame)

    run(story)


def test_the_customers_typing_is_passed_on(desk: Desk) -> None:
    conversation, _ = desk.talk()
    seen, made = head(conversation), socket(desk.ana)

    async def story() -> None:
        async with connected(made) as desks:
            await desks.say(join=str(conversation.id), seq=seen)
            await joined(of(conversation))
            consumers.live.publish(of(conversation), {"typing": True})
            assert await desks.until(lambda frame: frame.get("typing"))

    run(story)


# --- who may listen ----------------------------------------------------------------------------


def test_a_stranger_cant_join_and_hears_nothing(desk: Desk) -> None:
    conversation, _ = desk.talk()
    made = socket(desk.cleo)

    async def story() -> None:
        async with connected(made) as desks:
            await desks.say(join=str(conversation.id), seq=0)
            assert await desks.until(lambda frame: frame == {"stream": of(conversation), "left": True})
            await in_thread(do_note)(conversation.id, author=desk.ana, text="Between us")
            await desks.quiet(lambda frame: "html" in frame)

    run(story)


def test_a_supervisor_joins_whatever_they_like(desk: Desk) -> None:
    conversation, _ = desk.talk()
    seen, made = head(conversation), socket(desk.sam)

    async def story() -> None:
        async with connected(made) as desks:
            await desks.say(join=str(conversation.id), seq=seen)
            await joined(of(conversation))
            await in_thread(do_note)(conversation.id, author=desk.ana, text="Between us")
            assert "Between us" in (await desks.until(lambda frame: "html" in frame))["html"]

    run(story)


def test_whoever_transferred_it_and_wrapped_up_hears_no_more(desk: Desk) -> None:
    conversation, work = desk.talk()
    seen, made = head(conversation), socket(desk.ana)

    async def story() -> None:
        async with connected(made) as desks:
            await desks.say(join=str(conversation.id), seq=seen)
            await joined(of(conversation))
            await in_thread(do_transfer_to_queue)(conversation.id, desk.ana, desk.billing)
            await in_thread(do_note)(conversation.id, author=desk.sam, text="Still hers to wrap up")
            assert await desks.until(lambda frame: "Still hers" in frame.get("html", ""))
            await in_thread(do_wrap_up)(work.id, desk.ana, code=solved)
            assert await desks.until(lambda frame: frame == {"stream": of(conversation), "left": True})
            await in_thread(do_note)(conversation.id, author=desk.sam, text="Not for her")
            await desks.quiet(lambda frame: "html" in frame)

    solved = code("Solved")
    run(story)


def test_a_colleague_who_watches_the_queue_hears_no_more_once_somebody_accepts(desk: Desk) -> None:
    conversation = desk.scene.writes(desk.channel)
    offer = alert(conversation)
    seen, made = head(conversation), socket(desk.ben)

    async def story() -> None:
        async with connected(made) as desks:
            await desks.say(join=str(conversation.id), seq=seen)
            await joined(of(conversation))
            await in_thread(do_accept)(offer.id, desk.ana)
            assert await desks.until(lambda frame: frame == {"stream": of(conversation), "left": True})

    run(story)


def test_a_right_that_ended_unheard_ends_with_the_next_beat(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agents.beats.SECONDS", 0.1)
    conversation, work = desk.talk()
    seen, made = head(conversation), socket(desk.ana)
    do_end(conversation.id, desk.ana)
    do_wrap = code("Solved")

    async def story() -> None:
        async with connected(made) as desks:
            await desks.say(join=str(conversation.id), seq=seen + 9)
            await joined(of(conversation))
            monkeypatch.setattr(consumers.live, "publish", lambda *_: None)
            await in_thread(do_wrap_up)(work.id, desk.ana, code=do_wrap)
            assert await desks.until(lambda frame: frame == {"stream": of(conversation), "left": True})

    run(story)


@pytest.mark.parametrize("how", ["logged out", "switched off", "new password"])
def test_it_is_closed_when_the_login_is_gone(desk: Desk, monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    monkeypatch.setattr("agents.beats.SECONDS", 0.1)
    made = socket(desk.ana)

    def gone() -> None:
        if how == "logged out":
            Session.objects.all().delete()
        elif how == "switched off":
            User.objects.filter(id=desk.ana.id).update(is_active=False)
        else:
            desk.ana.set_password("another-one-now")
            desk.ana.save()

    async def story() -> None:
        async with connected(made) as desks:
            await desks.until(lambda frame: "beat" in frame)
            await in_thread(gone)()
            assert await desks.closed_with() == 4401

    run(story)


# --- what is passed on -------------------------------------------------------------------------


def read_seq(conversation: Conversation) -> int:
    return Conversation.objects.get(id=conversation.id).read_seq


@pytest.mark.parametrize(("who", "counts"), [("ana", True), ("sam", False)])
def test_only_what_the_owners_screen_showed_is_read(desk: Desk, who: str, counts: bool) -> None:
    conversation, _ = desk.talk()
    seen, made = head(conversation), socket(getattr(desk, who))

    async def story() -> None:
        async with connected(made) as desks:
            await desks.say(join=str(conversation.id), seq=seen)
            await desks.say(read=str(conversation.id), seq=1)
            if counts:
                assert "state-" in (await desks.until(lambda frame: "html" in frame))["html"]
            else:
                await desks.quiet(lambda frame: "html" in frame)

    run(story)
    assert (read_seq(conversation) == 1) is counts


@pytest.mark.parametrize(("who", "heard"), [("ana", True), ("sam", False)])
def test_only_the_owners_typing_reaches_customer_and_colleagues_and_not_every_key(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, who: str, heard: bool
) -> None:
    conversation, _ = desk.talk()
    sent: list[tuple[str, object]] = []
    made = socket(getattr(desk, who))

    async def story() -> None:
        async with connected(made) as desks:
            await desks.until(lambda frame: "beat" in frame)
            monkeypatch.setattr(consumers.live, "publish", lambda stream, message: sent.append((stream, message)))
            for _ in range(5):
                await desks.say(typing=str(conversation.id))
            await desks.say(what=1)
            await desks.until(lambda frame: "error" in frame)

    run(story)
    here = {"id": str(desk.ana.id), "name": "Ana", "doing": "reply"}
    customer = (f"guest:{conversation.address_id}", {"typing": {"agent": "Ana"}})
    assert sent == ([customer, (of(conversation), {"here": here})] if heard else [])
