"""What providers send: applied with its raw payload in one transaction, or kept as failed, visible and replayable."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import structlog
from django.db import connection

from channels_app.actions.inbound import do_receive
from channels_app.actions.receipts import do_provider_receipt
from channels_app.adapters.base import Inbound, InboundMessage, InboundReceipt, InboundTyping, WebhookRequest
from channels_app.adapters.registry import adapter_for
from channels_app.models import Channel, Conversation, InboundPayload
from contactcenter.kernel import ids
from contactcenter.kernel.db import Tx, action
from contactcenter.kernel.errors import NotFound

log = structlog.get_logger(__name__)

KEPT_FOR = timedelta(days=30)
BATCH = 1000
REDACTED = "[redacted]"
_ALWAYS_REDACTED = frozenset({"authorization", "proxy-authorization", "cookie", "x-api-key"})


@dataclass(frozen=True, slots=True)
class Raw:
    """A verified request as it is kept: without what must not reach a log."""

    body: bytes
    headers: Mapping[str, str]


def redacted(request: WebhookRequest, channel: Channel, names: Sequence[str]) -> Raw:
    """A request without its credentials: headers named here, named like a secret, or carrying one."""
    secrets = [str(value) for value in channel.secrets.values() if value]
    hidden = _ALWAYS_REDACTED | {name.lower() for name in names} | {name.lower().replace("_", "-") for name in names}
    kept = {
        name: REDACTED if name in hidden or any(secret in value for secret in secrets) else value
        for name, value in request.headers.items()
    }
    return Raw(request.body, kept)


@action
def do_apply(tx: Tx, channel: Channel, raw: Raw, values: Sequence[Inbound]) -> InboundPayload:
    """Apply all values of a request, and keep the request, together."""
    for value in values:
        _apply(tx, channel, value)
    return _keep(tx, channel, raw, InboundPayload.State.APPLIED)


@action
def do_apply_one(tx: Tx, channel: Channel, value: Inbound) -> None:
    """Apply one value by itself."""
    _apply(tx, channel, value)


def apply_each(channel: Channel, values: Sequence[Inbound]) -> list[str]:
    """Apply what can be applied, one by one, where all together failed; gives the faults of the others.

    A value that can't be applied doesn't hold up its neighbours. Replaying is safe: what came in stays once.
    """
    faults = []
    for value in values:
        try:
            do_apply_one(channel, value)
        except Exception as error:  # a named edge: the payload is kept with the fault, and can be replayed
            log.exception("inbound value not applied", channel=str(channel.id), value=type(value).__name__)
            faults.append(fault(error))
    return faults


def fault(error: BaseException) -> str:
    """An error for people who look into a payload: its kind and its first line."""
    lines = str(error).splitlines() or [""]
    return f"{type(error).__name__}: {lines[0]}"[:1000]


def _apply(tx: Tx, channel: Channel, value: Inbound) -> None:
    match value:
        case InboundMessage():
            do_receive.within(tx, channel, value)
        case InboundReceipt():
            do_provider_receipt.within(tx, channel, value)
        case InboundTyping():
            pass  # shown, never stored: the view pushes it


@action
def do_keep(tx: Tx, channel: Channel, raw: Raw, faults: Sequence[str]) -> InboundPayload:
    """Keep a request that couldn't be read or applied; without faults, its values were applied one by one."""
    state = InboundPayload.State.FAILED if faults else InboundPayload.State.APPLIED
    return _keep(tx, channel, raw, state, "\n".join(faults))


def _keep(tx: Tx, channel: Channel, raw: Raw, state: str, error: str = "") -> InboundPayload:
    return InboundPayload.objects.create(
        id=ids.new(tx.now),
        channel=channel,
        body=raw.body,
        headers=dict(raw.headers),
        state=state,
        error=error.replace("\x00", ""),
        received_at=tx.now,
    )


def replay(payload_id: uuid.UUID) -> bool:
    """Apply a failed payload once more; False: it failed again, and says why. :raises NotFound:"""
    try:
        do_replay(payload_id)
    except NotFound:
        raise
    except Exception as error:  # a named edge: whoever asked reads the fault
        log.exception("payload failed again", payload=str(payload_id))
        do_note_fault(payload_id, fault(error))
        return False
    return True


@action
def do_replay(tx: Tx, payload_id: uuid.UUID) -> InboundPayload:
    """Read and apply a kept payload again. Values that were applied before stay as they are."""
    payload = _locked_payload(payload_id)
    request = WebhookRequest("POST", "", {}, payload.headers, bytes(payload.body))
    for value in adapter_for(payload.channel.kind).parse(request):
        _apply(tx, payload.channel, value)
    payload.state = InboundPayload.State.APPLIED
    payload.error = ""
    payload.save(update_fields=["state", "error"])
    return payload


@action
def do_note_fault(tx: Tx, payload_id: uuid.UUID, error: str) -> None:
    """Write down why a payload failed."""
    payload = _locked_payload(payload_id)
    payload.state = InboundPayload.State.FAILED
    payload.error = error.replace("\x00", "")
    payload.save(update_fields=["state", "error"])


def _locked_payload(payload_id: uuid.UUID) -> InboundPayload:
    rows = InboundPayload.objects.select_for_update(of=("self",), no_key=True).select_related("channel")
    found = rows.filter(id=payload_id).first()
    if found is None:
        raise NotFound
    return found


def typing_in(channel: Channel, value: InboundTyping) -> uuid.UUID | None:
    """The conversation in which somebody types, if one is open."""
    sender = value.sender
    rows = Conversation.objects.open().filter(
        address__channel=channel,
        address__kind=sender.kind,
        address__external_id=sender.external_id,
        thread_key=value.thread_key,
    )
    return rows.values_list("id", flat=True).first()


_PRUNED = ("channels_app_inboundkey", "channels_app_inboundpayload", "channels_app_pendingreceipt")
_PRUNE = """
WITH oldest AS (SELECT id, received_at FROM {table} ORDER BY id LIMIT %(batch)s)
DELETE FROM {table} WHERE id IN (SELECT id FROM oldest WHERE received_at < %(before)s)
"""


@action
def do_prune_inbound(tx: Tx) -> int:
    """Delete a batch of keys, payloads and waiting receipts that are older than 30 days; gives how many.

    Ids rise with time, so the oldest are found by the primary key, without an index on the time.
    """
    gone = 0
    with connection.cursor() as cursor:
        for table in _PRUNED:
            cursor.execute(_PRUNE.format(table=table), {"batch": BATCH, "before": tx.now - KEPT_FOR})
            gone += cursor.rowcount
    return gone
