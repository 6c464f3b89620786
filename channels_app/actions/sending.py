"""The sender: from the outbox to the provider, once, in order, and never silently lost.

A claim and the record of its outcome are a transaction each; the sends themselves are in none. In between, the
row is queued with a claim and a lease: a sender that dies there leaves a message whose outcome is unknown,
which fails visibly, unless the provider takes idempotency keys.

A message takes one call at the provider or several (`Adapter.render`). Those that were made are rows, so that a try
after a failure goes on where the one before stopped.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet

from channels_app.actions.calls import do_keep_calls, http_for
from channels_app.actions.outbound import locked
from channels_app.actions.rates import do_take_places
from channels_app.actions.receipts import apply_waiting, lock_provider_id, show
from channels_app.adapters.base import Account, Adapter
from channels_app.adapters.errors import ChannelOff, NotAuthorised, OutcomeUnknown, SendError, WaitsForRate
from channels_app.adapters.http import Call
from channels_app.adapters.values import Outgoing, OutgoingFile, Sent
from channels_app.files import storage
from channels_app.files.links import file_link
from channels_app.models import Channel, Conversation, Delivery, DeliveryPart, InboundKey
from channels_app.models.channel import NotConfigured
from contactcenter.kernel import ids
from contactcenter.kernel.db import Tx, action
from contactcenter.kernel.errors import NotFound, Refused

log = structlog.get_logger(__name__)

BATCH = 16
LEASE = timedelta(minutes=2)  # longer than a batch can take: BATCH sends, eight at once, with adapters' timeouts
BLOCK = timedelta(minutes=2)  # how long a message that is retried holds up the next of its conversation
RETRY_FOR = timedelta(hours=1)  # and how long it is retried when nothing waits behind it
MAX_BACK_OFF = 300.0  # seconds
REFERENCES = 10  # messages before it that an outgoing one names

# Of each channel its oldest, then the channels by turns: one that has thousands waiting holds up no other. Of a
# conversation only its oldest that waits.
_CLAIM = """
WITH ready AS (
    SELECT d.id, d.next_at, d.turn FROM channels_app_channel ch CROSS JOIN LATERAL (
        SELECT due.id, due.next_at, row_number() OVER (ORDER BY due.next_at, due.id) AS turn FROM (
            SELECT d.id, d.next_at FROM channels_app_delivery d
            WHERE d.channel_id = ch.id AND d.state = 'queued' AND d.next_at <= %(now)s AND d.claim IS NULL
              AND NOT EXISTS (
                SELECT 1 FROM channels_app_delivery earlier
                WHERE earlier.conversation_id = d.conversation_id AND earlier.state = 'queued' AND earlier.id < d.id)
            ORDER BY d.next_at LIMIT %(batch)s
        ) due
    ) d WHERE ch.paused_until IS NULL OR ch.paused_until <= %(now)s
), due AS (
    SELECT d.id FROM channels_app_delivery d JOIN ready ON ready.id = d.id
    WHERE d.state = 'queued' AND d.claim IS NULL
    ORDER BY ready.turn, ready.next_at LIMIT %(batch)s FOR NO KEY UPDATE OF d SKIP LOCKED
)
UPDATE channels_app_delivery d SET claim = %(claim)s, next_at = %(lease)s, attempts = d.attempts + 1,
    first_attempt_at = coalesce(d.first_attempt_at, %(now)s)
