"""The supervisors' socket: who gets in, what it says, and that a page after it equals a fresh load.

Over the real ASGI application and Valkey.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.contrib.sessions.models import Session

from agents.models import User
from channels_app.actions.outbound import do_note
from channels_app.models import Conversation
from contactcenter.kernel import clock, live
from contactcenter.kernel.db import in_thread
from reporting.live import ACTIVITY, activity_heads, interaction_heads, sequence
from reporting.models import EventRecord
from routing.actions import supervise
from routing.actions.offers import do_accept
from tests import sockets
from tests.factories import said
from tests.reporting.floor import Floor, client, get, of, words
from tests.routing.cast import Scene, alert
from tests.sockets import ORIGIN, Socket, connected, joined, run


@pytest.fixture
def floor(transactional_db: None) -> Iterator[Floor]:
    """Committed rows, since a socket has connections of its own."""
    scene = Scene()
    yield Floor(scene)
    scene.close()


def socket(user: User | None, *, origin: bytes = ORIGIN) -> Socket:
    return sockets.socket("/ws/reporting/?lang=en", client(user) if user else None, origin=origin)


def refresh(frame: dict[str, Any]) -> bool:
    return frame.get("refresh") is True


async def settled(made: Socket) -> None:
    """What was pushed before is through."""
    for _ in range(10):
        try:
            await made.until(refresh, 1.3)
        except TimeoutError:
            return


# --- who gets in -------------------------------------------------------------------------------


def test_a_supervisor_gets_in_an_agent_and_a_stranger_dont(floor: Floor) -> None:
    good, agents, strangers = socket(floor.sam), socket(floor.ana), socket(None)

    async def story() -> None:
        async with connected(good):
            assert await good.until(lambda frame: "hello" in frame) == {"hello": str(floor.sam.id)}
        for made, code in ((agents, 4403), (strangers, 4401)):
            assert (await made.connect())[0]
            assert await made.closed_with() == code

    run(story)


def test_another_site_doesnt_get_in(floor: Floor) -> None:
    made = socket(floor.sam, origin=b"https://evil.example")

    async def story() -> None:
        assert not (await made.connect())[0]

    run(story)


def test_a_socket_ends_with_its_login(floor: Floor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agents.beats.SECONDS", 0.3)
    made = socket(floor.sam)

    async def story() -> None:
        async with connected(made):
            await made.until(lambda frame: "beat" in frame)
            await in_thread(Session.objects.all().delete)()
            assert await made.closed_with() == 4401

    run(story)


def test_a_socket_ends_with_the_permission(floor: Floor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agents.beats.SECONDS", 0.3)
    made = socket(floor.sam)

    async def story() -> None:
        async with connected(made):
            await made.until(lambda frame: "beat" in frame)
            await in_thread(floor.sam.groups.clear)()
            assert await made.closed_with() == 4401

    run(story)


@pytest.mark.parametrize("frame", ["{", "[]", '{"join": "agents"}', '{"at": "nothing", "seq": 1}', "x" * 3000])
def test_what_cant_be_read_is_answered(floor: Floor, frame: str) -> None:
    made = socket(floor.sam)

    async def story() -> None:
        async with connected(made):
            await made.send_to(text_data=frame)
            assert "error" in await made.until(lambda frame: "error" in frame)

    run(story)


# --- what it says ------------------------------------------------------------------------------


def test_work_and_states_make_the_activity_look_again_other_things_dont(floor: Floor) -> None:
    made = socket(floor.sam)
    talk, _ = floor.talk()

    async def story() -> None:
        async with connected(made):
            await made.say(join="activity")
            await joined(ACTIVITY)
            await settled(made)
            await in_thread(said)(floor.channel, "jonas", "Are you there?")
            await made.quiet(refresh, 1.3)
            await in_thread(supervise.do_log_out_of_queue)(floor.ana, floor.sam)
            assert (await made.until(refresh))["stream"] == ACTIVITY
            await in_thread(supervise.do_take_back)(talk.id, floor.sam)
            await made.until(refresh)

    run(story)


def test_who_has_just_joined_looks_again_for_what_came_since_the_page(floor: Floor) -> None:
    talk, _ = floor.talk()
    joins: dict[str, dict[str, Any]] = {
        ACTIVITY: {"join": "activity"},
        f"interaction:{talk.id}": {"join": "interaction", "id": str(talk.id), "seq": 0},
    }

    async def story(made: Socket, stream: str) -> None:
        async with connected(made):
            await made.quiet(refresh)
            await made.say(**joins[stream])
            assert (await made.until(refresh))["stream"] == stream
            await made.quiet(refresh, 1.3)

    for stream in joins:
        run(partial(story, socket(floor.sam), stream))


def test_a_burst_is_one_refresh_a_second(floor: Floor) -> None:
    made = socket(floor.sam)

    async def story() -> None:
        async with connected(made):
            await made.say(join="activity")
            await joined(ACTIVITY)
            await settled(made)
            for number in range(30):
                live.publish(ACTIVITY, {"seq": 2**62 + number})
            await made.until(refresh)
            first = time.monotonic()
            live.publish(ACTIVITY, {"seq": 2**62 + 99})
            await made.until(refresh)
            assert time.monotonic() - first > 0.8
            await made.quiet(refresh, 1.3)

    run(story)


def test_a_lost_push_is_found_by_the_heads(floor: Floor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reporting.live._LOOK_BACK", timedelta(days=3650))  # the socket lives by the real clock
    made = socket(floor.sam)

    def leaves() -> None:
        with clock.at(floor.scene.now + timedelta(seconds=1)):
            supervise.do_log_out_of_queue(floor.ana, floor.sam)

    async def story() -> None:
        async with connected(made):
            await made.say(join="activity")
            await joined(ACTIVITY)
            monkeypatch.setattr(live, "publish", lambda stream, message: None)
            await settled(made)
            await live.compare_heads()
            await made.quiet(refresh, 1.3)
            await in_thread(leaves)()
            await live.compare_heads()
            await made.until(refresh)

    run(story)


def test_a_supervisor_reads_along(floor: Floor) -> None:
    made = socket(floor.sam)
    talk, _ = floor.talk()
    talk.refresh_from_db()
    start = talk.change_seq

    async def story() -> None:
        async with connected(made):
            await made.say(join="interaction", id=str(talk.id), seq=start)
            await joined(f"conversation:{talk.id}", f"interaction:{talk.id}")
            await settled(made)
            await in_thread(said)(floor.channel, "jonas", "Are you there?")
            frame = await made.until(lambda frame: "html" in frame)
            assert (frame["seq"], "Are you there?" in frame["html"]) == (start + 1, True)
            await in_thread(do_note)(talk.id, author=floor.ana, text="Quite odd")
            assert "Quite odd" in (await made.until(lambda frame: "html" in frame))["html"]
            await in_thread(supervise.do_take_back)(talk.id, floor.sam)
            assert (await made.until(refresh))["stream"] == f"interaction:{talk.id}"

    run(story)


def test_who_reads_along_after_a_while_is_told_to_catch_up(floor: Floor) -> None:
    made = socket(floor.sam)
    talk, _ = floor.talk()
    head = Conversation.objects.get(id=talk.id).change_seq

    async def story() -> None:
        async with connected(made):
            await made.say(join="interaction", id=str(talk.id), seq=0)
            assert (await made.until(lambda frame: "behind" in frame))["behind"] == head
            await made.say(join="interaction", id=str(uuid.uuid4()), seq=0)
            assert (await made.until(lambda frame: "error" in frame))["error"] == "not joined"

    run(story)


def test_other_conversations_are_not_heard(floor: Floor) -> None:
    made = socket(floor.sam)
    talk, _ = floor.talk("jonas")
    other, _ = floor.talk("marta")
    seq = Conversation.objects.get(id=talk.id).change_seq

    async def story() -> None:
        async with connected(made):
            await made.say(join="interaction", id=str(talk.id), seq=seq)
            await joined(f"conversation:{talk.id}")
            await settled(made)
            await in_thread(said)(floor.channel, "marta", "Hello again")
            await in_thread(supervise.do_take_back)(other.id, floor.sam)
            await made.quiet(lambda frame: "html" in frame or refresh(frame), 1.2)

    run(story)


# --- live equals fresh -------------------------------------------------------------------------


def test_after_each_refresh_the_panel_equals_a_fresh_page(floor: Floor) -> None:
    """State, act, be told, fetch: the same as somebody who opens the page now."""
    made = socket(floor.sam)
    talk = floor.scene.writes(floor.channel)
    acts: list[Callable[[], Any]] = [
        lambda: do_accept(alert(talk).id, floor.ana),
        lambda: supervise.do_take_back(talk.id, floor.sam),
        lambda: supervise.do_log_out_of_queue(floor.ana, floor.sam),
        lambda: supervise.do_put_on_queue(floor.ana, floor.sam),
        lambda: supervise.do_assign(talk.id, floor.sam, floor.ana),
    ]
    browser = client(floor.sam)

    def shown() -> str:
        return words(browser.get("/reporting/", headers={"HX-Request": "true"}))

    async def story() -> None:
        async with connected(made):
            await made.say(join="activity")
            await joined(ACTIVITY)
            await settled(made)
            before = await in_thread(shown)()
            for act in acts:
                await in_thread(act)()
                await made.until(refresh)
                told, fresh = await in_thread(shown)(), await in_thread(_page)(floor)
                assert told.strip() in fresh
                assert told != before
                before = told

    run(story)


def _page(floor: Floor) -> str:
    return words(get(floor.sam, "/reporting/", partial=False))


# --- heads -------------------------------------------------------------------------------------


def test_heads_are_those_of_the_newest_event_that_matters(floor: Floor) -> None:
    talk, _ = floor.talk()
    newest = EventRecord.objects.exclude(name__startswith="message").order_by("-id").first()
    assert newest is not None
    head = activity_heads(["all"])["all"]
    assert head == sequence(EventRecord.objects.filter(name="assignment.started").latest("id").id)
    said(floor.channel, "jonas", "More")
    assert activity_heads(["all"])["all"] == head
    assert interaction_heads([str(talk.id)]) == {str(talk.id): head}
    assert interaction_heads([str(uuid.uuid4())]).popitem()[1] == 0
    floor.scene.set_clock(floor.scene.now.replace(hour=20))
    assert activity_heads(["all"])["all"] == 0, "too long ago to matter"
    assert "Orders" in words(get(floor.sam, of(talk)))
