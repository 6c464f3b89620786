"""Rows to the values of the guest protocol. Reads only what customers may see."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from agents.models import User
from channels_app import content
from channels_app.files.links import with_links
from channels_app.messenger import frames, history
from channels_app.models import Conversation, Message
from contactcenter.kernel import clock

_PRESENCES = {"connected": "join", "rested": "disconnect"}


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
        author_kind="bot" if message.author_kind == Message.Author.FLOW else message.author_kind,  # type: ignore[arg-type]
        nickname=author.nickname if author else "",
        image=author.picture_url if author else "",
        metadata=_texts(message.metadata),
        custom_attributes=message.metadata.get("_attributes") or {},
    )


def history_messages(rows: Sequence[Message]) -> list[frames.GuestMessage]:
    """Rows of the history, notices among them."""
    agents = _agents(rows)
    return [_notice(row, agents) if row.kind == Message.Kind.SYSTEM else guest_message(row) for row in rows]


def _notice(line: Message, agents: Mapping[str, User]) -> frames.GuestMessage:
    """Somebody joined, or the end, as an event: of the line only its kind and whom it is about."""
    event = line.content[0]
    agent = agents.get(str(event.get("values", {}).get("agent_id")))
    return frames.GuestMessage(
        id=line.id,
        direction="outbound",
        time=line.created_at,
        content=content.parse([{"type": "event", "kind": _PRESENCES[event["kind"]]}]),
        nickname=agent.nickname if agent else "",
        image=agent.picture_url if agent else "",
    )


def _agents(rows: Iterable[Message]) -> dict[str, User]:
    """The agents of notices, by id."""
    lines = [row.content[0] for row in rows if row.kind == Message.Kind.SYSTEM and row.content]
    wanted = {line.get("values", {}).get("agent_id") for line in lines if line.get("kind") == "connected"}
    return {str(one.id): one for one in User.objects.filter(id__in=wanted - {None})} if wanted else {}


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
    """Its place, with the frame for its customer unless only the company sees it. The end comes without a frame:
    what it says differs by deployment."""
    if message.kind == Message.Kind.SYSTEM:
        return place(message) | _told_notice(message)
    if message.audience != Message.Audience.PUBLIC:
        return place(message)
    return place(message) | {"frame": frames.structured_message(guest_message(message))}


def _told_notice(line: Message) -> dict[str, Any]:
    kind = line.content[0].get("kind") if line.content else None
    if kind == "connected":
        frame = frames.structured_message(_notice(line, _agents([line])))
        return {"frame": frame, "feature": "notices"}
    return {"ended": line.created_at.isoformat()} if kind == "rested" else {}


def ending(message_id: str, at: str, *, read_only: bool) -> dict[str, Any]:
    """The conversation ended, as a frame."""
    time = datetime.fromisoformat(at)
    return frames.presence_event("Disconnect", message_id=uuid.UUID(message_id), time=time, read_only=read_only)


def since(address_id: uuid.UUID, after: int, *, until: datetime) -> list[Message]:
    """What guests are told of an address after a head and up to a time, oldest first."""
    return [row for row in history.missed(address_id, until=until) if moment(row.created_at) > after][::-1]


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
    if message.names_files:
        stored = with_links(stored, message.attachments.all(), clock.now(), absolute=True)
    return content.parse(stored)


def _texts(metadata: dict[str, Any]) -> dict[str, str]:
    return {key: str(value) for key, value in metadata.items() if not key.startswith("_")}
