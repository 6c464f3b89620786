"""Frames that other public clients of the protocol send, as they send them: each is read for what it means.
`golden/other_clients.json` names the sources."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from channels_app import content
from channels_app.messenger import frames
from channels_app.messenger.frames import GuestMessage
from channels_app.messenger.models import Deployment
from channels_app.messenger.socket import session
from tests.channels_app.client import check_frame
from tests.channels_app.test_transport_sdk import differences

SENT: dict[str, dict[str, Any]] = json.loads((Path(__file__).parent / "golden" / "other_clients.json").read_text())
FILE = "01a20456-c642-70d3-bcfa-a5a54d22bb4b"
MESSAGE, ECHO, CONFIGURE = frames.OnMessage, frames.Echo, frames.ConfigureSession
#: what the frame means; the rest stays at its default
MEANT: dict[str, tuple[type[frames.Request], dict[str, Any]]] = {
    "older mobile checks its health": (ECHO, {"metadata": {"customMessageId": "SGVhbHRoQ2hlY2tNZXNzYWdlSWQ="}}),
    "older mobile answers a card": (MESSAGE, {"text": "Postback button text", "custom_message_id": "card-123"}),
    "tester configures": (CONFIGURE, {"start_new": False}),
    "tester says with participant data": (
        MESSAGE,
        {"kind": "message", "text": "hi", "custom_attributes": {"IsAutomatedTest": "true"}, "custom_message_id": None},
    ),
    "widget checks its health without a token": (ECHO, {"text": "ping", "token": None}),
    "widget asks for an upload": (frames.OnAttachment, {"attachment_id": None, "file_size": 68}),
    "widget sends the upload": (MESSAGE, {"kind": "message", "text": "", "attachment_ids": (FILE,)}),
    "widget asks for the history's token": (frames.GetJwt, {}),
    "java asks what may be sent": (frames.GetConfiguration, {"deployment_id": "d"}),
    "others keep alive with a bare text": (ECHO, {"text": "keep-alive", "token": None}),
    "others configure as the web messenger does": (CONFIGURE, {"start_new": True, "deployment_id": "d"}),
    "others configure with attributes in data": (CONFIGURE, {"challenge": None}),
    "others join with more than attributes": (
        MESSAGE,
        {"kind": "join", "custom_attributes": {"brand": "6C", "trip": '{"nights":2}'}},
    ),
    "others join with an id of their own": (MESSAGE, {"kind": "join"}),
    "others ask for an upload with one size for all": (frames.OnAttachment, {"file_size": 10_385_760}),
    "others send an upload without type and text": (MESSAGE, {"kind": "message", "attachment_ids": (FILE,)}),
    "others name the message beside its text": (MESSAGE, {"text": "hi", "custom_message_id": None}),
    "others answer a menu": (MESSAGE, {"text": "2. Balance", "custom_message_id": "i"}),
    "others put everything that they know into an attribute": (
        MESSAGE,
        {"custom_attributes": {"uuid": "u", "vip": "true", "visits": "3", "cart": '["a","b"]'}},
    ),
}


def test_every_frame_has_its_meaning() -> None:
    assert set(MEANT) == set(SENT["requests"])


@pytest.mark.parametrize("name", MEANT)
def test_a_frame_of_another_client_is_read(name: str) -> None:
    kind, fields = MEANT[name]
    request = frames.parse(json.dumps(SENT["requests"][name]))
    assert type(request) is kind
    assert {field: getattr(request, field) for field in fields} == fields


@pytest.mark.parametrize(
    ("message", "code"),
    [(5, 400), ([], 400), ({"text": 5}, 400), ("x" * 5000, 4011)],
)
def test_a_health_check_with_anything_else_is_refused(message: Any, code: int) -> None:
    with pytest.raises(frames.FrameError) as refused:
        frames.parse(json.dumps({"action": "echo", "message": message}))
    assert refused.value.code == code


@pytest.mark.parametrize("depth", [10, 300])
def test_attributes_are_read_as_deep_as_they_are(depth: int) -> None:
    deep = "[" * depth + "]" * depth
    frame = {"action": "onMessage", "token": "t", "message": {"text": "x", "metadata": {"a": json.loads(deep)}}}
    assert frames.parse(json.dumps(frame)).metadata["a"] == deep  # type: ignore[attr-defined]


def test_attributes_deeper_than_json_goes_are_refused() -> None:
    deep = "[" * 20_000 + "]" * 20_000
    with pytest.raises(frames.FrameError) as refused:
        frames.parse('{"action":"onMessage","token":"t","message":{"text":"x","metadata":{"a":' + deep + "}}}")
    assert refused.value.code == 400


# --- what they read --------------------------------------------------------------------------------

MOMENT = datetime(2022, 8, 22, 19, 24, 26, 704_000, UTC)
TIME = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
ID = UUID("0190163d-4d6c-7000-8000-00000000000a")
QUICK = content.QuickReplies(items=(content.QuickReply(text="Yes", payload="yes"),))


def body_of(**fields: Any) -> dict[str, Any]:
    message = GuestMessage(**{"id": ID, "time": TIME, "direction": "outbound", **fields})
    body: dict[str, Any] = frames.structured_message(message)["body"]
    return body


def test_a_structured_message_has_a_text_and_a_file_alone_has_none() -> None:
    """The tester and the widget read the text of a Structured unasked; of a Text they take its absence for a file."""
    assert body_of(content=(QUICK,))["text"] == ""
    assert body_of(content=(QUICK,), text="Well?")["text"] == "Well?"
    file = content.Attachment(id="a", media_type="image", filename="a.png", mime="image/png", url="https://x.example/a")
    assert "text" not in body_of(content=(file,))


def test_only_what_the_company_says_names_its_author_kind_and_in_the_history_everything_does() -> None:
    """A bot's hand-over client passes on every message of a Human: the guest's own would come back to them."""
    mine = GuestMessage(id=ID, time=TIME, direction="inbound", author_kind="customer", text="Hello", message_id=ID)
    assert "originatingEntity" not in frames.structured_message(mine)["body"]
    assert frames.history_page([mine], 1, 25, 1)["entities"][0]["originatingEntity"] == "Human"
    assert body_of(text="Hello")["originatingEntity"] == "Human"
    assert body_of(text="Hello", author_kind="bot")["originatingEntity"] == "Bot"


def test_the_end_names_it_too_and_a_guests_own_event_doesnt() -> None:
    end = frames.presence_event("Disconnect", message_id=ID, time=TIME, read_only=False)["body"]
    join = frames.presence_event("Join", message_id=ID, time=TIME, direction="inbound")["body"]
    assert end["originatingEntity"] == "Human"
    assert "originatingEntity" not in join


def ours(name: str) -> dict[str, Any]:
    own = {"metadata": {"customMessageId": "some_custom_message_id"}, "text": "Hello world!", "message_id": ID}
    match name:
        case "older mobile knows its health check":
            request = frames.parse(json.dumps(SENT["requests"]["older mobile checks its health"]))
            assert isinstance(request, frames.Echo)
            return frames.echo_response(request, message_id=ID)
        case "older mobile knows its own message":
            return frames.structured_message(GuestMessage(id=ID, time=MOMENT, direction="inbound", **own))
        case "tester reads a session":
            return frames.session_response(frames.SessionState(new_session=True), frames.DEFAULT_LIMITS)
        case _:
            return frames.structured_message(
                GuestMessage(id=ID, time=MOMENT, direction="outbound", text="Hi", author_kind="bot")
            )


@pytest.mark.parametrize("name", SENT["responses"])
def test_another_client_reads_what_we_send(name: str) -> None:
    made = json.loads(frames.encode(ours(name)))
    check_frame(made)
    assert differences(SENT["responses"][name], made) == []


def test_a_health_check_brings_back_its_own_marks_and_the_times_of_the_session() -> None:
    echo = frames.Echo(metadata={"customMessageId": "mine", "durationSeconds": "1"})
    body = frames.echo_response(echo, message_id=ID, duration_seconds=60, expires_at=TIME)["body"]
    assert body["metadata"] == {"customMessageId": "mine", "durationSeconds": "60", "expirationDate": "1795339800"}
    assert "metadata" not in frames.echo_response(frames.Echo(), message_id=ID)["body"]


# --- where they come from --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("origin", "own_host", "allowed"),
    [
        (None, "chat.example:8000", True),  # an app or a server
        ("https://www.shop.example", "chat.example", True),
        ("shop.example", "chat.example", True),  # the Java SDK and the tester name a bare host
        ("chat.example", "chat.example:8000", True),  # the mobile SDK names the host that it connects to
        ("http://chat.example:8000", "chat.example:8000", True),
        ("http://chat.example", "chat.example:8000", False),  # a browser's page on another port is another site
        ("evil.example", "chat.example", False),
        ("notshop.example", "chat.example", False),
        ("https://evil.example/shop.example", "chat.example", False),
        ("null", "chat.example", False),
        ("", "", False),
        ("https://[", "chat.example", False),
    ],
)
def test_an_origin_is_a_page_or_a_bare_host(origin: str | None, own_host: str, allowed: bool) -> None:
    deployment = Deployment(allowed_domains=["shop.example"])
    assert session.allowed_origin(deployment, origin, own_host) is allowed
