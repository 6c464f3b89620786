"""What an adapter read, applied: each kind of value by its own rule, each safe to apply twice.

Providers don't keep the order of things: what is about a message that isn't there yet raises `Later`, and its payload
is tried again (`payloads`).
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django.db.models import Q
from django.db.models.functions import Coalesce, Greatest

from channels_app import sql
from channels_app.actions.blocks import Blocked
from channels_app.actions.changes import do_edit_message, do_remove_message
from channels_app.actions.inbound import (
    add_files,
    applied,
    content_of,
    do_receive,
    known_address,
    message_of,
    open_conversation,
    record_opened,
)
from channels_app.actions.outbound import do_system_line, locked
from channels_app.actions.receipts import do_provider_receipt, lock_provider_id
from channels_app.actions.sending import note_health
from channels_app.adapters.values import (
    AccountEvent,
    Applied,
    ConsentChanged,
    Echo,
    Edited,
    Followed,
    Ignored,
    IgnoredReason,
    Inbound,
    InboundMessage,
    InboundReceipt,
    InboundTyping,
    Postback,
    Reacted,
    Removed,
    Sender,
    Unreadable,
    WindowOpened,
)
from channels_app.models import Channel, Consent, Conversation, Delivery, DeliveryPart, Message
from contactcenter.kernel import ids
from contactcenter.kernel.db import Tx, action
from contactcenter.kernel.errors import Refused


class Later(Refused):
    """What this is about hasn't come yet."""


@action
def do_apply_value(tx: Tx, channel: Channel, value: Inbound) -> Applied:
    """Apply one value. :raises Later: it is about something that isn't there yet; nothing was written."""
    return _RULES[type(value)](tx, channel, value)


def _said(tx: Tx, channel: Channel, value: InboundMessage | Postback | Unreadable | Reacted) -> Applied:
    try:
        received = do_receive.within(tx, channel, _as_message(channel, value))
    except Blocked:
        return Applied(value, ignored=IgnoredReason.BLOCKED)
    return Applied(value, str(received.message.id))


def _as_message(channel: Channel, value: InboundMessage | Postback | Unreadable | Reacted) -> InboundMessage:
    """All that a customer says is a message, whatever the provider calls it."""
    if isinstance(value, InboundMessage):
        return value
    common: dict[str, Any] = {"key": value.key, "sender": value.sender, "at": value.at}
    if isinstance(value, Postback):
        pressed = {"type": "button_response", "kind": "button", "text": value.text, "payload": value.payload}
        content = [pressed | {"origin_message_id": value.message_id or None}]
        return InboundMessage(**common, content=content, thread_key=value.thread_key, referral=value.referral)
    if isinstance(value, Unreadable):
        return InboundMessage(
            **common, content=[{"type": "unsupported", "why": value.why}], thread_key=value.thread_key
        )
    about = message_of(channel, value.message_id)
    if about is None:
        raise Later
    reaction = {"type": "reaction", "emoji": value.emoji or "", "action": "add" if value.emoji else "remove"}
    thread_key = Conversation.objects.values_list("thread_key", flat=True).get(id=about.conversation_id)
    return InboundMessage(**common, content=[reaction | {"target_message_id": str(about.id)}], thread_key=thread_key)


def _changed(tx: Tx, channel: Channel, value: Edited | Removed) -> Applied:
    found = message_of(channel, value.message_id)
    if found is None:
        raise Later
    if found.removed_at is None:  # else it was taken back before
        if isinstance(value, Edited):
            do_edit_message.within(tx, found.id, text=value.text)
        else:
            do_remove_message.within(tx, found.id)
    return Applied(value, str(found.id))


