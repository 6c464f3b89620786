"""Who may see a conversation: its agent, whom it is offered to, the members of the queue where it waits, and, until it
ends, colleagues whom a note names."""

from __future__ import annotations

import uuid
from collections.abc import Collection

from django.db.models import Q, QuerySet

from agents.models import User
from channels_app.models import Conversation, Mention
from contactcenter.kernel.errors import NotFound
from routing.models import Assignment, Offer, RoutingPass

WORK = "agents.work_conversations"
SUPERVISE = "agents.supervise"


def may_see(user: User, conversation_id: uuid.UUID) -> bool:
    """Whether the user may read this conversation now."""
    if user.has_perm(SUPERVISE):
        return True
    # one's own is what one mostly opens, and asking for it costs a quarter of asking for all four reasons
    own = _theirs([user.id], [conversation_id]).exists()
    return own or conversation_id in seen_by(user.id, [conversation_id])


def seen_by(user_id: uuid.UUID, conversation_ids: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Of these conversations, those that the user sees by their work: theirs until it is wrapped up, offered to
    them now, waiting in a queue that they serve, or still open with a note that names them. One query."""
    return {conversation for _, conversation in seen_pairs([user_id], conversation_ids)}


def seen_pairs(
    user_ids: Collection[uuid.UUID], conversation_ids: Collection[uuid.UUID]
) -> set[tuple[uuid.UUID, uuid.UUID]]:
    """`seen_by` for many: (user, conversation) each. One query."""
    theirs = _theirs(user_ids, conversation_ids).values_list("agent_id", "conversation_id")
    offered = Offer.objects.filter(
        agent_id__in=user_ids, state=Offer.State.ALERTING, routing_pass__conversation_id__in=conversation_ids
    ).values_list("agent_id", "routing_pass__conversation_id")
    waiting = RoutingPass.objects.filter(
        conversation_id__in=conversation_ids,
        state__in=[RoutingPass.State.WAITING, RoutingPass.State.OFFERED],
        queue__memberships__user_id__in=user_ids,
        queue__memberships__active=True,
    ).values_list("queue__memberships__user_id", "conversation_id")
    named = (
        Mention.objects.filter(user_id__in=user_ids, conversation_id__in=conversation_ids)
        .exclude(conversation__state=Conversation.State.ENDED)
        .values_list("user_id", "conversation_id")
    )
    return set(theirs.union(offered, waiting, named))


def _theirs(user_ids: Collection[uuid.UUID], conversation_ids: Collection[uuid.UUID]) -> QuerySet[Assignment]:
    """What they work on, or still have to wrap up."""
    held = Assignment.objects.filter(agent_id__in=user_ids, conversation_id__in=conversation_ids)
    return held.exclude(state=Assignment.State.DONE)


def seen(user: User) -> QuerySet[Conversation]:
    """All conversations for which `may_see` holds."""
    everything = Conversation.objects.all()
    if user.has_perm(SUPERVISE):
        return everything
    theirs = Assignment.objects.filter(agent=user).exclude(state=Assignment.State.DONE)
    offered = Offer.objects.filter(agent=user, state=Offer.State.ALERTING)
    waiting = RoutingPass.objects.filter(
        state__in=[RoutingPass.State.WAITING, RoutingPass.State.OFFERED],
        queue__memberships__user=user,
        queue__memberships__active=True,
    )
    named = Mention.objects.filter(user=user).exclude(conversation__state=Conversation.State.ENDED)
    return everything.filter(
        Q(id__in=theirs.values("conversation"))
        | Q(id__in=offered.values("routing_pass__conversation"))
        | Q(id__in=waiting.values("conversation"))
        | Q(id__in=named.values("conversation"))
    )


def access_conversation(user: User, conversation_id: uuid.UUID) -> Conversation:
    """The conversation with its contact and channel, if the user may read it.

    :raises NotFound: it isn't there, or it isn't for them; which of the two, an outsider doesn't learn.
    """
    found = (
        Conversation.objects.select_related("address__contact", "channel").filter(id=conversation_id).first()
        if may_see(user, conversation_id)
        else None
    )
    if found is None:
        raise NotFound("This conversation isn't here, or it isn't yours any more.")
    return found


def owns(user_id: uuid.UUID, conversation_id: uuid.UUID) -> bool:
    """Whether the user has the conversation now, connected or parked."""
    return Assignment.objects.filter(
        agent_id=user_id,
        conversation_id=conversation_id,
        state__in=[Assignment.State.CONNECTED, Assignment.State.PARKED],
    ).exists()
