"""On queue and off: what an agent's status means for what alerts at them."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import QuerySet

from agents.actions.capacity import do_refresh_limits
from agents.actions.status import do_choose_presence, do_enter_queue, do_seen, do_status_event, locked_state
from agents.models import AgentState, User
from agents.presence import KEEPS_QUEUE, Event, Presence, RoutingStatus
from contactcenter.kernel.db import Tx, action
from routing.actions.offers import do_withdraw
from routing.models import Offer


@action
def do_go_on_queue(tx: Tx, agent: User) -> None:
    """Ready for work; also how an agent leaves Not Responding."""
    do_refresh_limits.within(tx, [agent.id])
    do_enter_queue.within(tx, agent.id)
    do_seen.within(tx, agent.id)  # from here on a desk must keep showing itself


def do_go_off_queue(agent_id: uuid.UUID, *, reason: str = "") -> None:
    """No new work: what alerts is withdrawn first, each in its own transaction; assignments stay."""
    do_leave_queue(agent_id, reason=reason)
    withdraw_from(agent_id, reason or "off_queue")


@action
def do_leave_queue(tx: Tx, agent_id: uuid.UUID, *, reason: str = "") -> None:
    """The status alone: from now on nothing new is offered."""
    do_status_event.within(tx, agent_id, Event.GO_OFF_QUEUE, reason=reason)


def withdraw_from(agent_id: uuid.UUID, reason: str) -> None:
    """Take back all that alerts at an agent, each offer in its own transaction."""
    rows = Offer.objects.filter(agent_id=agent_id, state=Offer.State.ALERTING)
    for offer_id in list(rows.values_list("id", flat=True)):
        do_withdraw(offer_id, reason)


def do_set_presence(agent: User, presence: Presence) -> None:
    """The agent's choice; most choices leave the queue and withdraw what alerts."""
    do_choose_presence(agent.id, presence)
    if not KEEPS_QUEUE[presence]:
        do_go_off_queue(agent.id, reason=f"presence_{presence}")


def vanished(now: datetime) -> QuerySet[Any, uuid.UUID]:
    """Agents on queue without a connected desk for longer than the setting allows."""
    rows = AgentState.objects.exclude(status=RoutingStatus.OFF_QUEUE)
    return rows.filter(seen_at__lt=now - settings.CC_LOGGED_OUT_AFTER).values_list("user_id", flat=True)


@action
def do_leave_vanished(tx: Tx, agent_id: uuid.UUID) -> bool:
    """Off queue, because no desk of this agent is there. False: one came back meanwhile."""
    state = locked_state(tx, agent_id)
    if state.seen_at is None or state.seen_at >= tx.now - settings.CC_LOGGED_OUT_AFTER:
        return False
    do_status_event.within(tx, agent_id, Event.SOCKET_GONE, reason="socket_gone")
    return True


def off_queue_with_offers(now: datetime) -> QuerySet[Any, uuid.UUID]:
    """Agents who left the queue while something alerts at them still: the second half of leaving was lost."""
    rows = Offer.objects.filter(state=Offer.State.ALERTING, agent__state__status=RoutingStatus.OFF_QUEUE)
    return rows.values_list("agent_id", flat=True).distinct()
