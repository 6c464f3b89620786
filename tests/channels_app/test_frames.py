"""The guest protocol's frames: golden cases from its reference and from published clients, and hostile input."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels_app import content
from channels_app.messenger import frames
from channels_app.messenger.errors import CLEAR_NOT_SUPPORTED
from channels_app.messenger.frames import FrameError, GuestMessage, Limits, OnMessage

GOLDEN = Path(__file__).parent / "golden"
REQUESTS: dict[str, Any] = json.loads((GOLDEN / "requests.json").read_text())
RESPONSES: dict[str, Any] = json.loads((GOLDEN / "responses.json").read_text())
REST: dict[str, Any] = json.loads((GOLDEN / "rest.json").read_text())

ID = UUID("0190163d-4d6c-7000-8000-00000000000a")
MESSAGE_ID = UUID("0190163d-4d6c-7000-8000-00000000000b")
TIME = datetime(2022, 8, 22, 19, 24, 26, 704_000, UTC)
EXPIRES = datetime(2022, 8, 25, 19, 24, 26, tzinfo=UTC)
HEALTH_CHECK = "SGVhbHRoQ2hlY2tNZXNzYWdlSWQ="
MEDIA = Limits(file_types=("video/mpg", "video/3gpp"), blocked_extensions=(".ade", ".adp"))


def parse(**frame: Any) -> frames.Request:
    return frames.parse(json.dumps(frame))


def on_message(message: Any, **frame: Any) -> OnMessage:
    request = parse(action="onMessage", token="tok", message=message, **frame)
    assert isinstance(request, OnMessage)
    return request


def refused(raw: Any, limits: Limits = frames.DEFAULT_LIMITS) -> FrameError:
    text = raw if isinstance(raw, str | bytes) else json.dumps(raw)
    with pytest.raises(FrameError) as caught:
        frames.parse(text, limits)
    return caught.value


# Requests

JOURNEY = frames.JourneyContext(
    customer_id="00000000-0000-0000-0000-000000000000",
    customer_id_type="cookie",
    session_type="web",
    action_id="a-1",
    action_map_id="m-1",
    action_map_version="1.0",
)


def chosen(kind: Any, text: str, payload: str, origin: str | None = None) -> content.ButtonResponse:
    return content.ButtonResponse(kind=kind, text=text, payload=payload, origin_message_id=origin)


PARSED: dict[str, frames.Request] = {
    "configure": frames.ConfigureSession(
        token="00000000-0000-0000-0000-000000000000",
        tracing_id="t-1",
        deployment_id="deploymentId",
        journey=JOURNEY,
    ),
    "configure_minimal": frames.ConfigureSession(token="tok", deployment_id="deploymentId"),
    "configure_authenticated": frames.ConfigureAuthenticatedSession(
        token="tok", deployment_id="deploymentId", start_new=True, code="a.jwt.b"
    ),
    "get_configuration": frames.GetConfiguration(token="tok", deployment_id="deploymentId"),
    "text": OnMessage(token="tok", tracing_id="m-1", text="Hello world", custom_attributes={"A": "B"}),
    "text_attributes_beside": OnMessage(token="tok", text="Hello world", custom_attributes={"A": "B"}),
    "text_with_metadata": OnMessage(
        token="tok",
        text="Hello world",
        metadata={"customMessageId": "c-1", "id": "x", "count": "3"},
        custom_message_id="c-1",
        time="2022-08-22T19:24:26.704Z",
    ),
    "attachment_content": OnMessage(token="tok", text="see", attachment_ids=("a-1",)),
    "attachment_legacy": OnMessage(token="tok", attachment_ids=("a-1",)),
    "attachment_alone": OnMessage(token="tok", attachment_ids=("a-1",)),
    "attachment_no_message": OnMessage(token="tok", attachment_ids=("a-1",)),
    "typing": OnMessage(token="tok", kind="typing_on"),
    "autostart": OnMessage(token="tok", kind="join", custom_attributes={"A": "B"}),
    "clear": OnMessage(token="tok", kind="clear"),
    "quick_reply": OnMessage(
        token="tok", text="text_a", content=(chosen("quick_reply", "text_a", "payload_a", "m-1"),)
    ),
    "quick_reply_structured": OnMessage(
        token="tok",
        text="text_a",
        content=(chosen("quick_reply", "text_a", "payload_a", "m-1"),),
        metadata={"parentMessageId": "m-1"},
    ),
    "postback": OnMessage(
        token="tok", text="Postback button text", content=(chosen("button", "Postback button text", "p"),)
    ),
    "date_picker": OnMessage(
        token="tok",
        text="Friday",
        content=(chosen("date_picker", "Friday", "2022-09-02T08:30:00.000Z", "m-1"),),
    ),
    "list_picker": OnMessage(
        token="tok",
        text="Apple, Pear",
        content=(chosen("list_picker", "Apple", "a", "m-1"), chosen("list_picker", "Pear", "b", "m-1")),
        metadata={"parentMessageId": "m-1"},
    ),
    "form": OnMessage(
        token="tok",
        content=(
            content.FormResponse(
                form_id="f-1",
                origin_message_id="m-1",
                answers=(content.FormAnswer(id="name", text="Ada", payload="Ada"),),
            ),
        ),
    ),
    "receipt": OnMessage(token="tok", kind="receipt", receipt=frames.Receipt(status="read", message_id=ID)),
    "echo": frames.Echo(token="tok", tracing_id=HEALTH_CHECK),
    "echo_bare": frames.Echo(),
    "on_attachment": frames.OnAttachment(
        token="tok",
        attachment_id="88888888-8888-8888-8888-888888888888",
        file_name="test_asset.png",
        file_type="image/png",
        file_size=424242,
        errors_as_json=True,
    ),
    "on_attachment_bare": frames.OnAttachment(token="tok", file_name="a.png", file_size=10),
    "get_attachment": frames.GetAttachment(token="tok", attachment_id="a-1"),
    "delete_attachment": frames.DeleteAttachment(token="tok", attachment_id="a-1"),
    "get_jwt": frames.GetJwt(token="tok"),
    "close_session": frames.CloseSession(token="tok", close_all_connections=True),
    "disconnect_customer": frames.DisconnectCustomer(token="tok"),
    "resume_token": frames.ResumeToken(token="tok"),
}


@pytest.mark.parametrize("name", REQUESTS)
def test_a_published_request_is_understood(name: str) -> None:
    assert frames.parse(json.dumps(REQUESTS[name])) == PARSED[name]


@pytest.mark.parametrize("name", REQUESTS)
def test_a_request_may_come_as_bytes_with_unknown_fields(name: str) -> None:
    frame = {**REQUESTS[name], "fromTheFuture": {"deep": [1, {}]}}
    assert frames.parse(json.dumps(frame).encode()) == PARSED[name]


@pytest.mark.parametrize("name", [name for name in REQUESTS if not name.startswith("echo")])
def test_a_request_without_a_token_is_refused(name: str) -> None:
    frame = {key: value for key, value in REQUESTS[name].items() if key != "token"}
    error = refused({**frame, "tracingId": "t-9"})
    assert (error.code, error.message, error.tracing_id) == (4020, "Missing required parameter: token", "t-9")


def test_attributes_of_the_message_win_over_those_beside_it() -> None:
    def channel(**attributes: str) -> dict[str, Any]:
        return {"metadata": {"customAttributes": attributes}}

    request = on_message(
        {"type": "Text", "text": "x", "channel": channel(a="message")}, channel=channel(a="frame", b="frame")
    )
    assert request.custom_attributes == {"a": "message", "b": "frame"}


def test_attachments_named_in_both_ways_count_once() -> None:
    named = [{"contentType": "Attachment", "attachment": {"id": name}} for name in ("a", "b")]
    request = on_message({"content": named, "attachmentIds": ["c"]}, attachmentIds=["a"])
    assert request.attachment_ids == ("a", "c", "b")


def test_a_guest_can_share_a_location() -> None:
    place = {"latitude": 52.5, "longitude": 13.4, "text": "Here"}
    request = on_message({"type": "Structured", "content": [{"contentType": "Location", "location": place}]})
    assert request.content == (content.Location(latitude=52.5, longitude=13.4, name="Here"),)


def test_the_deprecated_postback_and_an_unchanged_quick_reply_are_answers_too() -> None:
    request = on_message(
        {
            "content": [
                {"contentType": "Postback", "postback": {"payload": "p", "text": "Buy"}},
                {"contentType": "QuickReply", "quickReply": {"text": "Yes", "payload": "y", "action": "Message"}},
                {"contentType": "Text", "text": {"type": "Text", "body": "more"}},
            ]
        }
    )
    assert request.content == (chosen("button", "Buy", "p"), chosen("quick_reply", "Yes", "y"))
    assert request.text == "Buy, Yes, more"


def test_content_that_guests_cannot_send_is_left_out_and_named() -> None:
    story = {"contentType": "Story", "story": {"url": "https://example.test/"}}
    request = on_message({"type": "Text", "text": "x", "content": [story]})
    assert (request.content, request.ignored) == ((), ("Story",))


def test_a_message_of_nothing_but_such_content_is_refused() -> None:
    frame = {"action": "onMessage", "token": "tok", "message": {"content": [{"contentType": "Story"}]}}
    assert "Story" in refused(frame).message


@pytest.mark.parametrize(
    ("event", "kind", "ignored"),
    [
        ({"eventType": "Typing"}, "typing_on", ()),
        ({"eventType": "Typing", "typing": {"type": "Off"}}, "typing_off", ()),
        ({"eventType": "Presence", "presence": {"type": "Disconnect"}}, "disconnect", ()),
        ({"eventType": "Presence", "presence": {"type": "SignIn"}}, "unknown_event", ("Presence",)),
        ({"eventType": "CoBrowse", "coBrowse": {"type": "Offering"}}, "unknown_event", ("CoBrowse",)),
    ],
)
def test_events_are_told_apart(event: Any, kind: str, ignored: tuple[str, ...]) -> None:
    request = on_message({"events": [event]})
    assert (request.kind, request.ignored) == (kind, ignored)


@pytest.mark.parametrize("status", ["Sent", "Failed", "Published", "Removed"])
def test_a_receipt_that_only_a_sender_could_write_is_left_aside(status: str) -> None:
    request = on_message({"type": "Receipt", "status": status, "id": ID.hex})
    assert (request.kind, request.receipt) == ("unknown_event", None)


def test_a_receipt_may_name_its_message_with_dashes() -> None:
    request = on_message({"type": "Receipt", "status": "Delivered", "id": str(ID)})
    assert request.receipt == frames.Receipt(status="delivered", message_id=ID)


def test_nul_and_lone_surrogates_are_made_storable() -> None:
    request = frames.parse(
        '{"action":"onMessage","token":"tok","message":{"text":"a\\u0000b\\ud800c",'
        '"channel":{"metadata":{"customAttributes":{"k\\u0000":"\\udfff"}}}}}'
    )
    assert isinstance(request, OnMessage)
    assert (request.text, request.custom_attributes) == ("ab\ufffdc", {"k": "\ufffd"})


def test_a_token_with_control_characters_is_refused() -> None:
    assert refused({"action": "getJwt", "token": "tok\x01"}).code == 400


def test_an_odd_tracing_id_is_left_out_rather_than_refused() -> None:
    assert parse(action="getJwt", token="tok", tracingId=7) == frames.GetJwt(token="tok")


# Refusals


def message_frame(message: Any, **frame: Any) -> dict[str, Any]:
    return {"action": "onMessage", "token": "tok", "message": message, **frame}


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("", 400),
        ("nonsense", 400),
        (b"\xff\xfe", 400),
        ("[]", 400),
        ("null", 400),
        ('"text"', 400),
        ('{"action":"echo","x":NaN}', 400),
        ("[" * 100_000, 400),
        ('{"a":' * 50_000 + "1" + "}" * 50_000, 400),
        ('{"action":"onAttachment","token":"t","fileName":"a.png","fileSize":' + "9" * 5000 + "}", 400),
        ({}, 4020),
        ({"action": None}, 4020),
        ({"action": 5}, 400),
        ({"action": "getHistory", "token": "tok"}, 400),
        ({"action": "x" * 300, "token": "tok"}, 400),
        ({"action": "getJwt", "token": ""}, 4020),
        ({"action": "getJwt", "token": 5}, 400),
        ({"action": "configureSession", "token": "tok"}, 4020),
        ({"action": "configureSession", "token": "tok", "deploymentId": "d", "startNew": "maybe"}, 400),
        ({"action": "configureAuthenticatedSession", "token": "tok", "deploymentId": "d"}, 4020),
        ({"action": "configureAuthenticatedSession", "token": "tok", "deploymentId": "d", "data": {}}, 4020),
        ({"action": "getAttachment", "token": "tok"}, 4020),
        ({"action": "deleteAttachment", "token": "tok"}, 4020),
        ({"action": "onMessage", "token": "tok"}, 4020),
        (message_frame("text"), 400),
        (message_frame({}), 4020),
        (message_frame({"type": "Text", "text": " "}), 4020),
        (message_frame({"type": "Text", "text": 5}), 400),
        (message_frame({"type": "Poem", "text": "x"}), 400),
        (message_frame({"type": "Event"}), 4020),
        (message_frame({"type": "Event", "events": "x"}), 400),
        (message_frame({"type": "Event", "events": [5]}), 400),
        (message_frame({"type": "Event", "events": [{}]}), 4020),
        (message_frame({"type": "Event", "events": [{"eventType": "Presence"}]}), 4020),
        (message_frame({"type": "Receipt", "status": "Read", "id": "x"}), 400),
        (message_frame({"type": "Receipt", "status": "Read"}), 4020),
        (message_frame({"text": "x", "content": {}}), 400),
        (message_frame({"text": "x", "content": [5]}), 400),
        (message_frame({"text": "x", "content": [{}]}), 4020),
        (message_frame({"text": "x", "content": [{"contentType": "Attachment"}]}), 4020),
        (message_frame({"text": "x", "content": [{"contentType": "Attachment", "attachment": {}}]}), 4020),
        (message_frame({"text": "x", "content": [{"contentType": "ButtonResponse"}]}), 4020),
        (message_frame({"text": "x", "content": [{"contentType": "Story"}] * 31}), 400),
        ('{"action":"echo","token":"t","message":{"text":1e999}}', 400),
        (message_frame({"content": [{"contentType": "Location", "location": {"latitude": 91}}]}), 400),
        ('{"action":"onAttachment","token":"t","fileName":"a.png","fileSize":1e999}', 400),
        (message_frame({"text": "x"}, attachmentIds=[5]), 400),
        (message_frame({"text": "x"}, attachmentIds="a"), 400),
        (message_frame({"text": "x", "metadata": []}), 400),
        (message_frame({"text": "x", "metadata": {"a": "b" * 5000}}), 400),
        (message_frame({"text": "x", "channel": {"metadata": {"customAttributes": []}}}), 400),
        (message_frame({"text": "x", "channel": {"metadata": {"customAttributes": {"a": [["b" * 2048]]}}}}), 4013),
    ],
)  # fmt: skip
def test_what_is_not_the_protocol_is_refused_with_its_code(raw: Any, code: int) -> None:
    error = refused(raw)
    assert error.code == code
    assert error.message


@pytest.mark.parametrize(("text", "size"), [("x" * 5000, 5000), ("é" * 2049, 4098)])
def test_a_message_over_4096_bytes_is_refused_with_the_documented_sentence(text: str, size: int) -> None:
    error = refused(message_frame({"type": "Text", "text": text}, tracingId="t-1"))
    assert frames.encode(frames.refusal(error)) == (
        '{"type":"response","class":"string","code":4011,'
        f'"body":"Message length {size} is larger than 4096","tracingId":"t-1"}}'
    )


def test_a_message_of_4096_bytes_is_accepted() -> None:
    assert on_message({"type": "Text", "text": "é" * 2048}).text == "é" * 2048


def test_a_frame_over_its_own_limit_is_refused_unread() -> None:
    assert refused("x" * 101, Limits(frame_bytes=100)).code == 4011


def test_attributes_over_2048_bytes_are_refused_with_the_documented_sentence() -> None:
    channel = {"metadata": {"customAttributes": {"k": "v" * 2048}}}
    error = refused(message_frame({"type": "Text", "text": "x", "channel": channel}))
    sentence = "Custom Attributes in channel metadata is larger than 2048 bytes"
    assert (error.code, error.message) == (4013, sentence)


def test_attributes_of_2048_bytes_are_accepted() -> None:
    channel = {"metadata": {"customAttributes": {"k": "v" * 2047}}}
    assert on_message({"type": "Text", "text": "x"}, channel=channel).custom_attributes["k"]


def test_limits_are_those_of_the_deployment() -> None:
    frame = json.dumps(message_frame({"text": "x" * 5000}))
    request = frames.parse(frame, Limits(text_bytes=5000))
    assert isinstance(request, OnMessage)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"fileName": None}, 4020),
        ({"fileName": "a" * 1020 + ".png"}, 4005),
        ({"fileName": "noextension"}, 4004),
        ({"fileName": "../a.png"}, 4004),
        ({"fileName": "a\\b.png"}, 4004),
        ({"fileName": "a\nb.png"}, 4004),
        ({"fileName": "gnp.\u202eexe.png"}, 4004),
        ({"fileName": "a.exe"}, 4001),
        ({"fileName": "a.PNG.EXE "}, 4001),
        ({"fileType": "application/zip"}, 4001),
        ({"fileSize": 0}, 4102),
        ({"fileSize": 10 * 1024 * 1024 + 1}, 4002),
        ({"fileSize": 10**4000}, 4002),
        ({"fileSize": -1}, 400),
        ({"fileSize": 1.5}, 400),
        ({"fileSize": "10"}, 400),
        ({"fileSize": True}, 400),
    ],
)
def test_a_faulty_upload_is_refused_in_the_shape_its_client_asked_for(fields: dict[str, Any], code: int) -> None:
    frame = {**REQUESTS["on_attachment"], **fields}
    error = refused(frame, Limits(file_types=("image/*",)))
    answer = frames.refusal(error)
    assert (answer["class"], answer["code"]) == ("GenerateUrlError", 200)
    assert answer["body"]["attachmentId"] == frame["attachmentId"]
    assert answer["body"]["errorCode"] == code
    plain = frames.refusal(refused({**frame, "errorsAsJson": False}, Limits(file_types=("image/*",))))
    assert (plain["class"], plain["code"], plain["body"]) == ("string", code, error.message)


@pytest.mark.parametrize(
    "fields",
    [
        {"fileName": "Screenshot 2024 at 3.04.05\u202fPM.png"},
        {"fileName": "a" * 1019 + ".png"},
        {"fileType": "IMAGE/PNG; charset=binary"},
        {"fileSize": 10 * 1024 * 1024},
        {"fileSize": 10.0},
        {"fileSize": None},
    ],
)
def test_an_ordinary_upload_is_accepted(fields: dict[str, Any]) -> None:
    frame = json.dumps({**REQUESTS["on_attachment"], **fields})
    assert isinstance(frames.parse(frame, Limits(file_types=("image/*",))), frames.OnAttachment)


# Fuzzing

HUGE = "1e999"  # JSON that Python reads as infinity
json_like = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.just(HUGE)
    | st.text(st.characters(), max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=12,
)


@st.composite
def near_valid(draw: st.DrawFn) -> str:
    """A published request with one to three of its places, however deep, replaced by something else. Action and
    token stay, so that the reading goes on behind them: the tables have their faults."""
    frame = json.loads(json.dumps(REQUESTS[draw(st.sampled_from(sorted(REQUESTS)))]))
    for _ in range(draw(st.integers(1, 3))):
        node: Any = frame
        while True:
            keys = list(node) if isinstance(node, dict) else list(range(len(node)))
            keys = [key for key in keys if node is not frame or key not in {"action", "token"}]
            if not keys:
                break
            key = draw(st.sampled_from(keys))
            if isinstance(node[key], dict | list) and draw(st.booleans()):
                node = node[key]
                continue
            alike = isinstance(node[key], str) and draw(st.booleans())
            node[key] = draw(st.text(st.characters(), max_size=12) if alike else json_like)
            break
    return json.dumps(frame).replace(f'"{HUGE}"', HUGE)


def answer(raw: str | bytes) -> None:
    """What a consumer does with a frame, as far as the frames module goes: never another exception."""
    try:
        request = frames.parse(raw)
    except FrameError as error:
        frames.encode(frames.refusal(error)).encode()
        return
    if isinstance(request, frames.Echo):
        frames.encode(frames.echo_response(request, message_id=ID)).encode()
    if isinstance(request, OnMessage):
        message = GuestMessage(
            id=ID,
            direction="inbound",
            time=TIME,
            text=request.text,
            content=request.content,
            metadata=request.metadata,
            custom_attributes=request.custom_attributes,
        )
        frame = frames.encode(frames.structured_message(message, request.tracing_id))
        frame.encode()
        assert "\\u0000" not in frame


@given(st.text(st.characters()) | st.binary())
def test_any_text_or_bytes_are_answered(raw: str | bytes) -> None:
    answer(raw)


@given(json_like)
def test_any_json_is_answered(data: Any) -> None:
    answer(json.dumps(data).replace(f'"{HUGE}"', HUGE))


@pytest.mark.parametrize("name", sorted(REQUESTS))
@given(data=st.data())
def test_any_json_behind_a_valid_action_is_answered(name: str, data: st.DataObject) -> None:
    """Each field of a published request is missing, as published, or any JSON."""
    published = REQUESTS[name]
    fields = {key: st.just(published[key]) | json_like for key in published.keys() - {"action", "token"}}
    head = {key: published[key] for key in published.keys() & {"action", "token"}}
    drawn = data.draw(st.fixed_dictionaries({}, optional=fields))
    answer(json.dumps(head | drawn).replace(f'"{HUGE}"', HUGE))


@settings(max_examples=500)
@given(near_valid())
def test_any_frame_close_to_a_valid_one_is_answered(raw: str) -> None:
    answer(raw)


# Responses


def inbound(**fields: Any) -> GuestMessage:
    values = {"direction": "inbound", "author_kind": "customer", "message_id": MESSAGE_ID, **fields}
    return GuestMessage(id=ID, time=TIME, **values)


def outbound(*items: content.ContentItem, **fields: Any) -> dict[str, Any]:
    values = {"author_kind": "bot", "content": items, **fields}
    return frames.structured_message(GuestMessage(id=ID, direction="outbound", time=TIME, **values))


PICTURE = content.Attachment(
    id="attachment_id",
    media_type="image",
    filename="image.png",
    mime="image/png",
    size=424242,
    url="https://downloadurl.com/a",
)
FORM = content.Form(
    id="f-1",
    introduction=content.Introduction(title="About you", subtitle="Two questions", button_text="Start"),
    pages=(
        content.FormPage(
            title="Name",
            components=(
                content.Input(
                    id="name",
                    title="Name",
                    placeholder="Ada",
                    required=True,
                    keyboard="Default",
                    autocomplete="Name",
                ),
                content.WheelPicker(id="size", items=(content.WheelItem(id="s", title="Small", value="1"),)),
                content.DatePicker(id="when", title="When"),
                content.ListPicker(
                    id="what",
                    sections=(content.ListSection(items=(content.ListItem(id="a", title="Apple"),)),),
                ),
            ),
        ),
    ),
    reply_message=content.Bubble(title="Thanks"),
    show_summary=True,
)
STATE = frames.SessionState(new_session=True, duration_seconds=259200, expires_at=EXPIRES)
CARD = content.Card(
    title="Title",
    description="Description",
    image_url="http://image.com/image.png",
    default_action=content.LinkAction(url="https://example.test/"),
    actions=(content.PostbackAction(text="Select this option", payload="postback_payload"),),
)
CAROUSEL = content.Carousel(
    cards=(
        content.Card(title="One"),
        content.Card(
            title="Two",
            video_url="https://example.test/v.mp4",
            actions=(content.LinkAction(text="Open", url="https://example.test/two"),),
        ),
    )
)
DATES = content.DatePicker(
    title="Visit",
    subtitle="In the shop",
    image_url="https://example.test/i.png",
    location=content.Location(name="Shop", latitude=52.5, longitude=13.4),
    minimum=datetime(2022, 9, 1, tzinfo=UTC),
    maximum=datetime(2022, 9, 30, tzinfo=UTC),
    format="day_month_year",
    times=(content.TimeSlot(at=datetime(2022, 9, 2, 10, 30, tzinfo=timezone(timedelta(hours=2))), duration_s=1800),),
)
FRUIT = content.ListPicker(
    received_message=content.Bubble(
        header="H", title="Choose", subtitle="S", button_label="Send", image_url="https://example.test/i.png"
    ),
    sections=(
        content.ListSection(
            title="Fruit",
            multiple=True,
            items=(
                content.ListItem(id="a", title="Apple", subtitle="Red", image_url="https://example.test/a.png"),
                content.ListItem(id="b", title="Pear"),
            ),
        ),
    ),
)
REPLIES = content.QuickReplies(
    items=(
        content.QuickReply(text="text_a", payload="payload_a"),
        content.QuickReply(text="text_b", image_url="https://example.test/b.png"),
    )
)
ANSWERS = content.FormResponse(
    form_id="f-1",
    origin_message_id="m-1",
    answers=(content.FormAnswer(id="name", text="Ada", payload="Ada"),),
)
PLACE = content.Location(name="Shop", address="Main Street 1", latitude=52.5, longitude=13.4)
ORDER_READY = content.Notification(
    header=content.NotificationPart(text="Order"),
    body=content.NotificationPart(
        text="{{1}}, your order {{number}} is ready",
        parameters=(content.Parameter(text="Ada"), content.Parameter(name="number", text="7")),
    ),
    footer=content.NotificationPart(text="The shop"),
)
FILE: dict[str, Any] = {"file_name": "test_asset.png", "file_type": "image/jpeg", "file_size": 1}
GENERIC = "This is a generic error message for testing."
UPLOAD = ("test_attachment_id", "https://downloadurl.png")
AT: dict[str, Any] = {"message_id": ID, "time": TIME}

BUILT: dict[str, Callable[[], dict[str, Any]]] = {
    "session_response": lambda: frames.session_response(STATE, MEDIA, "t-1"),
    "session_read_only": lambda: frames.session_response(
        frames.SessionState(connected=False, read_only=True, cleared_existing_session=True, auto_started=False),
        MEDIA,
    ),
    "configuration_response": lambda: frames.configuration_response(MEDIA, session_duration_seconds=259200),
    "jwt_response": lambda: frames.jwt_response("some_jwt", expires_at=EXPIRES, tracing_id="t-1"),
    "resume_token_response": lambda: frames.resume_token_response("some_token", expires_at=EXPIRES),
    "echo": lambda: frames.echo_response(
        frames.Echo(tracing_id=HEALTH_CHECK), message_id=ID, duration_seconds=259200, expires_at=EXPIRES
    ),
    "echo_bare": lambda: frames.echo_response(frames.Echo(), message_id=ID),
    "inbound_text": lambda: frames.structured_message(
        inbound(text="Hello world!", metadata={"customMessageId": "c-1"}), "some_custom_message_id"
    ),
    "inbound_attachment_only": lambda: frames.structured_message(inbound(content=(PICTURE,))),
    "inbound_quick_reply": lambda: frames.structured_message(
        inbound(text="text_a", content=(chosen("quick_reply", "text_a", "payload_a", "m-1"),))
    ),
    "outbound_attachment": lambda: outbound(
        PICTURE, author_kind="agent", text="Hi", nickname="Ana", image="https://example.test/ana.png"
    ),
    "quick_replies": lambda: outbound(REPLIES, text="Hi"),
    "card": lambda: outbound(CARD, text="You selected this card option"),
    "carousel": lambda: outbound(CAROUSEL),
    "date_picker": lambda: outbound(DATES, text="Pick a time", originating_message_id="m-1"),
    "list_picker": lambda: outbound(FRUIT),
    "form": lambda: outbound(FORM),
    "form_response": lambda: frames.structured_message(inbound(content=(ANSWERS,), message_id=None)),
    "location_as_text": lambda: outbound(PLACE, author_kind="agent", text="Here"),
    "notification_as_text": lambda: outbound(ORDER_READY, author_kind="system"),
    "typing_on": lambda: frames.typing_event(**AT, nickname="Ana"),
    "typing_off": lambda: frames.typing_event(**AT, on=False),
    "join_echo": lambda: frames.presence_event("Join", **AT, direction="inbound", tracing_id="t-1"),
    "disconnect_read_only": lambda: frames.presence_event("Disconnect", **AT, read_only=True),
    "disconnect_send": lambda: frames.presence_event("Disconnect", **AT, read_only=False),
    "clear": lambda: frames.presence_event("Clear", **AT),
    "receipt": lambda: frames.receipt("read", **AT),
    "upload_url": lambda: frames.upload_url(*UPLOAD, headers={"x-amz-tagging": "abc"}, **FILE),
    "upload_url_without_headers": lambda: frames.upload_url(*UPLOAD, headers={}, **FILE),
    "download_url": lambda: frames.download_url(*UPLOAD, **FILE, tracing_id="t-1"),
    "upload_success": lambda: frames.upload_success(*UPLOAD, time=TIME),
    "upload_failure": lambda: frames.upload_failure("test_attachment_id", 4001, GENERIC, time=TIME),
    "generate_url_error": lambda: frames.generate_url_error("test_attachment_id", 4001, GENERIC),
    "attachment_deleted": lambda: frames.attachment_deleted("attachment_id"),
    "session_expired": frames.session_expired,
    "session_cleared": frames.session_cleared,
    "connection_closed": frames.connection_closed,
    "connection_closed_signed_in": lambda: frames.connection_closed("signedIn"),
    "logout": frames.logout,
    "too_many_requests": lambda: frames.too_many_requests(3),
    "error": lambda: frames.error(4007, "session not found error message"),
    "error_traced": lambda: frames.error(403, CLEAR_NOT_SUPPORTED, "t-1"),
}


@pytest.mark.parametrize("name", RESPONSES)
def test_a_frame_has_the_published_shape(name: str) -> None:
    assert json.loads(frames.encode(BUILT[name]())) == RESPONSES[name]


def test_every_builder_has_a_golden_case() -> None:
    assert set(BUILT) == set(RESPONSES)


def test_every_request_has_a_golden_case() -> None:
    assert set(PARSED) == set(REQUESTS)


def test_frames_are_compact_and_keep_letters_readable() -> None:
    assert frames.encode(frames.error(400, "Größe: 5")) == (
        '{"type":"response","class":"string","code":400,"body":"Größe: 5"}'
    )


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        frames.structured_message(GuestMessage(id=ID, direction="outbound", time=TIME.replace(tzinfo=None)))


def test_a_time_of_any_zone_is_written_in_utc_with_milliseconds() -> None:
    local = datetime(2026, 1, 1, 1, 0, tzinfo=timezone(timedelta(hours=2)))
    body = frames.message_body(GuestMessage(id=ID, direction="outbound", time=local, text="x"))
    assert body["channel"]["time"] == "2025-12-31T23:00:00.000Z"


def test_a_message_without_anything_to_show_still_has_a_text() -> None:
    removed = content.Reaction(target_message_id="m", action="remove")
    assert outbound(removed)["body"]["text"] == ""


def test_events_in_a_message_make_it_an_event_unless_it_has_text() -> None:
    joined = content.Event(kind="join")
    assert outbound(joined)["body"]["type"] == "Event"
    assert outbound(joined, text="Ana joined")["body"]["type"] == "Text"


def test_events_that_guests_cannot_read_are_left_out() -> None:
    assert "events" not in outbound(content.Event(kind="order_paid"))["body"]


# REST


def test_history_has_exactly_the_five_fields_of_a_page() -> None:
    messages = [
        GuestMessage(id=ID, direction="outbound", time=TIME, text="Hello", author_kind="bot"),
        inbound(content=(content.Event(kind="join"),), message_id=None),
    ]
    assert frames.history_page(messages, 2, 25, 27) == REST["history"]


def test_history_past_its_end_is_an_empty_page() -> None:
    assert frames.history_page([], 9, 100, 27) == REST["history_past_the_end"]
    assert frames.history_page([], 1, 25, 0) == REST["history_empty"]


def config(**fields: Any) -> dict[str, Any]:
    values: dict[str, Any] = {
        "id": "d-1",
        "version": "3",
        "languages": ("en-us",),
        "default_language": "en-us",
        "api_endpoint": "https://chat.example.test",
        "messaging_endpoint": "wss://chat.example.test",
        "limits": Limits(file_types=("image/png", "image/jpeg")),
        "primary_color": "#ff0000",
        "disconnect": "ReadOnly",
        "authentication": True,
        "session_upgrade": True,
    }
    return frames.config_json(frames.DeploymentConfig(**{**values, **fields}))


def test_the_configuration_has_everything_that_clients_require() -> None:
    assert config() == REST["config"]


def test_a_deployment_can_be_inactive_without_uploads_and_without_end_notices() -> None:
    off = config(active=False, attachments=False, disconnect=None)
    assert (off["status"], off["messenger"]["fileUpload"]["modes"]) == ("Inactive", [])
    conversations = off["messenger"]["apps"]["conversations"]
    assert conversations["conversationDisconnect"] == {"enabled": False, "type": "Send"}


def test_domains_are_listed_or_open_to_all() -> None:
    assert frames.domains_json(["example.test"]) == {"allowAllDomains": False, "domains": ["example.test"]}
    assert frames.domains_json([]) == {"allowAllDomains": True, "domains": []}
