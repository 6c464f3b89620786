"""The sender: from the outbox to the provider, once, in order, and never silently lost.

A claim and the record of its outcome are a transaction each; the send itself is in none. In between, the
row is queued with a claim and a lease: a sender that dies there leaves a message whose outcome is unknown,
which fails visibly, unless the provider takes idempotency keys.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet

from channels_app.actions.outbound import locked
from channels_app.actions.receipts import apply_waiting, lock_provider_id, show
from channels_app.adapters.base import NotAuthorised, OutcomeUnknown, Outgoing, SendError, Sent
from channels_app.adapters.registry import adapter_for
from channels_app.files.links import with_links
from channels_app.models import Channel, Conversation, Delivery
from contactcenter.kernel import ids
from contactcenter.kernel.db import Tx, action
from contactcenter.kernel.errors import NotFound, Refused

log = structlog.get_logger(__name__)

BATCH = 16
LEASE = timedelta(minutes=2)  # longer than a batch can take: BATCH sends, eight at once, with adapters' timeouts
BLOCK = timedelta(minutes=2)  # how long a message that is retried holds up the next of its conversation
RETRY_FOR = timedelta(hours=1)  # and how long it is retried when nothing waits behind it
MAX_BACK_OFF = 300.0  # seconds

_CLAIM = """
WITH due AS (
    SELECT d.id FROM channels_app_delivery d
    WHERE d.state = 'queued' AND d.next_at <= %(now)s AND d.claim IS NULL AND NOT EXISTS (
        SELECT 1 FROM channels_app_delivery earlier
        WHERE earlier.conversation_id = d.conversation_id AND earlier.state = 'queued' AND earlier.id < d.id)
    ORDER BY d.next_at LIMIT %(batch)s FOR NO KEY UPDATE OF d SKIP LOCKED
)
UPDATE channels_app_delivery d SET claim = %(claim)s, next_at = %(lease)s, attempts = d.attempts + 1,
    first_attempt_at = coalesce(d.first_attempt_at, %(now)s)
FROM due WHERE d.id = due.id RETURNING d.id
"""


class NotFailed(Refused):
    """Only a message that failed can be sent again."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A message that this process is to send, as values: nothing of it is read again while it is sent."""

    delivery_id: int
    conversation_id: uuid.UUID
    token: uuid.UUID
    kind: str
    active: bool
    secrets: Mapping[str, str]
    message: Outgoing


@action
def do_claim(tx: Tx, batch: int = BATCH) -> list[Claim]:
    """Take what is due, at most one message a conversation: its oldest that waits."""
    token = ids.new(tx.now)
    values: dict[str, Any] = {"now": tx.now, "batch": batch, "claim": token, "lease": tx.now + LEASE}
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, values)
        claimed = [row[0] for row in cursor.fetchall()]
    if not claimed:
        return []
    rows = Delivery.objects.filter(id__in=claimed).select_related("channel", "message__author", "conversation__address")
    return [_claim(tx, row, token) for row in rows.prefetch_related("message__attachments")]


def _claim(tx: Tx, row: Delivery, token: uuid.UUID) -> Claim:
    message, address = row.message, row.conversation.address
    outgoing = Outgoing(
        idempotency_key=str(message.id),
        to=address.external_id,
        to_kind=address.kind,
        thread_key=row.conversation.thread_key,
        text=message.text,
        content=with_links(message.content, message.attachments.all(), tx.now, absolute=True),
        agent_nickname=message.author.nickname if message.author else "",
    )
    channel = row.channel
    return Claim(row.id, row.conversation_id, token, channel.kind, channel.active, channel.secrets, outgoing)


