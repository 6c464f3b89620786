"""Messages and events out: StructuredMessage frames, and their bodies for the history."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal
from uuid import UUID

from channels_app.content import Event

from .content_out import content_out, plain_text, stamp
from .envelope import Wire, envelope
from .values import GuestMessage, ReceiptStatus

TYPING_ON_MS = 5000  # how long a client shows the dots unless another event comes
TYPING_OFF_MS = 1000

PresenceType = Literal["Join", "Disconnect", "Clear", "SignIn"]
_PRESENCE_OF_EVENT: dict[str, PresenceType] = {
    "join": "Join", "disconnect": "Disconnect", "clear": "Clear", "sign_in": "SignIn",
}  # fmt: skip


def structured_message(message: GuestMessage, tracing_id: str | None = None) -> Wire:
    """A message as a push. The sender's own sockets get it with the `tracing_id` of the request.

    Who it came from is only said of what the company says: clients of bots pass on whatever a Human wrote, and would
    send the guest's own words back to them. In the history it is always there.
    """
    body = message_body(message)
    if message.direction == "inbound":
        del body["originatingEntity"]
    return envelope("message", "StructuredMessage", body, tracing_id=tracing_id)


def message_body(message: GuestMessage) -> Wire:
    """The body of a StructuredMessage, which is also an entity of the history."""
    events = [event for item in message.content if isinstance(item, Event) for event in _event(item)]
    content = content_out(message.content)
    text = "\n".join(filter(None, (message.text, plain_text(message.content))))
    body: Wire = {"id": message.id.hex, "type": _message_type(text, content, events)}
    # Clients take a Text without `text` for an attachment alone, so the field is left out, not empty; of a
    # Structured they read it unasked.
    if text or not (content or events) or body["type"] == "Structured":
        body["text"] = text
    body |= {
        "direction": message.direction.capitalize(),
        "channel": _channel(message),
        "originatingEntity": "Human" if message.author_kind in {"customer", "agent"} else "Bot",
        "metadata": _metadata(message.id, message.metadata),
    }
    body |= {name: value for name, value in (("content", content), ("events", events)) if value}
    if message.originating_message_id:
        body["originatingMessageId"] = message.originating_message_id
    return body


def _message_type(text: str, content: list[Wire], events: list[Wire]) -> str:
    if any(entry["contentType"] != "Attachment" for entry in content):
        return "Structured"
    return "Event" if events and not text and not content else "Text"


def _channel(message: GuestMessage) -> Wire:
    channel: Wire = {"time": stamp(message.time), "type": "Private"}
    if message.direction == "outbound":
        channel["from"] = _sender(message.nickname, message.image)
    elif message.message_id is not None:
        channel["messageId"] = str(message.message_id)
    if message.custom_attributes:
        channel["metadata"] = {"customAttributes": dict(message.custom_attributes)}
    return channel


def _sender(nickname: str, image: str, first_name: str = "", last_name: str = "") -> dict[str, str]:
    named = {"firstName": first_name, "lastName": last_name, "nickname": nickname, "image": image}
    return {name: value for name, value in named.items() if value}


def without_names(frame: Wire) -> Wire:
    """The same frame for a messenger that doesn't show who answers (humanize off): `from` is empty, but there."""
    return {**frame, "body": anonymous(frame["body"])} if isinstance(frame.get("body"), dict) else frame


def anonymous(body: Wire) -> Wire:
    """A message's body without the name and picture of who wrote it."""
    channel = body.get("channel") or {}
    if body.get("direction") != "Outbound" or not channel.get("from"):
        return body
    return {**body, "channel": {**channel, "from": {}}}


def _metadata(message_id: UUID, metadata: Mapping[str, str]) -> dict[str, str]:
    return {"correlationId": str(message_id), **metadata}


def _event(item: Event) -> list[Wire]:
    if item.kind == "typing":
        return [_typing(on=True)]
    presence = _PRESENCE_OF_EVENT.get(item.kind)
    return [_presence(presence)] if presence else []


def _typing(*, on: bool) -> Wire:
    state = {"type": "On" if on else "Off", "duration": TYPING_ON_MS if on else TYPING_OFF_MS}
    return {"eventType": "Typing", "typing": state}


def _presence(presence: PresenceType) -> Wire:
    return {"eventType": "Presence", "presence": {"type": presence}}


def _event_message(
    event: Wire,
    *,
    message_id: UUID,
    time: datetime,
    direction: Literal["inbound", "outbound"],
    sender: dict[str, str] | None = None,
    metadata: Mapping[str, str] | None = None,
    tracing_id: str | None = None,
    entity: str = "",
) -> Wire:
    channel: Wire = {"time": stamp(time), "type": "Private"}
    if direction == "outbound" or sender:
        channel["from"] = sender or {}
    body = {
        "id": message_id.hex,
        "type": "Event",
        "direction": direction.capitalize(),
        "channel": channel,
        "events": [event],
        "metadata": _metadata(message_id, metadata or {}),
    }
    if entity:
        body["originatingEntity"] = entity
    return envelope("message", "StructuredMessage", body, tracing_id=tracing_id)


def typing_event(*, message_id: UUID, time: datetime, on: bool = True, nickname: str = "", image: str = "") -> Wire:
    """Somebody on our side is typing."""
    sender = _sender(nickname, image)
    return _event_message(_typing(on=on), message_id=message_id, time=time, direction="outbound", sender=sender)


def presence_event(
    presence: PresenceType,
    *,
    message_id: UUID,
    time: datetime,
    direction: Literal["inbound", "outbound"] = "outbound",
    read_only: bool | None = None,
    nickname: str = "",
    image: str = "",
    first_name: str = "",
    last_name: str = "",
    tracing_id: str | None = None,
) -> Wire:
    """Inbound: the guest's own Join or Clear, back with its `tracing_id`, or SignIn with their name. Outbound: an
    agent joined, or the conversation ended; then `read_only` says whether the guest may no longer write (the text
    "true" or "false").
    """
    metadata = {} if read_only is None else {"readOnly": "true" if read_only else "false"}
    # a bot's hand-over client knows the end by it
    entity = "Human" if presence == "Disconnect" and direction == "outbound" else ""
    return _event_message(
        _presence(presence),
        message_id=message_id,
        time=time,
        direction=direction,
        sender=_sender(nickname, image, first_name, last_name),
        metadata=metadata,
        tracing_id=tracing_id,
        entity=entity,
    )


def receipt(status: ReceiptStatus, *, message_id: UUID, time: datetime) -> Wire:
    """An extension, only for sockets that asked for `features=receipts`: everything the guest sent up to
    `message_id` was delivered to, or read by, our side. Same shape as the client's own receipts."""
    body = {
        "id": message_id.hex,
        "type": "Receipt",
        "status": status.capitalize(),
        "direction": "Outbound",
        "channel": {"time": stamp(time), "type": "Private"},
    }
    return envelope("message", "StructuredMessage", body)
