"""The supervisors' socket: who gets in, what it says, and that a page after it equals a fresh load.

Over the real ASGI application and Valkey.
"""

from __future__ import annotations

import asyncio
import json
import threading
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from channels.layers import get_channel_layer
from channels.testing import WebsocketCommunicator
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection

from agents.models import User
from channels_app.actions.outbound import do_note
from channels_app.models import Conversation
from contactcenter.asgi import application
from contactcenter.kernel import clock, db, live
from contactcenter.kernel.db import in_thread
from reporting import consumers
from reporting.live import ACTIVITY, activity_heads, interaction_heads, sequence
from reporting.models import EventRecord
from routing.actions import supervise
from routing.actions.offers import do_accept
from tests.factories import said
from tests.reporting.floor import Floor, client, get, of, words
from tests.routing.cast import Scene, alert

ORIGIN = b"http://127.0.0.1:8000"


@pytest.fixture
def floor(transactional_db: None) -> Iterator[Floor]:
    """Committed rows, since a socket has connections of its own; they are closed at the end."""
    scene = Scene()
    yield Floor(scene)
    scene.close()
    barrier = threading.Barrier(settings.CC_SOCKET_THREADS)  # one task for each thread of the pool

    def close() -> None:
        barrier.wait(10)
        _close()

    for done in [db._socket_threads().submit(close) for _ in range(settings.CC_SOCKET_THREADS)]:
        done.result(15)


def _close() -> None:
    connection.close()  # looked up here: each thread has its own


class Socket(WebsocketCommunicator):
    async def say(self, **frame: Any) -> None:
        await self.send_to(text_data=json.dumps(frame))

    async def until(self, wanted: Callable[[dict[str, Any]], Any], seconds: float = 6) -> dict[str, Any]:
        """The first frame that is wanted; others are passed over."""
        async with asyncio.timeout(seconds):
            while True:
                frame: dict[str, Any] = json.loads(await self.receive_from(timeout=seconds + 5))
                if wanted(frame):
                    return frame

    async def closed_with(self) -> int:
        async with asyncio.timeout(6):
            while True:
                output = await self.receive_output(timeout=6)
                if output["type"] == "websocket.close":
                    return int(output["code"])

    async def quiet(self, unwanted: Callable[[dict[str, Any]], Any], seconds: float = 1.3) -> None:
        """Nothing of that sort arrives."""
        with pytest.raises(TimeoutError):
            await self.until(unwanted, seconds)


def socket(user: User | None, *, origin: bytes = ORIGIN) -> Socket:
    headers = [(b"origin", origin)]
    if user is not None:
        session = client(user).session.session_key
        headers.append((b"cookie", f"{settings.SESSION_COOKIE_NAME}={session}".encode()))
    return Socket(application, "/ws/reporting/?lang=en", headers=headers)


@asynccontextmanager
async def connected(made: Socket) -> AsyncIterator[Socket]:
    assert (await made.connect())[0]
    try:
        await made.until(lambda frame: "hello" in frame)
        yield made
    finally:
        await made.disconnect()


def run(story: Callable[[], Awaitable[None]]) -> None:
    async def told() -> None:
        try:
            await story()
        finally:
            await get_channel_layer().flush()
            await sync_to_async(_close)()

    asyncio.run(told())


def refresh(frame: dict[str, Any]) -> bool:
    return frame.get("refresh") is True


async def settled(made: Socket) -> None:
    """What was pushed before is through."""
    for _ in range(10):
        try:
            await made.until(refresh, 1.3)
        except TimeoutError:
            return


async def joined(made: Socket, *streams: str) -> None:
    """Wait until the layer knows of it: joining isn't answered."""
    async with asyncio.timeout(5):
        while len(await get_channel_layer().listened([live.group(one) for one in streams])) < len(streams):
            await asyncio.sleep(0.02)


# --- who gets in -------------------------------------------------------------------------------


def test_a_supervisor_gets_in_an_agent_and_a_stranger_dont(floor: Floor) -> None:
    good, agents, strangers = socket(floor.sam), socket(floor.ana), socket(None)

    async def story() -> None:
        async with connected(good):
            pass
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
    monkeypatch.setattr(consumers, "HEARTBEAT_SECONDS", 0.3)
    made = socket(floor.sam)

    async def story() -> None:
        async with connected(made):
            await made.until(lambda frame: "beat" in frame)
            await in_thread(Session.objects.all().delete)()
            assert await made.closed_with() == 4401

    run(story)


def test_a_socket_ends_with_the_permission(floor: Floor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consumers, "HEARTBEAT_SECONDS", 0.3)
    made = socket(floor.sam)

    async def story() -> None:
        async with connected(made):
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
            await joined(made, ACTIVITY)
            await settled(made)
            await in_thread(said)(floor.channel, "jonas", "Are you there?")
            await made.quiet(refresh)
            await in_thread(supervise.do_log_out_of_queue)(floor.ana, floor.sam)
            assert (await made.until(refresh))["stream"] == ACTIVITY
            await in_thread(supervise.do_take_back)(talk.id, floor.sam)
            await made.until(refresh)

    run(story)


def test_a_burst_is_one_refresh_a_second(floor: Floor) -> None:
    made = socket(floor.sam)

    async def story() -> None:
        async with connected(made):
            await made.say(join="activity")
            await joined(made, ACTIVITY)
            await settled(made)
            for number in range(30):
                live.publish(ACTIVITY, {"seq": 2**62 + number})
            await made.until(refresh)
            first = time.monotonic()
            live.publish(ACTIVITY, {"seq": 2**62 + 99})
            await made.until(refresh)
            assert time.monotonic() - first > 0.8
            await made.quiet(refresh)

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
            await joined(made, ACTIVITY)
            monkeypatch.setattr(live, "publish", lambda stream, message: None)
            await settled(made)
            await live.compare_heads()
            await made.quiet(refresh)
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
            await joined(made, f"conversation:{talk.id}", f"interaction:{talk.id}")
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
            await joined(made, f"conversation:{talk.id}")
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
            await joined(made, ACTIVITY)
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
