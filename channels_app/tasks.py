"""Background work of channels: sending, fetching, asking, throwing away what is old. All run safely twice at once."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import Literal

import structlog
from celery import shared_task
from django.db import connection

from channels_app.actions import accounts, fetching, payloads, sending
from channels_app.actions.calls import do_prune_calls
from channels_app.actions.files import do_prune_uploads
from channels_app.actions.payloads import do_prune_inbound
from channels_app.actions.rates import do_prune_buckets
from channels_app.adapters.registry import adapter_for
from channels_app.events import Added, ConversationStarted, DeliveryChanged, MessageAdded, StaffReceipt
from channels_app.models import Attachment, Channel, Delivery, Message
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


@shared_task(name="channels.fetch_due")
def fetch_due() -> int:
    """Fetch customers' files that lie with their provider; gives how many came."""
    fetched = 0
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="fetch") as threads:
        for _ in range(ROUNDS):
            claimed = fetching.do_claim_fetches()
            if not claimed:
                break
            fetched += sum(threads.map(_with_connection(fetching.fetch), claimed))
    return fetched


def _with_connection(work: Callable[[Attachment], bool]) -> Callable[[Attachment], bool]:
    """On a thread of its own, whose connection ends with the work."""

    def run(one: Attachment) -> bool:
        try:
            return work(one)
        finally:
            connection.close()

    return run


@shared_task(name="channels.look_after")
def look_after() -> int:
    """Every few seconds: polls, payloads that came too early, credentials that end; gives how many values came."""
    now = clock.now()
    for payload_id in payloads.waiting(now).values_list("id", flat=True)[:ROUNDS]:
        payloads.replay(payload_id)
    for channel in accounts.ending(now):
        accounts.refresh(channel)
    return sum(accounts.poll(channel) for channel in accounts.polled())


@shared_task(name="channels.profile")
def profile(conversation_id: str) -> bool:
    """Learn a new customer's name."""
    return accounts.fetch_profile(uuid.UUID(conversation_id))


@shared_task(name="channels.signal")
def signal(conversation_id: str, kind: Literal["typing", "read"]) -> bool:
    """Tell a customer's provider that we type, or have read."""
    return accounts.signal(uuid.UUID(conversation_id), kind)


@shared_task(name="channels.prune")
def prune() -> int:
    """Delete what is kept for a while only: inbound keys and payloads, waiting receipts, calls, buckets, uploads."""
    steps = (do_prune_inbound, do_prune_calls, do_prune_buckets, do_prune_uploads)
    return sum(in_batches(step) for step in steps)


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
_fetch_soon = Nudge(fetch_due)
_signal_soon = Nudge(signal, gap=5.0)
_profile_soon = Nudge(profile)


def nudge_sender(recorded: Sequence[Recorded]) -> None:
    """A sink for after the commit: something waits for the provider. A lost nudge is found within seconds, but for
    typing, read marks and names, which nobody misses."""
    if any(_queues(entry) for entry in recorded):
        _send_soon()
    for entry in recorded:
        event = entry.event
        if isinstance(event, MessageAdded) and _brings_files(entry.about):
            _fetch_soon()
        elif isinstance(event, ConversationStarted) and event.new_contact and adapter_for(event.channel_kind).profiles:
            _profile_soon(str(event.conversation_id))
        elif isinstance(event, StaffReceipt) and event.state == "read":
            signal_soon(entry.about.id, entry.about.channel_id, "read")


def signal_soon(conversation_id: uuid.UUID, channel_id: uuid.UUID, kind: Literal["typing", "read"]) -> None:
    """Let the customer's provider know, where it takes that; at most once in five seconds for a conversation."""
    takes = adapter_for(_kind_of(channel_id)).capabilities
    if takes.typing if kind == "typing" else takes.read_marks:
        _signal_soon(str(conversation_id), kind)


@lru_cache(maxsize=1000)
def _kind_of(channel_id: uuid.UUID) -> str:
    """A channel's kind never changes, and this is asked at every read mark."""
    return Channel.objects.values_list("kind", flat=True).get(id=channel_id)


def _queues(entry: Recorded) -> bool:
    event = entry.event
    if isinstance(event, DeliveryChanged):
        return event.state == Delivery.State.QUEUED and not event.error_code
    if not isinstance(event, MessageAdded) or event.direction != Message.Direction.OUTBOUND:
        return False
    delivery = entry.about.delivery
    return delivery is not None and delivery.state == Delivery.State.QUEUED


def _brings_files(added: Added) -> bool:
    message = added.message
    if message.direction != Message.Direction.INBOUND or not message.names_files:
        return False
    return any(item.get("type") == "attachment" and not item.get("url") for item in message.content)
