"""Offers: alerting, then accepted, declined, expired or withdrawn (DESIGN: States)."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from agents.models import User
from agents.presence import TAKES_WORK, Event
from channels_app.actions.outbound import do_system_line
from channels_app.models import Conversation
from contactcenter.kernel import ids
from contactcenter.kernel.db import Tx, action
from contactcenter.kernel.errors import AlreadyTaken, NotAllowed, Refused
from routing.acd import values
from routing.actions import load
from routing.actions.closing import close_offer, withdraw
from routing.actions.locks import lock, lock_offer, owner_of
from routing.actions.passes import alerting, leave_queue, wait_again
from routing.actions.work import connect, hand_over, resume
from routing.events import OfferMade
from routing.models import Assignment, Decision, Offer, QueueVisit, RoutingPass

#: how long a transfer of work that came from no queue alerts
NO_QUEUE_ALERT = timedelta(seconds=30)


class NotAvailable(Refused):
    """This agent isn't on queue now."""


@dataclass(frozen=True, slots=True)
class Alert:
    """What is offered to whom, and why."""

    agent_id: uuid.UUID
    kind: str
    by_id: uuid.UUID | None = None
    note: str = ""
    decision: values.Decision | None = None
    past_limit: bool = False


def make_offer(tx: Tx, routing_pass: RoutingPass, alert: Alert) -> Offer:
    """Alert an agent: takes a slot at once. The caller holds the locks.

    :raises NotAvailable: not on queue, or not responding. :raises Full: no free slot.
    """
    if load.add(tx, alert.agent_id, routing_pass.medium, past_limit=alert.past_limit) not in TAKES_WORK:
        raise NotAvailable
    offer = Offer.objects.create(
        id=ids.new(tx.now),
        routing_pass=routing_pass,
        visit=QueueVisit.objects.filter(routing_pass=routing_pass, left_at=None).first(),
        agent_id=alert.agent_id,
        kind=alert.kind,
        medium=routing_pass.medium,
        by_id=alert.by_id,
        note=alert.note,
        made_at=tx.now,
        expires_at=tx.now + (routing_pass.queue.alert_timeout if routing_pass.queue else NO_QUEUE_ALERT),
    )
    if alert.decision is not None:
        _keep(offer, alert.decision)
    if routing_pass.state == RoutingPass.State.WAITING:
        routing_pass.state = RoutingPass.State.OFFERED
        routing_pass.save(update_fields=["state"])
    tx.record(
        OfferMade(
            conversation_id=routing_pass.conversation_id,
            agent_id=alert.agent_id,
            queue_id=routing_pass.queue_id,
            pass_id=routing_pass.id,
            offer_id=offer.id,
            kind=alert.kind,
            medium=offer.medium,
        )
    )
    return offer


@action
def do_offer_decided(tx: Tx, item: values.Waiting, decision: values.Decision) -> Offer | None:
    """Carry out a decision of the ACD. None: the pass doesn't wait any more, or waits for something else.

    :raises NotAvailable, Full: the agent changed since the snapshot; the next run decides again.
    """
    conversation, live = lock(uuid.UUID(item.conversation_id))
    if live is None or live.queue is None or not _waits_as(item, conversation, live):
        return None
    assert decision.agent_id is not None
    offer = make_offer(tx, live, Alert(uuid.UUID(decision.agent_id), decision.kind, decision=decision))
    if live.queue.auto_answer:
        accept_now(tx, conversation, live, offer)
    return offer


def _waits_as(item: values.Waiting, conversation: Conversation, live: RoutingPass) -> bool:
    """Whether what was decided on is still so: the same pass, in the same queue, kept for the same agent."""
    kept = {str(live.only_agent_id)} if live.only_agent_id else set()
    return (
        conversation.state == Conversation.State.ACTIVE
        and live.state == RoutingPass.State.WAITING
        and (str(live.id), str(live.queue_id)) == (item.pass_id, item.queue_id)
        and kept == {one.agent_id for one in item.preferred}
    )


