"""What of the messenger changes in the same transaction as the core: its guests' sessions."""

from __future__ import annotations

from channels_app.events import AddressBlocked, AddressUnblocked, ConversationRested
from channels_app.messenger.actions.deployments import get_configuration
from channels_app.messenger.models import Deployment, GuestSession
from channels_app.models import Conversation
from contactcenter.kernel.events import Reactions, Recorded


def close_sessions(recorded: Recorded) -> None:
    """Where a messenger says so, its guests read what was said, but begin anew to write."""
    conversation: Conversation = recorded.about
    rows = Deployment.objects.filter(channel_id=conversation.channel_id).select_related("configuration__published")
    closing = [one.id for one in rows if get_configuration(one.published)["conversation_disconnect"] == "read_only"]
    if closing:
        sessions = GuestSession.objects.filter(address_id=conversation.address_id, deployment__in=closing)
        sessions.update(read_only=True)


def block_sessions(recorded: Recorded) -> None:
    """The session's row says whether a guest may write: one question less for each message."""
    event = recorded.event
    assert isinstance(event, AddressBlocked | AddressUnblocked)
    sessions = GuestSession.objects.filter(address_id=event.address_id)
    sessions.update(blocked=isinstance(event, AddressBlocked))


REACTIONS: Reactions = {
    ConversationRested: close_sessions,
    AddressBlocked: block_sessions,
    AddressUnblocked: block_sessions,
}
