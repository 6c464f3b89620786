"""A round of notifications: each phone that wasn't told, unless a socket of its session is open."""

from __future__ import annotations

import uuid
from datetime import datetime

import structlog

from channels_app.messenger.actions import push_devices
from channels_app.messenger.actions.deployments import get_configuration
from channels_app.messenger.push import notice, senders
from contactcenter.kernel import clock, live

log = structlog.get_logger(__name__)
BATCH = 500


def notify_all() -> int:
    """Tell the phones that are due; gives how many notifications went out. Runs safely twice at once."""
    rows = push_devices.waiting(clock.now()).values_list("id", "session_id", "told_until")[:BATCH]
    due = list(rows)
    open_ones = live.heard(f"session:{session_id}" for _, session_id, _ in due)
    return sum(
        _tell(device_id, told_until, seen=f"session:{session_id}" in open_ones)
        for device_id, session_id, told_until in due
    )


def _tell(device_id: uuid.UUID, told_until: datetime, *, seen: bool) -> bool:
    taken = push_devices.do_take_due(device_id)
    if taken is None or seen:
        return False
    own = get_configuration(taken.device.session.deployment.published)
    if not own["push"].get("enabled"):
        return False
    try:
        senders.sender()(_notice(taken, own))
    except senders.Unregistered:
        push_devices.do_forget_device(device_id)
        return False
    except senders.PushFailed as failed:
        log.warning("push notification failed", device=str(device_id), error=str(failed))
        push_devices.do_put_back(taken, told_until)
        return False
    return True


def _notice(due: push_devices.Due, own: dict[str, object]) -> notice.Notice:
    push = own["push"]
    content = push.get("content") if isinstance(push, dict) else None
    title, body = notice.words(
        due.message.text,
        language=due.device.language,
        with_content=content in {"include", "IncludeMessagesContent"},
        from_company=str(own["company_name"]),
    )
    return notice.Notice(
        provider=due.device.provider,
        device_token=due.device.device_token,
        title=title,
        body=body,
        key=due.message.conversation_id.hex,
        deployment_id=str(due.device.session.deployment_id),
    )
