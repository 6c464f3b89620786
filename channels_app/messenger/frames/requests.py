"""Guest frames in: `parse` turns what a client sent into a request value, or refuses it.

Lenient in what is accepted, since real clients differ (unknown fields, attributes and attachments in two
places, an echo without a token); strict about types, sizes and what is missing. Source: the WebSocket schema of
the Genesys Web Messaging SDKs; the places where their clients differ are named beside the code.
"""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from channels_app.content import clean_text
from channels_app.messenger import errors
from channels_app.messenger.errors import FrameError

from . import values
from .content_in import read_content
from .reader import MAX_TOKEN, MAX_WORD, Fields, load_object, map_bytes, read_token, short_text
from .uploads import read_upload
from .values import Limits, MessageKind, Request

MAX_EVENTS = 10
DEFAULT_LIMITS = Limits()

_PRESENCE: dict[str, MessageKind] = {"Join": "join", "Clear": "clear", "Disconnect": "disconnect"}
_RECEIPTS: dict[str, values.ReceiptStatus] = {"Delivered": "delivered", "Read": "read"}
_MESSAGE_TYPES = {"Text", "Structured", "Event", "Receipt", "Message"}


def parse(raw: str | bytes, limits: Limits = DEFAULT_LIMITS) -> Request:
    """The request in one frame. Raises FrameError, and nothing else, for whatever can't be accepted."""
    frame = Fields(load_object(raw, limits.frame_bytes))
    tracing_id = _tracing_id(frame)
    try:
        action = frame.required_text("action")
        read = _READERS.get(action)
        if read is None:
            raise FrameError(errors.BAD_REQUEST, f"Unknown action: {action[:64]}")
        return read(frame, tracing_id, limits)
    except FrameError as error:
        raise FrameError(error.code, error.message, tracing_id, error.attachment_id) from None


def _tracing_id(frame: Fields) -> str | None:
    return short_text(frame, "tracingId")


def _echo(frame: Fields, tracing_id: str | None, limits: Limits) -> Request:
    message = _echoed(frame)
    text = message.text("text", None)
    return values.Echo(
        tracing_id=tracing_id,
        token=read_token(frame) if frame.data.get("token") else None,
        text=_checked_text("ping" if text is None else text, limits),
        metadata=_metadata(message, limits),
    )


def _echoed(frame: Fields) -> Fields:
    """Some clients send the text itself in place of the message, or nothing."""
    if isinstance(frame.data.get("message"), str):
        return Fields({"text": frame.data["message"]}, "message")
    return frame.object("message") or Fields({}, "message")


def _configure_session(frame: Fields, tracing_id: str | None, _limits: Limits) -> Request:
    return values.ConfigureSession(
        tracing_id=tracing_id,
        token=read_token(frame),
        deployment_id=frame.required_text("deploymentId"),
        start_new=frame.flag("startNew"),
        journey=_journey(frame),
        resume_token=frame.text("resumeToken", MAX_TOKEN),
        challenge=_challenge(frame),
    )


def _challenge(frame: Fields) -> str | None:
    """An extension: what the deployment's challenge gave to the page. `data` may hold anything else."""
    data = frame.data.get("data")
    answer = data.get("challenge") if isinstance(data, dict) else None
    return clean_text(answer) if isinstance(answer, str) and 0 < len(answer) <= MAX_TOKEN else None


def _configure_authenticated_session(frame: Fields, tracing_id: str | None, _limits: Limits) -> Request:
    return values.ConfigureAuthenticatedSession(
        tracing_id=tracing_id,
        token=read_token(frame),
        deployment_id=frame.required_text("deploymentId"),
        start_new=frame.flag("startNew"),
        journey=_journey(frame),
        resume_token=frame.text("resumeToken", MAX_TOKEN),
        challenge=_challenge(frame),
        code=frame.required_object("data").required_text("code", MAX_TOKEN),
    )


