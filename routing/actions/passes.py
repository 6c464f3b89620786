"""Passes: a stretch of work opens when a conversation wakes, stands in queues, and closes when it rests."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from agents.models import AgentLoad
from agents.presence import TAKES_WORK
from channels_app.actions.lifecycle import do_rest
from channels_app.adapters.registry import adapter_for
from channels_app.models import Conversation
from contactcenter.kernel import ids
from contactcenter.kernel.db import Tx, action
from routing.acd import snapshot
from routing.actions.closing import lasted
from routing.actions.locks import lock
from routing.events import PassClosed, PassOpened, VisitEntered, VisitLeft
from routing.models import (
    Assignment,
    InboundRoute,
    Offer,
    PassNeed,
    Queue,
    QueueVisit,
    RouteNeed,
    RoutingPass,
    Unseen,
)

PRIORITY_POINT = timedelta(minutes=1)
#: whom something is kept for gets it if they can take it now, however short it is kept
LEAST_KEPT = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a pass goes: a queue, what it asks of the agent, and for whom it is kept."""

    queue: Queue
    priority: int = 0
    needs: dict[uuid.UUID, float] = field(default_factory=dict)
    only_agent_id: uuid.UUID | None = None
    only_for: timedelta = timedelta(0)


@action
def do_open_pass(tx: Tx, conversation_id: uuid.UUID) -> RoutingPass | None:
    """Begin work on an active conversation: last agent, else where its channel's route leads, else where it was.

    None: it isn't active, has a live pass, or nothing says where to; only the last leaves it unseen.
    """
    conversation, live = lock(conversation_id)
    if live is not None or conversation.state != Conversation.State.ACTIVE:
        seen(conversation, live)
        return None
    last = last_owner(conversation)
    destination = _kept_for(last) or routed(conversation) or _where_it_was(last)
    if destination is None:
        return None
    opened = start_pass(tx, conversation, priority=destination.priority)
    enter_queue(tx, opened, destination)
    seen(conversation, opened)
    return opened


def seen(conversation: Conversation, live: RoutingPass | None) -> None:
    """The engine needn't look again, if a live pass is there exactly where the conversation is active."""
    if (live is not None) == (conversation.state == Conversation.State.ACTIVE):
        Unseen.objects.filter(conversation=conversation).delete()


def start_pass(tx: Tx, conversation: Conversation, *, priority: int = 0) -> RoutingPass:
    """A new pass, in the flow until it is told where to go; save it by `enter_queue` or with an owner."""
    opened = RoutingPass(
        id=ids.new(tx.now),
        conversation=conversation,
        state=RoutingPass.State.FLOW,
        medium=adapter_for(conversation.channel.kind).medium,
        priority=priority,
        started_at=tx.now,
    )
    opened.save(force_insert=True)
    tx.record(PassOpened(**about(opened), priority=priority))
    return opened


def about(routing_pass: RoutingPass) -> dict[str, Any]:
    """What all events of a pass, its visits and its assignments carry."""
    return {
        "conversation_id": routing_pass.conversation_id,
        "channel_id": routing_pass.conversation.channel_id,
        "pass_id": routing_pass.id,
        "medium": routing_pass.medium,
    }


def enter_queue(tx: Tx, routing_pass: RoutingPass, to: Destination) -> QueueVisit:
    """Stand in a queue: a new visit. The caller has left the one before, and says whether the wait begins anew."""
    kept = to.only_agent_id is not None
    routing_pass.state = RoutingPass.State.WAITING
    routing_pass.queue = to.queue
    routing_pass.priority = to.priority
    routing_pass.waiting_since = routing_pass.waiting_since or tx.now
    routing_pass.order_at = routing_pass.waiting_since - to.priority * PRIORITY_POINT
    routing_pass.only_agent_id = to.only_agent_id
    routing_pass.due_at = tx.now + max(to.only_for, LEAST_KEPT) if kept else None
    routing_pass.save()
    PassNeed.objects.filter(routing_pass=routing_pass).delete()
    PassNeed.objects.bulk_create(
        PassNeed(routing_pass=routing_pass, skill_id=skill, minimum=minimum)
        for skill, minimum in sorted(to.needs.items())
    )
    visit = QueueVisit.objects.create(id=ids.new(tx.now), routing_pass=routing_pass, queue=to.queue, entered_at=tx.now)
    tx.record(VisitEntered(**about(routing_pass), queue_id=to.queue.id, visit_id=visit.id))
    return visit


