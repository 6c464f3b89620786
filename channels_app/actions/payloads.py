"""What providers send: applied with its raw payload in one transaction, or kept as failed, visible and replayable.

| the payload | when |
| --- | --- |
| applied | all of its values are in, or are ignored for a reason that is kept with it |
| waiting | something in it is about a message that isn't there yet: tried again for ten minutes |
| failed | it can't be read, or a value can't be applied: an admin reads why, and may apply it again |
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import connection
from django.db.models import QuerySet

from channels_app.actions.apply import Later, do_apply_value
from channels_app.actions.calls import secrets_of
from channels_app.adapters.base import Account, WebhookRequest, secret_names
from channels_app.adapters.http import REDACTED
from channels_app.adapters.values import Applied, Inbound
from channels_app.models import Channel, InboundPayload
from contactcenter.kernel import ids
from contactcenter.kernel.db import Tx, action
from contactcenter.kernel.errors import NotFound

log = structlog.get_logger(__name__)

KEPT_FOR = timedelta(days=30)
WAITS_FOR = timedelta(minutes=10)
WAITS_AT_FIRST = timedelta(seconds=2)  # then as long as it has waited, a minute at most
BATCH = 1000
_ALWAYS_REDACTED = frozenset({"authorization", "proxy-authorization", "cookie", "x-api-key"})


@dataclass(frozen=True, slots=True)
class Raw:
    """A verified request as it is kept: without what must not reach a log."""

    body: bytes
    headers: Mapping[str, str]
    method: str = "POST"
    url: str = ""


def redacted(request: WebhookRequest, channel: Channel, account: Account[Any]) -> Raw:
    """A request without its credentials: in headers that are named like a secret or carry one, and in its address."""
    secrets, names = secrets_of(account), secret_names(channel.adapter)
    hidden = _ALWAYS_REDACTED | {name.lower() for name in names} | {name.lower().replace("_", "-") for name in names}
    kept = {
        name: REDACTED if name in hidden or any(secret in value for secret in secrets) else value
        for name, value in request.headers.items()
    }
    url = request.url
    for secret in secrets:
        url = url.replace(secret, REDACTED)
    return Raw(request.body, kept, request.method, url[:2000])


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a request: of each value, and of the whole (`InboundPayload.State`)."""

    applied: Sequence[Applied]
    state: str


def take(channel: Channel, raw: Raw, values: Sequence[Inbound], cursor: Mapping[str, Any] | None = None) -> Taken:
    """Apply all values of a request and keep it, together; what can't be applied doesn't hold up its neighbours.

    `cursor`: where the next poll begins, written with it.
    """
    try:
        return Taken(do_take(channel, raw, values, cursor), InboundPayload.State.APPLIED)
    except Later as later:
        log.info("inbound value came too early", channel=str(channel.id), why=later.message)
    except Exception:  # a named edge: the payload is kept with the fault
        log.exception("payload not applied", channel=str(channel.id))
    applied = [_apply_alone(channel, value) for value in values]
    payload = do_keep(channel, raw, applied, cursor=cursor)
    return Taken(applied, payload.state)


@action
def do_take(
    tx: Tx, channel: Channel, raw: Raw, values: Sequence[Inbound], cursor: Mapping[str, Any] | None = None
) -> list[Applied]:
    """All or nothing. :raises Later: or whatever a value raises."""
    applied = [do_apply_value.within(tx, channel, value) for value in values]
    do_keep.within(tx, channel, raw, applied, cursor=cursor)
    return applied


_TOO_EARLY = "Later: "


def _apply_alone(channel: Channel, value: Inbound) -> Applied:
    try:
        return do_apply_value(channel, value)
    except Exception as error:  # a named edge: the payload is kept with the fault, and can be replayed
        if not isinstance(error, Later):
            log.exception("inbound value not applied", channel=str(channel.id), value=type(value).__name__)
        return Applied(value, fault=fault(error))