def _journey(frame: Fields) -> values.JourneyContext | None:
    """Where the visitor was on the site. Only context, so what doesn't fit is left empty."""
    if not isinstance(frame.data.get("journeyContext"), dict):
        return None
    return values.JourneyContext(
        customer_id=_context_text(frame, "customer", "id"),
        customer_id_type=_context_text(frame, "customer", "idType"),
        session_id=_context_text(frame, "customerSession", "id"),
        session_type=_context_text(frame, "customerSession", "type"),
        action_id=_context_text(frame, "triggeringAction", "id"),
        action_map_id=_context_text(frame, "triggeringAction", "actionMap", "id"),
        action_map_version=_context_text(frame, "triggeringAction", "actionMap", "version"),
    )


def _context_text(frame: Fields, *path: str) -> str:
    value: object = frame.data["journeyContext"]
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return Fields({"value": str(value)[:MAX_WORD]}).text("value") or ""


def _get_configuration(frame: Fields, tracing_id: str | None, _limits: Limits) -> Request:
    return values.GetConfiguration(
        tracing_id=tracing_id, token=read_token(frame), deployment_id=frame.required_text("deploymentId")
    )


def _on_message(frame: Fields, tracing_id: str | None, limits: Limits) -> Request:
    token = read_token(frame)
    message = _message_object(frame)
    message_type = message.text("type") or ("Event" if message.data.get("events") else "Text")
    if message_type not in _MESSAGE_TYPES:
        raise message.wrong("type", "a known message type")
    attributes = _custom_attributes(frame, message, limits)
    if message_type == "Receipt":
        return _receipt(message, tracing_id, token)
    if message_type == "Event":
        kind, ignored = _event(message)
        return values.OnMessage(
            tracing_id=tracing_id, token=token, kind=kind, custom_attributes=attributes, ignored=ignored
        )
    return _message(frame, message, limits, token=token, tracing_id=tracing_id, attributes=attributes)


def _message_object(frame: Fields) -> Fields:
    """A frame that only names uploads may come without a message."""
    return Fields({}, "message") if _only_attachments(frame) else frame.required_object("message")


def _only_attachments(frame: Fields) -> bool:
    return frame.data.get("message") is None and bool(frame.data.get("attachmentIds"))


def _message(
    frame: Fields,
    message: Fields,
    limits: Limits,
    *,
    token: str,
    tracing_id: str | None,
    attributes: dict[str, str],
) -> Request:
    content = read_content(frame, message, limits.content_items)
    text = _checked_text(message.text("text", None) or "", limits)
    text = text if text.strip() else _checked_text(content.label, limits)
    if not text and not content.items and not content.attachment_ids:
        if content.ignored:
            kept_out = ", ".join(dict.fromkeys(content.ignored))
            raise FrameError(errors.BAD_REQUEST, f"Content of type {kept_out[:MAX_WORD]} is not supported")
        raise message.missing("text")
    metadata = _metadata(message, limits)
    return values.OnMessage(
        tracing_id=tracing_id,
        token=token,
        text=text,
        content=content.items,
        attachment_ids=content.attachment_ids,
        custom_attributes=attributes,
        metadata=metadata,
        custom_message_id=metadata.get("customMessageId") or metadata.get("id"),
        time=short_text(frame, "time"),
        ignored=content.ignored,
    )


def _checked_text(text: str, limits: Limits) -> str:
    size = len(text.encode())
    if size > limits.text_bytes:
        raise FrameError(errors.MESSAGE_TOO_LONG, f"Message length {size} is larger than {limits.text_bytes}")
    return text


def _custom_attributes(frame: Fields, message: Fields, limits: Limits) -> dict[str, str]:
    """Official clients put them into `message.channel`, others beside the message; the message's own win."""
    attributes: dict[str, str] = {}
    for place in (frame, message):
        channel = place.object("channel")
        metadata = channel.object("metadata") if channel else None
        if metadata:
            attributes |= metadata.string_map("customAttributes")
    if map_bytes(attributes) > limits.custom_attributes_bytes:
        raise FrameError(
            errors.CUSTOM_ATTRIBUTES_TOO_LARGE,
            f"Custom Attributes in channel metadata is larger than {limits.custom_attributes_bytes} bytes",
        )
    return attributes


