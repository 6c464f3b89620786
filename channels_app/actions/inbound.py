"""What customers say, applied exactly once."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from channels_app import sql
from channels_app.adapters.base import InboundMessage, Sender
from channels_app.events import ConversationStarted, ConversationWoken, MessageAdded
from channels_app.models import Address, Channel, Contact, Conversation, InboundKey, Message
from contactcenter.kernel import ids
from contactcenter.kernel.db import Tx, action


@dataclass(frozen=True, slots=True)
class Received:
    """What became of an inbound message. A duplicate gives the message of the first time."""

    message: Message
    duplicate: bool


@action
def do_receive(tx: Tx, channel: Channel, inbound: InboundMessage) -> Received:
    """Apply one inbound message: contact, address, conversation, message, events.

    One statement when the conversation is open; a few more for a customer or thread that is new.
    """
    arrival = arrived(tx, channel.id, inbound)
    sender = inbound.sender
    fresh, placed = sql.receive(
        arrival, address_kind=sender.kind, external_id=sender.external_id, thread_key=inbound.thread_key
    )
    if not fresh:
        return Received(first_time(channel, inbound.key), duplicate=True)
    if placed is None:
        address, new_contact = known_address(tx, channel, inbound.sender)
        placed = open_and_append(tx, channel, address, inbound, arrival.row, new_contact=new_contact)
    elif placed.active_since == tx.now:
        tx.record(ConversationWoken(conversation_id=placed.conversation_id))
    return applied(tx, channel, arrival.row, placed)


def applied(tx: Tx, channel: Channel, row: sql.Row, placed: sql.Placed) -> Received:
    """A message that got its place, told to the log and the sinks."""
    message = built(row, placed)
    record_added(tx, message, placed, channel_id=channel.id)
    return Received(message, duplicate=False)


def built(row: sql.Row, placed: sql.Placed) -> Message:
    """The message as a model instance, without reading it back."""
    return Message(
        id=row.id,
        conversation_id=placed.conversation_id,
        seq=placed.seq,
        changed_seq=placed.change_seq,
        direction=row.direction,
        audience=row.audience,
        kind=row.kind,
        text=row.text,
        content=row.content,
        author_kind=row.author_kind,
        author_id=row.author_id,
        client_id=row.client_id,
        metadata=row.metadata,
        created_at=placed.time,
    )


def record_added(
    tx: Tx, message: Message, placed: sql.Placed, *, channel_id: uuid.UUID, agent_id: uuid.UUID | None = None
) -> None:
    """Note the message in the log and tell the sinks, with the address for the guest's sockets."""
    message.address_id = placed.address_id  # type: ignore[attr-defined]  # for sinks in this process only
    tx.record(
        MessageAdded(
            conversation_id=placed.conversation_id,
            agent_id=agent_id,
            message_id=message.id,
            seq=placed.seq,
            change_seq=placed.change_seq,
            direction=message.direction,
            audience=message.audience,
            kind=message.kind,
            author_kind=message.author_kind,
            channel_id=channel_id,
        ),
        about=message,
    )


def arrived(tx: Tx, channel_id: uuid.UUID, inbound: InboundMessage) -> sql.Arrival:
    """A customer's message before it has a place."""
    row = sql.Row(
        id=ids.new(tx.now),
        direction=Message.Direction.INBOUND,
        audience=Message.Audience.PUBLIC,
        kind=_kind(inbound),
        text=inbound.text,
        content=list(inbound.content),
        author_kind=Message.Author.CUSTOMER,
        author_id=None,
        client_id=None,
        metadata=dict(inbound.metadata),
    )
    return sql.Arrival(row, channel_id, inbound.key, dict(inbound.attributes), tx.now)


def _kind(inbound: InboundMessage) -> str:
    if not inbound.content:
        return Message.Kind.TEXT
    happened = not inbound.text and all(item.get("type") == "event" for item in inbound.content)
    return Message.Kind.EVENT if happened else Message.Kind.STRUCTURED


def first_time(channel: Channel, key: str) -> Message:
    """The message that a key was first used for."""
    kept = InboundKey.objects.get(channel=channel, key=key)
    message = Message.objects.public().select_related("conversation").get(id=kept.message_id)
    message.address_id = message.conversation.address_id  # type: ignore[attr-defined]
    return message


def open_and_append(
    tx: Tx, channel: Channel, address: Address, inbound: InboundMessage, row: sql.Row, *, new_contact: bool
) -> sql.Placed:
    """Where the one statement found no conversation: open one on the address, or join it, and append."""
    opened = open_conversation(tx, address, inbound.thread_key)
    placed = sql.append(row, opened.id, now=tx.now, inbound=True, wakes=True, attributes=dict(inbound.attributes))
    assert placed is not None, "an open conversation can't end under our own lock"
    if placed.seq == 1:
        tx.record(
            ConversationStarted(
                conversation_id=opened.id,
                channel_id=channel.id,
                channel_kind=channel.kind,
                contact_id=address.contact_id,
                new_contact=new_contact,
            )
        )
    elif placed.active_since == tx.now:
        tx.record(ConversationWoken(conversation_id=opened.id))
    return placed


def known_address(tx: Tx, channel: Channel, sender: Sender) -> tuple[Address, bool]:
    """The address of a sender, made with a new contact if the channel has never seen it."""
    where: dict[str, Any] = {"channel": channel, "kind": sender.kind, "external_id": sender.external_id}
    address = Address.objects.filter(**where).first()
    if address:
        return address, False
    contact = Contact.objects.create(
        id=ids.new(tx.now), name=sender.name[:200], locale=sender.locale[:10], created_at=tx.now
    )
    fresh = Address(id=ids.new(tx.now), contact=contact, verified=sender.verified, created_at=tx.now, **where)
    Address.objects.bulk_create([fresh], ignore_conflicts=True)
    address = Address.objects.get(**where)
    if address.id != fresh.id:  # somebody else met this customer a moment earlier
        contact.delete()
    return address, address.id == fresh.id


def open_conversation(tx: Tx, address: Address, thread_key: str) -> Conversation:
    """The conversation of an address that hasn't ended, made if there is none; locked for this transaction."""
    while True:
        fresh = Conversation(
            id=ids.new(tx.now),
            address=address,
            channel_id=address.channel_id,
            thread_key=thread_key,
            last_time=tx.now,
            created_at=tx.now,
            active_since=tx.now,
        )
        Conversation.objects.bulk_create([fresh], ignore_conflicts=True)
        mine = Conversation.objects.open().filter(address=address, thread_key=thread_key)
        if found := mine.select_for_update(of=("self",), no_key=True).first():
            return found  # else it ended between the two statements: make another
