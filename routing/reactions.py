"""Sink after the commit: which events are worth a look of the engine at once. A lost one waits for the sweep."""

from __future__ import annotations

from collections.abc import Sequence

from agents.events import RoutingStatusChanged
from channels_app.events import ConversationEnded, ConversationStarted, ConversationWoken, MessageAdded
from contactcenter.kernel.events import Event, Recorded
from routing.events import AssignmentLeft, AssignmentParked, OfferClosed, VisitEntered, WrapUpDone
from routing.tasks import nudge, nudge_parked

#: work came, capacity came, or a status changed
_ALWAYS = (
    ConversationStarted,
    ConversationWoken,
    ConversationEnded,
    VisitEntered,
    WrapUpDone,
    AssignmentLeft,
    AssignmentParked,
    RoutingStatusChanged,
)


def nudge_routing(recorded: Sequence[Recorded]) -> None:
    """One coalesced nudge for all that this transaction changed."""
    if any(_matters(one.event) for one in recorded):
        nudge()
    elif any(_may_wake_parked(one.event) for one in recorded):
        nudge_parked()


def _matters(event: Event) -> bool:
    return isinstance(event, _ALWAYS) or (isinstance(event, OfferClosed) and event.state != "accepted")


def _may_wake_parked(event: Event) -> bool:
    return isinstance(event, MessageAdded) and event.direction == "inbound"
