"""What the company says: replies, notes, system lines; and what became of them."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.db.models import F
from django.db.models.functions import Greatest
from django.utils.translation import gettext as _

from agents.models import User
from channels_app import sql
from channels_app.actions.blocks import Blocked, blocks_in_force
from channels_app.actions.inbound import applied, known_address, open_conversation, record_opened
from channels_app.adapters.registry import adapter_for
from channels_app.adapters.values import Sender
from channels_app.content import parse
from channels_app.content.limits import FAULTS, faults
from channels_app.events import ColleaguesMentioned, ConversationWoken, DeliveryChanged, StaffReceipt
from channels_app.models import Address, Channel, Conversation, Delivery, Mention, Message
from channels_app.models.delivery import LOWER
from contactcenter.kernel import ids
from contactcenter.kernel.db import Tx, action
from contactcenter.kernel.errors import NotFound, Refused

#: who says something for the company: a User as an agent, or bot, flow, system
Author = User | Message.Author


class Empty(Refused):
    """There is nothing to send."""


class TooLong(Refused):
    """The text is longer than the channel takes."""


class NotTaken(Refused):
    """The channel doesn't take this content."""


class Ended(Refused):
    """This conversation has ended. The customer's next message opens a new one."""


def locked(conversation_id: uuid.UUID) -> Conversation:
    """The conversation with its row locked: the first lock of every action on it."""
    rows = Conversation.objects.select_for_update(of=("self",), no_key=True)
    found = rows.filter(id=conversation_id).first()
    if found is None:
        raise NotFound
    return found


class WindowOver(Refused):
    """The channel allows a free message only soon after the customer wrote."""


class OptedOut(Refused):
    """The customer doesn't want to be written to on this channel."""


def check_reply(channel: Channel, text: str, content: Sequence[dict[str, Any]]) -> None:
    """:raises Empty, TooLong, NotTaken: what the channel can't carry."""
    if not text.strip() and not content:
        raise Empty
    takes = channel.capabilities
    if len(text) > takes.text_limit:
        said = {"length": len(text), "limit": takes.text_limit}
        raise TooLong(_("The text has %(length)d characters, %(limit)d are possible here.") % said)
    fault = next(faults(parse(list(content)), takes.content, takes.limits), None) if content else None
    if fault is not None:
        raise NotTaken(_(FAULTS[fault.code]) % {"limit": fault.limit})


@action
def do_reply(
    tx: Tx,
    conversation_id: uuid.UUID,
    *,
    author: Author,
    text: str = "",
    content: Sequence[dict[str, Any]] = (),
    client_id: str | None = None,
) -> Message:
    """A message to the customer, with its Delivery. The same `client_id` again gives the first one.

    `author`: a User speaks as an agent; bot, flow and system speak as what they are.

    :raises Empty, TooLong, NotTaken: the channel can't carry it. :raises WindowOver: only a template may go out now.
    :raises Ended:
    """
    conversation = locked(conversation_id)
    if first := _same(conversation, client_id):
        return first
    channel = Channel.objects.get(id=conversation.channel_id)
    return _to_customer(tx, conversation, channel, author=author, text=text, content=content, client_id=client_id)


@action
def do_begin(
    tx: Tx,
    channel: Channel,
    to: Sender,
    *,
    author: Author,
    text: str = "",
    content: Sequence[dict[str, Any]] = (),
    thread_key: str = "",
    client_id: str | None = None,
) -> Message:
    """The company writes first. The conversation rests until the customer answers, or somebody takes up work on it;
    one that is open already just gets the message.

    :raises Blocked: the company doesn't want to hear of them. :raises OptedOut: nor they of it.
    :raises Empty, TooLong, NotTaken: as for a reply.
    """
    address, new_contact = known_address(tx, channel, to)
    if blocks_in_force(address.id).exists():
        raise Blocked("This customer is blocked.")
    newest = address.consents.filter(purpose="").order_by("-at", "-id").first()
    if newest is not None and not newest.given:
        raise OptedOut
    conversation = open_conversation(tx, address, thread_key, rests_until=tx.now + channel.window)
    if first := _same(conversation, client_id):
        return first
    opened = (address, new_contact)
    return _to_customer(
        tx, conversation, channel, author=author, text=text, content=content, client_id=client_id, opened=opened
    )