def fault(error: BaseException) -> str:
    """An error for people who look into a payload: its kind and its first line."""
    lines = str(error).splitlines() or [""]
    return f"{type(error).__name__}: {lines[0]}"[:1000]


@action
def do_keep(
    tx: Tx,
    channel: Channel,
    raw: Raw,
    applied: Sequence[Applied] = (),
    *,
    unread: str = "",
    cursor: Mapping[str, Any] | None = None,
) -> InboundPayload:
    """Keep a request with what became of its values; `unread`: why it couldn't be read at all."""
    state, error = _state_of(applied, unread)
    if cursor is not None:
        Channel.objects.filter(id=channel.id).update(cursor=dict(cursor))
    return InboundPayload.objects.create(
        id=ids.new(tx.now),
        channel=channel,
        body=raw.body,
        headers=dict(raw.headers),
        method=raw.method,
        url=raw.url,
        state=state,
        error=error,
        ignored=_ignored(applied),
        retry_at=tx.now + WAITS_AT_FIRST if state == InboundPayload.State.WAITING else None,
        received_at=tx.now,
    )


def _state_of(applied: Sequence[Applied], unread: str = "") -> tuple[str, str]:
    faults = [one.fault for one in applied if one.fault] + ([unread] if unread else [])
    error = "\n".join(faults).replace("\x00", "")
    if not faults:
        return InboundPayload.State.APPLIED, ""
    early = all(one.startswith(_TOO_EARLY) for one in faults)
    return InboundPayload.State.WAITING if early else InboundPayload.State.FAILED, error


def _ignored(applied: Sequence[Applied]) -> list[list[str]]:
    return [[one.ignored.value, getattr(one.value, "what", "")] for one in applied if one.ignored]


def waiting(now: datetime) -> QuerySet[InboundPayload]:
    """Payloads whose next try is due."""
    return InboundPayload.objects.filter(state=InboundPayload.State.WAITING, retry_at__lte=now).order_by("retry_at")


def replay(payload_id: uuid.UUID) -> bool:
    """Apply a failed or waiting payload once more; False: it failed again, and says why. :raises NotFound:"""
    try:
        do_replay(payload_id)
    except NotFound:
        raise
    except Exception as error:  # a named edge: whoever asked reads the fault
        if not isinstance(error, Later):
            log.exception("payload failed again", payload=str(payload_id))
        do_note_fault(payload_id, fault(error))
        return False
    return True


@action
def do_replay(tx: Tx, payload_id: uuid.UUID) -> InboundPayload:
    """Read and apply a kept payload again. Values that were applied before stay as they are."""
    payload = _locked_payload(payload_id)
    channel = payload.channel
    request = WebhookRequest(payload.method, payload.url, {}, payload.headers, bytes(payload.body))
    applied = [do_apply_value.within(tx, channel, value) for value in channel.adapter.parse(request, channel.account)]
    payload.state, payload.error, payload.retry_at = InboundPayload.State.APPLIED, "", None
    payload.ignored = _ignored(applied)
    payload.save(update_fields=["state", "error", "retry_at", "ignored"])
    return payload


@action
def do_note_fault(tx: Tx, payload_id: uuid.UUID, error: str) -> None:
    """Write down why a payload failed; one that came too early waits on for a while."""
    payload = _locked_payload(payload_id)
    waited = tx.now - payload.received_at
    goes_on = error.startswith(_TOO_EARLY) and waited < WAITS_FOR
    payload.state = InboundPayload.State.WAITING if goes_on else InboundPayload.State.FAILED
    payload.retry_at = tx.now + min(max(waited, WAITS_AT_FIRST), timedelta(minutes=1)) if goes_on else None
    payload.error = error.replace("\x00", "")
    payload.save(update_fields=["state", "error", "retry_at"])


def _locked_payload(payload_id: uuid.UUID) -> InboundPayload:
    rows = InboundPayload.objects.select_for_update(of=("self",), no_key=True).select_related("channel")
    found = rows.filter(id=payload_id).first()
    if found is None:
        raise NotFound
    return found


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
