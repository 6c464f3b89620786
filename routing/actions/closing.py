"""Closing an offer: the row, the event, the slot. What becomes of its pass is the caller's business."""

from __future__ import annotations

from datetime import datetime

from contactcenter.kernel.db import Tx
from routing.actions import load
from routing.events import OfferClosed
from routing.models import Offer


def withdraw(tx: Tx, offer: Offer, reason: str) -> None:
    """Take an alerting offer back within a larger action that says what becomes of the pass."""
    close_offer(tx, offer, Offer.State.WITHDRAWN, reason=reason)
    load.free(tx, offer.agent_id, offer.medium, 1)


def close_offer(tx: Tx, offer: Offer, state: str, *, reason: str = "") -> None:
    offer.state = state
    offer.closed_at = tx.now
    offer.reason = reason
    offer.save(update_fields=["state", "closed_at", "reason"])
    tx.record(
        OfferClosed(
            conversation_id=offer.routing_pass.conversation_id,
            agent_id=offer.agent_id,
            queue_id=offer.routing_pass.queue_id,
            pass_id=offer.routing_pass_id,
            offer_id=offer.id,
            kind=offer.kind,
            medium=offer.medium,
            state=state,
            alerted_s=lasted(offer.made_at, tx.now),
            reason=reason,
        )
    )


def lasted(since: datetime, until: datetime) -> float:
    """Seconds between two moments, never less than 0: an action reads its clock before it waits for its locks."""
    return max(0.0, (until - since).total_seconds())
