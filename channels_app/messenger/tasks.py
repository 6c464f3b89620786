"""Background work of the messenger: waking phones, and throwing away sign-ins that are over."""

from __future__ import annotations

from collections.abc import Sequence

from celery import shared_task

from channels_app.events import Added, MessageAdded
from channels_app.messenger.actions.identity import do_prune_sign_ins
from channels_app.messenger.push.rounds import notify_all
from channels_app.models import Delivery, Message
from channels_app.tasks import in_batches
from contactcenter.kernel.events import Recorded
from contactcenter.kernel.tasks import Nudge


@shared_task(name="messenger.notify")
def notify() -> int:
    """Tell phones whose guests were written to and have no socket open; gives how many notifications went out."""
    return notify_all()


@shared_task(name="messenger.prune")
def prune() -> int:
    """Delete sign-ins that are over and that no living session goes by."""
    return in_batches(do_prune_sign_ins)


_notify_soon = Nudge(notify, gap=1.0)  # a socket that is about to open has a moment


def nudge_notify(recorded: Sequence[Recorded]) -> None:
    """A sink for after the commit: a customer was written to whose own client fetches what is there."""
    if any(_was_told(entry) for entry in recorded):
        _notify_soon()


def _was_told(entry: Recorded) -> bool:
    event, added = entry.event, entry.about
    if not isinstance(event, MessageAdded) or event.direction != Message.Direction.OUTBOUND:
        return False
    return isinstance(added, Added) and added.delivery is not None and added.delivery.state != Delivery.State.QUEUED