def send(claim: Claim) -> Sent | SendError:
    """Hand a claimed message to its provider. Touches no database: it runs on any thread."""
    if not claim.active:
        return ChannelOff()
    try:
        return adapter_for(claim.kind).send(claim.message, claim.secrets)
    except SendError as error:
        return error
    except Exception as error:  # a named edge: an adapter's fault; whether the provider has it, nobody knows
        log.exception("adapter failed while sending", kind=claim.kind, delivery=claim.delivery_id)
        return OutcomeUnknown(type(error).__name__)


class ChannelOff(SendError):
    """The channel was switched off before the message went out."""

    code, fault, agent_text = "channel_off", "configuration", "The channel is switched off."


@action
def do_record(tx: Tx, claim: Claim, outcome: Sent | SendError) -> bool:
    """Write down what became of a claimed message. False: the claim is over, somebody else has decided."""
    conversation = locked(claim.conversation_id)
    delivery = _own(claim.delivery_id)
    if delivery is None or delivery.claim != claim.token:
        log.warning("outcome of a lost claim", delivery=claim.delivery_id, outcome=type(outcome).__name__)
        return False
    _note_health(tx, delivery.channel, outcome)
    if isinstance(outcome, Sent):
        _sent(tx, conversation, delivery, outcome)
    elif delivery.state == Delivery.State.QUEUED:
        _not_sent(tx, conversation, delivery, outcome)
    return True


def _own(delivery_id: int) -> Delivery | None:
    rows = Delivery.objects.select_for_update(of=("self",), no_key=True).select_related("channel", "message")
    return rows.filter(id=delivery_id).first()


def _sent(tx: Tx, conversation: Conversation, delivery: Delivery, sent: Sent) -> None:
    """It is out. A late answer also lifts what had been given up as unknown; a receipt may have been faster."""
    delivery.claim = None
    delivery.next_at = None
    delivery.sent_at = tx.now
    if provider_id := _free_id(delivery, sent.provider_id):
        lock_provider_id(delivery.channel_id, provider_id)
        delivery.provider_id = provider_id
    if delivery.state in {Delivery.State.QUEUED, Delivery.State.FAILED}:
        delivery.state = Delivery.State.SENT
        delivery.error_code = delivery.error = ""
    delivery.save()
    if not (provider_id and apply_waiting(tx, conversation, delivery)):
        show(tx, conversation, [delivery.message_id], delivery.state)


def _free_id(delivery: Delivery, provider_id: str | None) -> str | None:
    """The provider's id, unless it gave the same to another message: then receipts can't be told apart."""
    if not provider_id:
        return None
    others = Delivery.objects.filter(channel_id=delivery.channel_id, provider_id=provider_id)
    if others.exclude(id=delivery.id).exists():
        log.warning("provider id given twice", delivery=delivery.id, channel=str(delivery.channel_id))
        return None
    return provider_id


def _not_sent(tx: Tx, conversation: Conversation, delivery: Delivery, error: SendError) -> None:
    again = _next_try(tx.now, delivery, error) if error.retry else None
    if again is None:
        _fail(tx, conversation, delivery, error.code, error.agent_text)
        return
    news = delivery.error_code != error.code
    delivery.claim = None
    delivery.next_at = again
    delivery.error_code, delivery.error = error.code, error.agent_text
    delivery.save()
    if news:
        show(tx, conversation, [delivery.message_id], delivery.state, error.code)


def _next_try(now: datetime, delivery: Delivery, error: SendError) -> datetime | None:
    """When to try again: by the provider's wish or exponential back-off. None: it has been tried long enough."""
    started = delivery.first_attempt_at or now
    wait = max(error.retry_after or 0.0, back_off(delivery.attempts, random.random()))  # noqa: S311 no secret
    again = now + timedelta(seconds=wait)
    return again if again <= started + RETRY_FOR else None


def back_off(attempts: int, spread: float) -> float:
    """Seconds before the next try after so many: 2, 4, 8 … 300, of which `spread` (0–1) takes up to half away."""
    full: float = min(2.0 ** min(attempts, 16), MAX_BACK_OFF)
    return full * (1 - spread / 2)


