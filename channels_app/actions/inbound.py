"""What customers say, applied exactly once: the one way in, for every channel.

A message comes with the key that its provider (or client) made unique, and with a `Writer`: who writes and by what
right. Whether they may, and from which address, is decided in the statement that stores the message.

| what | how |
| --- | --- |
| the usual case: an active conversation | `receive_at_once`: one statement that commits by itself |
| inside a larger transaction, a resting conversation | `do_receive`: one statement of the transaction |
| a customer or thread that is new | `do_receive`: some statements more, which open the conversation |
| the key was used before | nothing is changed, and the first message is given again |
"""

from __future__ import annotations

import uuid
from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from django.db import OperationalError

from channels_app import sql
from channels_app.actions.blocks import Blocked
from channels_app.adapters.base import InboundMessage, Sender
from channels_app.events import Added, ConversationStarted, ConversationWoken, MessageAdded
from channels_app.models import Address, Channel, Contact, Conversation, Delivery, InboundKey, Message
from contactcenter.kernel import clock, events, ids
from contactcenter.kernel.db import Tx, action, may_try_again
from contactcenter.kernel.errors import Refused

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
#: stands in an event for the place that only the statement will know
_NOWHERE = sql.Position(uuid.UUID(int=0), 0, 0, _EPOCH, _EPOCH, uuid.UUID(int=0))


@dataclass(frozen=True, slots=True)
class Received:
    """What became of an inbound message. A duplicate gives the message of the first time."""

    message: Message
    address_id: uuid.UUID
    duplicate: bool


class Writer(ABC):
    """Who writes, and by what right."""

    @abstractmethod
    def admission(self, now: datetime) -> sql.Admission:
        """The same as SQL, for the statement."""

    @abstractmethod
    def refusal(self, now: datetime) -> Refused:
        """Why the statement let nothing in."""

    @abstractmethod
    def address(self, tx: Tx) -> tuple[Address, bool]:
        """Where a conversation is opened, as none is; and whether its contact is new."""


@dataclass(frozen=True, slots=True)
class ProviderSender(Writer):
    """A sender whom the channel's provider names: anybody whose address isn't blocked."""

    channel: Channel
    sender: Sender

    def admission(self, now: datetime) -> sql.Admission:
        named = {"address_kind": self.sender.kind, "external_id": self.sender.external_id}
        return sql.Admission(sql.SENDER_BY_ADDRESS, named)

    def refusal(self, now: datetime) -> Refused:
        return Blocked()

    def address(self, tx: Tx) -> tuple[Address, bool]:
        return known_address(tx, self.channel, self.sender)


@action
def do_receive(tx: Tx, channel: Channel, inbound: InboundMessage, writer: Writer | None = None) -> Received:
    """Apply one inbound message: contact, address, conversation, message, events.

    :raises Blocked: or whatever the writer refuses with; nothing is stored.
    """
    writer = writer or ProviderSender(channel, inbound.sender)
    incoming = arrived(tx, channel.id, inbound)
    allowed, fresh, placed = sql.receive(incoming, writer.admission(tx.now))
    if not allowed and not InboundKey.objects.filter(channel=channel, key=inbound.key).exists():
        raise writer.refusal(tx.now)
    if not allowed or not fresh:
        return first_time(channel, inbound.key)
    if placed is None:
        placed = _open_and_append(tx, channel, writer, incoming)
    elif placed.active_since == tx.now:
        tx.record(ConversationWoken(conversation_id=placed.conversation_id))
    return Received(applied(tx, channel.id, incoming.row, placed), placed.address_id, duplicate=False)


def receive_at_once(channel: Channel, inbound: InboundMessage, writer: Writer) -> Received | None:
    """The commonest message of all, one in an active conversation, as one statement outside any transaction.

    `do_receive` opens a transaction, applies the message, writes its event and commits: four round trips. Here the
    statement does all of it and commits by itself.

    :returns: None: it isn't this case, a duplicate, refused, or undone by a deadlock; nothing was written.
    """
    inserts = events.in_statement(MessageAdded, "conv", sql.LATE_FIELDS)
    if inserts is None:
        return None
    now = clock.now()
    planned = Tx(now)
    incoming = arrived(planned, channel.id, inbound)
    applied(planned, channel.id, incoming.row, _NOWHERE)
    (event,) = planned.recorded
    try:
        placed = sql.receive_at_once(
            incoming,
            writer.admission(now),
            event_inserts=inserts,
            event=(event.id, event.event.name, event.event.data()),
        )
    except OperationalError as error:
        if may_try_again(error):
            return None
        raise
    if placed is None:
        return None
    done = Tx(now)
    message = applied(done, channel.id, incoming.row, placed)
    events.announce([replace(done.recorded[0], id=event.id)])
    return Received(message, placed.address_id, duplicate=False)


