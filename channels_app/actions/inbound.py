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
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from django.db import OperationalError

from channels_app import sql
from channels_app.actions.blocks import Blocked
from channels_app.adapters.values import InboundMessage, RemoteFile, Sender
from channels_app.events import Added, ConversationStarted, ConversationWoken, MessageAdded
from channels_app.files.sniffing import media_type
from channels_app.models import (
    Address,
    Attachment,
    Channel,
    Contact,
    Conversation,
    Delivery,
    DeliveryPart,
    InboundKey,
    Message,
)
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
    if inbound.in_reply_to:
        inbound = replace(inbound, thread_key=_thread_of(channel, inbound))
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
    message = applied(tx, channel.id, incoming.row, placed)
    add_files(tx, channel, message.id, incoming.files)
    return Received(message, placed.address_id, duplicate=False)


def _thread_of(channel: Channel, inbound: InboundMessage) -> str:
    """The thread of the first message that it answers to and that is known, of the same customer; else its own."""
    for reference in inbound.in_reply_to:
        if found := message_of(channel, reference):
            mine = Conversation.objects.filter(
                id=found.conversation_id,
                address__kind=inbound.sender.kind,
                address__external_id=inbound.sender.external_id,
            )
            if (thread_key := mine.values_list("thread_key", flat=True).first()) is not None:
                return thread_key
    return inbound.thread_key


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
    files = [(ids.new(tx.now), one) for one in inbound.files]
    content = [*inbound.content, *content_of(files)]
    happened = not inbound.text and all(item.get("type") == "event" for item in content)
    attributes = dict(inbound.attributes)
    if inbound.referral:
        named = {name: getattr(inbound.referral, name) for name in ("source", "ref", "url", "title")}
        attributes |= {f"referral.{name}": value for name, value in named.items() if value}
    row = sql.Row(
        id=ids.new(tx.now),
        direction=Message.Direction.INBOUND,
        audience=Message.Audience.PUBLIC,
        kind=Message.Kind.TEXT if not content else Message.Kind.EVENT if happened else Message.Kind.STRUCTURED,
        text=inbound.text,
        content=content,
        author_kind=Message.Author.CUSTOMER,
        metadata={**inbound.metadata, **({"_sent_at": inbound.at.isoformat()} if inbound.at else {})},
    )
    return sql.Incoming(row, channel_id, inbound.key, inbound.thread_key, attributes, tx.now, files)


def content_of(files: Sequence[tuple[uuid.UUID, RemoteFile]]) -> list[dict[str, Any]]:
    """Files that are still with the provider, as items of a message's content."""
    return [
        {
            "type": "attachment",
            "id": str(own),
            "media_type": media_type(one.mime),
            "filename": one.filename,
            "mime": one.mime,
            "size": one.size,
            "text": one.text,
        }
        for own, one in files
    ]


def add_files(tx: Tx, channel: Channel, message_id: uuid.UUID, files: Sequence[tuple[uuid.UUID, RemoteFile]]) -> None:
    """Note that a message's files are to be fetched (`actions.fetching`)."""
    Attachment.objects.bulk_create(
        Attachment(
            id=own,
            channel=channel,
            message_id=message_id,
            state=Attachment.State.FETCHING,
            remote_ref=dict(one.ref),
            fetch_at=tx.now,
            filename=one.filename[:1024],
            declared_type=one.mime[:200],
            size=one.size or 0,
            created_at=tx.now,
        )
        for own, one in files
    )


def message_of(channel: Channel, provider_id: str) -> Message | None:
    """The message of either side that a provider's id names."""
    came = InboundKey.objects.filter(channel=channel, key=provider_id, message_id__isnull=False)
    if found := came.values_list("message_id", flat=True).first():
        return Message.objects.filter(id=found).first()
    part = DeliveryPart.objects.filter(channel=channel, provider_id=provider_id)
    return Message.objects.filter(delivery__parts__in=part[:1]).first() if provider_id else None


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