def _fail(tx: Tx, conversation: Conversation, delivery: Delivery, code: str, text: str) -> None:
    delivery.state = Delivery.State.FAILED
    delivery.failed_at = tx.now
    delivery.next_at = None
    delivery.error_code, delivery.error = code, text
    delivery.save()
    show(tx, conversation, [delivery.message_id], delivery.state, code)


def _note_health(tx: Tx, channel: Channel, outcome: Sent | SendError) -> None:
    """A channel fails when our credentials are refused, and works again with the first success."""
    if isinstance(outcome, Sent):
        health, note = Channel.Health.OK, ""
    elif isinstance(outcome, NotAuthorised):
        health, note = Channel.Health.FAILING, outcome.detail or outcome.agent_text
    else:
        return
    if channel.health != health:
        changed = {"health": health, "health_note": note[:300], "health_at": tx.now}
        Channel.objects.filter(id=channel.id).update(**changed)


def blocking(now: datetime) -> QuerySet[Delivery]:
    """Deliveries whose retries have held up a later one of their conversation for too long."""
    behind = Delivery.objects.filter(
        conversation=OuterRef("conversation"),
        state=Delivery.State.QUEUED,
        id__gt=OuterRef("id"),
        queued_at__lte=now - BLOCK,
    )
    retried = Delivery.objects.filter(state=Delivery.State.QUEUED, claim=None, first_attempt_at__lte=now - BLOCK)
    return retried.filter(Exists(behind)).order_by("first_attempt_at")


def abandoned(now: datetime) -> QuerySet[Delivery]:
    """Deliveries that were claimed, and not recorded within the lease."""
    lost = Delivery.objects.filter(state=Delivery.State.QUEUED, claim__isnull=False, next_at__lte=now)
    return lost.order_by("next_at")


@action
def do_give_up(tx: Tx, delivery_id: int) -> bool:
    """Fail a message that blocks its conversation, with the error of its last attempt. False: it no longer does."""
    conversation = locked(_conversation_of(delivery_id))
    delivery = _own(delivery_id)
    if delivery is None or not blocking(tx.now).filter(id=delivery_id).exists():
        return False
    _fail(tx, conversation, delivery, delivery.error_code or "unavailable", delivery.error)
    return True


@action
def do_end_lease(tx: Tx, delivery_id: int) -> bool:
    """Decide about a message whose sender died: send it again where that is safe, else say that nobody knows."""
    conversation = locked(_conversation_of(delivery_id))
    delivery = _own(delivery_id)
    if delivery is None or not abandoned(tx.now).filter(id=delivery_id).exists():
        return False
    if adapter_for(delivery.channel.kind).capabilities.idempotent:
        delivery.claim = None
        delivery.save(update_fields=["claim"])
    else:  # the claim stays on the row, so that a late answer still counts
        _fail(tx, conversation, delivery, OutcomeUnknown.code, OutcomeUnknown.agent_text)
    return True


@action
def do_retry(tx: Tx, delivery_id: int) -> Delivery:
    """Somebody wants a failed message sent again. :raises NotFailed: it is on its way, or has arrived."""
    conversation = locked(_conversation_of(delivery_id))
    delivery = _own(delivery_id)
    if delivery is None or delivery.state != Delivery.State.FAILED:
        raise NotFailed
    delivery.state = Delivery.State.QUEUED
    delivery.attempts = 0
    delivery.queued_at = delivery.next_at = tx.now
    delivery.claim = delivery.first_attempt_at = delivery.failed_at = delivery.provider_id = None
    delivery.error_code = delivery.error = ""
    delivery.save()
    show(tx, conversation, [delivery.message_id], delivery.state)
    return delivery


def _conversation_of(delivery_id: int) -> uuid.UUID:
    found = Delivery.objects.filter(id=delivery_id).values_list("conversation_id", flat=True).first()
    if found is None:
        raise NotFound
    return found
