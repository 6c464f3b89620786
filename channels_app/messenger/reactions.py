"""What of the messenger changes in the same transaction as the core: its guests' sessions."""

from __future__ import annotations

from collections.abc import Sequence

from channels_app.events import AddressBlocked, AddressUnblocked, ConversationRested
from channels_app.messenger.actions.deployments import get_configuration
from channels_app.messenger.models import Deployment, GuestSession
from contactcenter.kernel.events import Reaction, Recorded


def close_sessions(recorded: Sequence[Recorded]) -> None:
    """Where a messenger says so, its guests read what was said, but begin anew to write."""
    for conversation in [one.about for one in recorded]:
        rows = Deployment.objects.filter(channel_id=conversation.channel_id).select_related("configuration__published")
        closing = [one.id for one in rows if get_configuration(one.published)["conversation_disconnect"] == "read_only"]
        if closing:
            sessions = GuestSession.objects.filter(address_id=conversation.address_id, deployment__in=closing)
            sessions.update(read_only=True)


def block_sessions(recorded: Sequence[Recorded]) -> None:
    """The session's row says whether a guest may write: one question less for each message."""
    for event in [one.event for one in recorded]:
        assert isinstance(event, AddressBlocked | AddressUnblocked)
        sessions = GuestSession.objects.filter(address_id=event.address_id)
        sessions.update(blocked=isinstance(event, AddressBlocked))


REACTIONS: list[Reaction] = [
    (close_sessions, (ConversationRested,)),
    (block_sessions, (AddressBlocked, AddressUnblocked)),
]
