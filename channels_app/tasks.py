"""Background work of channels: sending, and throwing away what is old. Both run safely twice at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import structlog
from celery import shared_task

from channels_app.actions import sending
from channels_app.actions.files import do_prune_uploads
from channels_app.actions.payloads import do_prune_inbound
from channels_app.events import Added, DeliveryChanged, MessageAdded
from channels_app.models import Delivery, Message
from contactcenter.kernel import clock
from contactcenter.kernel.events import Recorded
from contactcenter.kernel.tasks import Nudge

log = structlog.get_logger(__name__)

ROUNDS = 50  # batches that one run takes at most; what is left, the next run finds
AT_ONCE = 8  # sends in parallel: of different conversations, as a batch has one message of each


@shared_task(name="channels.send_due")
def send_due() -> int:
    """Send what is due, after deciding about what is stuck; gives how many sends were recorded."""
    _settle()
    recorded = 0
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="send") as threads:
        for _ in range(ROUNDS):
            claims = sending.do_claim()
            if not claims:
                break
            for claim, outcome in zip(claims, threads.map(sending.send, claims), strict=True):
                recorded += sending.do_record(claim, outcome)
    return recorded


def _settle() -> None:
    """Free conversations from messages that were retried too long, and end the claims of senders that died."""
    now = clock.now()
    for delivery_id in sending.abandoned(now).values_list("id", flat=True)[: sending.BATCH]:
        sending.do_end_lease(delivery_id)
    for delivery_id in sending.blocking(now).values_list("id", flat=True)[: sending.BATCH]:
        sending.do_give_up(delivery_id)


@shared_task(name="channels.prune")
def prune() -> int:
    """Delete what is kept for a while only: inbound keys and payloads, waiting receipts, unused uploads."""
    return in_batches(do_prune_inbound) + in_batches(do_prune_uploads)


def in_batches(step: Callable[[], int]) -> int:
    """Run a step until it finds nothing more, or a later run may go on; gives how many rows it took."""
    total = 0
    for _ in range(ROUNDS):
        done = step()
        total += done
        if not done:
            break
    return total


_send_soon = Nudge(send_due)


def nudge_sender(recorded: Sequence[Recorded]) -> None:
    """A sink for after the commit: something waits in the outbox. A lost nudge is found within a second."""
    if any(_queues(entry) for entry in recorded):
        _send_soon()


def _queues(entry: Recorded) -> bool:
    event = entry.event
    if isinstance(event, DeliveryChanged):
        return event.state == Delivery.State.QUEUED and not event.error_code
    if not isinstance(event, MessageAdded) or event.direction != Message.Direction.OUTBOUND:
        return False
    return _waits(entry.about)


def _waits(added: Added) -> bool:
    return added.delivery is not None and added.delivery.state == Delivery.State.QUEUED