def leave_queue(tx: Tx, routing_pass: RoutingPass, outcome: str, *, agent_id: uuid.UUID | None = None) -> None:
    """Close the open visit, if there is one."""
    visit = QueueVisit.objects.filter(routing_pass=routing_pass, left_at=None).first()
    if visit is None:
        return
    visit.left_at = tx.now
    visit.outcome = outcome
    visit.save(update_fields=["left_at", "outcome"])
    tx.record(
        VisitLeft(
            **about(routing_pass),
            queue_id=visit.queue_id,
            agent_id=agent_id,
            visit_id=visit.id,
            outcome=outcome,
            waited_s=lasted(visit.entered_at, tx.now),
        )
    )


def close_pass(
    tx: Tx, conversation: Conversation, routing_pass: RoutingPass, *, outcome: str, closed_by: str, rest: bool = True
) -> None:
    """End the work; the conversation rests (unless it ended, or another pass is to follow)."""
    routing_pass.state = RoutingPass.State.CLOSED
    routing_pass.closed_at = tx.now
    routing_pass.due_at = None
    routing_pass.only_agent = None
    routing_pass.outcome = outcome
    routing_pass.closed_by = closed_by
    routing_pass.save()
    tx.record(
        PassClosed(
            **about(routing_pass),
            queue_id=routing_pass.queue_id,
            outcome=outcome,
            closed_by=closed_by,
            duration_s=lasted(routing_pass.started_at, tx.now),
        )
    )
    if rest:
        do_rest.within(tx, conversation)


def wait_again(routing_pass: RoutingPass) -> None:
    """Back from offered to its place: same visit, same order."""
    if routing_pass.state == RoutingPass.State.OFFERED and not alerting(routing_pass).exists():
        routing_pass.state = RoutingPass.State.WAITING
        routing_pass.save(update_fields=["state"])


def alerting(routing_pass: RoutingPass) -> QuerySet[Offer]:
    """The offers of a pass that alert now."""
    return Offer.objects.filter(routing_pass=routing_pass, state=Offer.State.ALERTING)


def needs_of(rows: Iterable[PassNeed | RouteNeed]) -> dict[uuid.UUID, float]:
    """Skill to the least proficiency that will do."""
    return {need.skill_id: float(need.minimum) for need in rows}


def last_owner(conversation: Conversation) -> Assignment | None:
    """The latest assignment of an agent who had the conversation as their own."""
    return (
        Assignment.objects.select_related("queue", "routing_pass")
        .filter(conversation=conversation)
        .order_by("-connected_at")
        .first()
    )


def routed(conversation: Conversation) -> Destination | None:
    """Where the route of its channel leads, if it has one that is in use."""
    route = (
        InboundRoute.objects.select_related("queue")
        .prefetch_related("needs")
        .filter(channel_id=conversation.channel_id, active=True)
        .first()
    )
    if route is None:
        return None
    return Destination(route.queue, route.priority, needs_of(route.needs.all()))


def _where_it_was(last: Assignment | None) -> Destination | None:
    """The queue of its last agent, open to all of it."""
    if last is None or last.queue is None:
        return None
    return Destination(last.queue, last.routing_pass.priority, needs_of(last.routing_pass.needs.all()))


def _kept_for(last: Assignment | None) -> Destination | None:
    """The same queue kept for the last agent for a while, if that agent can take it now."""
    again = _where_it_was(last)
    if last is None or again is None or not again.queue.active:
        return None
    if again.queue.last_agent == Queue.LastAgent.DISABLED or not _available(last, again):
        return None
    return replace(again, only_agent_id=last.agent_id, only_for=again.queue.last_agent_wait)


def _available(last: Assignment, again: Destination) -> bool:
    """On queue and responding, a free slot, and still member and skilled unless the queue says any."""
    found = snapshot.candidates([last.agent_id])
    if not found or found[0].status not in TAKES_WORK or found[0].free.get(last.medium, 0) < 1:
        return False
    if again.queue.last_agent == Queue.LastAgent.ANY:
        return True
    skilled = all(found[0].skills.get(str(skill), -1) >= minimum for skill, minimum in again.needs.items())
    return skilled and str(again.queue.id) in found[0].queues


def has_slot(agent_id: uuid.UUID, medium: str, amount: Decimal | int = 1) -> bool:
    """Whether so much more fits now (checked again by the statement that takes it)."""
    load = AgentLoad.objects.filter(user_id=agent_id, medium=medium).first()
    return load is None or load.in_use + amount <= load.limit