FROM due WHERE d.id = due.id RETURNING d.id
"""


class NotFailed(Refused):
    """Only a message that failed can be sent again."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A message that this process is to send, as values: nothing of it is read again while it is sent.

    `done`: the numbers of the parts that went out at an earlier try. `account` None: it can't go now (`problem`).
    """

    delivery_id: int
    conversation_id: uuid.UUID
    channel_id: uuid.UUID
    token: uuid.UUID
    adapter: Adapter[Any]
    account: Account[Any] | None
    message: Outgoing
    done: frozenset[int] = frozenset()
    problem: SendError | None = None


@dataclass(slots=True)
class Outcome:
    """What became of a claim: the parts that went out, and what stopped it, if something did."""

    parts: int = 0
    sent: dict[int, Sent] = field(default_factory=dict)
    error: SendError | None = None
    calls: list[Call] = field(default_factory=list)


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
    claims = [_claim(tx, row, token) for row in rows.prefetch_related("message__attachments", "parts")]
    rates = {one.delivery_id: one.adapter.rates(one.message, one.account) for one in claims if one.account}
    waits = do_take_places.within(tx, rates)
    return [
        replace(one, account=None, problem=WaitsForRate(retry_after=waits[one.delivery_id]))
        if one.delivery_id in waits
        else one
        for one in claims
    ]


def _claim(tx: Tx, row: Delivery, token: uuid.UUID) -> Claim:
    message, address, channel = row.message, row.conversation.address, row.channel
    files = {
        str(one.id): OutgoingFile(
            str(one.id),
            file_link(one, tx.now, absolute=True),
            one.filename,
            one.mime,
            one.size,
            storage.opener(one.storage_key),
        )
        for one in message.attachments.all()
    }
    linked = [item | {"url": files[item["id"]].url} if item.get("id") in files else item for item in message.content]
    outgoing = Outgoing(
        idempotency_key=str(message.id),
        to=address.external_id,
        to_kind=address.kind,
        thread_key=row.conversation.thread_key,
        text=message.text,
        content=linked,
        agent_nickname=message.author.nickname if message.author else "",
        in_reply_to=_said_before(row),
        files=files,
    )
    account, problem = None, None
    if not channel.active:
        problem = ChannelOff()
    else:
        try:
            account = channel.account
        except NotConfigured as error:
            problem = NotAuthorised(error.message)
    return Claim(
        row.id,
        row.conversation_id,
        channel.id,
        token,
        channel.adapter,
        account,
        outgoing,
        frozenset(part.number for part in row.parts.all()),
        problem,
    )


def _said_before(row: Delivery) -> list[str]:
    """The provider's ids of what was said last in the conversation by either side, the newest first."""
    before = row.message.seq
    ours = DeliveryPart.objects.filter(
        delivery__conversation=row.conversation_id, delivery__message__seq__lt=before, provider_id__isnull=False
    ).values_list("delivery__message__seq", "number", "provider_id")
    said = row.conversation.messages.filter(seq__lt=before, direction="inbound").order_by("-seq")[:REFERENCES]
    places = dict(said.values_list("id", "seq"))
    keys = InboundKey.objects.filter(channel_id=row.channel_id, message_id__in=places)
    theirs = [(places[message_id], 0, key) for message_id, key in keys.values_list("message_id", "key")]
    latest = ours.order_by("-delivery__message__seq", "-number")[:REFERENCES]
    return [key for _, _, key in sorted([*latest, *theirs], reverse=True)[:REFERENCES]]


def send(claim: Claim) -> Outcome:
    """Hand a claimed message to its provider. Touches no database: it runs on any thread."""
    outcome = Outcome()
    if claim.account is None:
        outcome.error = claim.problem
        return outcome
    http = http_for(claim.account)
    outcome.calls = http.calls
    try:
        parts = claim.adapter.render(claim.message, claim.account)
        outcome.parts = len(parts)
        for number, part in enumerate(parts):
            if number not in claim.done:
                key = claim.message.idempotency_key if len(parts) == 1 else f"{claim.message.idempotency_key}:{number}"
                outcome.sent[number] = claim.adapter.send(part, claim.message, claim.account, http, key=key)
    except SendError as error:
        outcome.error = error
    except Exception as error:  # a named edge: an adapter's fault; whether the provider has it, nobody knows
        log.exception("adapter failed while sending", kind=claim.adapter.kind, delivery=claim.delivery_id)
        outcome.error = OutcomeUnknown(type(error).__name__)
    return outcome


@action
def do_record(tx: Tx, claim: Claim, outcome: Outcome) -> bool:
    """Write down what became of a claimed message. False: the claim is over, somebody else has decided."""
    conversation = locked(claim.conversation_id)
    delivery = _own(claim.delivery_id)
    if delivery is not None:
        do_keep_calls.within(tx, claim.channel_id, outcome.calls, delivery.message_id)
    if delivery is None or delivery.claim != claim.token:
        log.warning("outcome of a lost claim", delivery=claim.delivery_id, error=repr(outcome.error))
        return False
    _note_health(tx, delivery.channel, outcome)
    delivery.parts_expected = outcome.parts or delivery.parts_expected
    made = [_made(delivery, number, sent) for number, sent in outcome.sent.items()]
    if outcome.error is None:
        _sent(tx, conversation, delivery, made)
    elif delivery.state == Delivery.State.QUEUED:
        _not_sent(tx, conversation, delivery, outcome.error)
        for part in made:
            apply_waiting(tx, conversation, part)
    return True