def _to_customer(
    tx: Tx,
    conversation: Conversation,
    channel: Channel,
    *,
    author: Author,
    text: str,
    content: Sequence[dict[str, Any]],
    client_id: str | None,
    opened: tuple[Address, bool] | None = None,
) -> Message:
    """A message with its Delivery. `opened`: the company writes first, which wakes nothing."""
    check_reply(channel, text, content)
    until = conversation.window_expires_at
    if until and until <= tx.now and not any(item.get("type") == "notification" for item in content):
        raise WindowOver
    return _append(
        tx,
        conversation,
        direction=Message.Direction.OUTBOUND,
        audience=Message.Audience.PUBLIC,
        kind=Message.Kind.STRUCTURED if content else Message.Kind.TEXT,
        text=text,
        content=list(content),
        author=author,
        client_id=client_id,
        wakes=opened is None,
        over=channel,
        opened=opened,
    )


@action
def do_note(
    tx: Tx,
    conversation_id: uuid.UUID,
    *,
    author: User,
    text: str,
    client_id: str | None = None,
    mentions: Sequence[User] = (),
) -> Message:
    """A note that only the company sees. It doesn't wake the conversation. `mentions`: colleagues whom it names."""
    conversation = locked(conversation_id)
    if first := _same(conversation, client_id):
        return first
    if not text.strip():
        raise Empty
    message = _append(
        tx,
        conversation,
        direction=Message.Direction.INTERNAL,
        audience=Message.Audience.STAFF,
        kind=Message.Kind.NOTE,
        text=text,
        author=author,
        client_id=client_id,
        metadata={"_mentions": [{"id": str(one.id), "name": one.name} for one in mentions]} if mentions else None,
    )
    if mentions:
        _mention(tx, message, mentions)
    return message


def _mention(tx: Tx, message: Message, people: Sequence[User]) -> None:
    Mention.objects.bulk_create(
        Mention(message=message, conversation_id=message.conversation_id, user=one, created_at=tx.now) for one in people
    )
    ids_of = tuple(one.id for one in people)
    tx.record(
        ColleaguesMentioned(
            conversation_id=message.conversation_id, agent_id=message.author_id, message_id=message.id, user_ids=ids_of
        )
    )


@action
def do_see_mentions(tx: Tx, user: User, conversation_id: uuid.UUID | None = None) -> int:
    """The person looked at a conversation in which they are named (None: at all of them); gives how many were new."""
    unseen = Mention.objects.filter(user=user, seen_at=None)
    if conversation_id is not None:
        unseen = unseen.filter(conversation=conversation_id)
    return unseen.update(seen_at=tx.now)


@action
def do_system_line(
    tx: Tx,
    conversation: Conversation,
    kind: str,
    values: dict[str, Any] | None = None,
    *,
    public: bool = False,
    text: str = "",
) -> Message:
    """A line that the system writes: handed over, routed, joined. `values` are for the line's template."""
    return _append(
        tx,
        conversation,
        direction=Message.Direction.OUTBOUND if public else Message.Direction.INTERNAL,
        audience=Message.Audience.PUBLIC if public else Message.Audience.STAFF,
        kind=Message.Kind.SYSTEM,
        text=text,
        content=[{"type": "event", "kind": kind, "values": values or {}}],
        author=Message.Author.SYSTEM,
        wakes=False,
    )


def _same(conversation: Conversation, client_id: str | None) -> Message | None:
    if client_id is None:
        return None
    return Message.objects.filter(conversation=conversation, client_id=client_id).first()


