"""Background work of channels: sending, and throwing away what is old. Both run safely twice at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import structlog
from celery import shared_task

from channels_app.actions import sending
from channels_app.actions.files import do_prune_uploads
from channels_app.actions.identity import do_prune_sign_ins
from channels_app.actions.payloads import do_prune_inbound
from channels_app.events import DeliveryChanged, MessageAdded
from channels_app.models import Delivery, Message
from channels_app.push.rounds import notify_all
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
    """Delete what is kept for a while only: inbound keys and payloads, waiting receipts, unused uploads, sign-ins."""
    return _in_batches(do_prune_inbound) + _in_batches(do_prune_uploads) + _in_batches(do_prune_sign_ins)


@shared_task(name="channels.notify")
def notify() -> int:
    """Tell phones whose guests were written to and have no socket open; gives how many notifications went out."""
    return notify_all()


def _in_batches(step: Callable[[], int]) -> int:
    total = 0
    for _ in range(ROUNDS):
        done = step()
        total += done
        if not done:
            break
    return total


_send_soon = Nudge(send_due)
_notify_soon = Nudge(notify, gap=1.0)  # a socket that is about to open has a moment


def nudge_sender(recorded: Sequence[Recorded]) -> None:
    """A sink for after the commit: something waits in the outbox. A lost nudge is found within a second."""
    if any(_queues(entry) for entry in recorded):
        _send_soon()
    if any(_was_told(entry) for entry in recorded):
        _notify_soon()


def _queues(entry: Recorded) -> bool:
    event = entry.event
    if isinstance(event, DeliveryChanged):
        return event.state == Delivery.State.QUEUED and not event.error_code
    if not isinstance(event, MessageAdded) or event.direction != Message.Direction.OUTBOUND:
        return False
    return isinstance(entry.about, Message) and _waits(entry.about)


def _was_told(entry: Recorded) -> bool:
    """Whether a customer was written to whose own client fetches what is there."""
    event, message = entry.event, entry.about
    if not isinstance(event, MessageAdded) or not isinstance(message, Message):
        return False
    delivery = message._state.fields_cache.get("delivery")  # noqa: SLF001 Django's cache of the relation
    return event.direction == Message.Direction.OUTBOUND and delivery is not None and not _waits(message)


def _waits(message: Message) -> bool:
    """By the delivery that the action put on the message: nothing is read again."""
    delivery = message._state.fields_cache.get("delivery")  # noqa: SLF001 Django's cache of the relation
    return delivery is not None and delivery.state == Delivery.State.QUEUED
