"""What supervisors do with other people's work: assign it, take it back, set an agent's state."""

from __future__ import annotations

import uuid

from django.conf import settings

from agents.actions.capacity import do_refresh_limits
from agents.actions.status import do_choose_presence, do_enter_queue, locked_state
from agents.models import AgentState, User
from agents.presence import KEEPS_QUEUE, Presence, RoutingStatus
from channels_app.actions.outbound import do_system_line
from contactcenter.kernel.db import Tx, action
from contactcenter.kernel.errors import NotAllowed, Refused
from routing.actions import load
from routing.actions.availability import do_leave_queue, withdraw_from
from routing.actions.closing import withdraw
from routing.actions.locks import lock_live, owner_of
from routing.actions.offers import Alert, accept_now, make_offer
from routing.actions.passes import Destination, alerting, enter_queue, leave_queue, needs_of, wait_again
from routing.actions.work import hand_over
from routing.events import SupervisionAssigned, SupervisionReturned, SupervisionStatusChanged
from routing.models import Assignment, Offer, QueueVisit, RoutingPass
from routing.queries.access import SUPERVISE

ASSIGN_PAST_LIMIT = "agents.assign_past_limit"


def check_supervises(supervisor: User) -> None:
    """:raises NotAllowed: without the permission to supervise."""
    if not supervisor.has_perm(SUPERVISE):
        raise NotAllowed


# --- work --------------------------------------------------------------------------------------


@action
def do_assign(
    tx: Tx, conversation_id: uuid.UUID, supervisor: User, agent: User, *, past_limit: bool = False
) -> Assignment:
    """Give a conversation to an agent at once, from the queue or from whoever has it (who then owes the wrap-up).

    past_limit: also if the agent has no free slot, for supervisors who may do that.

    :raises NotAvailable: the agent isn't on queue, or doesn't respond. :raises Full: no free slot.
    :raises NoWork: nobody works on it and it waits for nobody.
    """
    check_supervises(supervisor)
    if past_limit and not supervisor.has_perm(ASSIGN_PAST_LIMIT):
        raise NotAllowed("You may not assign past an agent's limit.")
    conversation, live = lock_live(conversation_id)
    owner, offers = owner_of(live), list(alerting(live))
    if owner is not None and owner.agent_id == agent.id and owner.state == Assignment.State.CONNECTED:
        raise Refused("This agent has the conversation already.")
    load.hold(agent.id, owner.agent_id if owner else None, *(offer.agent_id for offer in offers))
    for offer in offers:
        withdraw(tx, offer, "assigned")
    wait_again(live)
    offer = make_offer(tx, live, Alert(agent.id, Offer.Kind.ASSIGN, by_id=supervisor.id, past_limit=past_limit))
    tx.record(
        SupervisionAssigned(
            conversation_id=conversation_id,
            agent_id=agent.id,
            queue_id=live.queue_id,
            pass_id=live.id,
            by_id=supervisor.id,
            from_agent_id=owner.agent_id if owner else None,
            past_limit=past_limit,
        )
    )
    return accept_now(tx, conversation, live, offer)


@action
def do_take_back(tx: Tx, conversation_id: uuid.UUID, supervisor: User) -> RoutingPass:
    """Back to its queue: what alerts is withdrawn, and an agent who has it owes the wrap-up.

    :raises Refused: it waits already, or it came from no queue.
    """
    check_supervises(supervisor)
    conversation, live = lock_live(conversation_id)
    owner, offers = owner_of(live), list(alerting(live))
    if owner is None and not offers:
        raise Refused("It waits in its queue already.")
    if live.queue is None:
        raise Refused("It came from no queue. Assign it to an agent instead.")
    load.hold(owner.agent_id if owner else None, *(offer.agent_id for offer in offers))
    for offer in offers:
        withdraw(tx, offer, "taken_back")
    wait_again(live)
    if owner is not None:
        hand_over(tx, owner, "taken_back")
        leave_queue(tx, live, QueueVisit.Outcome.TRANSFERRED)  # open where parked work waits for a slot
        live.waiting_since = None
        enter_queue(tx, live, Destination(live.queue, live.priority, needs_of(live.needs.all())))
        values = {"agent_id": str(supervisor.id), "queue_id": str(live.queue.id), "target_id": None, "note": ""}
        do_system_line.within(tx, conversation, "transferred", values)
    tx.record(
        SupervisionReturned(
            conversation_id=conversation_id,
            agent_id=owner.agent_id if owner else offers[0].agent_id,
            queue_id=live.queue_id,
            pass_id=live.id,
            by_id=supervisor.id,
        )
    )
    return live


# --- agents ------------------------------------------------------------------------------------


def do_set_presence_of(agent: User, supervisor: User, presence: Presence) -> None:
    """Choose a presence for an agent; most choices leave the queue, and what alerts is withdrawn."""
    _do_choose_for(agent, supervisor, presence)
    if not KEEPS_QUEUE[presence]:
        withdraw_from(agent.id, f"presence_{presence}")


@action
def _do_choose_for(tx: Tx, agent: User, supervisor: User, presence: Presence) -> None:
    check_supervises(supervisor)
    _told(tx, supervisor, do_choose_presence.within(tx, agent.id, presence))


def do_log_out_of_queue(agent: User, supervisor: User) -> None:
    """Off queue: nothing new comes, what alerts is withdrawn, and work in hand stays."""
    _do_leave_for(agent, supervisor)
    withdraw_from(agent.id, "supervisor")


@action
def _do_leave_for(tx: Tx, agent: User, supervisor: User) -> None:
    check_supervises(supervisor)
    if locked_state(tx, agent.id).status == RoutingStatus.OFF_QUEUE:
        raise Refused("This agent is off queue already.")
    do_leave_queue.within(tx, agent.id, reason="supervisor")
    _told(tx, supervisor, locked_state(tx, agent.id))


@action
def do_put_on_queue(tx: Tx, agent: User, supervisor: User) -> None:
    """On queue, for an agent whose desk is open.

    :raises Refused: the desk isn't there, the agent is on queue already, or doesn't respond, which only they end.
    """
    check_supervises(supervisor)
    do_refresh_limits.within(tx, [agent.id])  # before the state: that is the order of the locks
    state = locked_state(tx, agent.id)
    if state.status == RoutingStatus.NOT_RESPONDING:
        raise Refused("Only the agent can come back from not responding. You can take them off the queue.")
    if state.status != RoutingStatus.OFF_QUEUE:
        raise Refused("This agent is on queue already.")
    if state.seen_at is None or state.seen_at < tx.now - settings.CC_LOGGED_OUT_AFTER:
        raise Refused("This agent's desk isn't open.")
    do_enter_queue.within(tx, agent.id)
    _told(tx, supervisor, locked_state(tx, agent.id))


def _told(tx: Tx, supervisor: User, state: AgentState) -> None:
    tx.record(
        SupervisionStatusChanged(
            agent_id=state.user_id, by_id=supervisor.id, status=state.status, presence=state.presence
        )
    )
