"""Phones of guest sessions: registered over REST, told of messages that no open socket of the session gets."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, QuerySet

from channels_app.messenger.models import GuestSession, PushDevice
from channels_app.models import Conversation, Message
from contactcenter.kernel import ids
from contactcenter.kernel.db import Tx, action
from contactcenter.kernel.errors import NotFound, Refused

RECENT = timedelta(minutes=10)  # older messages are no news any more


class AlreadyRegistered(Refused):
    """This session has a device already."""

    status = 409


@dataclass(frozen=True, slots=True)
class Due:
    """A device and the newest message that it wasn't told of."""

    device: PushDevice
    message: Message


@action
def do_register_device(
    tx: Tx, session_id: uuid.UUID, *, device_token: str, provider: str, device_type: str, language: str
) -> PushDevice:
    """:raises AlreadyRegistered: the client updates it instead."""
    fresh = PushDevice(
        id=ids.new(tx.now),
        session_id=session_id,
        device_token=device_token,
        provider=provider,
        device_type=device_type[:40],
        language=language[:20],
        told_until=tx.now,
        created_at=tx.now,
        updated_at=tx.now,
    )
    PushDevice.objects.bulk_create([fresh], ignore_conflicts=True)
    if not PushDevice.objects.filter(id=fresh.id).exists():
        raise AlreadyRegistered
    return fresh


@action
def do_update_device(tx: Tx, session_id: uuid.UUID, changes: Mapping[str, str]) -> None:
    """`changes`: device_token, language, provider, device_type. :raises NotFound: it isn't registered."""
    if not PushDevice.objects.filter(session_id=session_id).update(**changes, updated_at=tx.now):
        raise NotFound


@action
def do_remove_device(tx: Tx, session_id: uuid.UUID) -> None:
    """:raises NotFound: it isn't registered."""
    gone, _ = PushDevice.objects.filter(session_id=session_id).delete()
    if not gone:
        raise NotFound


def waiting(now: datetime) -> QuerySet[PushDevice]:
    """Devices whose guest was written to since they were last told."""
    written = Conversation.objects.filter(
        address=OuterRef("session__address"), last_time__gt=OuterRef("told_until")
    ).filter(last_time__gt=now - RECENT)
    return PushDevice.objects.filter(Exists(written), session__expires_at__gt=now)


@action
def do_take_due(tx: Tx, device_id: uuid.UUID) -> Due | None:
    """Take what a device is to be told, once: whoever takes it sends it. None: there is nothing (any more)."""
    device = (
        PushDevice.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)
        .select_related("session__deployment__configuration__published")
        .filter(id=device_id)
        .first()
    )
    if device is None or device.session.address_id is None:
        return None
    newest = (
        Message.objects.public()
        .filter(
            conversation__address_id=device.session.address_id,
            direction=Message.Direction.OUTBOUND,
            created_at__gt=max(device.told_until, device.session.started_at),
        )
        .exclude(kind=Message.Kind.SYSTEM)
        .order_by("-created_at")
        .first()
    )
    device.told_until = newest.created_at if newest else max(device.told_until, tx.now - timedelta(seconds=1))
    device.save(update_fields=["told_until"])
    return Due(device, newest) if newest else None


@action
def do_put_back(tx: Tx, due: Due, told_until: datetime) -> None:
    """The provider didn't take it: the next round tries again, unless something newer was told meanwhile."""
    mine = PushDevice.objects.filter(id=due.device.id, told_until=due.message.created_at)
    mine.update(told_until=told_until)


@action
def do_forget_device(tx: Tx, device_id: uuid.UUID) -> None:
    """The provider says that the app is gone from this phone."""
    PushDevice.objects.filter(id=device_id).delete()


def session_of_token(deployment_id: uuid.UUID, hashed: str, now: datetime) -> GuestSession | None:
    """The session of a guest's token that isn't over."""
    rows = GuestSession.objects.select_related("deployment__configuration__published")
    return rows.filter(deployment=deployment_id, token_hash=hashed, expires_at__gt=now, blocked=False).first()
