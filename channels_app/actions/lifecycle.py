"""A conversation's states: it rests when its pass closes, and ends by its window or for good (DESIGN: States)."""

from __future__ import annotations

import uuid
from datetime import datetime

from channels_app.actions.outbound import do_system_line, locked
from channels_app.adapters.registry import adapter_for
from channels_app.events import ConversationEnded, ConversationRested
from channels_app.models import Conversation
from contactcenter.kernel.db import Tx, action

BATCH = 200


@action
def do_rest(tx: Tx, conversation: Conversation) -> None:
    """Its pass closed (the caller holds the row's lock): wait for the window, or end at once if there is none."""
    if conversation.state != Conversation.State.ACTIVE:
        return
    if adapter_for(conversation.channel.kind).capabilities.sessions:  # the customer's own client shows that it is over
        line = do_system_line.within(tx, conversation, "rested")
        conversation.last_seq, conversation.change_seq = line.seq, line.changed_seq
    window = conversation.channel.window
    tx.record(ConversationRested(conversation_id=conversation.id, window_s=window.total_seconds()), about=conversation)
    if not window:
        _end(tx, conversation, Conversation.EndReason.WINDOW)
        return
    conversation.state = Conversation.State.RESTING
    conversation.ends_at = tx.now + window
    conversation.save(update_fields=["state", "ends_at"])


@action
def do_end(tx: Tx, conversation_id: uuid.UUID, reason: str) -> bool:
    """End a conversation for good; routing withdraws or wraps up what it finds. False: it had ended."""
    conversation = locked(conversation_id)
    if conversation.state == Conversation.State.ENDED:
        return False
    _end(tx, conversation, reason)
    return True


@action
def do_end_rested(tx: Tx, until: datetime) -> int:
    """End a batch of those whose window is over; gives how many."""
    due = (
        Conversation.objects.filter(state=Conversation.State.RESTING, ends_at__lte=until)
        .select_for_update(of=("self",), no_key=True, skip_locked=True)
        .order_by("ends_at")[:BATCH]
    )
    ended = list(due)
    for conversation in ended:
        _end(tx, conversation, Conversation.EndReason.WINDOW)
    return len(ended)


def _end(tx: Tx, conversation: Conversation, reason: str) -> None:
    conversation.state = Conversation.State.ENDED
    conversation.end_reason = reason
    conversation.ends_at = None
    conversation.ended_at = tx.now
    conversation.change_seq += 1
    conversation.save(update_fields=["state", "end_reason", "ends_at", "ended_at", "change_seq"])
    tx.record(ConversationEnded(conversation_id=conversation.id, reason=reason), about=conversation)
