"""The frames that the official mobile SDK tests itself with, as published: we send what it reads, and read what it
sends. `golden/transport_sdk.json` names the source; nothing in it was changed but Kotlin's placeholders."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from channels_app import content
from channels_app.messenger import errors, frames
from channels_app.messenger.frames import GuestMessage, Limits, SessionState
from tests.channels_app.client import ShapeError, check_frame
from tests.channels_app.test_frames import BUILT

PUBLISHED: dict[str, Any] = json.loads((Path(__file__).parent / "golden" / "transport_sdk.json").read_text())
ID = UUID("0190163d-4d6c-7000-8000-00000000000a")
TIME = datetime(2022, 8, 22, 19, 24, 26, 704_000, UTC)
#: where the SDK's tests hold a placeholder: ours must be there, of the same type
PLACEHOLDERS = {
    "id", "time", "messageId", "originatingMessageId", "action", "text", "exp", "jwt", "correlationId",
}  # fmt: skip
Frame = dict[str, Any]


def said(*items: content.ContentItem, **fields: Any) -> Frame:
    values: dict[str, Any] = {"author_kind": "bot", "text": "Hi", "content": items} | fields
    return frames.structured_message(GuestMessage(id=ID, direction="outbound", time=TIME, **values))


def quick_replies() -> content.QuickReplies:
    replies = [content.QuickReply(text=f"text_{one}", payload=f"payload_{one}") for one in "ab"]
    return content.QuickReplies(items=tuple(replies))


PICKER = content.DatePicker(
    title="Pick a slot",
    subtitle="Sub",
    image_url="https://pictures.example/a.png",
    times=(content.TimeSlot(at=datetime(2024, 6, 15, 10, tzinfo=UTC), duration_s=1800),),
)
CARD = content.Card(
    title="Title",
    description="Description",
    image_url="http://image.com/image.png",
    actions=(content.PostbackAction(text="Select this option", payload="postback_payload"),),
)
PING = frames.Echo(tracing_id="SGVhbHRoQ2hlY2tNZXNzYWdlSWQ=", text="ping")
UPLOAD = {"file_name": "a.png", "file_type": "image/png"}

OURS: dict[str, Callable[[], Frame]] = {
    "configureSuccessWithNewSessionFalse": lambda: frames.session_response(SessionState(), Limits()),
    "webSocketRequestFailed": lambda: frames.error(400, errors.REQUEST_FAILED),
    "clientError403Normal": lambda: frames.error(403, "HTTP authorization error"),
    "clientError403SessionAuthFailed": lambda: frames.error(errors.FORBIDDEN, errors.SESSION_AUTH_FAILED),
    "clientError403TryAuthenticateAgain": lambda: frames.error(errors.FORBIDDEN, errors.TRY_AUTHENTICATE_AGAIN),
    "onMessageWithQuickReplies": lambda: said(quick_replies()),
    "onMessageWithDatePickerStructured": lambda: said(PICKER, originating_message_id="m"),
    "onMessageWithPostbackCardReply": lambda: said(CARD),
    "attachmentDeleted": lambda: frames.attachment_deleted("attachment_id"),
    "typingIndicatorForbidden": lambda: frames.error(errors.FORBIDDEN, errors.TYPING_OFF),
    "sessionNotFound": lambda: frames.error(errors.SESSION_NOT_FOUND, "session not found error message"),
    "sessionExpired": lambda: frames.error(errors.SESSION_EXPIRED, "session expired error message"),
    "cannotDowngradeToUnauthenticated": lambda: frames.error(
        errors.CANNOT_DOWNGRADE, "This is a generic error message for testing."
    ),
    "sessionExpiredEvent": frames.session_expired,
    "messageTooLong": lambda: frames.error(errors.MESSAGE_TOO_LONG, "message too long"),
    "tooManyRequests": lambda: frames.too_many_requests(3),
    "customAttributeSizeTooLarge": lambda: frames.refusal(too_many_attributes()),
    "connectionClosedEventNoReason": frames.connection_closed,
    "connectionClosedEventReasonSignIn": lambda: frames.connection_closed("signedIn"),
    "logoutEvent": frames.logout,
    "unauthorized": lambda: frames.error(errors.UNAUTHORIZED, "User is unauthorized"),
    "sessionClearedEvent": frames.session_cleared,
    "echo": lambda: frames.echo_response(PING, message_id=ID),
    "healthCheckResponse": lambda: frames.echo_response(PING, message_id=ID),
    "unknownErrorEvent": lambda: frames.error(errors.UNEXPECTED, errors.REQUEST_FAILED),
    "uploadSuccessEvent": lambda: frames.upload_success("test_attachment_id", "https://downloadurl.png", time=TIME),
    "presignedUrlResponse": lambda: frames.upload_url(
        "test_attachment_id", "https://downloadurl.png", headers={"x-amz-tagging": "abc"}, **UPLOAD
    ),
    "generateUrlError": lambda: frames.generate_url_error("test_attachment_id", 4001, GENERIC),
    "uploadFailureEvent": lambda: frames.upload_failure("test_attachment_id", 4001, GENERIC, time=TIME),
    "jwtResponse": lambda: frames.jwt_response("some_jwt", expires_at=TIME),
}
GENERIC = "This is a generic error message for testing."
#: it shows what the SDK does with a Structured message without content, which we never send
NOT_OURS = {"onMessageWithoutQuickReplies"}


def too_many_attributes() -> frames.FrameError:
    attributes = {"customAttributes": {"a": "b" * 2048}}
    frame = {
        "action": "onMessage",
        "token": "t",
        "message": {"type": "Text", "text": "x", "channel": {"metadata": attributes}},
    }
    with pytest.raises(frames.FrameError) as caught:
        frames.parse(json.dumps(frame))
    return caught.value


def differences(published: Any, ours: Any, at: str = "") -> list[str]:
    """What the published frame has and ours lacks or says otherwise. More fields of ours are fine: the SDK skips
    what it doesn't know."""
    if isinstance(published, dict):
        if not isinstance(ours, dict):
            return [f"{at}: not an object"]
        missing = [f"{at}.{name} is missing" for name in published if name not in ours]
        shared = [name for name in published if name in ours]
        return missing + [one for name in shared for one in differences(published[name], ours[name], f"{at}.{name}")]
    if isinstance(published, list):
        if not isinstance(ours, list) or len(ours) != len(published):
            return [f"{at}: another number of entries"]
        pairs = enumerate(zip(published, ours, strict=True))
        return [one for index, (theirs, mine) in pairs for one in differences(theirs, mine, f"{at}[{index}]")]
    if at.rpartition(".")[2] in PLACEHOLDERS:
        return [] if type(published) is type(ours) else [f"{at}: {ours!r} of another type"]
    return [] if published == ours and type(published) is type(ours) else [f"{at}: {ours!r} instead of {published!r}"]