def _append(
    tx: Tx,
    conversation: Conversation,
    *,
    direction: str,
    audience: str,
    kind: str,
    author: Author,
    text: str = "",
    content: list[dict[str, Any]] | None = None,
    client_id: str | None = None,
    metadata: dict[str, Any] | None = None,
    wakes: bool | None = None,
    over: Channel | None = None,
    opened: tuple[Address, bool] | None = None,
) -> Message:
    """At the end of a conversation. `over`: the channel that brings it to the customer, which makes its outbox row."""
    user = author if isinstance(author, User) else None
    row = sql.Row(
        id=ids.new(tx.now),
        direction=direction,
        audience=audience,
        kind=kind,
        text=text,
        content=content or [],
        author_kind=Message.Author.AGENT if isinstance(author, User) else author,
        author_id=user.id if user else None,
        client_id=client_id,
        metadata=metadata or {},
    )
    woken = direction == Message.Direction.OUTBOUND if wakes is None else wakes
    placed = sql.append(row, conversation.id, now=tx.now, inbound=False, wakes=woken)
    if placed is None:
        raise Ended
    if opened is not None:
        record_opened(tx, conversation.channel, opened[0], placed, new_contact=opened[1], agent_id=row.author_id)
    elif woken and conversation.state == Conversation.State.RESTING:
        tx.record(ConversationWoken(conversation_id=conversation.id, agent_id=row.author_id))
    delivery = None
    if over is not None:  # where the client fetches by itself, what is stored is sent
        fetched = adapter_for(over.kind).capabilities.client_fetches
        delivery = Delivery(
            message_id=row.id,
            conversation=conversation,
            channel=over,
            state=Delivery.State.SENT if fetched else Delivery.State.QUEUED,
            queued_at=tx.now,
            sent_at=tx.now if fetched else None,
            next_at=None if fetched else tx.now,
        )
        delivery.save(force_insert=True)
    message = applied(tx, conversation.channel_id, row, placed, delivery)
    message.author, message.conversation = user, conversation
    if delivery is not None:
        message.delivery = delivery
    return message


_RAISE = """
WITH conv AS (
    UPDATE channels_app_conversation SET change_seq = change_seq + 1
    WHERE id = %(conversation)s AND EXISTS (
        SELECT 1 FROM channels_app_delivery d JOIN channels_app_message m ON m.id = d.message_id
        WHERE d.conversation_id = %(conversation)s AND m.seq <= %(seq)s AND d.state = ANY(%(lower)s))
    RETURNING id, change_seq, channel_id
), raised AS (
    UPDATE channels_app_delivery d SET state = %(state)s, {column} = coalesce(d.{column}, %(at)s), next_at = NULL
    FROM channels_app_message m, conv
    WHERE d.conversation_id = conv.id AND m.id = d.message_id AND m.seq <= %(seq)s AND d.state = ANY(%(lower)s)
    RETURNING d.message_id
)
UPDATE channels_app_message m SET changed_seq = conv.change_seq
FROM raised, conv WHERE m.id = raised.message_id RETURNING m.id, conv.change_seq, conv.channel_id
"""


@action
def do_customer_receipt(tx: Tx, conversation_id: uuid.UUID, *, state: str, seq: int) -> int:
    """The customer's client received or read all up to `seq`: raise what is lower. Gives how many rose."""
    with connection.cursor() as cursor:
        cursor.execute(
            _RAISE.format(column=f"{state}_at"),
            {
                "conversation": conversation_id,
                "seq": seq,
                "state": state,
                "lower": list(LOWER[state]),
                "at": tx.now,
            },
        )
        rows = cursor.fetchall()
    if rows:
        tx.record(
            DeliveryChanged(
                conversation_id=conversation_id,
                state=state,
                change_seq=rows[0][1],
                message_ids=tuple(row[0] for row in rows),
            )
        )
    return len(rows)


@action
def do_staff_receipt(tx: Tx, conversation_id: uuid.UUID, *, state: str, seq: int, agent: User) -> bool:
    """The agent's client received, or showed on a visible screen, all up to `seq`. False: known already."""
    column = {"delivered": "delivered_seq", "read": "read_seq"}[state]
    conversation = locked(conversation_id)
    seq = min(seq, conversation.last_seq)
    if getattr(conversation, column) >= seq:
        return False
    raised = {column: seq, "change_seq": F("change_seq") + 1}
    if state == "read":
        raised["delivered_seq"] = Greatest(F("delivered_seq"), seq)
    Conversation.objects.filter(id=conversation_id).update(**raised)
    tx.record(
        StaffReceipt(
            conversation_id=conversation_id,
            agent_id=agent.id,
            state=state,
            seq=seq,
            change_seq=conversation.change_seq + 1,
        ),
        about=conversation,
    )
    return True