@action
def do_accept(tx: Tx, offer_id: uuid.UUID, agent: User) -> Assignment:
    """The agent accepts. :raises AlreadyTaken: it alerts no more. :raises NotAllowed: it is somebody else's."""
    conversation, live, offer = lock_offer(offer_id)
    if offer.agent_id != agent.id:
        raise NotAllowed
    if offer.state != Offer.State.ALERTING or live is None:
        raise AlreadyTaken(_gone(offer))
    return accept_now(tx, conversation, live, offer)


def accept_now(tx: Tx, conversation: Conversation, live: RoutingPass, offer: Offer) -> Assignment:
    """The offer's agent becomes the owner, in this transaction. The caller holds the locks."""
    owner, others = owner_of(live), list(alerting(live).exclude(id=offer.id))
    load.hold(offer.agent_id, owner.agent_id if owner else None, *(other.agent_id for other in others))
    close_offer(tx, offer, Offer.State.ACCEPTED)
    for other in others:
        withdraw(tx, other, "accepted_elsewhere")
    leave_queue(tx, live, QueueVisit.Outcome.ANSWERED, agent_id=offer.agent_id)
    if owner is not None and owner.agent_id == offer.agent_id:
        load.free(tx, owner.agent_id, offer.medium, owner.weight)  # its parked share; the offer's slot stays
        assignment = resume(tx, live, owner)
    else:
        if owner is not None:
            hand_over(tx, owner, "transfer" if offer.kind == Offer.Kind.TRANSFER else "taken_over")
        assignment = connect(tx, live, offer.agent_id, offer=offer)
    do_system_line.within(tx, conversation, "connected", _line(offer))
    return assignment


@action
def do_decline(tx: Tx, offer_id: uuid.UUID, agent: User) -> None:
    """The agent declines: back to its place, and on to the next agent."""
    _, live, offer = lock_offer(offer_id)
    if offer.agent_id != agent.id:
        raise NotAllowed
    if offer.state != Offer.State.ALERTING:
        raise AlreadyTaken(_gone(offer))
    give_up(tx, live, offer, Offer.State.DECLINED)


@action
def do_expire(tx: Tx, offer_id: uuid.UUID) -> bool:
    """Nobody answered: the agent becomes Not Responding. False: it was answered meanwhile, or isn't due."""
    _, live, offer = lock_offer(offer_id)
    if offer.state != Offer.State.ALERTING or offer.expires_at > tx.now:
        return False
    give_up(tx, live, offer, Offer.State.EXPIRED)
    return True


@action
def do_withdraw(tx: Tx, offer_id: uuid.UUID, reason: str) -> bool:
    """Take one alerting offer back (its agent left). False: it was answered meanwhile."""
    _, live, offer = lock_offer(offer_id)
    if offer.state != Offer.State.ALERTING:
        return False
    give_up(tx, live, offer, Offer.State.WITHDRAWN, reason=reason)
    return True


def give_up(tx: Tx, live: RoutingPass | None, offer: Offer, state: str, *, reason: str = "") -> None:
    """Close an offer that wasn't accepted; its pass returns to its place, and a wish for this agent is over."""
    owner = owner_of(live) if live else None
    load.hold(offer.agent_id, owner.agent_id if owner else None)
    close_offer(tx, offer, state, reason=reason)
    event = Event.OFFER_EXPIRED if state == Offer.State.EXPIRED else Event.LOAD_CHANGED
    load.free(tx, offer.agent_id, offer.medium, 1, event=event)
    if live is None:
        return
    if live.only_agent_id == offer.agent_id:
        live.only_agent, live.due_at = None, None
        live.save(update_fields=["only_agent", "due_at"])
    wait_again(live)
    if owner is not None and offer.kind == Offer.Kind.TRANSFER:
        load.touch_desk(tx, owner.agent_id)


def _keep(offer: Offer, decision: values.Decision) -> None:
    Decision.objects.create(
        offer=offer,
        routing_pass=offer.routing_pass,
        chosen_id=offer.agent_id,
        method=decision.method,
        data=values.to_json(decision),
        decided_at=decision.decided_at,
    )


def _line(offer: Offer) -> dict[str, Any]:
    return {"agent_id": str(offer.agent_id), "offer_id": str(offer.id), "kind": offer.kind}


def _gone(offer: Offer) -> str:
    return f"{offer.get_state_display()}."
