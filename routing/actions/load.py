"""An agent's load, routing status and desk change together, in the transaction of what caused them."""

from __future__ import annotations

import uuid
from decimal import Decimal

from agents.actions import capacity
from agents.actions.status import do_status_event, touch
from agents.models import AgentLoad
from agents.presence import Event, RoutingStatus
from contactcenter.kernel.db import Tx


def add(
    tx: Tx, agent_id: uuid.UUID, medium: str, amount: Decimal | int = 1, *, past_limit: bool = False
) -> RoutingStatus:
    """More work; gives the agent's status, which can't change any more in this transaction.

    :raises capacity.Full: it doesn't fit.
    """
    capacity.take(agent_id, medium, amount, past_limit=past_limit)
    return _changed(tx, agent_id, Event.LOAD_CHANGED)


def free(tx: Tx, agent_id: uuid.UUID, medium: str, amount: Decimal | int, *, event: Event = Event.LOAD_CHANGED) -> None:
    """Less work."""
    capacity.give(agent_id, medium, amount)
    _changed(tx, agent_id, event)


def hold(*agent_ids: uuid.UUID | None) -> None:
    """Lock the loads of all agents that an action will change, by id, so that two actions never wait in a ring."""
    several = {agent_id for agent_id in agent_ids if agent_id}
    if len(several) > 1:
        rows = AgentLoad.objects.select_for_update(of=("self",), no_key=True).filter(user_id__in=several)
        list(rows.order_by("user_id", "medium").values_list("id", flat=True))


def _changed(tx: Tx, agent_id: uuid.UUID, event: Event) -> RoutingStatus:
    touch(tx, agent_id, worked=True)
    return do_status_event.within(tx, agent_id, event, reason="offer_expired" if event == Event.OFFER_EXPIRED else "")


def touch_desk(tx: Tx, agent_id: uuid.UUID) -> None:
    """Something that the agent's desk shows has changed, but not the load."""
    touch(tx, agent_id)
