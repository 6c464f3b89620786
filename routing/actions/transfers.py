"""Work changes hands: picked from a queue, transferred to a queue or a person, begun by an agent's own message."""

from __future__ import annotations

import uuid
from typing import Any

from agents.models import User
from agents.presence import TAKES_WORK
from channels_app.actions.outbound import do_reply, do_system_line
from channels_app.models import Conversation, Message
from contactcenter.kernel.db import Tx, action
from contactcenter.kernel.errors import AlreadyTaken, NotAllowed, Refused
from routing.actions import load
from routing.actions.closing import withdraw
from routing.actions.locks import NoWork, lock, owner_of
from routing.actions.offers import Alert, NotAvailable, accept_now, make_offer
from routing.actions.passes import (
    Destination,
    alerting,
    enter_queue,
    last_owner,
    leave_queue,
    needs_of,
    routed,
    start_pass,
    wait_again,
)
from routing.actions.work import NotYours, connect, do_resume, hand_over, owned
from routing.events import TransferMade
from routing.models import Assignment, Offer, Queue, QueueMember, QueueVisit, RoutingPass


class NotMember(NotAllowed):
    """You aren't a member of this queue."""


@action
def do_pick(tx: Tx, conversation_id: uuid.UUID, agent: User) -> Assignment:
    """An agent picks a waiting conversation. :raises AlreadyTaken: somebody was faster."""
    conversation, live = lock(conversation_id)
    if live is None or live.state != RoutingPass.State.WAITING or live.queue is None:
        raise AlreadyTaken
    if not live.queue.manual_pick:
        raise Refused("In this queue conversations are routed, not picked.")
    if not QueueMember.objects.filter(queue=live.queue, user=agent, active=True).exists():
        raise NotMember
    if live.only_agent_id not in (None, agent.id):
        raise Refused("It is kept for another agent for a while.")
    offer = make_offer(tx, live, Alert(agent.id, Offer.Kind.PICK))
    return accept_now(tx, conversation, live, offer)


@action
def do_transfer_to_queue(
    tx: Tx, conversation_id: uuid.UUID, agent: User, queue: Queue, *, note: str = ""
) -> RoutingPass:
    """Blind transfer: it waits in another queue, and the agent owes the wrap-up."""
    conversation, live, owner = owned(conversation_id, agent)
    if not queue.active:
        raise Refused("This queue isn't active.")
    offers = list(alerting(live))
    load.hold(agent.id, *(offer.agent_id for offer in offers))
    for offer in offers:
        withdraw(tx, offer, "transferred")
    hand_over(tx, owner, "transfer")
    leave_queue(tx, live, QueueVisit.Outcome.TRANSFERRED)  # open where parked work waits for a slot
    live.waiting_since = None
    enter_queue(tx, live, Destination(queue, live.priority, needs_of(live.needs.all())))
    _tell(tx, conversation, live, agent, note, kind="queue", queue=queue)
    return live


@action
def do_transfer_to_agent(tx: Tx, conversation_id: uuid.UUID, agent: User, target: User, *, note: str = "") -> Offer:
    """To a person: stays connected while it alerts there; accepting changes the owner in one transaction."""
    conversation, live, _ = owned(conversation_id, agent)
    if target.id == agent.id:
        raise Refused("You have this conversation already.")
    if alerting(live).exists():
        raise Refused("It is being offered to somebody already.")
    load.hold(agent.id, target.id)
    offer = make_offer(tx, live, Alert(target.id, Offer.Kind.TRANSFER, by_id=agent.id, note=note.strip()[:500]))
    load.touch_desk(tx, agent.id)
    _tell(tx, conversation, live, agent, note, kind="agent", target=target)
    return offer


@action
def do_cancel_transfer(tx: Tx, conversation_id: uuid.UUID, agent: User) -> int:
    """The owner takes an alerting transfer back; gives how many were taken back."""
    _, live, _ = owned(conversation_id, agent)
    offers = list(alerting(live).filter(kind=Offer.Kind.TRANSFER))
    load.hold(agent.id, *(offer.agent_id for offer in offers))
    for offer in offers:
        withdraw(tx, offer, "cancelled")
    wait_again(live)  # where parked work waited for a slot before
    load.touch_desk(tx, agent.id)
    return len(offers)


def _tell(
    tx: Tx,
    conversation: Conversation,
    live: RoutingPass,
    agent: User,
    note: str,
    *,
    kind: str,
    queue: Queue | None = None,
    target: User | None = None,
) -> None:
    values: dict[str, Any] = {
        "agent_id": str(agent.id),
        "queue_id": str(queue.id) if queue else None,
        "target_id": str(target.id) if target else None,
        "note": note.strip()[:500],
    }
    do_system_line.within(tx, conversation, "transferred", values)
    tx.record(
        TransferMade(
            conversation_id=conversation.id,
            agent_id=agent.id,
            queue_id=live.queue_id,
            pass_id=live.id,
            kind=kind,
            to_queue_id=queue.id if queue else None,
            to_agent_id=target.id if target else None,
        )
    )


@action
def do_agent_reply(
    tx: Tx,
    conversation_id: uuid.UUID,
    agent: User,
    *,
    text: str = "",
    content: tuple[dict[str, Any], ...] = (),
    client_id: str | None = None,
) -> Message:
    """The owner's message to the customer. Parked work is resumed by it; a resting conversation becomes theirs.

    The same `client_id` again gives the first message, whatever has become of the work since.

    :raises NotYours: somebody else has it, or it waits for somebody. :raises Full: no slot to begin with it.
    """
    conversation, live = lock(conversation_id)
    if first := _sent_before(conversation, agent, client_id):
        return first
    owner = owner_of(live) if live else None
    if live is None:
        _begin(tx, conversation, agent)
    elif owner is None or owner.agent_id != agent.id:
        raise NotYours
    elif owner.state == Assignment.State.PARKED:
        do_resume.within(tx, conversation_id, agent)
    return do_reply.within(tx, conversation_id, author=agent, text=text, content=content, client_id=client_id)


def _sent_before(conversation: Conversation, agent: User, client_id: str | None) -> Message | None:
    if client_id is None:
        return None
    return Message.objects.filter(conversation=conversation, client_id=client_id, author=agent).first()


def _begin(tx: Tx, conversation: Conversation, agent: User) -> Assignment:
    """An agent writes first on a resting conversation: a pass of their own, in the queue that had it last."""
    if conversation.state == Conversation.State.ENDED:
        raise NoWork("This conversation has ended.")
    live = start_pass(tx, conversation)
    if load.add(tx, agent.id, live.medium) not in TAKES_WORK:
        raise NotAvailable("Go on queue to write to this customer.")
    last, route = last_owner(conversation), routed(conversation)
    if last and last.queue:
        live.queue = last.queue
    elif route:
        live.queue = route.queue
    return connect(tx, live, agent.id, offer=None)