def arrived(tx: Tx, channel_id: uuid.UUID, inbound: InboundMessage) -> sql.Incoming:
    """A customer's message before it has a place."""
    happened = not inbound.text and all(item.get("type") == "event" for item in inbound.content)
    row = sql.Row(
        id=ids.new(tx.now),
        direction=Message.Direction.INBOUND,
        audience=Message.Audience.PUBLIC,
        kind=Message.Kind.TEXT if not inbound.content else Message.Kind.EVENT if happened else Message.Kind.STRUCTURED,
        text=inbound.text,
        content=list(inbound.content),
        author_kind=Message.Author.CUSTOMER,
        metadata=dict(inbound.metadata),
    )
    return sql.Incoming(row, channel_id, inbound.key, inbound.thread_key, dict(inbound.attributes), tx.now)


def applied(
    tx: Tx, channel_id: uuid.UUID, row: sql.Row, placed: sql.Position, delivery: Delivery | None = None
) -> Message:
    """A message that got its place, as a model instance that isn't read back; told to the log and the sinks."""
    message = Message(
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
    tx.record(
        MessageAdded(
            conversation_id=placed.conversation_id,
            agent_id=row.author_id,
            message_id=row.id,
            seq=placed.seq,
            change_seq=placed.change_seq,
            direction=row.direction,
            audience=row.audience,
            kind=row.kind,
            author_kind=row.author_kind,
            channel_id=channel_id,
        ),
        about=Added(message, placed.address_id, delivery),
    )
    return message


def first_time(channel: Channel, key: str) -> Received:
    """The message that a key was first used for."""
    kept = InboundKey.objects.get(channel=channel, key=key)
    message = Message.objects.public().select_related("conversation").get(id=kept.message_id)
    return Received(message, message.conversation.address_id, duplicate=True)


def _open_and_append(tx: Tx, channel: Channel, writer: Writer, incoming: sql.Incoming) -> sql.Position:
    """Where the one statement found no conversation: open one on the writer's address, or join it, and append."""
    address, new_contact = writer.address(tx)
    opened = open_conversation(tx, address, incoming.thread_key)
    placed = sql.append(incoming.row, opened.id, now=tx.now, inbound=True, wakes=True, attributes=incoming.attributes)
    assert placed is not None, "an open conversation can't end under our own lock"
    record_opened(tx, channel, address, placed, new_contact=new_contact)
    return placed


def record_opened(
    tx: Tx,
    channel: Channel,
    address: Address,
    placed: sql.Position,
    *,
    new_contact: bool,
    agent_id: uuid.UUID | None = None,
) -> None:
    """A message's place says whether it opened the conversation, woke it, or just joined it."""
    if placed.seq == 1:
        tx.record(
            ConversationStarted(
                conversation_id=placed.conversation_id,
                agent_id=agent_id,
                channel_id=channel.id,
                channel_kind=channel.kind,
                contact_id=address.contact_id,
                new_contact=new_contact,
            )
        )
    elif placed.active_since == tx.now:
        tx.record(ConversationWoken(conversation_id=placed.conversation_id, agent_id=agent_id))


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


def open_conversation(
    tx: Tx, address: Address, thread_key: str, *, rests_until: datetime | None = None
) -> Conversation:
    """The conversation of an address that hasn't ended, made if there is none; locked for this transaction.

    `rests_until`: a new one waits for the customer until then; without, it is active.
    """
    while True:
        fresh = Conversation(
            id=ids.new(tx.now),
            address=address,
            channel_id=address.channel_id,
            thread_key=thread_key,
            last_time=tx.now,
            created_at=tx.now,
            active_since=tx.now,
            state=Conversation.State.RESTING if rests_until else Conversation.State.ACTIVE,
            ends_at=rests_until,
        )
        Conversation.objects.bulk_create([fresh], ignore_conflicts=True)
        mine = Conversation.objects.open().filter(address=address, thread_key=thread_key)
        if found := mine.select_for_update(of=("self",), no_key=True).first():
            return found  # else it ended between the two statements: make another
