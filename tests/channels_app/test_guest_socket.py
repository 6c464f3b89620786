"""The guest socket, thin: over a real web process, by a client that shares no code with the product."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect

from channels_app.actions.outbound import do_note, do_reply
from channels_app.messenger.models import Deployment
from channels_app.models import Channel, Conversation, Message
from contactcenter.kernel import events
from tests.channels_app.talks import ana
from tests.product import Product


@pytest.fixture
def deployment(product: Product) -> Deployment:
    channel = Channel.objects.create(kind="webmessaging", name="Shop")
    return Deployment.objects.create(channel=channel, name="Shop page", allowed_domains=["shop.example"])


class Guest:
    """A customer's client."""

    def __init__(self, product: Product, deployment: Deployment, *, token: str = "", origin: str | None = None) -> None:
        self.token = token or str(uuid.uuid4())
        self.deployment = str(deployment.id)
        address = f"ws://127.0.0.1:{product.port}/v1?deploymentId={self.deployment}&application=test"
        self.socket: ClientConnection = connect(address, origin=origin, open_timeout=5, legacy=True)

    def ask(self, action: str, **fields: Any) -> dict[str, Any]:
        tracing = str(uuid.uuid4())
        self.send({"action": action, "token": self.token, "tracingId": tracing, **fields})
        return self.until(lambda frame: frame.get("tracingId") == tracing)

    def send(self, frame: Any) -> None:
        self.socket.send(frame if isinstance(frame, str | bytes) else json.dumps(frame))

    def until(self, wanted: Any, seconds: float = 5) -> dict[str, Any]:
        while True:
            frame: dict[str, Any] = json.loads(self.socket.recv(timeout=seconds))
            if wanted(frame):
                return frame

    def configure(self, **fields: Any) -> dict[str, Any]:
        return self.ask("configureSession", deploymentId=self.deployment, **fields)

    def say(self, text: str, **message: Any) -> dict[str, Any]:
        return self.ask("onMessage", message={"type": "Text", "text": text, **message})


@pytest.fixture
def guest(product: Product, deployment: Deployment) -> Iterator[Guest]:
    made = Guest(product, deployment, origin="https://shop.example")
    yield made
    made.socket.close()


def test_a_guest_configures_a_session_and_their_message_comes_back_with_its_tracing_id(guest: Guest) -> None:
    answer = guest.configure()
    assert (answer["type"], answer["class"], answer["code"]) == ("response", "SessionResponse", 200)
    assert answer["body"]["connected"] is True
    assert answer["body"]["newSession"] is True
    echo = guest.say("Hello, my parcel is lost")
    assert (echo["type"], echo["class"], echo["code"]) == ("message", "StructuredMessage", 200)
    assert echo["body"]["text"] == "Hello, my parcel is lost"
    assert echo["body"]["direction"] == "Inbound"
    stored = Message.objects.get()
    assert echo["body"]["id"] == stored.id.hex
    assert (stored.text, stored.seq, stored.conversation.state) == ("Hello, my parcel is lost", 1, "active")


def test_the_same_custom_message_id_is_stored_once_and_answered_again(guest: Guest) -> None:
    guest.configure()
    own = {"customMessageId": str(uuid.uuid4())}
    first, second = guest.say("once", metadata=own), guest.say("once", metadata=own)
    assert first["body"]["id"] == second["body"]["id"]
    assert Message.objects.count() == 1


def test_a_second_socket_of_the_session_is_told_and_another_customer_is_not(
    product: Product, deployment: Deployment, guest: Guest
) -> None:
    guest.configure()
    tab = Guest(product, deployment, token=guest.token)
    stranger = Guest(product, deployment)
    assert tab.configure()["body"]["newSession"] is False
    stranger.configure()
    guest.say("first")
    assert tab.until(lambda frame: frame["class"] == "StructuredMessage")["body"]["text"] == "first"
    guest.say("second")
    assert tab.until(lambda frame: frame["class"] == "StructuredMessage")["body"]["text"] == "second"
    with pytest.raises(TimeoutError):
        stranger.until(lambda frame: True, seconds=0.5)
    tab.socket.close()
    stranger.socket.close()


def test_history_comes_newest_first_over_rest_and_is_empty_past_the_end(product: Product, guest: Guest) -> None:
    guest.configure()
    for text in ("one", "two", "three"):
        guest.say(text)
    jwt = guest.ask("getJwt")["body"]["jwt"]
    page = rest(product, jwt, "?pageNumber=1&pageSize=2")
    assert [entity["text"] for entity in page["entities"]] == ["three", "two"]
    assert (page["total"], page["pageCount"], page["pageSize"], page["pageNumber"]) == (3, 2, 2, 1)
    assert rest(product, jwt, "?pageNumber=9&pageSize=2")["entities"] == []


def test_history_without_a_valid_token_is_refused(product: Product, guest: Guest) -> None:
    import httpx

    assert httpx.get(f"{product.url}/api/v2/webmessaging/messages").status_code == 401
    forged = {"Authorization": "bearer abc"}
    assert httpx.get(f"{product.url}/api/v2/webmessaging/messages", headers=forged).status_code == 401


