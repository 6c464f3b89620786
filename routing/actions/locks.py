"""The first locks of every routing action: the conversation, then its live pass (kernel.db has the order)."""

from __future__ import annotations

import uuid

from channels_app.actions.outbound import locked
from channels_app.models import Conversation
from contactcenter.kernel.errors import NotFound, Refused
from routing.models import Assignment, Offer, RoutingPass


class NoWork(Refused):
    """Nobody is working on this conversation any more."""


def lock(conversation_id: uuid.UUID) -> tuple[Conversation, RoutingPass | None]:
    """The conversation and its live pass, both locked."""
    conversation = locked(conversation_id)
    live = (
        RoutingPass.objects.select_for_update(of=("self",), no_key=True)
        .filter(conversation=conversation)
        .exclude(state=RoutingPass.State.CLOSED)
        .first()
    )
    if live is not None:
        live.conversation = conversation  # whoever goes on from the pass needn't read it again
    return conversation, live


def lock_live(conversation_id: uuid.UUID) -> tuple[Conversation, RoutingPass]:
    """Like `lock`. :raises NoWork: there is no live pass."""
    conversation, live = lock(conversation_id)
    if live is None:
        raise NoWork
    return conversation, live


def lock_offer(offer_id: uuid.UUID) -> tuple[Conversation, RoutingPass | None, Offer]:
    """An offer behind the locks of its conversation and pass."""
    where = Offer.objects.filter(id=offer_id).values_list("routing_pass__conversation_id", flat=True).first()
    if where is None:
        raise NotFound
    conversation, live = lock(where)
    return conversation, live, Offer.objects.select_related("routing_pass", "visit").get(id=offer_id)


def lock_assignment(assignment_id: uuid.UUID) -> tuple[Conversation, RoutingPass | None, Assignment]:
    """An assignment behind the locks of its conversation and pass."""
    where = Assignment.objects.filter(id=assignment_id).values_list("conversation_id", flat=True).first()
    if where is None:
        raise NotFound
    conversation, live = lock(where)
    found = Assignment.objects.select_related("queue", "routing_pass").get(id=assignment_id)
    found.conversation = found.routing_pass.conversation = conversation
    return conversation, live, found


def owner_of(routing_pass: RoutingPass) -> Assignment | None:
    """The assignment that owns the pass now, connected or parked."""
    found = (
        Assignment.objects.select_related("queue", "agent")
        .filter(
            routing_pass=routing_pass,
            state__in=[Assignment.State.CONNECTED, Assignment.State.PARKED],
        )
        .first()
    )
    if found is not None:
        found.conversation = routing_pass.conversation
    return found
