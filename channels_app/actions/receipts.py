"""What providers say became of our messages. A state only rises (DESIGN: Delivery)."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Q
from django.db.models.functions import Coalesce, Least

from channels_app.actions.outbound import locked
from channels_app.adapters.values import InboundReceipt, ReceiptState
from channels_app.events import DeliveryChanged
from channels_app.models import Channel, Conversation, Delivery, DeliveryPart, Message, PendingReceipt
from channels_app.models.delivery import LOWER
from contactcenter.kernel.db import Tx, action

_State = Delivery.State
_FAR = [_State.FAILED, _State.QUEUED, _State.SENT, _State.DELIVERED, _State.READ]
#: of those up to a watermark, only what the provider took: what failed before it didn't arrive with it
_BEHIND = {_State.DELIVERED: (_State.SENT,), _State.READ: (_State.SENT, _State.DELIVERED)}


@action
def do_provider_receipt(tx: Tx, channel: Channel, receipt: InboundReceipt) -> int:
    """Apply a provider's status; gives how many messages rose.

    One for an id that we don't know waits in `PendingReceipt`: the answer to our send may still be on its way.
    """
    part = _known(channel.id, receipt.provider_id)
    if part is None:
        # what records the send takes the same lock, so one of the two sees the other
        lock_provider_id(channel.id, receipt.provider_id)
        part = _known(channel.id, receipt.provider_id)
    if part is None:
        PendingReceipt.objects.create(
            channel=channel,
            provider_id=receipt.provider_id,
            state=receipt.state,
            watermark=receipt.watermark,
            error_code=receipt.code,
            error=receipt.error,
            at=receipt.at or tx.now,
            received_at=tx.now,
        )
        return 0
    return apply_receipt(
        tx,
        locked(part.delivery.conversation_id),
        part,
        state=receipt.state,
        at=receipt.at or tx.now,
        watermark=receipt.watermark,
        error_code=receipt.code,
        error=receipt.error,
    )


def lock_provider_id(channel_id: uuid.UUID, provider_id: str) -> None:
    """Let one transaction at a time decide about a provider's id that no row holds yet."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"{channel_id}:{provider_id}"])


def _known(channel_id: uuid.UUID, provider_id: str) -> DeliveryPart | None:
    rows = DeliveryPart.objects.filter(channel_id=channel_id, provider_id=provider_id)
    return rows.select_related("delivery__message").first()


def apply_waiting(tx: Tx, conversation: Conversation, part: DeliveryPart) -> int:
    """Apply what came in for a provider id before the send was recorded. The caller holds both locks."""
    waiting = PendingReceipt.objects.filter(channel_id=part.channel_id, provider_id=part.provider_id)
    risen = 0
    for kept in waiting.order_by("id"):
        risen += apply_receipt(
            tx,
            conversation,
            part,
            state=kept.state,
            at=kept.at,
            watermark=kept.watermark,
            error_code=kept.error_code,
            error=kept.error,
        )
        kept.delete()
    return risen


def apply_receipt(
    tx: Tx,
    conversation: Conversation,
    part: DeliveryPart,
    *,
    state: str,
    at: datetime,
    watermark: bool = False,
    error_code: str = "",
    error: str = "",
) -> int:
    """Raise the message of a part, or all up to it, under the conversation's lock; gives how many rose.

    A message of several parts is as far as the one that is least far.
    """
    delivery = Delivery.objects.select_related("message").get(id=part.delivery_id)
    DeliveryPart.objects.filter(id=part.id, state__in=LOWER[state]).update(state=state)
    mine = Q(id=delivery.id, state__in=LOWER[state]) if lowest(delivery) == state else Q(pk__in=[])
    if watermark and state in _BEHIND:
        mine |= Q(message__seq__lt=delivery.message.seq, state__in=_BEHIND[_State(state)])
    rows = Delivery.objects.filter(mine, conversation=conversation)
    message_ids = list(rows.values_list("message_id", flat=True))
    if not message_ids:
        return 0
    if state == _State.FAILED:
        error_code = error_code or "unknown"
    fields = _risen(state, at, error_code, error)
    Delivery.objects.filter(message_id__in=message_ids).update(**fields)
    DeliveryPart.objects.filter(delivery__message_id__in=message_ids, state__in=LOWER[state]).update(state=state)
    show(tx, conversation, message_ids, state, error_code)
    return len(message_ids)


def lowest(delivery: Delivery) -> str:
    """The state of a message by its parts: failed if one is, else that of the part which is least far."""
    states = list(delivery.parts.values_list("state", flat=True))
    missing = [_State.QUEUED.value] * (delivery.parts_expected - len(states))
    return min([*states, *missing], key=_FAR.index, default=delivery.state)


def _risen(state: str, at: datetime, error_code: str, error: str) -> dict[str, Any]:
    """The columns of a delivery that rises to a state. A provider may repeat itself: the first time stays."""
    fields: dict[str, Any] = {"state": state, "next_at": None, f"{state}_at": Coalesce(f"{state}_at", at)}
    if state == _State.FAILED:
        return fields | {"error_code": error_code, "error": error}
    fields |= {"error_code": "", "error": ""}
    if state == ReceiptState.READ:
        fields["delivered_at"] = Least(Coalesce("delivered_at", at), at)
    return fields


def show(
    tx: Tx, conversation: Conversation, message_ids: Sequence[uuid.UUID], state: str, error_code: str = ""
) -> None:
    """Let threads see that deliveries changed: the head rises and is stamped on the messages."""
    conversation.change_seq += 1
    conversation.save(update_fields=["change_seq"])
    Message.objects.filter(id__in=message_ids).update(changed_seq=conversation.change_seq)
    tx.record(
        DeliveryChanged(
            conversation_id=conversation.id,
            state=state,
            change_seq=conversation.change_seq,
            message_ids=tuple(message_ids),
            error_code=error_code,
        )
    )