def test_every_published_frame_has_its_counterpart() -> None:
    assert set(OURS) == set(PUBLISHED["responses"]) - NOT_OURS


@pytest.mark.parametrize("name", OURS)
def test_the_sdk_reads_what_we_send(name: str) -> None:
    ours = json.loads(frames.encode(OURS[name]()))
    assert differences(PUBLISHED["responses"][name], ours) == []
    check_frame(ours)


@pytest.mark.parametrize(
    ("ours", "found"),
    [({"a": 1}, 1), ({"a": 1, "b": [2]}, 1), ({"a": "1", "b": []}, 1), ({"a": "1"}, 2), ({"a": 1, "b": [], "c": 3}, 0)],
)
def test_the_comparison_finds_what_is_missing_or_another(ours: Any, found: int) -> None:
    assert len(differences({"a": 1, "b": []}, ours)) == found


READ: dict[str, tuple[type[frames.Request], dict[str, Any]]] = {
    "configureSession": (frames.ConfigureSession, {"start_new": True, "deployment_id": "deploymentId"}),
    "configureAuthenticatedSession": (frames.ConfigureAuthenticatedSession, {"code": "jwt_Token", "start_new": False}),
    "closeSession": (frames.CloseSession, {"close_all_connections": True}),
    "deleteAttachment": (frames.DeleteAttachment, {"attachment_id": "test_attachment_id"}),
    "getAttachment": (frames.GetAttachment, {"attachment_id": "test_attachment_id"}),
    "getJwt": (frames.GetJwt, {}),
    "onAttachment": (frames.OnAttachment, {"file_name": "test_file.png", "file_size": 1, "errors_as_json": False}),
    "echo": (frames.Echo, {"text": "ping"}),
    "onMessage_Join": (frames.OnMessage, {"kind": "join"}),
    "onMessage_Clear": (frames.OnMessage, {"kind": "clear"}),
    "onMessage_Typing": (frames.OnMessage, {"kind": "typing_on"}),
}


def test_every_published_request_is_read() -> None:
    assert set(READ) == set(PUBLISHED["requests"])


@pytest.mark.parametrize("name", READ)
def test_we_read_what_the_sdk_sends(name: str) -> None:
    sent = PUBLISHED["requests"][name]
    kind, fields = READ[name]
    request = frames.parse(json.dumps(sent))
    assert type(request) is kind
    assert request.tracing_id == sent["tracingId"]
    assert {field: getattr(request, field) for field in fields} == fields


# --- the strict client and our builders -----------------------------------------------------------


@pytest.mark.parametrize("name", BUILT)
def test_every_frame_that_we_can_build_has_the_shape_that_the_strict_client_wants(name: str) -> None:
    check_frame(json.loads(frames.encode(BUILT[name]())))


GOOD = {"type": "message", "class": "LogoutEvent", "code": 200, "body": {}}


@pytest.mark.parametrize(
    "change",
    [
        {"class": "Surprise"},
        {"code": 201},
        {"type": "response"},
        {"body": {"more": 1}},
        {"body": None},
        {"extra": 1},
        {"tracingId": None},
        {"class": "string", "type": "response", "code": 418, "body": "teapot"},
    ],
)
def test_the_strict_client_finds_a_faulty_frame(change: Frame) -> None:
    check_frame(GOOD)
    with pytest.raises(ShapeError):
        check_frame(GOOD | change)


def test_the_strict_client_finds_a_frame_that_is_too_large() -> None:
    with pytest.raises(ShapeError):
        check_frame(GOOD, 16_385)