def _made(delivery: Delivery, number: int, sent: Sent) -> DeliveryPart:
    """A part that went out. Of an id that the provider gave to another message too, receipts couldn't be told apart."""
    provider_id = sent.provider_id
    if provider_id:
        lock_provider_id(delivery.channel_id, provider_id)
        if DeliveryPart.objects.filter(channel_id=delivery.channel_id, provider_id=provider_id).exists():
            log.warning("provider id given twice", delivery=delivery.id, channel=str(delivery.channel_id))
            provider_id = None
    part, _new = DeliveryPart.objects.update_or_create(
        delivery=delivery,
        number=number,
        defaults={"channel_id": delivery.channel_id, "provider_id": provider_id, "state": Delivery.State.SENT},
    )
    return part


def _own(delivery_id: int) -> Delivery | None:
    rows = Delivery.objects.select_for_update(of=("self",), no_key=True).select_related("channel", "message")
    return rows.filter(id=delivery_id).first()


def _sent(tx: Tx, conversation: Conversation, delivery: Delivery, made: Sequence[DeliveryPart]) -> None:
    """It is out. A late answer also lifts what had been given up as unknown; a receipt may have been faster."""
    delivery.claim = None
    delivery.next_at = None
    delivery.sent_at = tx.now
    if delivery.state in {Delivery.State.QUEUED, Delivery.State.FAILED}:
        delivery.state = Delivery.State.SENT
        delivery.error_code = delivery.error = ""
    delivery.save()
    if not sum(apply_waiting(tx, conversation, part) for part in made if part.provider_id):
        show(tx, conversation, [delivery.message_id], delivery.state)


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
    if isinstance(error, WaitsForRate):
        delivery.attempts -= 1
        delivery.first_attempt_at = delivery.first_attempt_at if delivery.attempts else None
        return now + timedelta(seconds=error.retry_after or 0.0)
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


def _note_health(tx: Tx, channel: Channel, outcome: Outcome) -> None:
    """A channel fails when our credentials are refused, and works again with the first success. Where the provider
    asks for a rest of the whole channel, or of all channels of an app, nothing is sent until it is over."""
    error = outcome.error
    if error is None:
        note_health(tx, channel, ok=True)
    elif isinstance(error, NotAuthorised):
        note_health(tx, channel, ok=False, note=error.detail or error.agent_text)
    if error is not None and error.retry_after and error.scope in {"channel", "app"}:
        paused = [channel.id]
        if error.scope == "app":
            app = channel.adapter.app(channel.account)
            others = Channel.objects.filter(kind=channel.kind, active=True).exclude(id=channel.id)
            paused += [other.id for other in others if _app_of(other) == app]
        until = tx.now + timedelta(seconds=error.retry_after)
        Channel.objects.filter(id__in=paused).update(paused_until=until)


def _app_of(channel: Channel) -> str:
    try:
        return channel.adapter.app(channel.account)
    except NotConfigured:
        return ""


def note_health(tx: Tx, channel: Channel, *, ok: bool, note: str = "") -> None:
    """Write down whether a channel works, if that is news."""
    health = Channel.Health.OK if ok else Channel.Health.FAILING
    if channel.health != health or (not ok and channel.health_note != note[:300]):
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
    if delivery.channel.capabilities.idempotent:
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
    delivery.claim = delivery.first_attempt_at = delivery.failed_at = None
    delivery.parts.filter(state=Delivery.State.FAILED).delete()  # those that went out aren't sent again
    if delivery.parts_expected == delivery.parts.count():  # what failed is the whole
        delivery.parts.all().delete()
    delivery.error_code = delivery.error = ""
    delivery.save()
    show(tx, conversation, [delivery.message_id], delivery.state)
    return delivery


def _conversation_of(delivery_id: int) -> uuid.UUID:
    found = Delivery.objects.filter(id=delivery_id).values_list("conversation_id", flat=True).first()
    if found is None:
        raise NotFound
    return found
