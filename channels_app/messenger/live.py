"""Sink after the commit: what guests' sockets are told. Streams: `guest:<address>` and `session:<session>`."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence

from django.db.models import Max

from channels_app.actions.blocks import Blocked
from channels_app.events import (
    Added,
    AddressBlocked,
    AttachmentRejected,
    AttachmentUploaded,
    ConversationEnded,
    MessageAdded,
    StaffReceipt,
)
from channels_app.messenger import errors, frames, serializers
from channels_app.messenger.events import SessionRevoked
from channels_app.messenger.socket import uploads
from channels_app.models import Conversation
from contactcenter.kernel import live
from contactcenter.kernel.events import Recorded


def push_guests(recorded: Sequence[Recorded]) -> None:
    """Public messages to all sockets of their address; receipts to those that asked for them."""
    for one in recorded:
        if isinstance(one.event, MessageAdded):
            _message(one.about)
        elif isinstance(one.event, StaffReceipt):
            _receipt(one.event, one.about)
        elif isinstance(one.event, ConversationEnded) and one.about and one.event.reason == "cleared":
            told = {"about": str(one.about.id), "frame": frames.session_cleared(), "closes": True}
            live.publish(f"guest:{one.about.address_id}", told)
        elif isinstance(one.event, SessionRevoked):
            live.publish(f"session:{one.event.session_id}", {"logout": True})
        elif isinstance(one.event, AddressBlocked):
            live.publish(f"guest:{one.event.address_id}", {"blocked": Blocked().message})
        elif isinstance(one.event, AttachmentUploaded | AttachmentRejected) and one.event.guest_id:
            code = None
            if isinstance(one.event, AttachmentRejected):
                code = errors.FILE_CODES[one.event.fault]
            told = {"about": str(one.event.attachment_id), "frame": uploads.outcome(one.about, code)}
            live.publish(f"session:{one.event.guest_id}", told)


def _message(added: Added) -> None:
    """Also what only the company sees: its number, so that a customer's socket can tell a gap from a note."""
    message = added.message
    words_only = message.author_id is None and not message.content
    live.publish(f"guest:{added.address_id}", lambda: serializers.told(message), in_hand=words_only)


def _receipt(event: StaffReceipt, conversation: Conversation) -> None:
    state: frames.ReceiptStatus = "read" if event.state == "read" else "delivered"
    if frame := serializers.receipt(conversation.id, state, event.seq):
        live.publish(f"guest:{conversation.address_id}", {"feature": "receipts", "frame": frame})


def heads(addresses: Collection[str]) -> Mapping[str, int]:
    """The head of each address: the time of its newest message."""
    wanted = [uuid.UUID(address) for address in addresses]
    rows = Conversation.objects.filter(address__in=wanted).values("address").annotate(last=Max("last_time"))
    return {str(row["address"]): serializers.moment(row["last"]) for row in rows}


live.register_heads("guest", heads)