def _echoed(tx: Tx, channel: Channel, value: Echo) -> Applied:
    """What the company wrote elsewhere, as an agent's message without an agent. One of our own is left alone."""
    ours = Q(message_id=value.idempotency_key) if _is_id(value.idempotency_key) else Q(pk__in=[])
    if Delivery.objects.filter(ours, channel=channel).exists() or message_of(channel, value.key):
        return Applied(value, ignored=IgnoredReason.OWN_MESSAGE)
    lock_provider_id(channel.id, value.key)  # what records a send takes it too
    if message_of(channel, value.key):
        return Applied(value, ignored=IgnoredReason.OWN_MESSAGE)
    address, new_contact = known_address(tx, channel, value.to)
    in_flight = Delivery.objects.filter(conversation__address=address, claim__isnull=False, state=Delivery.State.QUEUED)
    if in_flight.exists():  # it may be the very one, whose id we are about to learn
        raise Later
    conversation = open_conversation(tx, address, value.thread_key, rests_until=tx.now + channel.window)
    files = [(ids.new(tx.now), one) for one in value.files]
    row = sql.Row(
        id=ids.new(tx.now),
        direction=Message.Direction.OUTBOUND,
        audience=Message.Audience.PUBLIC,
        kind=Message.Kind.STRUCTURED if value.content or files else Message.Kind.TEXT,
        text=value.text,
        content=[*value.content, *content_of(files)],
        author_kind=Message.Author.AGENT,
        metadata={"_elsewhere": True},
    )
    placed = sql.append(row, conversation.id, now=tx.now, inbound=False, wakes=False)
    assert placed is not None, "an open conversation can't end under our own lock"
    record_opened(tx, channel, address, placed, new_contact=new_contact)
    delivery = Delivery.objects.create(
        message_id=row.id,
        conversation=conversation,
        channel=channel,
        state=Delivery.State.SENT,
        queued_at=tx.now,
        sent_at=value.at or tx.now,
        parts_expected=1,
    )
    applied(tx, channel.id, row, placed, delivery)
    DeliveryPart.objects.create(delivery=delivery, channel=channel, number=0, provider_id=value.key)
    add_files(tx, channel, row.id, files)
    return Applied(value, str(row.id))


def _is_id(text: str) -> bool:
    try:
        return bool(uuid.UUID(text))
    except ValueError:
        return False


def _consented(tx: Tx, channel: Channel, value: ConsentChanged) -> Applied:
    address, _new = known_address(tx, channel, value.sender)
    _note_consent(
        tx,
        Consent(
            address=address,
            purpose=value.purpose[:40],
            given=value.given,
            proof=value.proof[:500],
            at=value.at or tx.now,
        ),
    )
    return Applied(value)


def _followed(tx: Tx, channel: Channel, value: Followed) -> Applied:
    """Who has left can't be written to, whatever they allowed before; who comes back can."""
    address, _new = known_address(tx, channel, value.sender)
    if not value.following or address.consents.exists():
        proof = "followed the account" if value.following else "left the account"
        _note_consent(tx, Consent(address=address, given=value.following, proof=proof, at=value.at or tx.now))
    return Applied(value)


def _note_consent(tx: Tx, fresh: Consent) -> None:
    """One row each time that it changes; the thread that is open says so."""
    newest = Consent.objects.filter(address=fresh.address, purpose=fresh.purpose).order_by("-at", "-id").first()
    if newest is not None and newest.given == fresh.given:
        return
    fresh.save()
    if current := Conversation.objects.open().filter(address=fresh.address).order_by("-last_time").first():
        do_system_line.within(tx, locked(current.id), "opted_in" if fresh.given else "opted_out")


def _opened(_tx: Tx, channel: Channel, value: WindowOpened) -> Applied:
    mine = _conversations(channel, value.sender).filter(thread_key=value.thread_key)
    mine.update(window_expires_at=Greatest(Coalesce("window_expires_at", value.until), value.until))
    return Applied(value)


def _received(tx: Tx, channel: Channel, value: InboundReceipt) -> Applied:
    do_provider_receipt.within(tx, channel, value)
    return Applied(value)


def _told(tx: Tx, channel: Channel, value: AccountEvent) -> Applied:
    if value.healthy is not None:
        note_health(tx, channel, ok=value.healthy, note=value.note)
    return Applied(value)


def _conversations(channel: Channel, sender: Sender) -> Any:
    return Conversation.objects.open().filter(
        address__channel=channel, address__kind=sender.kind, address__external_id=sender.external_id
    )


def typing_in(channel: Channel, value: InboundTyping) -> uuid.UUID | None:
    """The conversation in which somebody types, if one is open."""
    found: uuid.UUID | None = (
        _conversations(channel, value.sender).filter(thread_key=value.thread_key).values_list("id", flat=True).first()
    )
    return found


#: a rule for each kind of value
_RULES: dict[type[Inbound], Callable[[Tx, Channel, Any], Applied]] = {
    InboundMessage: _said,
    Postback: _said,
    Unreadable: _said,
    Reacted: _said,
    Echo: _echoed,
    Edited: _changed,
    Removed: _changed,
    InboundReceipt: _received,
    InboundTyping: lambda _tx, _channel, value: Applied(value),  # shown, never stored: the view pushes it
    ConsentChanged: _consented,
    Followed: _followed,
    WindowOpened: _opened,
    AccountEvent: _told,
    Ignored: lambda _tx, _channel, value: Applied(value, ignored=value.reason),
}
