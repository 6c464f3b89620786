"""Rows to the values of the guest protocol. Reads only what customers may see."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from channels_app import content
from channels_app.files.links import with_links
from channels_app.messenger import frames
from channels_app.models import Conversation, Message
from contactcenter.kernel import clock


def guest_message(message: Message) -> frames.GuestMessage:
    """A public message as its customer sees it. Staff content is an error, not a filter."""
    if message.audience != Message.Audience.PUBLIC:
        raise ValueError("a staff message is never shown to a customer")
    inbound = message.direction == Message.Direction.INBOUND
    author = message.author if message.author_id else None
    return frames.GuestMessage(
        id=message.id,
        direction="inbound" if inbound else "outbound",
        time=message.created_at,
        text=message.text,
        content=tuple(_content(message)),
        message_id=message.id if inbound else None,
        author_kind=message.author_kind,  # type: ignore[arg-type]
        nickname=author.nickname if author else "",
        image=author.picture_url if author else "",
        metadata=_texts(message.metadata),
    )


def moment(time: Any) -> int:
    """A conversation's `last_time` as a rising number: the head of a guest's stream, in microseconds."""
    return int(time.timestamp() * 1_000_000)


def place(message: Message) -> dict[str, Any]:
    """Where a message stands: its conversation, its number there, and the head of its guest's stream with it."""
    return {
        "id": str(message.id),
        "conversation": str(message.conversation_id),
        "seq": message.seq,
        "head": moment(message.created_at),
    }


def told(message: Message) -> dict[str, Any]:
    """Its place, with the frame for its customer unless only the company sees it."""
    if message.audience != Message.Audience.PUBLIC or message.kind == Message.Kind.SYSTEM:
        return place(message)
    return place(message) | {"frame": frames.structured_message(guest_message(message))}


def since(address_id: uuid.UUID, after: int, *, until: datetime) -> list[Message]:
    """Public messages of an address after a head and up to a time, oldest first."""
    rows = Message.objects.public().filter(conversation__address_id=address_id, created_at__lte=until)
    rows = rows.select_related("author").order_by("-created_at")[:200]
    return [row for row in rows if moment(row.created_at) > after][::-1]


def receipts(conversation: Conversation) -> list[dict[str, Any]]:
    """What the company's side received and read of a conversation, as the frames that say so."""
    marks: list[tuple[frames.ReceiptStatus, int]] = [
        ("delivered", conversation.delivered_seq),
        ("read", conversation.read_seq),
    ]
    found = ((state, receipt(conversation.id, state, seq)) for state, seq in marks if seq)
    return [frame for _, frame in found if frame]


def receipt(conversation_id: uuid.UUID, state: frames.ReceiptStatus, seq: int) -> dict[str, Any] | None:
    """The guest's last message up to `seq` was delivered or read; None: there is none."""
    last = (
        Message.objects.public()
        .filter(conversation_id=conversation_id, direction=Message.Direction.INBOUND, seq__lte=seq)
        .order_by("-seq")
        .values_list("id", "created_at")
        .first()
    )
    return frames.receipt(state, message_id=last[0], time=last[1]) if last else None


def typing(nickname: str) -> dict[str, Any]:
    """An agent is typing, as a frame."""
    now = clock.now()
    return frames.typing_event(message_id=uuid.uuid4(), time=now, nickname=nickname)


def _content(message: Message) -> Iterable[content.ContentItem]:
    """Its content, files with the addresses that this customer may fetch."""
    stored = message.content
    if any(item.get("type") == "attachment" for item in stored):
        stored = with_links(stored, message.attachments.all(), clock.now(), absolute=True)
    return content.parse(stored)


def _texts(metadata: dict[str, Any]) -> dict[str, str]:
    return {key: str(value) for key, value in metadata.items() if not key.startswith("_")}