def _metadata(message: Fields, limits: Limits) -> dict[str, str]:
    metadata = message.string_map("metadata")
    if map_bytes(metadata) > limits.metadata_bytes:
        raise message.wrong("metadata", f"at most {limits.metadata_bytes} bytes")
    return metadata


def _event(message: Fields) -> tuple[MessageKind, tuple[str, ...]]:
    """The first event that we know, and the names of the others."""
    known: list[MessageKind] = []
    ignored: list[str] = []
    for event in message.objects("events", MAX_EVENTS):
        name = event.required_text("eventType")
        kind = _event_kind(name, event)
        if kind is None:
            ignored.append(name)
        else:
            known.append(kind)
    if not known and not ignored:
        raise message.missing("events")
    return (known[0] if known else "unknown_event"), tuple(ignored)


def _event_kind(name: str, event: Fields) -> MessageKind | None:
    if name == "Typing":
        typing = event.object("typing")
        return "typing_off" if typing and typing.text("type") == "Off" else "typing_on"
    if name == "Presence":
        return _PRESENCE.get(event.required_object("presence").required_text("type"))
    return None


def _receipt(message: Fields, tracing_id: str | None, token: str) -> Request:
    """An extension (`features=receipts`). States that only a sender can know are left aside."""
    status = _RECEIPTS.get(message.required_text("status"))
    if status is None:
        return values.OnMessage(tracing_id=tracing_id, token=token, kind="unknown_event", ignored=("Receipt",))
    try:
        message_id = UUID(message.required_text("id"))
    except ValueError:
        raise message.wrong("id", "a message id") from None
    receipt = values.Receipt(status=status, message_id=message_id)
    return values.OnMessage(tracing_id=tracing_id, token=token, kind="receipt", receipt=receipt)


def _get_attachment(frame: Fields, tracing_id: str | None, _limits: Limits) -> Request:
    return values.GetAttachment(
        tracing_id=tracing_id, token=read_token(frame), attachment_id=frame.required_text("attachmentId")
    )


def _delete_attachment(frame: Fields, tracing_id: str | None, _limits: Limits) -> Request:
    return values.DeleteAttachment(
        tracing_id=tracing_id, token=read_token(frame), attachment_id=frame.required_text("attachmentId")
    )


def _get_jwt(frame: Fields, tracing_id: str | None, _limits: Limits) -> Request:
    return values.GetJwt(tracing_id=tracing_id, token=read_token(frame))


def _close_session(frame: Fields, tracing_id: str | None, _limits: Limits) -> Request:
    return values.CloseSession(
        tracing_id=tracing_id, token=read_token(frame), close_all_connections=frame.flag("closeAllConnections")
    )


def _disconnect_customer(frame: Fields, tracing_id: str | None, _limits: Limits) -> Request:
    return values.DisconnectCustomer(tracing_id=tracing_id, token=read_token(frame))


def _resume_token(frame: Fields, tracing_id: str | None, _limits: Limits) -> Request:
    return values.ResumeToken(tracing_id=tracing_id, token=read_token(frame))


_READERS: dict[str, Callable[[Fields, str | None, Limits], Request]] = {
    "configureSession": _configure_session,
    "configureAuthenticatedSession": _configure_authenticated_session,
    "getConfiguration": _get_configuration,
    "onMessage": _on_message,
    "echo": _echo,
    "onAttachment": read_upload,
    "getAttachment": _get_attachment,
    "deleteAttachment": _delete_attachment,
    "getJwt": _get_jwt,
    "closeSession": _close_session,
    "disconnectCustomer": _disconnect_customer,
    "resumeToken": _resume_token,
}