def rest(product: Product, jwt: str, query: str) -> dict[str, Any]:
    import httpx

    answer = httpx.get(f"{product.url}/api/v2/webmessaging/messages{query}", headers={"Authorization": f"bearer {jwt}"})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


@pytest.mark.parametrize(
    "raw",
    ["", "{", "[]", "null", '{"action":"fly"}', '{"action":"onMessage","token":"x"}', b"\xff\xfe", '"' + "x" * 5000],
)
def test_a_malformed_frame_gets_an_error_and_the_socket_lives_on(guest: Guest, raw: str | bytes) -> None:
    guest.configure()
    guest.send(raw)
    refused = guest.until(lambda frame: True)
    assert refused["code"] >= 400
    assert guest.say("still here")["code"] == 200
    assert Message.objects.count() == 1


def test_a_text_past_the_limit_is_refused_and_not_stored(guest: Guest) -> None:
    guest.configure()
    assert guest.say("x" * 5000)["code"] == 4011
    assert not Message.objects.exists()


def test_a_message_before_the_session_is_configured_is_refused(guest: Guest) -> None:
    assert guest.say("hello")["code"] == 4007
    assert not Message.objects.exists()


def test_a_foreign_origin_is_refused_and_a_listed_one_is_not(product: Product, deployment: Deployment) -> None:
    with pytest.raises(InvalidStatus) as refused:
        Guest(product, deployment, origin="https://evil.example")
    assert refused.value.response.status_code == 403
    Guest(product, deployment, origin="https://www.shop.example").socket.close()


def test_an_unknown_deployment_is_refused(product: Product, deployment: Deployment) -> None:
    deployment.id = uuid.uuid4()
    with pytest.raises(InvalidStatus):
        Guest(product, deployment)


def test_an_expired_session_gets_the_protocols_event_and_nothing_is_stored(product: Product, guest: Guest) -> None:
    guest.configure()
    product.travel(timedelta(hours=73))
    assert guest.say("too late")["class"] == "SessionExpiredEvent"
    assert not Message.objects.exists()
    assert guest.configure()["code"] == 4006


def test_a_session_slides_on_with_each_message(product: Product, guest: Guest) -> None:
    guest.configure()
    guest.say("first day")
    product.travel(timedelta(hours=71))
    assert guest.say("third day")["code"] == 200
    product.travel(timedelta(hours=71 * 2))
    assert guest.say("sixth day")["code"] == 200


def test_an_echo_is_answered_with_or_without_a_token(guest: Guest) -> None:
    guest.configure()
    assert guest.ask("echo", message={"type": "Text", "text": "ping"})["body"]["text"] == "ping"
    guest.send({"action": "echo", "message": {"type": "Text", "text": "ping"}})
    assert guest.until(lambda frame: True)["body"]["text"] == "ping"


def test_too_many_messages_at_once_are_answered_with_429_and_a_time(guest: Guest) -> None:
    guest.configure()
    codes = [guest.say(f"n {n}")["code"] for n in range(12)]
    assert 429 in codes
    assert Message.objects.count() == codes.count(200)


def test_clearing_ends_the_conversation_and_the_next_message_opens_another(guest: Guest) -> None:
    guest.configure()
    guest.say("before")
    guest.send({
        "action": "onMessage", "token": guest.token,
        "message": {"type": "Event", "events": [{"eventType": "Presence", "presence": {"type": "Clear"}}]},
    })  # fmt: skip
    guest.until(lambda frame: frame["class"] == "SessionClearedEvent")
    assert Conversation.objects.get().state == "ended"
    guest.say("after")
    assert sorted(Conversation.objects.values_list("state", flat=True)) == ["active", "ended"]


@pytest.fixture
def lost(monkeypatch: pytest.MonkeyPatch) -> None:
    """What this process does is stored, and no socket is told."""
    monkeypatch.setattr(events, "announce", lambda recorded: None)


def an_answer(text: str) -> Message:
    return do_reply(Conversation.objects.get().id, author=ana(), text=text)


def test_what_was_lost_on_the_way_comes_before_the_next_message(guest: Guest, lost: None) -> None:
    guest.configure()
    guest.say("one")
    an_answer("two")
    guest.send({"action": "onMessage", "token": guest.token, "message": {"type": "Text", "text": "three"}})
    seen = [guest.until(lambda frame: True)["body"]["text"] for _ in range(2)]
    assert seen == ["two", "three"]


def test_a_lost_last_message_is_found_by_the_comparison_of_heads(guest: Guest, lost: None) -> None:
    guest.configure()
    guest.say("one")
    an_answer("two")
    assert guest.until(lambda frame: True, seconds=8)["body"]["text"] == "two"


def test_a_note_reaches_no_customer_and_makes_no_gap(guest: Guest) -> None:
    guest.configure()
    guest.say("one")
    do_note(Conversation.objects.get().id, author=ana(), text="canary")
    an_answer("two")
    frame = guest.until(lambda frame: True)
    assert frame["body"]["text"] == "two"
    assert "canary" not in str(frame)
    with pytest.raises(TimeoutError):
        guest.until(lambda frame: True, seconds=4)
